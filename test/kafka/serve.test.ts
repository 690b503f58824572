/** `optikal serve` on a real broker: from a public topic to an alert, and detectors that take over from one another. */
import { toCloudEvent, toKafkaMessage } from '@optikal/contracts';
import { Producer } from '@platformatic/kafka';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LogReader } from '../../packages/optikal/src/bus/index.ts';
import { Fetcher } from '../../packages/optikal/src/bus/kafka/fetcher.ts';
import { resolveConnection } from '../../packages/optikal/src/bus/kafka/options.ts';
import { decodeAlert } from '../../packages/optikal/src/bus/kafka/output-records.ts';
import { openKafkaReader } from '../../packages/optikal/src/bus/kafka/reader.ts';
import { createTopics } from '../../packages/optikal/src/bus/kafka/topics-create.ts';
import { keptBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { verifyLog } from '../../packages/optikal/src/services/verify.ts';
import { cli } from '../cli/support.ts';
import { needKafka, type TestKafka, useKafka } from '../support/kafka.ts';
import { postEvents } from '../support/post-events.ts';
import { pause, type Served, startServe } from '../support/serve-process.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const kafka = needKafka() ? useKafka() : null;
const tempFolder = useTempFolder();
const PATIENCE_MS = 90_000;
const ENV = { OPTIKAL_KAFKA_TIMEOUTS_SESSION_MS: '2000', OPTIKAL_KAFKA_TIMEOUTS_HEARTBEAT_MS: '300' };

async function begin(partitions: number) {
  const used = await kafka!();
  const connection = { brokers: used.bootstrap.split(',') };
  await createTopics({ connection, prefix: used.prefix, partitions });
  const reader = await openKafkaReader({ connection, prefix: used.prefix });
  onTestFinished(() => reader.close());
  return { ...used, reader };
}

async function serve({ bootstrap, prefix }: TestKafka, roles: string, more: readonly string[] = []) {
  const dataDir = tempFolder();
  const flags = ['--bus', 'kafka', '--brokers', bootstrap, '--prefix', prefix, '--roles', roles, ...more];
  const served = startServe(dataDir, flags, ENV);
  onTestFinished(() => {
    served.child.kill('SIGKILL');
  });
  const port = await served.ready;
  if (port === null) throw new Error(`serve ended: ${served.stderr()}`);
  return { ...served, dataDir, port };
}

async function until(what: string, holds: () => Promise<boolean>, those: readonly Served[]): Promise<void> {
  for (const startMs = Date.now(); !(await holds()); await pause(100)) {
    const ended = those.find(({ child }) => child.exitCode !== null);
    if (ended !== undefined) throw new Error(`serve ended: ${ended.stderr()}`);
    if (Date.now() - startMs > PATIENCE_MS)
      throw new Error(`not within ${PATIENCE_MS} ms: ${what}\n${those.map((one) => one.stderr()).join('\n')}`);
  }
}

const metricOf = async (port: number, name: string): Promise<number> => {
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(page)?.[1]);
};

const committed = async (reader: LogReader): Promise<boolean> => {
  const states = await reader.partitionStates();
  return states.some(({ end }) => end > 0) && states.every(({ next, end }) => next === end);
};

async function alertsOverHttp(port: number): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = '0'; ; ) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/alerts?after=${cursor}&limit=1000`);
    const lines = (await answer.text()).split('\n').filter((line) => line !== '');
    if (lines.length === 0) return ids;
    ids.push(...lines.map((line) => (JSON.parse(line) as { id: string }).id)); // CloudEvents
    cursor = answer.headers.get('optikal-cursor') ?? '';
  }
}

/** The ids of alerts in a topic of one partition, oldest first. */
async function alertsIn(bootstrap: string, topic: string): Promise<string[]> {
  const fetcher = new Fetcher(resolveConnection({ brokers: bootstrap.split(',') }), { committed: false });
  try {
    const ids: string[] = [];
    const [end] = await fetcher.ends(topic);
    for await (const page of fetcher.range(topic, 0, 0, end, 1_048_576))
      for (const raw of page) {
        const alert = decodeAlert(raw);
        if (alert !== null) ids.push(`${alert.id}.${alert.revision}`);
      }
    return ids;
  } finally {
    await fetcher.close();
  }
}

describe.skipIf(kafka === null)('serve on Kafka', () => {
  it('makes alerts of what was published, and dead letters of what is none', async () => {
    const { reader, ...used } = await begin(2);
    const x = smallBundle('x');
    const all = await serve(used, 'api,router,detector', ['--bundle', x.folder, '--fpr', '0.4']);
    const events = testFleet({ agents: 12 }).filter(({ type }) => type === 'argus.agent.metrics.v1');
    const producer = new Producer({ clientId: 'test', bootstrapBrokers: used.bootstrap.split(',') });
    const topic = `${used.prefix}argus.agent.metrics`;
    const encoded = events.map((event) => {
      const { key, headers, value } = toKafkaMessage(event);
      const bytes = new Map([...headers].map(([name, text]) => [Buffer.from(name), Buffer.from(text)]));
      return { topic, key: Buffer.from(key), headers: bytes, value: Buffer.from(value) };
    });
    const [first] = encoded;
    const foreign = { ...first, key: Buffer.from('someone|else') };
    const noise = { topic, key: Buffer.from('x'), value: Buffer.from('{') };
    await producer.send({ messages: [foreign, noise, ...encoded] });
    await producer.close();
    const seen = async () =>
      (await metricOf(all.port, 'optikal_router_messages_total\\{outcome="accepted"\\}')) === events.length && (await committed(reader));
    await until('every message judged', seen, [all]);
    const found = await verifyLog(reader, (fingerprint) => keptBundle(all.dataDir, fingerprint));
    expect(found).toMatchObject({ equal: true });
    expect(found.alerts).toBeGreaterThan(0);
    await until('alerts over HTTP', async () => (await alertsOverHttp(all.port)).length === found.alerts, [all]);
    expect((await reader.deadLetters(0, 100)).map(({ code }) => code)).toEqual(expect.arrayContaining(['key_mismatch', 'invalid_json']));
    const where = ['--bus', 'kafka', '--brokers', used.bootstrap, '--prefix', used.prefix, '--data-dir', all.dataDir];
    const said = async (...args: string[]) => (await cli([...args, ...where, '--json'])).out;
    expect(JSON.parse(await said('verify'))).toEqual(found);
    expect(JSON.parse(await said('lag'))).toMatchObject({ partitions: [{ records: 0 }, { records: 0 }], spool: null });
    expect(await said('dead-letters', 'list')).toContain('"code":"key_mismatch"');
    const span = ['--from', '2000-01-01T00:00:00Z', '--to', '2099-01-01T00:00:00Z'];
    const again = await said('replay', ...span, '--bundle', x.folder, '--fpr', '0.4', '--run', 'again');
    const ofRunTopic = `${used.prefix}optikal.replay.again`;
    expect(JSON.parse(again)).toMatchObject({ gained: [], lost: [], out: null, topic: ofRunTopic });
    const before = await alertsOverHttp(all.port);
    const ofRun = await alertsIn(used.bootstrap, ofRunTopic);
    // As many as there are, each under an id of its own, and none where the detectors write.
    expect(new Set(ofRun).size).toBe(found.alerts);
    expect(ofRun.filter((id) => before.includes(id))).toEqual([]);
    expect((await reader.alerts(0, 10_000)).length).toBe(found.alerts);
    all.child.kill('SIGTERM');
    expect((await all.exit).code).toBe(0);
  });

  it('shares the partitions out, and goes on without a gap when a detector is killed', async () => {
    const { reader, ...used } = await begin(4);
    const x = smallBundle('x');
    const bundle = ['--bundle', x.folder, '--fpr', '0.4'];
    const one = await serve(used, 'detector', bundle);
    const two = await serve(used, 'detector', bundle);
    const api = await serve(used, 'api');
    const held = (served: { readonly port: number }) => metricOf(served.port, 'optikal_partitions_held');
    await until('two partitions each', async () => (await held(one)) === 2 && (await held(two)) === 2, [one, two, api]);
    const events = testFleet({ agents: 20 }).map(toCloudEvent);
    const half = events.length >> 1;
    for (let at = 0; at < events.length; at += 500) {
      if (at <= half && half < at + 500) one.child.kill('SIGKILL');
      expect((await postEvents(api.port, events.slice(at, Math.min(at + 500, events.length)))).status).toBe(202);
    }
    await until('one has all four', async () => (await held(two)) === 4, [two, api]);
    await until('the log committed', () => committed(reader), [two, api]);
    const found = await verifyLog(reader, (fingerprint) => keptBundle(two.dataDir, fingerprint));
    expect(found).toMatchObject({ equal: true });
    expect(found.alerts).toBeGreaterThan(10);
    await until('alerts over HTTP', async () => (await alertsOverHttp(api.port)).length >= found.alerts, [two, api]);
    const ids = await alertsOverHttp(api.port);
    expect([new Set(ids).size, ids.length]).toEqual([found.alerts, found.alerts]);
  });
});
