/** Commands that read a log that is there: replay, lag, dead-letters, verify with a bus named. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedBus, openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import { keptBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { createDetector } from '../../packages/optikal/src/services/detector.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { drainBus } from '../../packages/optikal/src/services/score.ts';
import { storedAlerts } from '../../packages/optikal/src/services/verify.ts';
import { detectedDir } from '../support/detected.ts';
import { type SmallBundle, smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli } from './support.ts';

const tempFolder = useTempFolder();
const ALL = ['--from', '2000-01-01T00:00:00Z', '--to', '2099-01-01T00:00:00Z'];
let dataDir = '';
let x: SmallBundle;
/** Ahead of the log clock, so refused behind the log; and one that was refused before it. */
beforeAll(async () => {
  dataDir = join(tempFolder(), 'var');
  x = smallBundle('x');
  const events = testFleet({ agents: 12 });
  await detectedDir(dataDir, events, x, 2);
  const bus = await openEmbeddedBus({ dataDir, partitions: 2 });
  const last = events.at(-1)!; // a fleet has events
  const ahead = { ...last, id: 'ahead', timeMs: last.timeMs + 86_400_000 };
  const letter = { code: 'invalid_json', field: '', sizeBytes: 3, hmac: 'aa' } as const;
  await bus.append([
    { kind: 'event', event: ahead },
    { kind: 'refused', letter },
  ]);
  for (let partition = 0; partition < 2; partition++) {
    const models = createModelStore({ load: (sha) => keptBundle(dataDir, sha), hmacKey: Buffer.from(bus.hmacKey, 'hex') });
    await drainBus(await createDetector({ bus, partition, models }));
  }
  await bus.append([{ kind: 'tick', timeMs: last.timeMs + 600_000 }]); // nobody has read it yet
  await bus.close();
}, 120_000);

const alertsStored = () => {
  const reader = openEmbeddedReader(dataDir);
  const alerts = storedAlerts(reader);
  reader.close();
  return alerts;
};

describe('replay', () => {
  it('keeps every alert with the bundle and threshold of before, under ids of its own', async () => {
    const before = alertsStored();
    const ran = await cli(['replay', '--data-dir', dataDir, ...ALL, '--bundle', x.folder, '--run', 'same', '--json']);
    const found = JSON.parse(ran.out) as { stored: number; kept: number; lost: unknown[]; gained: unknown[]; out: string };
    // The stored log judged with the loose threshold; the bundle's own may lose some, and none is new under it.
    expect(found.kept + found.lost.length).toBe(found.stored);
    expect(found.stored).toBeGreaterThan(0);
    expect(found.out).toBe(join(dataDir, 'replays', 'same.jsonl'));
    const lines = readFileSync(found.out, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const ids = new Set(before.map(({ id, revision }) => `${id}.${revision}`));
    for (const line of lines) expect(ids.has((JSON.parse(line) as { id: string }).id)).toBe(false);
    expect(alertsStored()).toEqual(before);
  });

  it('names what another operating point gains and loses, and what lies outside the span is neither', async () => {
    const loose = await cli(['replay', '--data-dir', dataDir, ...ALL, '--bundle', x.folder, '--run', 'loose', '--fpr', '0.9', '--json']);
    const found = JSON.parse(loose.out) as { stored: number; replayed: number; gained: { key: string }[]; lost: unknown[] };
    expect(found.gained.length).toBe(found.replayed - found.stored + found.lost.length);
    expect(found.gained.length).toBeGreaterThan(0);
    const none = ['--from', '2090-01-01T00:00:00Z', '--to', '2091-01-01T00:00:00Z'];
    const outside = await cli(['replay', '--data-dir', dataDir, ...none, '--bundle', x.folder, '--run', 'none']);
    expect(outside.out).toMatch(/^0 windows alert as stored, 0 in run none: 0 kept, 0 gained, 0 lost/);
  });

  it('refuses the name of the live run', async () => {
    expect((await cli(['replay', ...ALL, '--bundle', x.folder, '--run', 'live'])).code).toBe(EXIT.usage);
    expect(existsSync(join(dataDir, 'replays', 'live.jsonl'))).toBe(false);
  });
});

describe('lag', () => {
  it('says by partition what is not committed, in records and in seconds of the log clock', async () => {
    const spool = tempFolder();
    mkdirSync(spool, { recursive: true });
    writeFileSync(join(spool, '0000000001.seg'), '12345');
    writeFileSync(join(spool, 'position'), 'x');
    const { out } = await cli(['lag', '--data-dir', dataDir, '--spool', spool, '--json']);
    const found = JSON.parse(out) as { partitions: { records: number; seconds: number; openAgents: number }[]; spool: unknown };
    expect(found.partitions.map(({ records }) => records)).toEqual([1, 1]);
    expect(found.partitions.map(({ openAgents }) => openAgents)).toEqual([0, 0]); // the fleet went home
    for (const { seconds } of found.partitions) expect(seconds).toBeGreaterThan(0);
    expect(found.spool).toEqual({ segments: 1, bytes: 5 });
    expect((await cli(['lag', '--data-dir', dataDir])).out.split('\n')[0]).toBe(
      'partition  records  log clock  committed up to           open windows',
    );
  });
});

describe('lag of agents at work', () => {
  it('counts those with an open window at what is committed', async () => {
    const folder = join(tempFolder(), 'open');
    const bus = await openEmbeddedBus({ dataDir: folder, partitions: 1 });
    const state = ['t|a', 't|b', 't|c'].map((key, n) => ({ key, body: '{}', dueMs: n === 0 ? null : 1 }));
    const out = { alerts: [], scores: [], deadLetters: [] };
    await bus.append([{ kind: 'tick', timeMs: Date.parse('2026-01-05T09:00:00Z') }]);
    const models = createModelStore({ load: (sha) => keptBundle(folder, sha), hmacKey: Buffer.from(bus.hmacKey, 'hex') });
    await drainBus(await createDetector({ bus, partition: 0, models }));
    const lease = await bus.lease(0);
    await bus.commit(lease, { next: lease.next, state, partitionState: lease.partitionState ?? '', out });
    await bus.close();
    const { out: said } = await cli(['lag', '--data-dir', folder, '--json']);
    expect(JSON.parse(said)).toMatchObject({ partitions: [{ records: 0, openAgents: 2 }] });
    expect((await cli(['lag', '--data-dir', folder])).out.split('\n')[1]).toMatch(/ 2$/);
  });
});

describe('dead-letters', () => {
  it('lists them, shows the message that stands in the log, and says of the others that it is not kept', async () => {
    const { out } = await cli(['dead-letters', 'list', '--data-dir', dataDir, '--json']);
    const letters = out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as { cursor: number; code: string }]));
    const cursorOf = (code: string) => String(letters.find((letter) => letter.code === code)?.cursor);
    expect(letters.map(({ code }) => code).sort()).toEqual(['clock_ahead', 'invalid_json']);
    const behind = await cli(['dead-letters', 'show', cursorOf('clock_ahead'), '--data-dir', dataDir, '--json']);
    expect(JSON.parse(behind.out)).toMatchObject({ letter: { code: 'clock_ahead' }, event: { id: 'ahead' } });
    expect((await cli(['dead-letters', 'show', cursorOf('invalid_json'), '--data-dir', dataDir])).out).toContain(
      'only its size and keyed hash',
    );
    const refused = await cli(['dead-letters', 'redrive', cursorOf('invalid_json'), '--data-dir', dataDir]);
    expect([refused.code, refused.err]).toEqual([EXIT.failed, expect.stringContaining('payload_not_kept')]);
    const again = await cli(['dead-letters', 'redrive', cursorOf('clock_ahead'), '--data-dir', dataDir, '--json']);
    expect(JSON.parse(again.out)).toMatchObject({ outcome: 'duplicate' });
    expect((await cli(['dead-letters', 'show', '99', '--data-dir', dataDir])).err).toContain('letter_not_found');
  });
});

it('verify says that brokers are missing where Kafka is asked for without any', async () => {
  const { code, err } = await cli(['verify', '--data-dir', dataDir, '--bus', 'kafka']);
  expect([code, err]).toEqual([EXIT.failed, expect.stringContaining('brokers_missing')]);
});
