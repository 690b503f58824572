/** The fixture itself: a broker starts, is killed, comes back, and leaves nothing. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { afterEach, describe, expect, test } from 'vitest';
import { type Kafka, type KafkaOptions, needKafka, startKafka, useKafka } from '../support/kafka.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const own = needKafka({ own: true });
const PATIENT = { clientId: 'fixture', timeout: 3000, requestTimeout: 3000, connectTimeout: 1000, retries: true, retryDelay: 100 } as const;

const open: Kafka[] = [];
afterEach(async () => {
  for (const kafka of open.splice(0)) await kafka.stop();
});
async function begin(options: KafkaOptions = {}): Promise<Kafka> {
  const kafka = await startKafka(options);
  open.push(kafka);
  return kafka;
}

type Connection = Partial<ConstructorParameters<typeof Admin>[0]>;

async function createTopic(kafka: Kafka, replicas = 1): Promise<void> {
  const admin = new Admin({ ...PATIENT, bootstrapBrokers: kafka.adminBootstrap.split(',') });
  await admin.createTopics({ topics: ['t'], partitions: 1, replicas });
  await admin.close();
}

/** Until both replicas have everything: one that has not may not lead. */
async function inStep(kafka: Kafka): Promise<void> {
  const admin = new Admin({ ...PATIENT, bootstrapBrokers: kafka.adminBootstrap.split(',') });
  const isr = async () => (await admin.metadata({ topics: ['t'], forceUpdate: true })).topics.get('t')?.partitions[0].isr.length;
  await expect.poll(isr, { timeout: 60_000, interval: 200 }).toBe(2);
  await admin.close();
}

async function produce(kafka: Kafka, values: readonly string[], connection: Connection = {}): Promise<void> {
  const producer = new Producer({
    ...PATIENT,
    bootstrapBrokers: kafka.bootstrap.split(','),
    serializers: stringSerializers,
    idempotent: true,
    ...connection,
  });
  try {
    for (const value of values) await producer.send({ messages: [{ topic: 't', key: 'k', value }] });
  } finally {
    await producer.close(true);
  }
}

async function consume(kafka: Kafka, count: number): Promise<string[]> {
  const consumer = new Consumer({
    ...PATIENT,
    bootstrapBrokers: kafka.adminBootstrap.split(','),
    groupId: 'fixture',
    deserializers: stringDeserializers,
  });
  const stream = await consumer.consume({
    topics: ['t'],
    mode: 'manual',
    offsets: [{ topic: 't', partition: 0, offset: 0n }],
    maxWaitTime: 100,
    autocommit: false,
  });
  const values: string[] = [];
  for await (const message of stream) {
    values.push(message.value);
    if (values.length === count) break;
  }
  await consumer.close(true);
  return values;
}

const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('optikal-kafka-'));

describe.skipIf(!own)('a broker of one’s own', () => {
  test('keeps what was acknowledged over kill -9 and a restart on the same port', async () => {
    const kafka = await begin();
    await createTopic(kafka);
    await produce(kafka, ['1', '2']);
    await kafka.kill();
    const waiting = produce(kafka, ['3']);
    await kafka.restart();
    await waiting;
    expect(await consume(kafka, 3)).toEqual(['1', '2', '3']);
  });

  test('is silent while it is paused, and goes on', async () => {
    const kafka = await begin();
    await createTopic(kafka);
    await produce(kafka, ['1']);
    kafka.pause();
    await expect(produce(kafka, ['2'], { retries: false, requestTimeout: 300 })).rejects.toThrow();
    kafka.resume();
    await produce(kafka, ['3']);
    // What the paused broker was sent it may read when it goes on.
    const values = await consume(kafka, 2);
    expect(values[0]).toBe('1');
  });

  test('two brokers go on with one killed', async () => {
    const kafka = await begin({ brokers: 2 });
    await createTopic(kafka, 2);
    await produce(kafka, ['1']);
    await kafka.kill(1);
    await produce(kafka, ['2']);
    await kafka.restart(1);
    await inStep(kafka);
    await kafka.kill(2);
    await produce(kafka, ['3']);
    expect(await consume(kafka, 3)).toEqual(['1', '2', '3']);
  });

  test('with SASL over TLS lets in who has a password and a right, by PLAIN and by SCRAM', async () => {
    const kafka = await begin({ security: 'sasl_ssl' });
    await createTopic(kafka);
    const { plain, scram } = kafka.users;
    const tls = { ca: kafka.ca! }; // there is one with sasl_ssl
    expect(readFileSync(kafka.caFile!, 'utf8')).toBe(kafka.ca); // the same
    const login = (mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512', user: { username: string; password: string }): Connection => ({
      tls,
      sasl: { mechanism, ...user },
      retries: 5,
    });
    await expect(produce(kafka, ['no right'], login('PLAIN', plain))).rejects.toThrow();
    const admin = new Admin({ ...PATIENT, bootstrapBrokers: [kafka.adminBootstrap] });
    await admin.createAcls({
      creations: ['alice', 'bob'].map((name) => ({
        resourceType: 2, // topic
        resourceName: 't',
        resourcePatternType: 3, // literal
        principal: `User:${name}`,
        host: '*',
        operation: 4, // write
        permissionType: 3, // allow
      })),
    });
    await admin.close();
    await produce(kafka, ['plain'], login('PLAIN', plain));
    await produce(kafka, ['256'], login('SCRAM-SHA-256', scram));
    await produce(kafka, ['512'], login('SCRAM-SHA-512', scram));
    expect(await consume(kafka, 3)).toEqual(['plain', '256', '512']);

    await expect(produce(kafka, ['x'], login('PLAIN', { ...plain, password: 'wrong' }))).rejects.toThrow();
    await expect(produce(kafka, ['x'], login('SCRAM-SHA-512', { ...scram, password: 'wrong' }))).rejects.toThrow();
    await expect(produce(kafka, ['x'], { ...login('PLAIN', plain), tls: {} })).rejects.toThrow();
  });

  test('says why it does not start', async () => {
    await expect(startKafka({ properties: { 'log.retention.hours': 'many' } })).rejects.toThrow(/log\.retention\.hours/);
  });

  test('ends and leaves no folder when who started it is killed with kill -9', async () => {
    const before = folders();
    const code = `import { startKafka } from './scripts/kafka-cluster.ts'; const kafka = await startKafka(); console.log(kafka.bootstrap);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', `${code} setInterval(() => {}, 1000);`], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer]; // the arguments of 'data'
    const [made] = folders().filter((name) => !before.includes(name) && existsSync(`${tmpdir()}/${name}/1.log`));
    expect(made).toBeDefined();
    expect(processesOf(made)).not.toBe('');
    child.kill('SIGKILL');
    for (let tries = 0; existsSync(`${tmpdir()}/${made}`) && tries < 400; tries++) await new Promise((done) => setTimeout(done, 50));
    expect(existsSync(`${tmpdir()}/${made}`)).toBe(false);
    expect(processesOf(made)).toBe('');
    expect(line.toString()).toMatch(/^127\.0\.0\.1:\d+/);
  });
});

function processesOf(folder: string): string {
  return spawnSync('pgrep', ['-f', folder], { encoding: 'utf8' }).stdout.trim();
}

const shared = needKafka() ? useKafka() : null;
test.skipIf(shared === null)('the shared broker is one for all, with a prefix for each', async () => {
  const [one, other] = [await shared!(), await shared!()];
  expect(one.bootstrap).toBe(other.bootstrap);
  expect(one.prefix).not.toBe(other.prefix);
});
