/** Facts of an installation with nothing wrong, ways to spoil it, and the shape of a case: what is different, what is found, which command mends it. */
import { expect, it } from 'vitest';
import type { BundleFacts, DatabaseFacts, DirectoryFacts, Facts, PartitionFacts, SampleFacts } from '../facts.ts';
import type { Finding } from '../finding.ts';

export const NOW = Date.UTC(2026, 0, 5, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const SHA = 'ab'.repeat(32);
export const COUNTERS = {
  events: 1000,
  accepted: 1000,
  duplicate: 0,
  late: 2,
  dead: 0,
  windows: 300,
  scored: 300,
  alerts: 1,
  early: 0,
  withdrawn: 0,
};
const EPOCH = { kind: 'model_epoch', bundle: SHA, threshold: null, backend: 'local', effectiveFromMs: 946_684_800_000 } as const;
export const PARTITION: PartitionFacts = {
  partition: 0,
  next: 1200,
  end: 1200,
  state: { clockMs: NOW - 1000, epochs: [EPOCH], counters: COUNTERS },
};
const SAMPLE: SampleFacts = {
  records: 1200,
  unreadable: 0,
  bytes: 1e6,
  spanMs: DAY,
  events: 1000,
  behind: 0,
  ahead: 0,
  medianDelayMs: 400,
  tools: [],
};
const DATABASE: DatabaseFacts = {
  sizeBytes: 5e6,
  walBytes: 0,
  walHeader: 'absent',
  walUnread: false,
  limitMs: 20_000,
  opened: { applicationId: 0x4f50544b, version: 1 },
  partitions: [PARTITION],
  letters: [],
  archive: { windows: 300, bytes: 5e5, oldestMs: NOW - DAY, newestMs: NOW },
  alerts: { spanMs: DAY, windows: 300, alerts: 1 },
  sample: SAMPLE,
  agents: { agents: 5, silent: [], silentCount: 0 },
  quickCheck: { problems: [] },
  problems: [],
  cut: false,
};
export const file = (name: string, mode = 0o644, uid = 1000) => ({ name, kind: 'file', mode, uid, sizeBytes: 1 }) as const;
const DIRECTORY: Extract<DirectoryFacts, { kind: 'directory' }> = {
  kind: 'directory',
  mode: 0o40700,
  uid: 1000,
  writable: true,
  files: [file('bus.db'), file('lock.db')],
};
export const READ: NonNullable<BundleFacts['read']> = {
  fingerprint: SHA,
  starter: false,
  writtenMs: NOW - 3 * DAY,
  toolCount: 40,
  inForce: true,
  fpr: 0.01,
};
const BUNDLE: BundleFacts = {
  from: 'log',
  folder: `var/bundles/${SHA}`,
  read: READ,
  error: null,
  missing: [],
  unknownTools: { calls: 500, unknown: 5 },
};
/** Nothing is wrong with it. */
export const SOUND: Facts = {
  nowMs: NOW,
  dataDir: 'var/',
  processUid: 1000,
  node: { version: '24.6.0', platform: 'linux', arch: 'x64', fromNpm: true },
  machine: {
    memoryBytes: 8e9,
    memoryIsLimit: false,
    openFiles: 20_000,
    spaces: [
      { of: 'data', path: '/srv/var', freeBytes: 50e9, totalBytes: 100e9, freeInodes: 1e6 },
      { of: 'tmp', path: '/tmp', freeBytes: 50e9, totalBytes: 100e9, freeInodes: null },
    ],
  },
  directory: DIRECTORY,
  writer: { lock: 'free', serving: 'absent' },
  database: DATABASE,
  bundle: BUNDLE,
  port: { port: 8090, state: { kind: 'free' } },
  keys: { path: 'keys.json', mode: 0o100600, keyCount: 2, error: null },
};

export const database = (change: Partial<DatabaseFacts>): Partial<Facts> => ({ database: { ...DATABASE, ...change } });
export const directory = (change: Partial<typeof DIRECTORY>): Partial<Facts> => ({ directory: { ...DIRECTORY, ...change } });
export const partition = (change: Partial<PartitionFacts>) => database({ partitions: [{ ...PARTITION, ...change }] });
export const counters = (change: Partial<typeof COUNTERS>) =>
  partition({ state: { ...PARTITION.state!, counters: { ...COUNTERS, ...change } } });
export const clockAt = (clockMs: number, writer: Facts['writer'] = SOUND.writer) => ({
  ...partition({ state: { ...PARTITION.state!, clockMs } }),
  writer,
});
export const sample = (change: Partial<SampleFacts>) => database({ sample: { ...SAMPLE, ...change } });
export const bundle = (change: Partial<BundleFacts>): Partial<Facts> => ({ bundle: { ...BUNDLE, ...change } });
export const machine = (change: Partial<Facts['machine']>): Partial<Facts> => ({ machine: { ...SOUND.machine, ...change } });
export const space = (of: 'data' | 'tmp', freeBytes: number, freeInodes: number | null = 1e6) =>
  machine({ spaces: [{ of, path: `/${of}`, freeBytes, totalBytes: 100e9, freeInodes }] });
export const node = (change: Partial<Facts['node']>): Partial<Facts> => ({ node: { ...SOUND.node, ...change } });
export const keys = (change: Partial<NonNullable<Facts['keys']>>): Partial<Facts> => ({ keys: { ...SOUND.keys!, ...change } });
export const port = (state: Facts['port']['state'], serving: Facts['writer']['serving'] = 'absent'): Partial<Facts> => ({
  port: { port: 8090, state },
  writer: { lock: serving === 'absent' ? 'free' : 'held', serving },
});
export const SERVING = { pid: 77, port: 8090, alive: true };
export const HELD = { lock: 'held', serving: SERVING } as const;

export type Case = readonly [check: string, status: Finding['status'], change: Partial<Facts>, found: string, mend: string | null];

/** One test a case, and one that no check goes without. */
export function holdCases(examine: (facts: Facts) => Finding[], cases: readonly Case[]): void {
  it.each(cases)('%s %s: %#', (name, status, change, found, mend) => {
    const findings = examine({ ...SOUND, ...change }).filter(({ check }) => check === name);
    expect(findings.map((finding) => [finding.status, finding.found, finding.mend])).toEqual([[status, found, mend]]);
  });

  it('has a case for each of its checks', () => {
    const tried = new Set(cases.map(([name]) => name));
    expect(
      examine(SOUND)
        .map(({ check }) => check)
        .filter((name) => !tried.has(name)),
    ).toEqual([]);
  });
}
