import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Event, type EventType, parseKafkaRecord } from '@optikal/contracts';
import { AclOperations, AclPermissionTypes, Admin, Consumer, ResourcePatternTypes, ResourceTypes } from '@platformatic/kafka';
import { afterEach, describe, expect, test } from 'vitest';
import { type Kafka, needKafka, startKafka, useKafka } from '../../../../test/support/kafka.ts';
import { TYPES, wire } from '../../../contracts/src/test-support/messages.ts';
import { createPublisher, type Publisher } from '../publisher.ts';
import { METRICS } from '../test-support/events.ts';
import { codesOf, failureOf } from './failure.ts';
import { kafkaTransport, topicOf } from './transport.ts';

const PARTITIONS = 3;
const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end();
});

describe('an error of the client', () => {
  test('is told by the codes below it', () => {
    const nested = new AggregateError([
      Object.assign(new Error('', { cause: { apiId: 'MESSAGE_TOO_LARGE' } }), { code: 'PLT_KFK_MULTIPLE' }),
    ]);
    expect(codesOf(nested)).toEqual(['PLT_KFK_MULTIPLE', 'MESSAGE_TOO_LARGE']);
    expect(failureOf(codesOf(nested), nested)).toMatchObject({ code: 'batch_too_large', message: 'MESSAGE_TOO_LARGE' });
    expect(failureOf(['PLT_KFK_MULTIPLE', 'UNKNOWN_TOPIC_OR_PARTITION'], null)).toMatchObject({ code: 'transport_refused' });
    expect(failureOf(['PLT_KFK_NETWORK', 'ECONNREFUSED'], null)).toMatchObject({ code: 'transport_unavailable', message: 'ECONNREFUSED' });
    expect(failureOf(codesOf({ errors: 'text' }), null)).toMatchObject({ code: 'transport_unavailable', message: 'unreachable' });
  });
});

test('options of the way to Kafka are checked', () => {
  expect(() => kafkaTransport({ brokers: [] })).toThrow('option `brokers`');
  expect(() => kafkaTransport({ brokers: ['host'] })).toThrow('option `brokers`');
  expect(() => kafkaTransport({ brokers: ['host:1'], prefix: 'a b' })).toThrow('option `prefix`');
  expect(() => kafkaTransport({ brokers: ['host:1'], timeoutMs: 1 })).toThrow('option `timeoutMs`');
  expect(() => kafkaTransport({ brokers: ['host:1'], acks: 0 } as never)).toThrow('option `acks`');
});

const shared = needKafka() ? useKafka() : null;

describe.skipIf(shared === null)('a broker', () => {
  test('gets each plane in its topic, in the partition that Java’s client would choose', async () => {
    const { bootstrap, prefix } = await shared!();
    await makeTopics(bootstrap, prefix);
    const publisher = started(bootstrap, prefix, randomFolder());
    const sent = TYPES.flatMap((type) => ['a', 'b', 'c', 'd'].map((agent) => wire(type, { subject: agent, id: `${type}-${agent}` })));
    for (const message of sent) publisher.publishCloudEvent(message);
    expect(await publisher.flush(20_000)).toBe(true);
    const found = await readAll(bootstrap, prefix, sent.length);
    expect(new Map(found.map(({ event }) => [event.id, event.type]))).toEqual(new Map(sent.map(({ id, type }) => [id, type])));
    expect(found.length).toBe(sent.length);
    for (const { topic, partition, event } of found) {
      expect(topic).toBe(prefix + topicOf(event.type));
      expect(partition).toBe((murmur2(Buffer.from(`acme|${event.agent}`)) & 0x7fffffff) % PARTITIONS);
    }
  });

  test('refuses an event that is larger than its topic takes; those around it arrive', async () => {
    const { bootstrap, prefix } = await shared!();
    await makeTopics(bootstrap, prefix, '20000');
    const publisher = started(bootstrap, prefix, randomFolder());
    const large = { ...METRICS, calls: Array.from({ length: 200 }, () => ({ ...callOf('x'.repeat(200)) })) };
    for (let i = 0; i < 10; i++) publisher.publishMetrics(i === 4 ? large : METRICS, { agent: 'a', id: String(i) });
    expect(await publisher.flush(20_000)).toBe(true);
    expect(publisher.counters()).toMatchObject({ delivered: 9, refused: 1 });
    const found = await readAll(bootstrap, prefix, 9);
    expect([...new Set(found.map(({ event }) => event.id))]).toEqual(['0', '1', '2', '3', '5', '6', '7', '8', '9']);
  });

  test('that has no such topic leaves the events in the spool', async () => {
    const { bootstrap, prefix } = await shared!();
    const warnings: unknown[] = [];
    const publisher = started(bootstrap, prefix, randomFolder(), (code, detail) => warnings.push([code, detail]));
    publisher.publishMetrics(METRICS, { agent: 'a' });
    for (let i = 0; i < 400 && warnings.length === 0 && publisher.counters().spooled === 0; i++) await sleep(50);
    expect(await publisher.persist()).toBe(true);
    expect(publisher.counters()).toMatchObject({ delivered: 0, spooled: 1 });
  });
});

describe.skipIf(!needKafka({ own: true }))('a broker that goes away', () => {
  test('while events are published loses none and mixes up no agent, killed or stopped', async () => {
    const kafka = await startKafka();
    ended.push(() => kafka.stop());
    await makeTopics(kafka.bootstrap, '');
    const publisher = started(kafka.bootstrap, '', randomFolder());
    const sent: string[] = [];
    let isOn = true;
    const feed = (async () => {
      for (; isOn; await sleep(10))
        for (let i = 0; i < 3; i++)
          sent.push(publisher.publishMetrics(METRICS, { agent: `a-${sent.length % 7}`, id: String(sent.length) }));
    })();
    await sleep(1000);
    await kafka.kill();
    await until(() => publisher.counters().spooled > 200);
    await kafka.restart();
    await until(() => publisher.counters().spooled === 0 && publisher.counters().delivered > 300);
    await stopFor(kafka, 2500);
    await until(() => publisher.counters().spooled === 0);
    isOn = false;
    await feed;
    expect(await publisher.flush(60_000)).toBe(true);
    const { produced, delivered } = publisher.counters();
    expect([produced, delivered]).toEqual([sent.length, sent.length]);
    const found = await readAll(kafka.bootstrap, '', sent.length);
    expect(new Set(found.map(({ event }) => event.id))).toEqual(new Set(sent));
    for (let agent = 0; agent < 7; agent++) {
      const came = [...new Set(found.filter(({ event }) => event.agent === `a-${agent}`).map(({ event }) => Number(event.id)))];
      expect(came).toEqual(came.toSorted((a, b) => a - b));
    }
  });
});

describe.skipIf(!needKafka({ own: true }))('a broker that asks who we are', () => {
  test('tells a wrong password and a missing right as refusals, and takes all once both are put right', async () => {
    const kafka = await startKafka({ security: 'sasl_ssl' });
    ended.push(() => kafka.stop());
    await makeTopics(kafka.adminBootstrap, '');
    let password = 'wrong';
    const warnings: { code?: unknown; reason?: unknown }[] = [];
    const { username, password: right } = kafka.users.scram;
    const transport = kafkaTransport({
      brokers: kafka.bootstrap.split(','),
      tls: { ca: kafka.ca! }, // there is one with sasl_ssl
      sasl: { mechanism: 'SCRAM-SHA-512', username, password: () => password },
    });
    const publisher = createPublisher({
      transport,
      source: 'test',
      spool: { folder: randomFolder() },
      stallMs: 60_000,
      retryMaxMs: 1000,
      onWarning: (code, detail) => code === 'transport_failing' && warnings.push(detail),
      // Every warning is told: none comes within ten seconds of this clock.
      clock: { now: () => Date.now(), monotonic: () => 20_000 * performance.now() },
    });
    ended.push(() => publisher.close(0));
    publisher.publishMetrics(METRICS, { agent: 'a' });
    await until(() => warnings.length > 0);
    expect(warnings[0]).toMatchObject({ code: 'transport_refused', reason: expect.stringMatching(/AUTHENTICATION/) });
    password = right;
    await until(() => warnings.some(({ reason }) => String(reason).includes('AUTHORIZATION')));
    expect(publisher.counters()).toMatchObject({ delivered: 0, waiting: 1 });
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: kafka.adminBootstrap.split(',') });
    const common = { principal: `User:${username}`, host: '*', permissionType: AclPermissionTypes.ALLOW };
    const topics = { resourceType: ResourceTypes.TOPIC, resourceName: 'argus.', resourcePatternType: ResourcePatternTypes.PREFIXED };
    await admin.createAcls({ creations: [{ ...common, ...topics, operation: AclOperations.WRITE }] });
    await admin.close();
    expect(await publisher.flush(60_000)).toBe(true);
    expect(publisher.counters()).toMatchObject({ delivered: 1, waiting: 0 });
  });
});

/** As `Utils.murmur2` of Kafka's Java client: 32 bits, seed 0x9747b28c. */
function murmur2(bytes: Buffer): number {
  const [m, r] = [0x5bd1e995, 24];
  let h = 0x9747b28c ^ bytes.length;
  const whole = bytes.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(bytes.readInt32LE(i), m);
    k = Math.imul(k ^ (k >>> r), m);
    h = Math.imul(h, m) ^ k;
  }
  if (bytes.length > whole) {
    for (let i = bytes.length - 1; i >= whole; i--) h ^= bytes[i] << (8 * (i - whole));
    h = Math.imul(h, m);
  }
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
}

test('the oracle of partitions gives what Kafka’s own test of murmur2 expects', () => {
  // UtilsTest.testMurmur2 of Apache Kafka.
  expect(['21', 'foobar', 'a-little-bit-long-string'].map((text) => murmur2(Buffer.from(text)))).toEqual([
    -973932308, -790332482, -985981536,
  ]);
});

function callOf(tool: string) {
  return {
    callId: 'c',
    taskId: null,
    turn: null,
    time: METRICS.windowStartMs,
    tool,
    ok: true,
    errorKind: null,
    latencyMs: null,
    argBytes: null,
    outBytes: null,
    argHmac: null,
    textCharsThisTurn: null,
  };
}

function randomFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'optikal-kafka-sdk-'));
  ended.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function started(bootstrap: string, prefix: string, folder: string, onWarning = (_code: string, _detail: unknown) => {}): Publisher {
  const transport = kafkaTransport({ brokers: bootstrap.split(','), prefix });
  const publisher = createPublisher({ transport, source: 'test', spool: { folder }, stallMs: 100, onWarning });
  ended.push(() => publisher.close(0));
  return publisher;
}

async function makeTopics(bootstrap: string, prefix: string, maxBytes = '2000000'): Promise<void> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: bootstrap.split(','), retries: 5 });
  try {
    const topics = TYPES.map((type) => prefix + topicOf(type));
    await admin.createTopics({ topics, partitions: PARTITIONS, replicas: 1, configs: [{ name: 'max.message.bytes', value: maxBytes }] });
  } finally {
    await admin.close();
  }
}

interface Found {
  readonly topic: string;
  readonly partition: number;
  readonly event: Event;
}

/** Everything in the topics, in the order of each partition. */
async function readAll(bootstrap: string, prefix: string, atLeast: number): Promise<Found[]> {
  const consumer = new Consumer({
    clientId: 'test',
    groupId: randomUUID(),
    bootstrapBrokers: bootstrap.split(','),
    maxWaitTime: 200,
    timeout: 3000,
    connectTimeout: 1000,
    retries: true,
    retryDelay: 250,
  });
  const topics = TYPES.map((type: EventType) => prefix + topicOf(type));
  const stream = await consumer.consume({ topics, mode: 'earliest', autocommit: false });
  const found: Found[] = [];
  // What comes after the last that is awaited would be a repeat too much: it is waited for a moment longer.
  const timer = setInterval(() => ids.size >= atLeast && performance.now() - last > 500 && void stream.close(), 100);
  const ids = new Set<string>();
  let last = performance.now();
  try {
    for await (const { topic, partition, key, headers, value } of stream) {
      const parsed = parseKafkaRecord({ key, headers, value });
      if (!parsed.ok) throw new Error(parsed.error.message);
      found.push({ topic, partition, event: parsed.event });
      ids.add(parsed.event.id);
      last = performance.now();
    }
  } finally {
    clearInterval(timer);
    await consumer.close(true);
  }
  return found;
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 600 && !holds(); i++) await sleep(100);
  expect(holds()).toBe(true);
}

async function stopFor(kafka: Kafka, ms: number): Promise<void> {
  kafka.pause();
  await sleep(ms);
  kafka.resume();
}
