/** The data directory as files: is it there, whose is it, who can read it, who writes it. Pure. */
import type { Facts, FileFacts, FileKind } from './facts.ts';
import { check, type Finding, moveAside, quoted, within } from './finding.ts';

const READ_BY_ALL = 0o004;
const ENTER_BY_ALL = 0o001;
const GROUP_AND_OTHERS = 0o077;
const WRITE_BY_OTHERS = 0o022;
const WORDS: Readonly<Record<FileKind, string>> = {
  file: 'a file',
  directory: 'a directory',
  link: 'a symbolic link',
  other: 'neither a file nor a directory',
};
/** Entry → what it has to be. */
export const EXPECTED: Readonly<Record<string, FileKind>> = {
  'bus.db': 'file',
  'bus.db-wal': 'file',
  'bus.db-shm': 'file',
  'lock.db': 'file',
  'serve.json': 'file',
  'serve.pid': 'file',
  bundles: 'directory',
};

export function checkDataDir(facts: Facts): Finding[] {
  const { directory, dataDir } = facts;
  const { ok, warn, fail } = check('data-dir', 'the log, the state of every agent and the alerts are there');
  const at = quoted(dataDir);
  const serve = `npx optikal serve --bundle bundle/ --data-dir ${at}`;
  if (directory.kind === 'missing')
    return [
      directory.parentWritable
        ? warn(`\`${dataDir}\` is not there yet; the first start of a server makes it`, serve)
        : fail(`\`${dataDir}\` is not there, and this account may not make it`, `sudo install -d -m 700 -o "$(id -u)" ${at}`),
    ];
  if (directory.kind === 'other')
    return [fail(`\`${dataDir}\` is ${WORDS[directory.what]}, expected a directory`, moveAside(dataDir, 'old'))];
  if (directory.kind === 'unreadable')
    return [fail(`\`${dataDir}\` cannot be read by this account (${directory.code})`, `sudo npx optikal doctor --data-dir ${at}`)];
  const hasLog = directory.files.some(({ name }) => name === 'bus.db');
  const first = hasLog
    ? ok(`\`${dataDir}\` holds a log`)
    : warn(`\`${dataDir}\` holds no bus.db; the first start of a server makes it`, serve);
  return [
    first,
    ...checkKinds(directory.files, dataDir),
    checkWritable(facts, directory.writable, directory.uid),
    checkOwner(facts, directory.uid, directory.files),
    checkPermissions(dataDir, directory.mode, directory.files),
    checkWriter(facts),
  ];
}

/** A link or a directory in the place of a file is named, and nothing behind it is touched. */
function checkKinds(files: readonly FileFacts[], dataDir: string): Finding[] {
  const { fail } = check('data-dir.files', 'behind a link two directories can share one log, each with a lock of its own');
  return files
    .filter(({ name, kind }) => kind !== EXPECTED[name])
    .map(({ name, kind }) => {
      const path = within(dataDir, name);
      const found = `\`${path}\` is ${WORDS[kind]}, expected ${WORDS[EXPECTED[name] ?? 'file']}`;
      return fail(found, kind === 'link' ? `ls -l ${quoted(path)}` : moveAside(path, 'old'));
    });
}

function checkWritable({ dataDir }: Facts, writable: boolean, uid: number): Finding {
  const { ok, warn } = check('data-dir.writable', 'a server has to write here; verify, explain and tools only read');
  if (writable) return ok('writable by this account');
  return warn(
    'not writable by this account: a copy can be looked at, a server cannot run here',
    `sudo -u '#${uid}' npx optikal serve --data-dir ${quoted(dataDir)}`,
  );
}

function checkOwner({ processUid, dataDir }: Facts, uid: number, files: readonly FileFacts[]): Finding {
  const { ok, warn } = check('data-dir.owner', 'files of two owners end in a server that may not write its own log');
  const foreign = files.filter((file) => file.uid !== uid);
  const chown = `sudo chown -R ${uid} ${quoted(dataDir)}`;
  if (foreign.length > 0)
    return warn(
      `${foreign.map(({ name }) => `\`${name}\``).join(', ')} ${foreign.length === 1 ? 'belongs' : 'belong'} to another account than the directory (uid ${uid})`,
      chown,
    );
  if (processUid === null || processUid === uid) return ok(processUid === null ? `uid ${uid}` : `owned by this account (uid ${uid})`);
  return warn(
    `owned by uid ${uid}, and this is uid ${processUid}: what it writes would not be the owner's`,
    `sudo -u '#${uid}' npx optikal doctor --data-dir ${quoted(dataDir)}`,
  );
}

/** A directory that others may not enter protects all that is in it, whatever the modes of its files. */
function checkPermissions(dataDir: string, mode: number, files: readonly FileFacts[]): Finding {
  const { ok, warn, fail } = check(
    'data-dir.permissions',
    'alerts name agents and tools, and the key of all keyed hashes is in bus.db: nobody else should read them',
  );
  const shown = `0${(mode & 0o777).toString(8).padStart(3, '0')}`;
  const mend = `chmod 700 ${quoted(dataDir)}`;
  if ((mode & WRITE_BY_OTHERS) !== 0) return fail(`mode ${shown}: other accounts can exchange the log`, mend);
  const open = files.filter((file) => file.kind === 'file' && (file.mode & READ_BY_ALL) !== 0).map(({ name }) => `\`${name}\``);
  if ((mode & ENTER_BY_ALL) !== 0 && open.length > 0) return fail(`mode ${shown}, and every account can read ${open.join(', ')}`, mend);
  if ((mode & GROUP_AND_OTHERS) !== 0) return warn(`mode ${shown}, expected 0700: other accounts can look into it`, mend);
  return ok(`mode ${shown}: its owner only`);
}

function checkWriter({ writer, dataDir }: Facts): Finding {
  const { ok, warn } = check('writer', 'one process writes a data directory; a second one is refused as `data_dir_locked`');
  const { lock, serving } = writer;
  const held = lock === 'held';
  const remove = `rm ${quoted(within(dataDir, 'serve.json'))} ${quoted(within(dataDir, 'serve.pid'))}`;
  const whose = `fuser ${quoted(within(dataDir, 'lock.db'))}`;
  if (lock === 'unknown')
    return warn('whether somebody writes here cannot be told: lock.db cannot be read', `ls -l ${quoted(within(dataDir, 'lock.db'))}`);
  if (serving === 'damaged')
    return held
      ? warn('a process writes here, and `serve.json` does not say which: `models use` cannot find it', whose)
      : warn('nobody writes here, and `serve.json` is not what a server writes', remove);
  if (serving === 'absent') return ok(held ? 'a process writes here that is not a server (a demo, or `models use`)' : 'nobody writes here');
  const { pid, port, alive } = serving;
  if (held && alive) return ok(`a server writes here: process ${pid}, port ${port}`);
  if (held) return warn(`a process writes here, but not the one that \`serve.json\` names (${pid}, which is gone)`, whose);
  return warn(
    `nobody writes here; \`serve.json\` is left over from process ${pid}, which ${alive ? 'has another business now' : 'is gone'}`,
    remove,
  );
}
