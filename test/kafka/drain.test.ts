/**
 * A backlog in two topics of very different message sizes, read in by the router after an outage: what belongs to one window must come together.
 * A fetch brings as many bytes of each topic, which is minutes more of the small verdicts than of the large metrics.
 */
import { type Event, toKafkaMessage } from '@optikal/contracts';
import { Producer } from '@platformatic/kafka';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTopics } from '../../packages/optikal/src/bus/kafka/topics-create.ts';
import { openMemoryBus } from '../../packages/optikal/src/bus/memory.ts';
import { DEFAULTS } from '../../packages/optikal/src/config/index.ts';
import { createDetector } from '../../packages/optikal/src/services/detector.ts';
import { createIngest } from '../../packages/optikal/src/services/ingest.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { startRouter } from '../../packages/optikal/src/services/router.ts';
import { drainBus } from '../../packages/optikal/src/services/score.ts';
import { needKafka, useKafka } from '../support/kafka.ts';
import { oneEpoch } from '../support/prepared-log.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';

const kafka = needKafka() ? useKafka() : null;
const TOPICS = new Map([
  ['argus.agent.metrics.v1', 'argus.agent.metrics'],
  ['argus.io.validation.v1', 'argus.io.validation'],
]);
const SPAN_MS = 10 * 60_000;
/** What stands behind a metrics message: its topic has the fewer messages in a fetch. Spaces after JSON are JSON. */
const PADDING = ' '.repeat(16_000);
const hmacKey = Buffer.alloc(32);

/** Ten minutes of a busy, much attacked fleet. */
function backlog(): Event[] {
  const all = testFleet({ agents: 150 }).filter(({ type }) => TOPICS.has(type));
  const startMs = all[all.length >> 1].timeMs;
  return all.filter(({ timeMs }) => timeMs >= startMs && timeMs < startMs + SPAN_MS);
}

async function begin(clock: 'events' | 'wall', nowMs: () => number) {
  const x = smallBundle('x');
  const bus = openMemoryBus({ partitions: 1, keepLog: true });
  await bus.append(oneEpoch(x).map(({ control }) => ({ kind: 'control' as const, control })));
  const detector = await createDetector({ bus, partition: 0, models: createModelStore({ load: () => x.bundle, hmacKey }) });
  const ingest = createIngest({ bus, clock, now: nowMs, hmacKey });
  const found = async () => {
    await drainBus(detector);
    const alerts = await bus.alerts(0, { maxRecords: 100_000, maxWaitMs: 0 });
    return { late: detector.state.counters.late, alerts: [...new Set(alerts.map(({ id }) => id))].toSorted() };
  };
  return { bus, ingest, found };
}

/** The alerts when every message came in its time. */
async function undisturbed(events: readonly Event[], endMs: number) {
  const { bus, ingest, found } = await begin('events', () => 0);
  await ingest.take(events.map((event) => ({ bytes: '', event, unknownFields: 0 })));
  await bus.append([{ kind: 'tick', timeMs: endMs }]);
  return found();
}

describe.skipIf(kafka === null)('a backlog of two topics', () => {
  it.each(['events', 'wall'] as const)('is judged as if it had come in its time, clock `%s`', async (clock) => {
    const { bootstrap, prefix } = await kafka!();
    const connection = { brokers: bootstrap.split(',') };
    await createTopics({ connection, prefix, partitions: 2 });
    const events = backlog();
    const producer = new Producer({ clientId: 'test', bootstrapBrokers: [...connection.brokers] });
    onTestFinished(() => producer.close());
    const messages = events.map((event) => {
      const { key, headers, value } = toKafkaMessage(event);
      const padding = event.type === 'argus.agent.metrics.v1' ? PADDING : '';
      const bytes = new Map([...headers].map(([name, text]) => [Buffer.from(name), Buffer.from(text)]));
      return { topic: `${prefix}${TOPICS.get(event.type)}`, key: Buffer.from(key), headers: bytes, value: Buffer.from(value + padding) };
    });
    for (let at = 0; at < messages.length; at += 50) await producer.send({ messages: messages.slice(at, at + 50) });
    const endMs = Math.ceil(events.at(-1)!.timeMs / 1000) * 1000 + 600_000;
    const expected = await undisturbed(events, endMs);
    expect(expected.late).toBe(0);
    expect(expected.alerts.length).toBeGreaterThan(10);

    let taken = 0;
    // By the wall all of it comes in the 20 s after its end: 30 times the speed of its events. Well below 10 times, a minute of one agent would
    // take longer than the 10 s that its window waits, in whatever order.
    const nowMs = () => events[events.length - 1].timeMs + (20_000 * taken) / events.length;
    const { bus, ingest, found } = await begin(clock, nowMs);
    const told: string[] = [];
    const settings = { ...DEFAULTS, kafka: { ...DEFAULTS.kafka, brokers: bootstrap, prefix, inFlight: 200 } };
    const log = { enabled: () => true, dropped: 0, write: (_level: string, event: string) => void told.push(event) };
    const onTaken = ({ accepted }: { readonly accepted: number }) => {
      taken += accepted;
    };
    const router = await startRouter({ settings, env: {}, ingest, log, now: Date.now, onTaken });
    onTestFinished(() => router.close());
    await expect.poll(() => taken, { timeout: 60_000, interval: 50 }).toBe(events.length);
    const times = [...bus.reader().readLog(0, 0)].flatMap((entry) => (entry.kind === 'event' ? [entry.event.timeMs] : []));
    expect(times).toEqual(times.toSorted((x, y) => x - y));
    await bus.append([{ kind: 'tick', timeMs: endMs }]);
    expect({ ...(await found()), told }).toEqual({ ...expected, told: [] });
  });
});
