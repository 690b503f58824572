/** A wall clock that jumps, back and forth: the log's clock never goes back, nothing is lost, and the replay agrees. */
import { join } from 'node:path';
import { toCloudEvent } from '@optikal/contracts';
import { expect, it } from 'vitest';
import { openEmbeddedBus, openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { keepBundle, keptBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { createDetector } from '../../packages/optikal/src/services/detector.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { createIngest } from '../../packages/optikal/src/services/ingest.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { drainBus } from '../../packages/optikal/src/services/score.ts';
import { verifyDataDir } from '../../packages/optikal/src/services/verify.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const CALL = 50;
/** What the clock is off by, from a share of the log on: back, forth, far forth, back again. */
const JUMPS: readonly (readonly [number, number])[] = [
  [0, 0],
  [0.2, -10 * MINUTE_MS],
  [0.4, 0],
  [0.6, 2 * HOUR_MS],
  [0.8, 0],
];

const tempFolder = useTempFolder();

it('jumps of the wall clock lose no message without a word, and change no alert of the replay', async () => {
  const dataDir = join(tempFolder(), 'var');
  const x = smallBundle('x');
  const events = testFleet({ agents: 20 });
  const bus = await openEmbeddedBus({ dataDir, partitions: 2 });
  keepBundle(dataDir, x.folder);
  const models = createModelStore({ load: (sha) => keptBundle(dataDir, sha), hmacKey: new Uint8Array(32) });
  const detectors = await Promise.all([0, 1].map((partition) => createDetector({ bus, partition, models })));
  await appendEpoch(bus, modelEpoch(x.bundle.fingerprint, x.threshold, FIRST_EPOCH_MS));
  let nowMs = events[0].timeMs;
  const warned: string[] = [];
  const ingest = createIngest({ bus, clock: 'wall', now: () => nowMs, hmacKey: new Uint8Array(32), warn: (code) => warned.push(code) });

  const counts = { accepted: 0, duplicates: 0 };
  for (let at = 0; at < events.length; at += CALL) {
    const call = events.slice(at, at + CALL);
    const [, offMs] = JUMPS.findLast(([from]) => at >= from * events.length)!; // the first is from 0 on
    nowMs = call.at(-1)!.timeMs + offMs;
    const { accepted, duplicates, rejected } = await ingest.ingest(call.map(toCloudEvent));
    expect(rejected).toEqual([]);
    counts.accepted += accepted;
    counts.duplicates += duplicates;
    for (const detector of detectors) await drainBus(detector);
  }
  await ingest.stop();
  await bus.close();

  expect(counts).toEqual({ accepted: events.length, duplicates: 0 });
  expect(warned).toEqual(['clock_jump']);
  const sum = (name: 'accepted' | 'late' | 'dead') => detectors.reduce((total, { state }) => total + state.counters[name], 0);
  expect(sum('accepted') + sum('late') + sum('dead')).toBe(events.length);
  // While the clock was two hours ahead, what came was late; when it was back, the log waited for it.
  expect(sum('late')).toBeGreaterThan(0);
  expect(sum('accepted')).toBeGreaterThan(0.5 * events.length);
  const reader = openEmbeddedReader(dataDir);
  for (const { partition } of reader.partitionStates()) {
    const ticks = [...reader.readLog(partition, 0)].flatMap((record) => (record.kind === 'tick' ? [record.timeMs] : []));
    expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
  }
  reader.close();
  const { equal, alerts } = await verifyDataDir(dataDir);
  expect(equal).toBe(true);
  expect(alerts).toBeGreaterThan(20);
});
