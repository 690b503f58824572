import { describe } from 'vitest';
import { checkServer } from './checks-server.ts';
import { type Case, holdCases, keys, port, SERVING } from './test-support/sound.ts';

const CASES: readonly Case[] = [
  ['port', 'ok', {}, 'port 8090 is free', null],
  ['port', 'ok', { port: { port: 0, state: { kind: 'free' } } }, 'the server takes a free one', null],
  ['port', 'ok', port({ kind: 'server', ready: true, reasons: [] }, SERVING), 'our own server answers on port 8090, and is ready', null],
  [
    'port',
    'warn',
    port({ kind: 'server', ready: true, reasons: [] }),
    'a server of another data directory answers on port 8090',
    'npx optikal serve --data-dir var/ --port 8091',
  ],
  [
    'port',
    'fail',
    port({ kind: 'server', ready: false, reasons: ['partition_stopped'] }, SERVING),
    'the server on port 8090 is not ready: partition_stopped',
    'curl -s 127.0.0.1:8090/readyz',
  ],
  ['port', 'fail', port({ kind: 'taken' }), 'port 8090 is taken by another program', 'npx optikal serve --data-dir var/ --port 8091'],
  [
    'port',
    'warn',
    port({ kind: 'free' }, SERVING),
    'process 77 serves on port 8090, and nobody answers at 127.0.0.1: it is bound to another address, or it hangs',
    "ss -ltnp 'sport = :8090'",
  ],
  [
    'port',
    'warn',
    port({ kind: 'unknown', message: 'no answer in time' }),
    'whether port 8090 is free cannot be told: no answer in time',
    'npx optikal serve --data-dir var/ --port 8091',
  ],
  ['keys', 'ok', {}, '2 keys in `keys.json`', null],
  ['keys', 'fail', keys({ mode: 0o100666 }), '2 keys in `keys.json`, which other accounts can write', 'chmod 600 keys.json'],
  ['keys', 'warn', keys({ mode: 0o100644 }), '2 keys in `keys.json`, which every account can read', 'chmod 600 keys.json'],
  [
    'keys',
    'fail',
    keys({ error: { code: 'keys_invalid', message: 'expected a JSON object in the keys file' } }),
    '`keys.json` is refused: keys_invalid: expected a JSON object in the keys file',
    'ls -l keys.json',
  ],
];

describe('port and keys', () => {
  holdCases(checkServer, CASES);
});
