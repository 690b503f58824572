/** How long a caller waits for a `publish` call, in every state of the broker and of the spool, and what is lost. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentMetrics, parseEventText, parseKafkaRecord } from '@optikal/contracts';
import { createPublisher, EVENT_CLASSES, type Publisher, type Transport, TransportError } from '@optikal/sdk';
import { kafkaTransport } from '@optikal/sdk/kafka';
import { Admin, Consumer } from '@platformatic/kafka';
import { startKafka } from '../scripts/kafka-cluster.ts';
import { quantileOf, type Row, rowOf } from './support/rows.ts';
import { createTraffic, TRAFFIC_START_MS } from './support/traffic.ts';

export const name = 'publisher';
export const title =
  'a `publish` call at 1,000/s (5 tool calls a message): broker up, killed for 60 s, stopped for 20 s, spool full, memory full';

const RATE = 1000;
const TURN_MS = 10;
const TOPIC = 'argus.agent.metrics';
const [UP_MS, KILLED_MS, STOPPED_MS, FULL_MS] = [15_000, 60_000, 20_000, 15_000];
const P99_MS = 1;
/** An outage of a minute is 150 MB; metrics may fill half of a spool. The default of 256 MiB is too small for nothing to be dropped. */
const SPOOL_BYTES = 1_073_741_824;

interface Phase {
  readonly calls: number[];
}

export async function run(): Promise<Row[]> {
  const messages = traffic();
  const folder = mkdtempSync(join(tmpdir(), 'optikal-bench-'));
  const kafka = await startKafka();
  const rows: Row[] = [];
  try {
    await makeTopic(kafka.bootstrap);
    const transport = kafkaTransport({ brokers: [kafka.bootstrap] });
    const publisher = createPublisher({ transport, source: 'bench', spool: { folder: join(folder, 'spool'), maxBytes: SPOOL_BYTES } });
    const ids: string[] = [];
    const publish = (state: string, ms: number) => phase(publisher, messages, ids, ms).then((one) => rows.push(...rowsOf(state, one)));

    await publish('broker up', UP_MS);
    await kafka.kill();
    await publish('broker killed', KILLED_MS);
    const waiting = publisher.counters().waiting;
    await kafka.restart();
    const restartedAt = performance.now();
    const drained = publisher.flush(300_000).then(() => (performance.now() - restartedAt) / 1000);
    rows.push(...rowsOf('spool drains', await phase(publisher, messages, ids, UP_MS)));
    rows.push(
      rowOf({
        work: `first moment with nothing waiting after ${waiting} waited, from the restart`,
        unit: 's',
        better: 'less',
        runs: [await drained],
      }),
    );
    kafka.pause();
    await publish('broker stopped', STOPPED_MS);
    kafka.resume();
    await publisher.flush(300_000);
    await publisher.close(60_000);

    const { produced, delivered, dropped } = publisher.counters();
    const droppedCount = EVENT_CLASSES.reduce((sum, one) => sum + dropped[one], 0);
    const found = await readAll(kafka.bootstrap, ids.length);
    const missing = ids.filter((id) => !found.has(id)).length;
    rows.push(
      rowOf({ work: 'events produced', unit: 'events', better: 'more', runs: [produced] }),
      rowOf({
        work: 'produced − delivered − dropped',
        unit: 'events',
        better: 'less',
        floor: 0,
        runs: [produced - delivered - droppedCount],
      }),
      rowOf({ work: 'dropped', unit: 'events', better: 'less', floor: 0, runs: [droppedCount] }),
      rowOf({ work: 'not in the topic', unit: 'events', better: 'less', floor: 0, runs: [missing] }),
      rowOf({ work: 'events of an agent out of order', unit: 'events', better: 'less', floor: 0, runs: [outOfOrder(found, ids)] }),
    );
  } finally {
    await kafka.stop();
  }
  for (const [state, spool] of [
    ['spool full', { folder: join(folder, 'small'), maxBytes: 1_048_576 }],
    ['memory full', false],
  ] as const) {
    const publisher = createPublisher({ transport: away(), source: 'bench', memoryBytes: 1_048_576, spool });
    await phase(publisher, messages, [], 3000);
    rows.push(...rowsOf(state, await phase(publisher, messages, [], FULL_MS)));
    await publisher.close(0);
  }
  rmSync(folder, { recursive: true });
  return rows;
}

/** The calls of so many ms, timed one by one; the pace is that of a wall clock, so a late turn makes up for it. */
async function phase(publisher: Publisher, messages: readonly Message[], ids: string[], ms: number): Promise<Phase> {
  const calls: number[] = [];
  const startMs = performance.now();
  while (performance.now() - startMs < ms) {
    const due = Math.floor(((performance.now() - startMs) * RATE) / 1000);
    while (calls.length < due) {
      const { agent, data } = messages[ids.length % messages.length];
      const id = String(ids.length);
      const from = performance.now();
      publisher.publishMetrics(data, { agent, id });
      calls.push(performance.now() - from);
      ids.push(id);
    }
    await sleep(TURN_MS);
  }
  return { calls };
}

function rowsOf(state: string, { calls }: Phase): Row[] {
  return [
    rowOf({ work: `${state}: p99 of ${calls.length} calls`, unit: 'ms', better: 'less', floor: P99_MS, runs: [quantileOf(calls, 0.99)] }),
    rowOf({ work: `${state}: median`, unit: 'ms', better: 'less', runs: [quantileOf(calls, 0.5)] }),
    rowOf({ work: `${state}: longest`, unit: 'ms', better: 'less', runs: [Math.max(...calls)] }),
  ];
}

interface Message {
  readonly agent: string;
  readonly data: AgentMetrics;
}

function traffic(): Message[] {
  const source = createTraffic({ agents: 100, messagesPerMinute: 60, callsPerMessage: 5, hijackShare: 0, seed: 'publisher' });
  const messages: Message[] = [];
  for (const text of source.slice(TRAFFIC_START_MS, TRAFFIC_START_MS + 60_000)) {
    const parsed = parseEventText(text);
    if (parsed.ok && parsed.event.type === 'argus.agent.metrics.v1') messages.push({ agent: parsed.event.agent, data: parsed.event.data });
  }
  return messages;
}

function away(): Transport {
  return {
    send: () => Promise.reject(new TransportError('transport_unavailable', 'away')),
    close: () => Promise.resolve(),
  };
}

async function makeTopic(bootstrap: string): Promise<void> {
  const admin = new Admin({ clientId: 'bench', bootstrapBrokers: [bootstrap], retries: 5 });
  await admin.createTopics({ topics: [TOPIC], partitions: 4, replicas: 1 });
  await admin.close();
}

/** Agent and place of the first time that each id is found, in the order of its partition. */
async function readAll(bootstrap: string, count: number): Promise<Map<string, { readonly agent: string; readonly place: number }>> {
  const consumer = new Consumer({ clientId: 'bench', groupId: randomUUID(), bootstrapBrokers: [bootstrap], maxWaitTime: 200, retries: 5 });
  const stream = await consumer.consume({ topics: [TOPIC], mode: 'earliest', autocommit: false });
  const found = new Map<string, { readonly agent: string; readonly place: number }>();
  let last = performance.now();
  const timer = setInterval(() => performance.now() - last > 10_000 && void stream.close(), 500);
  for await (const { key, headers, value } of stream) {
    const parsed = parseKafkaRecord({ key, headers, value });
    if (!parsed.ok) throw new Error(parsed.error.message);
    last = performance.now();
    const { id, agent } = parsed.event;
    if (!found.has(id)) found.set(id, { agent, place: found.size });
    if (found.size === count) break;
  }
  clearInterval(timer);
  await consumer.close(true);
  return found;
}

function outOfOrder(found: ReadonlyMap<string, { readonly agent: string; readonly place: number }>, ids: readonly string[]): number {
  const last = new Map<string, number>();
  let count = 0;
  for (const id of ids) {
    const one = found.get(id);
    if (one === undefined) continue;
    if (one.place < (last.get(one.agent) ?? -1)) count++;
    last.set(one.agent, Math.max(one.place, last.get(one.agent) ?? -1));
  }
  return count;
}
