import { describe } from 'vitest';
import { checkDataDir } from './checks-data-dir.ts';
import { type Case, directory, file, HELD, holdCases, SERVING } from './test-support/sound.ts';

const CASES: readonly Case[] = [
  [
    'data-dir',
    'warn',
    { directory: { kind: 'missing', parentWritable: true }, database: null },
    '`var/` is not there yet; the first start of a server makes it',
    'npx optikal serve --bundle bundle/ --data-dir var/',
  ],
  [
    'data-dir',
    'fail',
    { directory: { kind: 'missing', parentWritable: false }, database: null },
    '`var/` is not there, and this account may not make it',
    'sudo install -d -m 700 -o "$(id -u)" var/',
  ],
  [
    'data-dir',
    'fail',
    { directory: { kind: 'other', what: 'file' }, database: null },
    '`var/` is a file, expected a directory',
    'mv var var.old',
  ],
  [
    'data-dir',
    'fail',
    { directory: { kind: 'unreadable', code: 'EACCES' }, database: null },
    '`var/` cannot be read by this account (EACCES)',
    'sudo npx optikal doctor --data-dir var/',
  ],
  [
    'data-dir',
    'warn',
    { ...directory({ files: [] }), database: null },
    '`var/` holds no bus.db; the first start of a server makes it',
    'npx optikal serve --bundle bundle/ --data-dir var/',
  ],
  [
    'data-dir.files',
    'fail',
    directory({ files: [{ ...file('bus.db'), kind: 'link' }] }),
    '`var/bus.db` is a symbolic link, expected a file',
    'ls -l var/bus.db',
  ],
  [
    'data-dir.files',
    'fail',
    directory({ files: [{ ...file('bus.db'), kind: 'directory' }] }),
    '`var/bus.db` is a directory, expected a file',
    'mv var/bus.db var/bus.db.old',
  ],
  [
    'data-dir.files',
    'fail',
    directory({ files: [file('bundles')] }),
    '`var/bundles` is a file, expected a directory',
    'mv var/bundles var/bundles.old',
  ],
  [
    'data-dir.writable',
    'warn',
    directory({ writable: false }),
    'not writable by this account: a copy can be looked at, a server cannot run here',
    "sudo -u '#1000' npx optikal serve --data-dir var/",
  ],
  [
    'data-dir.owner',
    'warn',
    directory({ files: [file('bus.db', 0o600, 0), file('lock.db')] }),
    '`bus.db` belongs to another account than the directory (uid 1000)',
    'sudo chown -R 1000 var/',
  ],
  [
    'data-dir.owner',
    'warn',
    { processUid: 0 },
    "owned by uid 1000, and this is uid 0: what it writes would not be the owner's",
    "sudo -u '#1000' npx optikal doctor --data-dir var/",
  ],
  ['data-dir.permissions', 'ok', {}, 'mode 0700: its owner only', null],
  [
    'data-dir.permissions',
    'fail',
    directory({ mode: 0o40755 }),
    'mode 0755, and every account can read `bus.db`, `lock.db`',
    'chmod 700 var/',
  ],
  ['data-dir.permissions', 'fail', directory({ mode: 0o40770 }), 'mode 0770: other accounts can exchange the log', 'chmod 700 var/'],
  [
    'data-dir.permissions',
    'warn',
    directory({ mode: 0o40755, files: [file('bus.db', 0o600)] }),
    'mode 0755, expected 0700: other accounts can look into it',
    'chmod 700 var/',
  ],
  ['writer', 'ok', { writer: HELD }, 'a server writes here: process 77, port 8090', null],
  [
    'writer',
    'ok',
    { writer: { lock: 'held', serving: 'absent' } },
    'a process writes here that is not a server (a demo, or `models use`)',
    null,
  ],
  [
    'writer',
    'warn',
    { writer: { lock: 'free', serving: { ...SERVING, alive: false } } },
    'nobody writes here; `serve.json` is left over from process 77, which is gone',
    'rm var/serve.json var/serve.pid',
  ],
  [
    'writer',
    'warn',
    { writer: { lock: 'free', serving: SERVING } },
    'nobody writes here; `serve.json` is left over from process 77, which has another business now',
    'rm var/serve.json var/serve.pid',
  ],
  [
    'writer',
    'warn',
    { writer: { lock: 'held', serving: { ...SERVING, alive: false } } },
    'a process writes here, but not the one that `serve.json` names (77, which is gone)',
    'fuser var/lock.db',
  ],
  [
    'writer',
    'warn',
    { writer: { lock: 'unknown', serving: SERVING } },
    'whether somebody writes here cannot be told: lock.db cannot be read',
    'ls -l var/lock.db',
  ],
  [
    'writer',
    'warn',
    { writer: { lock: 'free', serving: 'damaged' } },
    'nobody writes here, and `serve.json` is not what a server writes',
    'rm var/serve.json var/serve.pid',
  ],
];

describe('the data directory as files', () => {
  holdCases(checkDataDir, CASES);
});
