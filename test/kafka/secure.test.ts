/** `optikal serve` as a user of SASL over TLS: from a public topic to an alert; who gives a wrong password is told; the password is shown nowhere. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toKafkaMessage } from '@optikal/contracts';
import { AclOperations, AclPermissionTypes, Admin, Producer, ResourcePatternTypes, ResourceTypes } from '@platformatic/kafka';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { openKafkaReader } from '../../packages/optikal/src/bus/kafka/reader.ts';
import { createTopics } from '../../packages/optikal/src/bus/kafka/topics-create.ts';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import { keptBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { verifyLog } from '../../packages/optikal/src/services/verify.ts';
import { type Kafka, needKafka, startKafka } from '../support/kafka.ts';
import { optikal, pause, type Served, startServe, stopServe } from '../support/serve-process.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const PREFIX = 's.';
const PATIENCE_MS = 90_000;
const WRONG = 'not-the-password-4711';
const tempFolder = useTempFolder();
const kafka: Promise<Kafka> | null = needKafka({ own: true }) ? startKafka({ security: 'sasl_ssl' }) : null;
afterAll(async () => (await kafka)?.stop());

/** Everything under the prefix, and nothing beside it. */
async function allow(user: string): Promise<void> {
  const admin = new Admin({ clientId: 'secure', bootstrapBrokers: [(await kafka!).adminBootstrap] });
  const types = [ResourceTypes.TOPIC, ResourceTypes.GROUP, ResourceTypes.TRANSACTIONAL_ID];
  await admin.createAcls({
    creations: types.map((resourceType) => ({
      resourceType,
      resourceName: PREFIX,
      resourcePatternType: ResourcePatternTypes.PREFIXED,
      principal: `User:${user}`,
      host: '*',
      operation: AclOperations.ALL,
      permissionType: AclPermissionTypes.ALLOW,
    })),
  });
  await admin.close();
}

/** A settings file as a user writes it: the password in a file of its own, or in the environment. */
async function settingsFile(passwordIn: 'file' | 'environment') {
  const { bootstrap, ca, users } = await kafka!;
  const folder = tempFolder();
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, ca!); // there is one with sasl_ssl
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${users.scram.password}\n`);
  chmodSync(passwordFile, 0o600);
  const sasl = { mechanism: 'scram-sha-512', username: users.scram.username, ...(passwordIn === 'file' ? { passwordFile } : {}) };
  const path = join(folder, 'optikal.json');
  const secured = { brokers: bootstrap, prefix: PREFIX, tls: { enabled: true, caFile }, sasl, timeouts: { giveUpMs: 10_000 } };
  writeFileSync(path, JSON.stringify({ bus: { kind: 'kafka' }, roles: 'detector,router', log: { level: 'debug' }, kafka: secured }));
  return { path, password: users.scram.password };
}

async function until(what: string, served: Served, holds: () => Promise<boolean>): Promise<void> {
  for (const startMs = Date.now(); !(await holds()); await pause(100)) {
    if (served.child.exitCode !== null) throw new Error(`serve ended: ${served.stderr()}`);
    if (Date.now() - startMs > PATIENCE_MS) throw new Error(`not within ${PATIENCE_MS} ms: ${what}\n${served.stderr()}`);
  }
}

describe.skipIf(kafka === null)('serve as a user of SCRAM over TLS', () => {
  it('routes, judges and alerts, and says its password nowhere', async () => {
    const { adminBootstrap, users } = await kafka!;
    const { path, password } = await settingsFile('file');
    const plain = { brokers: [adminBootstrap] };
    await createTopics({ connection: plain, prefix: PREFIX, partitions: 2 });
    await allow(users.scram.username);
    const x = smallBundle('x');
    const dataDir = tempFolder();
    const served = startServe(dataDir, ['--config', path, '--bundle', x.folder, '--fpr', '0.4']);
    onTestFinished(() => void served.child.kill('SIGKILL'));
    if ((await served.ready) === null) throw new Error(`serve ended: ${served.stderr()}`);
    const events = testFleet({ agents: 12 }).filter(({ type }) => type === 'argus.agent.metrics.v1');
    const producer = new Producer({ clientId: 'secure', bootstrapBrokers: [adminBootstrap] });
    const messages = events.map((event) => {
      const { key, headers, value } = toKafkaMessage(event);
      const bytes = new Map([...headers].map(([name, text]) => [Buffer.from(name), Buffer.from(text)]));
      return { topic: `${PREFIX}argus.agent.metrics`, key: Buffer.from(key), headers: bytes, value: Buffer.from(value) };
    });
    await producer.send({ messages });
    await producer.close();
    const reader = await openKafkaReader({ connection: plain, prefix: PREFIX });
    onTestFinished(() => reader.close());
    await until('all judged', served, async () => {
      const states = await reader.partitionStates();
      return states.reduce((sum, { end }) => sum + end, 0) >= events.length && states.every(({ next, end }) => next === end);
    });
    const found = await verifyLog(reader, (fingerprint) => keptBundle(dataDir, fingerprint));
    expect(found).toMatchObject({ equal: true });
    expect(found.alerts).toBeGreaterThan(0);
    expect((await stopServe(served)).code).toBe(EXIT.ok);
    const printed = await optikal(['config', 'print', '--config', path], { env: { OPTIKAL_KAFKA_PASSWORD: password } });
    expect([printed.code, printed.stdout]).toEqual([EXIT.ok, expect.stringContaining(users.scram.username)]);
    for (const said of [served.stdout(), served.stderr(), printed.stdout, printed.stderr]) expect(said).not.toContain(password);
  });

  it('ends with broker_refused where the password is wrong, and does not say it', async () => {
    const { path, password } = await settingsFile('environment');
    const served = startServe(tempFolder(), ['--config', path], { OPTIKAL_KAFKA_PASSWORD: WRONG });
    onTestFinished(() => void served.child.kill('SIGKILL'));
    expect(await served.ready).toBeNull();
    expect((await served.exit).code).toBe(EXIT.failed);
    expect(served.stderr()).toContain('broker_refused');
    for (const said of [served.stdout(), served.stderr()]) for (const secret of [WRONG, password]) expect(said).not.toContain(secret);
  });

  it('ends with password_missing where there is none, before any broker is asked', async () => {
    const { path } = await settingsFile('environment');
    const { code, stderr } = await optikal(['serve', '--config', path, '--data-dir', tempFolder(), '--port', '0']);
    expect([code, stderr]).toEqual([EXIT.failed, expect.stringContaining('password_missing')]);
  });
});
