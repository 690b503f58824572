/** The rights of docs/kafka.md are enough for each role: a user who has them and nothing else does its work on a real broker. */

import { kafkaTransport } from '@optikal/sdk/kafka';
import {
  AclOperations,
  AclPermissionTypes,
  Admin,
  ResourcePatternTypes,
  type ResourcePatternTypeValue,
  ResourceTypes,
  type ResourceTypeValue,
} from '@platformatic/kafka';
import { afterAll, describe, expect, test } from 'vitest';
import { openKafkaBus } from '../../packages/optikal/src/bus/kafka/bus.ts';
import { openInbox } from '../../packages/optikal/src/bus/kafka/inbox.ts';
import type { KafkaConnection } from '../../packages/optikal/src/bus/kafka/options.ts';
import { openKafkaReader } from '../../packages/optikal/src/bus/kafka/reader.ts';
import { openReplayTopic } from '../../packages/optikal/src/bus/kafka/replay-topic.ts';
import { type Operation, operationsOf, PUBLIC_TOPICS, TOPICS } from '../../packages/optikal/src/bus/kafka/topics.ts';
import { checkTopics } from '../../packages/optikal/src/bus/kafka/topics-check.ts';
import { createTopics } from '../../packages/optikal/src/bus/kafka/topics-create.ts';
import { alertRow, commitOf, eventEntry, readAll, scoreRow, T0, tick } from '../../packages/optikal/src/bus/test-support/samples.ts';
import { type Kafka, needKafka, startKafka } from '../support/kafka.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const PREFIX = 'r.';
const GROUP = 'optikal';
const temp = useTempFolder();
const kafka: Promise<Kafka> | null = needKafka({ own: true }) ? startKafka({ security: 'sasl_ssl' }) : null;
afterAll(async () => (await kafka)?.stop());

interface Right {
  readonly type: ResourceTypeValue;
  readonly name: string;
  readonly pattern?: ResourcePatternTypeValue;
  readonly operations: readonly (Operation | 'CREATE')[];
}

const topicRights = (of: (name: string) => readonly Operation[]): Right[] =>
  TOPICS.flatMap(({ name }) =>
    of(name).length === 0 ? [] : [{ type: ResourceTypes.TOPIC, name: `${PREFIX}${name}`, operations: of(name) }],
  );
const transactions: Right = {
  type: ResourceTypes.TRANSACTIONAL_ID,
  name: `${PREFIX}optikal-${GROUP}-`,
  pattern: ResourcePatternTypes.PREFIXED,
  operations: ['WRITE', 'DESCRIBE'],
};
const group = (name: string): Right => ({ type: ResourceTypes.GROUP, name: `${PREFIX}${name}`, operations: ['READ'] });

/** The table of docs/kafka.md. The detector comes first: it makes the key of dead letters, which the others read. */
const DETECTOR = [...topicRights((name) => operationsOf('detector', name)), transactions, group(GROUP)];
const ROUTER = [...topicRights((name) => operationsOf('router', name)), group(`${GROUP}-router`)];
const API = topicRights((name) => operationsOf('api', name));
const REPLAYS: Right = {
  type: ResourceTypes.TOPIC,
  name: `${PREFIX}optikal.replay.`,
  pattern: ResourcePatternTypes.PREFIXED,
  operations: ['CREATE', 'WRITE'],
};
const isPublic = (name: string) => PUBLIC_TOPICS.some((topic) => topic.name === name);
const READER = topicRights((name) => (isPublic(name) ? [] : ['READ']));
const PUBLISHER = topicRights((name) => (isPublic(name) ? ['WRITE'] : []));

async function change(user: string, rights: readonly Right[], how: 'createAcls' | 'deleteAcls'): Promise<void> {
  const admin = new Admin({ clientId: 'rights', bootstrapBrokers: [(await kafka!).adminBootstrap] });
  const all = rights.flatMap(({ type, name, pattern = ResourcePatternTypes.LITERAL, operations }) =>
    operations.map((operation) => ({
      resourceType: type,
      resourceName: name,
      resourcePatternType: pattern,
      principal: `User:${user}`,
      host: '*',
      operation: AclOperations[operation],
      permissionType: AclPermissionTypes.ALLOW,
    })),
  );
  await (how === 'createAcls' ? admin.createAcls({ creations: all }) : admin.deleteAcls({ filters: all }));
  await admin.close();
}

/** Bob has these rights and no others while `work` is done. */
async function withRights(rights: readonly Right[], work: (connection: KafkaConnection) => Promise<void>): Promise<void> {
  const { bootstrap, adminBootstrap, ca, users } = await kafka!;
  await createTopics({ connection: { brokers: [adminBootstrap] }, prefix: PREFIX, partitions: 1 });
  await change(users.scram.username, rights, 'createAcls');
  try {
    const sasl = { mechanism: 'SCRAM-SHA-256' as const, ...users.scram };
    await work({ brokers: [bootstrap], tls: { ca: ca! }, sasl, timeouts: { giveUpMs: 10_000 } }); // there is one with sasl_ssl
  } finally {
    await change(users.scram.username, rights, 'deleteAcls');
  }
}

const busOptions = (connection: KafkaConnection) => ({ connection, group: GROUP, prefix: PREFIX, dataDir: temp() });
const errorsOf = async (connection: KafkaConnection, role: 'api' | 'router' | 'detector') =>
  (await checkTopics({ connection, prefix: PREFIX, roles: [role] })).findings.filter(({ level }) => level === 'error');

describe.skipIf(kafka === null)('with its rights alone', () => {
  test('a detector leases, reads, commits, writes ticks and joins its group', async () => {
    await withRights(DETECTOR, async (connection) => {
      expect(await errorsOf(connection, 'detector')).toEqual([]);
      const bus = await openKafkaBus(busOptions(connection));
      try {
        const assigned: (readonly number[])[] = [];
        await bus.join((partitions) => void assigned.push(partitions));
        await expect.poll(() => assigned.at(-1), { timeout: 30_000 }).toEqual([0]);
        await bus.append([tick(T0), eventEntry('1')]);
        const lease = await bus.lease(0);
        expect(await readAll(bus, lease)).toHaveLength(2);
        const letter = { code: 'invalid_json', field: '', sizeBytes: 1, hmac: '00', offset: 1 } as const;
        const state = [{ key: 't|a', body: '{}', dueMs: null }];
        await bus.commit(lease, commitOf(2, { state, out: { alerts: [alertRow('1')], scores: [scoreRow(T0)], deadLetters: [letter] } }));
        expect(await bus.alerts(0, { maxRecords: 10, maxWaitMs: 0 })).toHaveLength(1);
        expect(await bus.positions()).toEqual([{ partition: 0, end: 2, next: 2 }]);
      } finally {
        await bus.close();
      }
    });
  });

  test('a router takes from the public topics, writes to the log and the dead letters, and may not lease', async () => {
    await withRights(ROUTER, async (connection) => {
      expect(await errorsOf(connection, 'router')).toEqual([]);
      const inbox = await openInbox({
        connection,
        prefix: PREFIX,
        group: `${GROUP}-router`,
        topics: PUBLIC_TOPICS.map(({ name }) => name),
        maxMessages: 10,
        take: async () => {},
        onWait: () => {},
      });
      await inbox.close();
      const bus = await openKafkaBus(busOptions(connection));
      try {
        const letter = { code: 'invalid_json', field: '', sizeBytes: 1, hmac: '00' } as const;
        expect(await bus.append([eventEntry('2'), { kind: 'refused', letter }])).toEqual(['accepted', 'accepted']);
        expect(await bus.positions()).toHaveLength(1);
        await expect(bus.lease(0)).rejects.toMatchObject({ code: 'broker_refused' });
        await expect(bus.alerts(0, { maxRecords: 1, maxWaitMs: 0 })).rejects.toThrow();
      } finally {
        await bus.close();
      }
    });
  });

  test('an api writes to the log and gives alerts, and may not lease', async () => {
    await withRights(API, async (connection) => {
      expect(await errorsOf(connection, 'api')).toEqual([]);
      const bus = await openKafkaBus(busOptions(connection));
      try {
        expect(await bus.append([eventEntry('3')])).toEqual(['accepted']);
        expect(await bus.alerts(0, { maxRecords: 10, maxWaitMs: 0 })).toHaveLength(1);
        await expect(bus.lease(0)).rejects.toMatchObject({ code: 'broker_refused' });
      } finally {
        await bus.close();
      }
    });
  });

  test('a publisher writes to the public topics and to no other', async () => {
    await withRights(PUBLISHER, async ({ brokers, tls, sasl }) => {
      const client = { brokers, tls: tls!, sasl: sasl!, prefix: PREFIX }; // `withRights` gives both
      const way = kafkaTransport(client);
      const key = 't|a';
      const attributes = JSON.stringify({ specversion: '1.0', id: '1', source: '/test', type: 'argus.agent.lifecycle.v1', subject: 'a' });
      const event = { key, type: 'argus.agent.lifecycle.v1', attributes, data: '{}' } as const;
      expect(await way.send([event], AbortSignal.timeout(30_000))).toEqual({});
      await way.close();
      await expect(openKafkaBus(busOptions({ brokers, tls: tls!, sasl: sasl! }))).rejects.toMatchObject({ code: 'broker_refused' });
    });
  });

  test('a reader reads everything that is not a publisher’s, and writes nothing', async () => {
    await withRights(READER, async (connection) => {
      const reader = await openKafkaReader({ connection, prefix: PREFIX });
      try {
        expect((await reader.partitionStates())[0]).toMatchObject({ partition: 0, next: 2, end: 4 });
        expect(await reader.alerts(0, 10)).toHaveLength(1);
        expect(await reader.scoreAt('t|a', T0)).toMatchObject({ key: 't|a' });
        expect(await reader.deadLetters(0, 10)).toHaveLength(2);
      } finally {
        await reader.close();
      }
      const bus = await openKafkaBus(busOptions(connection));
      try {
        await expect(bus.append([eventEntry('4')])).rejects.toMatchObject({ code: 'broker_refused' });
        await expect(bus.lease(0)).rejects.toMatchObject({ code: 'broker_refused' });
      } finally {
        await bus.close();
      }
    });
  });

  test('who replays makes a topic of the run and writes there, and a reader without that right does not', async () => {
    await withRights([...READER, REPLAYS], async (connection) => {
      const topic = await openReplayTopic({ connection, prefix: PREFIX, run: 'trial' });
      expect(topic.name).toBe(`${PREFIX}optikal.replay.trial`);
      await topic.write([]);
      await topic.write([alertRow('1'), alertRow('2')]);
      await topic.close();
    });
    await withRights(READER, async (connection) => {
      await expect(openReplayTopic({ connection, prefix: PREFIX, run: 'other' })).rejects.toMatchObject({ code: 'broker_refused' });
    });
  });
});
