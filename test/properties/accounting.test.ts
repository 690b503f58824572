/** Nothing is lost without a word: accepted + duplicate + late + dead = sent, over everything that may go wrong with a message. */
import { join } from 'node:path';
import { toCloudEvent } from '@optikal/contracts';
import { expect, it } from 'vitest';
import { openEmbeddedBus, openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { createDetector } from '../../packages/optikal/src/services/detector.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { createIngest } from '../../packages/optikal/src/services/ingest.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { drainBus } from '../../packages/optikal/src/services/score.ts';
import { bend, drawFrom } from '../support/mangle.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const SENT = 100_000;
const CALL = 1000;
/** No window reaches it: this counts messages, not alerts. */
const UNREACHED = 1e9;

const tempFolder = useTempFolder();

it('accepted + duplicate + late + dead = sent, exactly, over 100,000 mixed messages', async () => {
  const dataDir = join(tempFolder(), 'var');
  const x = smallBundle('x');
  const bus = await openEmbeddedBus({ dataDir, partitions: 3 });
  const hmacKey = Buffer.from(bus.hmacKey, 'hex');
  const ingest = createIngest({ bus, clock: 'events', now: () => 0, hmacKey });
  const models = createModelStore({ load: () => x.bundle, hmacKey });
  const detectors = await Promise.all([0, 1, 2].map((partition) => createDetector({ bus, partition, models })));
  await appendEpoch(bus, modelEpoch(x.bundle.fingerprint, UNREACHED, FIRST_EPOCH_MS));

  const told = { sent: 0, accepted: 0, duplicates: 0, rejected: 0 };
  for (const texts of calls()) {
    const { accepted, duplicates, rejected } = await ingest.ingest(texts);
    expect(accepted + duplicates + rejected.length).toBe(texts.length);
    told.sent += texts.length;
    told.accepted += accepted;
    told.duplicates += duplicates;
    told.rejected += rejected.length;
    for (const detector of detectors) await drainBus(detector);
  }
  await ingest.finish();
  for (const detector of detectors) await drainBus(detector);
  await bus.close();

  const sum = (name: 'events' | 'accepted' | 'duplicate' | 'late' | 'dead') =>
    detectors.reduce((total, { state }) => total + state.counters[name], 0);
  console.log(`accounting: ${JSON.stringify(told)}, of the accepted ${sum('accepted')} in time, ${sum('late')} late, ${sum('dead')} dead`);
  expect(told.sent).toBe(SENT);
  expect(sum('events')).toBe(told.accepted);
  expect(sum('accepted') + (sum('duplicate') + told.duplicates) + sum('late') + (sum('dead') + told.rejected)).toBe(SENT);
  expect(sum('accepted')).toBeGreaterThan(SENT / 2);
  for (const name of ['accepted', 'late', 'dead'] as const) expect(sum(name), name).toBeGreaterThan(100);
  expect(told.duplicates).toBeGreaterThan(1000);
  expect(told.rejected).toBeGreaterThan(1000);

  // The same from the outside: the log holds what was accepted, the dead letters what was dead.
  const reader = openEmbeddedReader(dataDir);
  let events = 0;
  for (const { partition } of reader.partitionStates())
    for (const record of reader.readLog(partition, 0)) if (record.kind === 'event') events++;
  let letters = 0;
  for (let cursor = 0; ; ) {
    const page = reader.deadLetters(cursor, 1000);
    letters += page.length;
    if (page.length === 0) break;
    cursor = page.at(-1)!.cursor;
  }
  reader.close();
  expect(events).toBe(told.accepted);
  expect(letters).toBe(sum('dead') + told.rejected);
});

/** A fleet's messages in calls; of ten, one is repeated, one is bent, one comes minutes late. */
function* calls(): Generator<string[]> {
  let call: string[] = [];
  let sent = 0;
  for (const text of messages()) {
    call.push(text);
    if (++sent % CALL === 0) {
      yield call;
      call = [];
    }
    if (sent === SENT) return;
  }
}

function* messages(): Generator<string> {
  const draw = drawFrom(3);
  const late: string[] = [];
  let bent = false;
  for (const event of testFleet({ agents: 440, days: 0.2 })) {
    const text = JSON.stringify(toCloudEvent(event));
    // Two agents in a row that are ten years ahead would be believed.
    const kind: number = bent ? 3 : draw(0, 9);
    bent = kind === 1;
    if (kind === 2) late.push(text);
    else yield kind === 1 ? bend(event, draw) : text;
    if (kind === 0) yield text;
    // A few thousand messages later their windows are closed.
    if (late.length > 1000) yield* late.splice(0, 100);
  }
}
