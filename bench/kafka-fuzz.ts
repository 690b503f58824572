/**
 * A million messages from the wild on every topic of Kafka: mutated, random, deep, huge, forged, repeated, out of time. Each must be counted once,
 * no partition may stop, and nothing that was content may be kept. `npm run soak -- --fuzz`; 100,000 of them are a test (test/kafka/fuzz.test.ts).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fuzzKafka } from '../test/support/kafka-fuzz.ts';
import { smallBundle, testFleet } from '../test/support/small-bundles.ts';
import { startRig } from './support/kafka-rig.ts';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'kafka-fuzz';
export const title = '1,000,000 fuzzed messages over every topic of Kafka, a router and three partitions behind them';

const MESSAGES = Number(process.env.BENCH_RECORDS ?? 1_000_000);
const FLEET = { agents: 1000, days: 0.2, seed: 'fuzz' } as const;
const TOLD_EVERY = 50_000;

export async function run(): Promise<Row[]> {
  const rig = await startRig();
  const folder = mkdtempSync(join(tmpdir(), 'optikal-fuzz-'));
  try {
    const startMs = performance.now();
    const { sent, router, detectors, letters, failure, verified, leaks } = await fuzzKafka({
      brokers: rig.brokers,
      prefix: 'fuzz.',
      folder,
      bundle: smallBundle('x'),
      events: testFleet(FLEET),
      messages: MESSAGES,
      seed: 12,
      onProgress: (count) => {
        if (count % TOLD_EVERY === 0) console.error(`${count} messages, ${Math.round((performance.now() - startMs) / 1000)} s`);
      },
    });
    const seconds = (performance.now() - startMs) / 1000;
    const accounted = detectors.accepted + detectors.duplicate + detectors.late + letters.length + sent.ticks;
    console.error(JSON.stringify({ sent, router, detectors, letters: letters.length, failure: String(failure), verified, leaks }));
    const none = (work: string, unit: string, value: number) => rowOf({ work, unit, better: 'less', runs: [value], floor: 0 });
    const more = (work: string, unit: string, value: number, floor?: number) =>
      rowOf({ work, unit, better: 'more', runs: [value], ...(floor === undefined ? {} : { floor }) });
    return [
      more('messages sent', 'messages', sent.public + sent.log, 1_000_000),
      none('sent and not accepted, late, a duplicate or a dead letter', 'messages', Math.abs(MESSAGES - accounted)),
      none('partitions stopped', 'partitions', failure === null ? 0 : 1),
      none('files, log lines and dead letters with content', 'places', leaks.length),
      more('alerts of a replay equal those stored (1 = yes)', 'verify', verified.equal ? 1 : 0, 1),
      more('dead letters', 'letters', letters.length),
      more('accepted in time', 'messages', detectors.accepted),
      more('messages, from sending to the end of the replay', 'messages/s', (sent.public + sent.log) / seconds),
    ];
  } finally {
    await rig.end();
    rmSync(folder, { recursive: true });
  }
}
