/** Creates the topics that are missing. Those that are there stay as they are: whether they are right says topics-check.ts. */
import { type Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from '@platformatic/kafka';
import { BusError } from '../errors.ts';
import { checkPartitions } from '../partition.ts';
import { hasApiId, newAdmin } from './client.ts';
import { withinMs } from './errors.ts';
import { type KafkaConnection, type ResolvedConnection, resolveReaderOptions } from './options.ts';
import { settingsOf, TOPICS, type TopicSpec, topicName } from './topics.ts';
import { type TopicFacts, topicFacts } from './topics-facts.ts';

export interface CreateOptions {
  readonly connection: KafkaConnection;
  /** Default empty. */
  readonly prefix?: string;
  /** Of the log, 1 to 1024: how many detectors can work at once. Default: what the log has, else 12. */
  readonly partitions?: number;
  /** Default: 3, or as many as there are brokers. */
  readonly replicas?: number;
}

export interface Created {
  readonly created: readonly string[];
  readonly there: readonly string[];
}

const DEFAULT_PARTITIONS = 12;
const DEFAULT_REPLICAS = 3;
/** Brokers of 4.0 and later refuse records of a clock that is an hour ahead; log time is not the wall's where files are read in. */
const AHEAD = 'message.timestamp.after.max.ms';
const ANY = '9223372036854775807';
const POLL_MS = 50;

/**
 * May be called again, and by several at once. What it made can be used when it is resolved.
 * Errors: option_invalid, broker_unavailable, broker_refused.
 */
export async function createTopics({ partitions: asked, replicas: copies, ...options }: CreateOptions): Promise<Created> {
  const { connection, prefix } = resolveReaderOptions(options);
  if (asked !== undefined) checkPartitions(asked);
  const names = TOPICS.map(({ name }) => topicName(name, prefix));
  const facts = await topicFacts(connection, names);
  const log = facts.find(({ state }, i) => TOPICS[i].partitions === 'log' && state === 'there');
  const partitions = asked ?? log?.partitions ?? DEFAULT_PARTITIONS;
  const admin = newAdmin(connection);
  const within = <T>(doing: string, work: Promise<T>) => withinMs(connection.timeouts.giveUpMs, doing, work);
  try {
    const brokers = (await within('count the brokers', admin.metadata({ topics: [] }))).brokers.size;
    const replicas = copies ?? Math.min(DEFAULT_REPLICAS, brokers);
    if (!Number.isInteger(replicas) || replicas < 1 || replicas > brokers)
      throw new BusError('option_invalid', `\`replicas\` must be a whole number from 1 to the ${brokers} brokers, found \`${replicas}\``);
    const created: string[] = [];
    for (const [i, spec] of TOPICS.entries()) {
      if (facts[i].state !== 'missing') continue;
      const wanted = { name: names[i], partitions: spec.partitions === 'one' ? 1 : partitions, replicas, spec };
      if (await make(admin, wanted, within)) created.push(names[i]);
    }
    const settled = await whenSeen(connection, names);
    const known = settled.filter(({ name, settings }) => created.includes(name) && settings?.has(AHEAD) === true);
    const resources = known.map(({ name }) => ({
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName: name,
      configs: [{ name: AHEAD, value: ANY, configOperation: IncrementalAlterConfigOperationTypes.SET }],
    }));
    if (resources.length > 0) await within('change settings of topics', admin.incrementalAlterConfigs({ resources }));
    return { created, there: names.filter((name) => !created.includes(name)) };
  } finally {
    await admin.close().catch(() => {}); // nothing is under way
  }
}

/** One topic beside those of the installation. May be called again; resolved when it can be used. Errors: broker_unavailable, broker_refused. */
export async function createTopic(connection: ResolvedConnection, name: string, spec: TopicSpec): Promise<void> {
  const [{ state }] = await topicFacts(connection, [name]);
  if (state === 'there') return;
  const admin = newAdmin(connection);
  const within = <T>(doing: string, work: Promise<T>) => withinMs(connection.timeouts.giveUpMs, doing, work);
  try {
    const brokers = (await within('count the brokers', admin.metadata({ topics: [] }))).brokers.size;
    const replicas = Math.min(DEFAULT_REPLICAS, brokers);
    await make(admin, { name, partitions: 1, replicas, spec }, within);
  } finally {
    await admin.close().catch(() => {}); // nothing is under way
  }
  await whenSeen(connection, [name]);
}

/** A topic is there some moments after it was made: when the broker that is asked knows of it, and each partition has a leader. */
async function whenSeen(connection: ResolvedConnection, names: readonly string[]): Promise<readonly TopicFacts[]> {
  const { giveUpMs } = connection.timeouts;
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const facts = await topicFacts(connection, names);
    const unseen = facts.filter(({ state, leaderless }) => state === 'missing' || leaderless > 0);
    if (unseen.length === 0) return facts;
    if (waitedMs >= giveUpMs)
      throw new BusError('broker_unavailable', `\`${unseen[0].name}\` was created and cannot be used after ${giveUpMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

interface Wanted {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly spec: TopicSpec;
}
type Within = <T>(doing: string, work: Promise<T>) => Promise<T>;

/** False where somebody else made it in the meantime. */
async function make(admin: Admin, { name: topic, partitions, replicas, spec }: Wanted, within: Within): Promise<boolean> {
  const configs = Object.entries(settingsOf(spec, replicas)).map(([name, value]) => ({ name, value }));
  try {
    await within(`create \`${topic}\``, admin.createTopics({ topics: [{ topic, partitions }], replicas, configs }));
    return true;
  } catch (error) {
    if (hasApiId(error, 'TOPIC_ALREADY_EXISTS')) return false;
    throw error;
  }
}
