/** The topics that the settings ask for: made, and looked at. */

import type { TopicsReport } from '../bus/kafka/topics-check.ts';
import type { Created } from '../bus/kafka/topics-create.ts';
import type { Environment, Settings } from '../config/index.ts';
import { kafkaConnection, rolesOf } from './open-bus.ts';

export type { TopicFinding, TopicState, TopicsReport } from '../bus/kafka/topics-check.ts';

export interface TopicsWish {
  /** null = as the log has, or the default of a new one. */
  readonly partitions: number | null;
  /** null = three, or as many as there are brokers. */
  readonly replicas: number | null;
}

/** Errors: those of the bus; brokers_missing, file_unreadable, password_missing. */
export async function makeTopics(settings: Settings, env: Environment, { partitions, replicas }: TopicsWish): Promise<Created> {
  // Here and not above: the client of Kafka is loaded where there is one.
  const { createTopics } = await import('../bus/kafka/topics-create.ts');
  const wish = { ...(partitions === null ? {} : { partitions }), ...(replicas === null ? {} : { replicas }) };
  return createTopics({ ...addressOf(settings, env), ...wish });
}

/** Errors: those of the bus; brokers_missing, file_unreadable, password_missing. */
export async function lookAtTopics(settings: Settings, env: Environment, partitions: number | null): Promise<TopicsReport> {
  const { checkTopics } = await import('../bus/kafka/topics-check.ts');
  const roles = [...rolesOf({ ...settings, bus: { ...settings.bus, kind: 'kafka' } })];
  return checkTopics({ ...addressOf(settings, env), roles, ...(partitions === null ? {} : { partitions }) });
}

function addressOf(settings: Settings, env: Environment) {
  const { prefix } = settings.kafka;
  return { connection: kafkaConnection(settings, env), ...(prefix === null ? {} : { prefix }) };
}
