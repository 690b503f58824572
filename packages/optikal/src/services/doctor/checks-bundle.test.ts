import { describe } from 'vitest';
import { checkBundle } from './checks-bundle.ts';
import { bundle, type Case, DAY, database, holdCases, NOW, READ, SHA } from './test-support/sound.ts';

const CASES: readonly Case[] = [
  ['bundle', 'ok', {}, 'the bundle in force is whole: abababababab, 40 tools known', null],
  [
    'bundle',
    'warn',
    bundle({ from: 'none', folder: '', read: null }),
    'none was named, and no log has one in force',
    'npx optikal train --data fleet/ --out bundle/',
  ],
  [
    'bundle',
    'fail',
    bundle({ from: 'flag', folder: 'b/', read: null, error: { code: 'bundle_altered', message: '`boosting.model`' } }),
    '`b/` is refused: bundle_altered: `boosting.model`',
    'npx optikal train --data fleet/ --out bundle/',
  ],
  [
    'bundle.origin',
    'warn',
    bundle({ read: { ...READ, starter: true } }),
    'a starter, made from simulated agents for a first look',
    `npx optikal train --data own/ --base var/bundles/${SHA} --out own-bundle/`,
  ],
  [
    'bundle.kept',
    'fail',
    bundle({ missing: [SHA] }),
    '1 bundle that the log names is not in the data directory: abababababab…',
    `cp -r BACKUP/bundles/${SHA} var/bundles/`,
  ],
  ['bundle.age', 'ok', {}, 'written 3 days before the end of the log', null],
  [
    'bundle.age',
    'warn',
    bundle({ read: { ...READ, writtenMs: NOW - 100 * DAY } }),
    'written 2025-09-27T12:00Z, 100 days before the end of the log',
    `npx optikal train --data own/ --base var/bundles/${SHA} --out own-bundle/`,
  ],
  ['tools.unknown', 'ok', {}, '1 % of the newest 500 calls are of tools that nobody knows', null],
  [
    'tools.unknown',
    'warn',
    bundle({ unknownTools: { calls: 500, unknown: 100 } }),
    '20 % of the newest 500 calls are of tools that nobody knows',
    'npx optikal tools --data-dir var/ --unknown --out tools.yaml',
  ],
  ['alerts.rate', 'ok', {}, '1 alert on 300 windows in the last 24 h of the log; the operating point allows about 3 false ones', null],
  [
    'alerts.rate',
    'warn',
    database({ alerts: { spanMs: DAY, windows: 300, alerts: 60 } }),
    '60 alerts on 300 windows in the last 24 h of the log; the operating point allows about 3 false ones: an attack, or a bundle that does not know these agents',
    `npx optikal models use var/bundles/${SHA} --alerts-per-day 5 --data-dir var/`,
  ],
  [
    'alerts.rate',
    'ok',
    database({ alerts: { spanMs: 0, windows: 0, alerts: 0 } }),
    'no window was scored in the last day of the log',
    null,
  ],
  [
    'alerts.rate',
    'warn',
    database({ alerts: { spanMs: DAY, windows: 3000, alerts: 0 } }),
    '0 alerts on 3,000 windows in the last 24 h of the log; the operating point allows about 30 false ones: the threshold does not fit these agents',
    `npx optikal models use var/bundles/${SHA} --alerts-per-day 5 --data-dir var/`,
  ],
  [
    'alerts.rate',
    'ok',
    database({ alerts: { spanMs: 60_000, windows: 30, alerts: 30 } }),
    '30 alerts on 30 windows in the last 60 s of the log: too little to compare',
    null,
  ],
];

describe('the bundle', () => {
  holdCases(checkBundle, CASES);
});
