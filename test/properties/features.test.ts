/** Training and serving see the same rows, bit for bit: what a durable run archived against what extraction gives for the same fleet. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEmbeddedBus, openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { restoreWindow } from '../../packages/optikal/src/detection/archive.ts';
import { toolLookup } from '../../packages/optikal/src/detection/tools/index.ts';
import { createDetector } from '../../packages/optikal/src/services/detector.ts';
import { FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { drainBus } from '../../packages/optikal/src/services/score.ts';
import { withTicks } from '../../packages/optikal/src/stream/event-clock.ts';
import { extract } from '../../packages/optikal/src/training/extract.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const AGENTS = 1000;
/** What JSON has for "never": no window of a real model reaches it, so none alerts and every window is learnt from, as in training. */
const NEVER = Number.MAX_VALUE;

const tempFolder = useTempFolder();

it('rows of the stream equal rows of the batch over 1,000 agents', async () => {
  const { bundle } = smallBundle('x');
  const events = testFleet({ agents: 1500, days: 0.06, seed: 'features' });

  const dataDir = join(tempFolder(), 'var');
  const bus = await openEmbeddedBus({ dataDir, partitions: 1 });
  const models = createModelStore({ load: () => bundle, hmacKey: new Uint8Array(32) });
  const detector = await createDetector({ bus, partition: 0, models });
  await bus.append([{ kind: 'control', control: modelEpoch(bundle.fingerprint, NEVER, FIRST_EPOCH_MS) }]);
  await bus.append([...withTicks(events)]);
  await drainBus(detector);
  await bus.close();

  // Both see the bundle's fleet: its roles, which are all there are.
  const { dataset } = extract({ events: () => events, truth: null, tools: toolLookup(bundle.tools), known: bundle.snapshot });
  const known = dataset.samples.filter(({ role }) => role !== null && bundle.snapshot.roles.has(role));
  const reader = openEmbeddedReader(dataDir);
  let calls = 0;
  for (const sample of known) {
    const score = reader.scoreAt(sample.key, sample.startMs);
    if (score === null) throw new Error(`no archived window of ${sample.key} at ${sample.startMs}`);
    const { archived, rows } = restoreWindow(score.body);
    expect(archived.role).toBe(sample.role);
    if (!sameBits(rows.row, sample.row)) expect([...rows.row], `${sample.key} ${sample.startMs}`).toEqual([...sample.row]);
    if (archived.call === null) continue;
    calls++;
    const callRow = sample.callRows[sample.callIds.indexOf(archived.call.callId)];
    if (!sameBits(rows.callRows[0], callRow)) expect([...rows.callRows[0]], archived.call.callId).toEqual([...callRow]);
  }
  reader.close();
  const agents = new Set(known.map(({ key }) => key)).size;
  console.log(`features: ${known.length} of ${dataset.samples.length} windows of ${agents} agents and ${calls} calls, equal bit for bit`);
  expect(agents).toBeGreaterThanOrEqual(AGENTS);
  expect(known.length).toBeGreaterThan(0.95 * dataset.samples.length);
  expect(calls).toBeGreaterThan(AGENTS);
});

function sameBits(a: Float64Array, b: Float64Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
}
