/** `optikal doctor` on real folders: a copy of the fixture, spoiled in many ways, and beside a running server. It never changes anything. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../packages/optikal/src/services/doctor/finding.ts';
import { metricsMessage } from '../support/metrics-message.ts';
import { postEvents } from '../support/post-events.ts';
import { startServe, stopServe } from '../support/serve-process.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli } from './support.ts';

const FIXTURE = resolve(import.meta.dirname, '../fixtures/v1/var');
const temp = useTempFolder();

function copyOfFixture(): string {
  const dataDir = join(temp(), 'var');
  cpSync(FIXTURE, dataDir, { recursive: true });
  chmodSync(dataDir, 0o700);
  return dataDir;
}

interface Diagnosis {
  readonly ok: number;
  readonly warn: number;
  readonly fail: number;
  readonly findings: readonly Finding[];
}

async function doctor(dataDir: string, ...flags: string[]): Promise<Diagnosis & { readonly code: number }> {
  const { code, out, err } = await cli(['doctor', '--data-dir', dataDir, '--json', ...flags]);
  expect(err).toBe('');
  expect(out).not.toContain('    at ');
  return { code, ...(JSON.parse(out) as Diagnosis) }; // what the command promises
}

const findingOf = ({ findings }: Diagnosis, name: string) => findings.find(({ check }) => check === name);

/** Every name, kind, size and content below a folder, and when it was written. */
function printOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const found = lstatSync(join(folder, name));
      const content = found.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(folder, name)))
            .digest('hex')
        : '';
      return [name, found.mode, found.size, found.mtimeMs, content].join(' ');
    });
}

/** A port that nobody takes: bound, told and given back. */
async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return String(typeof address === 'object' ? address?.port : 0);
}

describe('a diagnosis', () => {
  test('of a sound data directory fails nothing, and is one object for machines', async () => {
    const diagnosis = await doctor(copyOfFixture(), '--port', await freePort());
    expect(diagnosis).toMatchObject({ code: 0, fail: 0 });
    expect(diagnosis.ok + diagnosis.warn).toBe(diagnosis.findings.length);
    expect(findingOf(diagnosis, 'log.integrity')).toMatchObject({ status: 'ok', mend: null });
    expect(findingOf(diagnosis, 'bundle')?.found).toMatch(/^the bundle in force is whole: [0-9a-f]{12}, 3 tools known$/);
    expect(findingOf(diagnosis, 'writer')?.found).toBe('nobody writes here');
  });

  test('for people has a line a check, and below a warning why it matters and the command', async () => {
    const { out } = await cli(['doctor', '--data-dir', copyOfFixture(), '--port', await freePort()]);
    expect(out).toMatch(/^ok {4}node {2,}Node \d/m);
    expect(out).toMatch(
      /^warn {2}log\.dead-letters {2,}5 messages were refused.*\n +because a message.*\n +\$ sudo timedatectl set-ntp true$/m,
    );
    expect(out).toMatch(/\n\d+ ok, \d+ to look at, 0 failed\n$/);
  });

  test('of a place where nothing is yet says what to do, fails nothing and makes nothing', async () => {
    const folder = temp();
    const diagnosis = await doctor(join(folder, 'var'), '--port', await freePort());
    expect(diagnosis).toMatchObject({ code: 0, fail: 0 });
    expect(findingOf(diagnosis, 'data-dir')).toMatchObject({ status: 'warn', mend: expect.stringContaining('npx optikal serve') });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('looks at a bundle and a keys file that are named', async () => {
    const dataDir = copyOfFixture();
    const [bundle = ''] = readdirSync(join(dataDir, 'bundles'));
    const keys = join(temp(), 'keys.json');
    writeFileSync(keys, JSON.stringify({ ['9f'.repeat(32)]: { tenant: 'acme', role: 'admin' } }), { mode: 0o600 });
    const flags = ['--bundle', join(dataDir, 'bundles', bundle), '--keys', keys, '--port', await freePort()];
    const sound = await doctor(dataDir, ...flags);
    expect(findingOf(sound, 'keys')).toMatchObject({ status: 'ok', found: `1 key in \`${keys}\`` });
    expect(findingOf(sound, 'bundle')).toMatchObject({ status: 'ok' });
    chmodSync(keys, 0o666);
    appendFileSync(join(dataDir, 'bundles', bundle, 'boosting.model'), 'x');
    const spoiled = await doctor(dataDir, ...flags);
    expect(spoiled.code).toBe(1);
    expect(findingOf(spoiled, 'keys')).toMatchObject({ status: 'fail', mend: `chmod 600 ${keys}` });
    expect(findingOf(spoiled, 'bundle')).toMatchObject({ status: 'fail', found: expect.stringContaining('bundle_altered') });
  });
});

/** Ways to spoil a data directory, and which check says so. */
const SPOILED: readonly (readonly [what: string, spoil: (dataDir: string) => void, check: string, found: RegExp])[] = [
  [
    'a symbolic link in the place of the log',
    (dataDir) => {
      renameSync(join(dataDir, 'bus.db'), join(dataDir, '../elsewhere.db'));
      symlinkSync('../elsewhere.db', join(dataDir, 'bus.db'));
    },
    'data-dir.files',
    /bus\.db` is a symbolic link, expected a file/,
  ],
  [
    'a directory in the place of the log',
    (dataDir) => {
      rmSync(join(dataDir, 'bus.db'));
      mkdirSync(join(dataDir, 'bus.db'));
    },
    'data-dir.files',
    /bus\.db` is a directory, expected a file/,
  ],
  ['a log that ends in its middle', (dataDir) => truncateSync(join(dataDir, 'bus.db'), 100_000), 'log.format', /malformed/],
  [
    'a log with a page of other bytes',
    (dataDir) => {
      const bytes = readFileSync(join(dataDir, 'bus.db'));
      bytes.fill(0x55, 20 * 8192, 24 * 8192);
      writeFileSync(join(dataDir, 'bus.db'), bytes);
    },
    'log.integrity',
    /damaged|malformed/,
  ],
  ['a log that ends in its first page', (dataDir) => truncateSync(join(dataDir, 'bus.db'), 5000), 'log.format', /bus\.db cannot be read/],
  [
    'a log of other bytes',
    (dataDir) => writeFileSync(join(dataDir, 'bus.db'), 'not a database '.repeat(2000)),
    'log.format',
    /not a database/,
  ],
  [
    'the database of another program',
    (dataDir) => {
      rmSync(join(dataDir, 'bus.db'));
      const other = new DatabaseSync(join(dataDir, 'bus.db'));
      other.exec('CREATE TABLE t(x)');
      other.close();
    },
    'log.format',
    /another program/,
  ],
  [
    'a log of a later release',
    (dataDir) => {
      const log = new DatabaseSync(join(dataDir, 'bus.db'));
      log.exec('PRAGMA user_version = 9; PRAGMA wal_checkpoint(TRUNCATE)');
      log.close();
    },
    'log.format',
    /format version 9, newer than the 1/,
  ],
  ['a WAL of other bytes', (dataDir) => writeFileSync(join(dataDir, 'bus.db-wal'), 'x'.repeat(9000)), 'log.wal', /no write-ahead log/],
  ['a WAL that is a directory', (dataDir) => mkdirSync(join(dataDir, 'bus.db-wal')), 'data-dir.files', /bus\.db-wal` is a directory/],
  [
    'a lock that is a directory',
    (dataDir) => {
      rmSync(join(dataDir, 'lock.db'));
      mkdirSync(join(dataDir, 'lock.db'));
    },
    'data-dir.files',
    /lock\.db/,
  ],
  [
    'a serve.json of other bytes',
    (dataDir) => writeFileSync(join(dataDir, 'serve.json'), '\u0000{'.repeat(9999)),
    'writer',
    /not what a server writes/,
  ],
  [
    'a serve.json that a dead server left',
    (dataDir) => writeFileSync(join(dataDir, 'serve.json'), '{"pid":1073741823,"port":1}'),
    'writer',
    /left over from process 1073741823, which is gone/,
  ],
  ['no bundle', (dataDir) => rmSync(join(dataDir, 'bundles'), { recursive: true }), 'bundle.kept', /2 bundles that the log names are not/],
  ['a folder that everybody can read', (dataDir) => chmodSync(dataDir, 0o755), 'data-dir.permissions', /mode 0755/],
  [
    'a folder that is a file',
    (dataDir) => {
      rmSync(dataDir, { recursive: true });
      writeFileSync(dataDir, '');
    },
    'data-dir',
    /is a file, expected a directory/,
  ],
];

describe('a data directory with', () => {
  test.each(SPOILED)('%s gets a clear line, and stays as it is', async (_what, spoil, name, found) => {
    const dataDir = copyOfFixture();
    spoil(dataDir);
    const before = printOf(join(dataDir, '..'));
    const diagnosis = await doctor(dataDir, '--port', await freePort());
    const finding = findingOf(diagnosis, name);
    expect(finding?.found).toMatch(found);
    expect(finding?.status).not.toBe('ok');
    expect(finding?.mend).not.toBeNull();
    expect(diagnosis.code).toBe(diagnosis.fail > 0 ? 1 : 0);
    expect(printOf(join(dataDir, '..'))).toEqual(before);
  });

  test('a log that a crash left with its WAL is read with it, and stays as it is, its index too', async () => {
    const dataDir = copyOfFixture();
    const writing = copyOfFixture();
    const log = new DatabaseSync(join(writing, 'bus.db'));
    log.exec(`INSERT INTO dead_letters(code, field, size_bytes, hmac) VALUES ('too_deep', '', 1, 'x')`);
    for (const end of ['', '-wal', '-shm']) cpSync(join(writing, `bus.db${end}`), join(dataDir, `bus.db${end}`));
    log.close();
    const before = printOf(dataDir);
    const diagnosis = await doctor(dataDir, '--port', await freePort());
    expect(findingOf(diagnosis, 'log.dead-letters')?.found).toContain('1 too_deep');
    expect(findingOf(diagnosis, 'log.wal')?.status).toBe('ok');
    expect(printOf(dataDir)).toEqual(before);
  });
});

describe('beside a running server', () => {
  test('knows it by its lock, its word and its answer, and disturbs it in nothing', async () => {
    const dataDir = copyOfFixture();
    const serving = startServe(dataDir, ['--partitions', '2']);
    const port = await serving.ready;
    const diagnosis = await doctor(dataDir);
    expect(findingOf(diagnosis, 'writer')?.found).toBe(`a server writes here: process ${serving.child.pid}, port ${port}`);
    expect(findingOf(diagnosis, 'port')).toMatchObject({ status: 'ok', found: `our own server answers on port ${port}, and is ready` });
    expect(findingOf(diagnosis, 'log.integrity')?.status).toBe('ok');
    expect(await postEvents(port, [metricsMessage('after-doctor')])).toMatchObject({ accepted: 1 });
    const other = await doctor(copyOfFixture(), '--port', String(port));
    expect(findingOf(other, 'port')).toMatchObject({ status: 'warn', found: `a server of another data directory answers on port ${port}` });
    expect((await stopServe(serving)).code).toBe(0);
    const after = await doctor(dataDir, '--port', String(port));
    expect(findingOf(after, 'port')?.found).toBe(`port ${port} is free`);
    expect(findingOf(after, 'writer')?.found).toBe('nobody writes here');
  });

  test('knows that it was killed, reads what it left with its WAL, and leaves that as it is', async () => {
    const dataDir = copyOfFixture();
    const serving = startServe(dataDir, ['--partitions', '2']);
    expect(await postEvents(await serving.ready, [metricsMessage('before-the-kill')])).toMatchObject({ accepted: 1 });
    serving.child.kill('SIGKILL');
    await serving.exit;
    const before = printOf(dataDir);
    expect(before.some((line) => line.startsWith('bus.db-wal '))).toBe(true);
    const diagnosis = await doctor(dataDir, '--port', await freePort());
    expect(findingOf(diagnosis, 'writer')).toMatchObject({
      status: 'warn',
      found: `nobody writes here; \`serve.json\` is left over from process ${serving.child.pid}, which is gone`,
      mend: `rm ${dataDir}/serve.json ${dataDir}/serve.pid`,
    });
    expect(findingOf(diagnosis, 'log.integrity')?.status).toBe('ok');
    expect(printOf(dataDir)).toEqual(before);
  });

  test('a program of others on the port is a failure, whatever it answers', async () => {
    const answers = [
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]',
      'HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n',
      '\u001b[31m',
    ];
    for (const answer of answers) {
      const server = createServer((socket) =>
        socket
          .on('error', () => {})
          .resume()
          .end(answer),
      );
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const address = server.address();
      const taken = typeof address === 'object' ? address?.port : 0;
      const diagnosis = await doctor(join(temp(), 'var'), '--port', String(taken));
      expect(diagnosis.code).toBe(1);
      expect(findingOf(diagnosis, 'port')?.found).toBe(`port ${taken} is taken by another program`);
      await new Promise((done) => server.close(done));
    }
  });
});
