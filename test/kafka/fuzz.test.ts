/** Whatever comes to any topic, a count or a dead letter answers, never a crash, and no partition stops. `npm run soak -- --fuzz` sends 10⁶. */
import { expect, it } from 'vitest';
import { needKafka, useKafka } from '../support/kafka.ts';
import { fuzzKafka } from '../support/kafka-fuzz.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const MESSAGES = 100_000;

const kafka = needKafka() ? useKafka() : null;
const tempFolder = useTempFolder();

it.skipIf(kafka === null)(
  'accepted + dead letters + duplicates + late = sent, exactly, over 100,000 fuzzed messages on every topic',
  async () => {
    const startMs = performance.now();
    const { bootstrap, prefix } = await kafka!(); // skipped without
    const events = testFleet({ agents: 300, days: 0.1, seed: 'fuzz' });
    const fuzzed = await fuzzKafka({
      brokers: bootstrap.split(','),
      prefix,
      folder: tempFolder(),
      bundle: smallBundle('x'),
      events,
      messages: MESSAGES,
      seed: 11,
    });
    const { sent, router, detectors, letters, verified } = fuzzed;
    const ofRouter = letters.filter(({ partition }) => partition === null);
    const unreadable = letters.length - ofRouter.length - detectors.dead;
    console.log(
      `fuzz on Kafka: ${JSON.stringify({ sent, router, detectors })}, ${letters.length} dead letters, ${unreadable} of them not readable in ` +
        `the log, ${verified.alerts} alerts; codes ${[...new Set(letters.map(({ code }) => code))].sort().join(' ')}; ` +
        `${Math.round((performance.now() - startMs) / 1000)} s`,
    );
    expect(fuzzed.failure).toBeNull();
    expect(sent.public + sent.log).toBe(MESSAGES);
    expect(detectors.accepted + detectors.duplicate + detectors.late + letters.length).toBe(MESSAGES - sent.ticks);
    // The same door by door: what the router took, what stands in the log, what the detectors made of it.
    expect(router.messages).toBe(sent.public);
    expect(ofRouter.length).toBe(router.refused);
    expect(fuzzed.logEvents).toBe(router.messages - router.refused + sent.log - sent.ticks - unreadable);
    expect(detectors.events).toBe(fuzzed.logEvents);
    expect(fuzzed.leaks).toEqual([]);
    expect(verified).toMatchObject({ equal: true });
    // Each of them was put to the test.
    for (const name of ['accepted', 'duplicate', 'late', 'dead'] as const) expect(detectors[name], name).toBeGreaterThan(500);
    expect(unreadable).toBeGreaterThan(1000);
    expect(router.refused).toBeGreaterThan(10_000);
    expect(verified.alerts).toBeGreaterThan(20);
  },
  600_000,
);
