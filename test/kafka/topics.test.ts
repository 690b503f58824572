/** `optikal topics` on real brokers. */
import {
  AclOperations,
  AclPermissionTypes,
  Admin,
  ConfigResourceTypes,
  IncrementalAlterConfigOperationTypes,
  ResourcePatternTypes,
  ResourceTypes,
} from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import { operationsOf, TOPICS } from '../../packages/optikal/src/bus/kafka/topics.ts';
import { checkTopics } from '../../packages/optikal/src/bus/kafka/topics-check.ts';
import { createTopics } from '../../packages/optikal/src/bus/kafka/topics-create.ts';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import { cli } from '../cli/support.ts';
import { needKafka, startKafka, useKafka } from '../support/kafka.ts';

const kafka = needKafka() ? useKafka() : null;
const names = (prefix: string) => TOPICS.map(({ name }) => `${prefix}${name}`);

describe.skipIf(kafka === null)('optikal topics', () => {
  test('creates what is missing, says so, and finds nothing wrong with it', async () => {
    const { bootstrap, prefix } = await kafka!();
    const where = ['--brokers', bootstrap, '--prefix', prefix];
    const before = await cli(['topics', 'check', ...where]);
    expect(before.code).toBe(EXIT.failed);
    expect(before.out).toContain('expected there, found missing');

    const created = await cli(['topics', 'create', ...where, '--partitions', '3', '--json']);
    expect(JSON.parse(created.out)).toEqual({ created: names(prefix), there: [] });
    const again = await cli(['topics', 'create', ...where]);
    expect(again.out).not.toContain('created  ');
    expect(again.out.match(/^there {4}/gm)).toHaveLength(TOPICS.length);

    const after = await cli(['topics', 'check', ...where, '--json']);
    expect(after.code).toBe(EXIT.ok);
    const report = JSON.parse(after.out) as Awaited<ReturnType<typeof checkTopics>>; // what --json promises
    expect(report.partitions).toBe(3);
    expect(report.findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect((await cli(['topics', 'check', ...where])).out).toMatch(/optikal\.state +3 +\d +last of each key +16 MiB/);
  });

  test('may be called by two at once', async () => {
    const { bootstrap, prefix } = await kafka!();
    const connection = { brokers: bootstrap.split(',') };
    const made = await Promise.all([1, 2].map(() => createTopics({ connection, prefix, partitions: 2 })));
    expect(made.flatMap(({ created }) => created).toSorted()).toEqual(names(prefix).toSorted());
    expect((await checkTopics({ connection, prefix, partitions: 2 })).findings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('finds what somebody changed, and leaves it as it is', async () => {
    const { bootstrap, prefix } = await kafka!();
    const connection = { brokers: bootstrap.split(',') };
    await createTopics({ connection, prefix, partitions: 2 });
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...connection.brokers] });
    const log = `${prefix}optikal.events`;
    await admin.createPartitions({ topics: [{ name: log, count: 5 }] });
    const set = (name: string, value: string) => ({ name, value, configOperation: IncrementalAlterConfigOperationTypes.SET });
    await admin.incrementalAlterConfigs({
      resources: [
        {
          resourceType: ConfigResourceTypes.TOPIC,
          resourceName: log,
          configs: [set('retention.ms', '60000'), set('max.message.bytes', '1000')],
        },
        { resourceType: ConfigResourceTypes.TOPIC, resourceName: `${prefix}optikal.state`, configs: [set('cleanup.policy', 'delete')] },
      ],
    });
    await admin.close();
    expect((await createTopics({ connection, prefix })).created).toEqual([]);
    const { findings } = await checkTopics({ connection, prefix, partitions: 2 });
    const errors = findings.filter(({ level }) => level === 'error').map(({ topic, what }) => `${topic.slice(prefix.length)} ${what}`);
    expect(errors).toEqual([
      'optikal.events partitions',
      'optikal.events retention.ms',
      'optikal.events max.message.bytes',
      'optikal.state cleanup.policy',
    ]);
  });

  test('refuses more copies than there are brokers, a broker that is not there, and no broker at all', async () => {
    const { bootstrap, prefix } = await kafka!();
    const many = await cli(['topics', 'create', '--brokers', bootstrap, '--prefix', prefix, '--replication', '7']);
    expect([many.code, many.err]).toEqual([EXIT.failed, expect.stringContaining('option_invalid')]);
    const none = await cli(['topics', 'check']);
    expect([none.code, none.err]).toEqual([EXIT.failed, expect.stringContaining('brokers_missing')]);
    const absent = await cli(['topics', 'check', '--brokers', '127.0.0.1:1'], { env: { OPTIKAL_KAFKA_TIMEOUTS_GIVE_UP_MS: '500' } });
    expect([absent.code, absent.err]).toEqual([EXIT.failed, expect.stringContaining('broker_unavailable')]);
  });
});

describe.skipIf(!needKafka({ own: true }))('on brokers of one’s own', () => {
  test('two brokers: two copies, and one that is away is told', async () => {
    const two = await startKafka({ brokers: 2 });
    try {
      const connection = { brokers: two.bootstrap.split(',') };
      await createTopics({ connection, partitions: 2 });
      const whole = await checkTopics({ connection });
      expect(whole.topics.every(({ replicas }) => replicas === 2)).toBe(true);
      expect(whole.findings).toEqual([]);
      await two.kill(1);
      const away = async () => (await checkTopics({ connection })).findings.map(({ what, level }) => `${level} ${what}`);
      await expect.poll(away, { timeout: 30_000, interval: 200 }).toEqual(TOPICS.map(() => 'warning replicas'));
    } finally {
      await two.stop();
    }
  });

  test('a user of SASL over TLS is told which rights are missing, and none once they are given', async () => {
    const secure = await startKafka({ security: 'sasl_ssl' });
    try {
      const admin = { brokers: [secure.adminBootstrap] };
      await createTopics({ connection: admin, partitions: 2 });
      const { username, password } = secure.users.scram;
      const connection = {
        brokers: [secure.bootstrap],
        tls: { ca: secure.ca! }, // there is one with sasl_ssl
        sasl: { mechanism: 'SCRAM-SHA-512' as const, username, password },
      };
      const before = await checkTopics({ connection, roles: ['detector'] });
      expect(before.findings.map(({ topic, what }) => `${topic} ${what}`)).toEqual(
        TOPICS.filter(({ partitions }) => partitions !== 'any').map(({ name }) => `${name} access`),
      );
      const client = new Admin({ clientId: 'test', bootstrapBrokers: admin.brokers });
      const allow = (resourceName: string, operation: keyof typeof AclOperations) => ({
        resourceType: ResourceTypes.TOPIC,
        resourceName,
        resourcePatternType: ResourcePatternTypes.LITERAL,
        principal: `User:${username}`,
        host: '*',
        operation: AclOperations[operation],
        permissionType: AclPermissionTypes.ALLOW,
      });
      await client.createAcls({
        creations: TOPICS.flatMap(({ name }) =>
          [...operationsOf('detector', name), ...(operationsOf('detector', name).length > 0 ? (['DESCRIBE_CONFIGS'] as const) : [])].map(
            (operation) => allow(name, operation),
          ),
        ),
      });
      await client.close();
      expect((await checkTopics({ connection, roles: ['detector'] })).findings.filter(({ level }) => level === 'error')).toEqual([]);
      const wrong = { ...connection, sasl: { ...connection.sasl, password: 'wrong' } };
      await expect(checkTopics({ connection: wrong })).rejects.toMatchObject({ code: 'broker_refused' });
      await expect(checkTopics({ connection: { ...connection, tls: {} } })).rejects.toMatchObject({ code: 'broker_refused' });
    } finally {
      await secure.stop();
    }
  });
});
