/**
 * What is wrong with the topics, as data: each finding says what was expected, what is there and what comes of it. An `error` loses or repeats
 * data or stops something; a `warning` does so when one more thing fails.
 */
import { type KafkaConnection, resolveReaderOptions } from './options.ts';
import { operationsOf, STATE_SEGMENT_BYTES, smallestInSync, TOPICS, type TopicRole, type TopicSpec, topicName } from './topics.ts';
import { type TopicFacts, topicFacts } from './topics-facts.ts';

export interface TopicFinding {
  readonly level: 'error' | 'warning';
  /** With its prefix. */
  readonly topic: string;
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  readonly why: string;
}

export interface TopicState {
  readonly name: string;
  readonly about: string;
  readonly there: boolean;
  readonly partitions: number;
  readonly replicas: number;
  /** Of the settings that matter; empty where we may not see them. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface TopicsReport {
  /** Of the log; null where it is not there. */
  readonly partitions: number | null;
  readonly topics: readonly TopicState[];
  readonly findings: readonly TopicFinding[];
}

export interface CheckOptions {
  readonly connection: KafkaConnection;
  /** Default empty. */
  readonly prefix?: string;
  /** Of the log, where it is known what it shall be. Default: what the log has. */
  readonly partitions?: number;
  /** What the user who asks shall be able to do. Default: not looked at. */
  readonly roles?: readonly TopicRole[];
}

/** Asks the brokers. Errors: option_invalid, broker_unavailable, broker_refused. */
export async function checkTopics({ partitions, roles = [], ...options }: CheckOptions): Promise<TopicsReport> {
  const { connection, prefix } = resolveReaderOptions(options);
  const names = TOPICS.map(({ name }) => topicName(name, prefix));
  return judgeTopics(await topicFacts(connection, names), { partitions: partitions ?? null, roles });
}

/** `facts` in the order of TOPICS. */
export function judgeTopics(
  facts: readonly TopicFacts[],
  { partitions, roles }: { readonly partitions: number | null; readonly roles: readonly TopicRole[] },
): TopicsReport {
  const log = facts.find((_, i) => TOPICS[i].partitions === 'log' && facts[i].state === 'there');
  const wanted = partitions ?? log?.partitions ?? null;
  return {
    partitions: log?.partitions ?? null,
    topics: facts.map((fact, i) => stateOf(fact, TOPICS[i])),
    findings: facts.flatMap((fact, i) => [...judge(fact, TOPICS[i], wanted), ...rights(fact, TOPICS[i], roles)]),
  };
}

const SHOWN = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'max.message.bytes', 'min.insync.replicas'];

function stateOf({ name, state, partitions, replicas, settings }: TopicFacts, { about }: TopicSpec): TopicState {
  const shown = SHOWN.flatMap((key) => (settings?.get(key) === undefined ? [] : [[key, settings.get(key) ?? ''] as const]));
  return { name, about, there: state === 'there', partitions, replicas, settings: Object.fromEntries(shown) };
}

function* judge(facts: TopicFacts, spec: TopicSpec, logPartitions: number | null): Generator<TopicFinding> {
  const { name: topic, state, partitions, replicas } = facts;
  const find = (level: TopicFinding['level'], what: string, expected: string, found: string, why: string): TopicFinding => ({
    level,
    topic,
    what,
    expected,
    found,
    why,
  });
  if (state === 'missing') yield find('error', 'topic', 'there', 'missing', 'optikal topics create makes it');
  if (state !== 'there') return;
  const wanted = spec.partitions === 'log' ? logPartitions : spec.partitions === 'one' ? 1 : null;
  if (wanted !== null && partitions !== wanted)
    yield find(
      'error',
      'partitions',
      String(wanted),
      String(partitions),
      spec.partitions === 'log' ? 'log, state, scores and alerts of an agent stand in partitions of the same number' : 'its order is one',
    );
  if (facts.leaderless > 0)
    yield find('error', 'leader', 'one of each partition', `none of ${facts.leaderless}`, 'nothing can be read or written there');
  else if (facts.underReplicated > 0)
    yield find('warning', 'replicas', 'all in step', `${facts.underReplicated} partitions are not`, 'a broker is away or behind');
  if (replicas === 1) yield find('warning', 'replicas', '3', '1', 'it is as safe as the disk of one broker');
  if (facts.settings === null)
    yield find('warning', 'settings', 'to be seen', 'hidden', 'they are not checked: DescribeConfigs on the topic is missing');
  else yield* judgeSettings(facts.settings, spec, replicas, find);
}

type Find = (level: TopicFinding['level'], what: string, expected: string, found: string, why: string) => TopicFinding;

function* judgeSettings(settings: ReadonlyMap<string, string>, spec: TopicSpec, replicas: number, find: Find): Generator<TopicFinding> {
  const { cleanup, retentionMs, maxMessageBytes } = spec;
  const text = (name: string) => settings.get(name) ?? '';
  const number = (name: string) => Number(settings.get(name) ?? Number.NaN);

  if (text('cleanup.policy') !== cleanup)
    yield find(
      'error',
      'cleanup.policy',
      cleanup,
      text('cleanup.policy'),
      cleanup === 'compact' ? 'state would be forgotten by age' : 'of all records with one key only the last would be kept',
    );
  const retention = number('retention.ms');
  if (retentionMs !== null && retention >= 0 && retention < retentionMs)
    yield find('error', 'retention.ms', `${retentionMs} or more`, String(retention), 'records go before they may');
  if (cleanup === 'compact' && number('segment.bytes') > STATE_SEGMENT_BYTES)
    yield find(
      'warning',
      'segment.bytes',
      `${STATE_SEGMENT_BYTES} or less`,
      text('segment.bytes'),
      'the newest segment is not compacted: who has no cache reads all of it',
    );
  if (number('retention.bytes') >= 0)
    yield find('warning', 'retention.bytes', '-1', text('retention.bytes'), 'records go by size, before their time');
  if (number('max.message.bytes') < maxMessageBytes)
    yield find('error', 'max.message.bytes', `${maxMessageBytes} or more`, text('max.message.bytes'), 'a large record would be refused');
  if (text('unclean.leader.election.enable') === 'true')
    yield find(
      'error',
      'unclean.leader.election.enable',
      'false',
      'true',
      'a replica that is behind may lead: what was acknowledged is lost',
    );
  if (settings.has('message.timestamp.type') && text('message.timestamp.type') !== 'CreateTime')
    yield find(
      'error',
      'message.timestamp.type',
      'CreateTime',
      text('message.timestamp.type'),
      'scores are looked up by the time of their window',
    );
  const inSync = number('min.insync.replicas');
  if (inSync < smallestInSync(replicas))
    yield find(
      'error',
      'min.insync.replicas',
      `${smallestInSync(replicas)} or more`,
      String(inSync),
      'what one broker alone has acknowledged is lost with it',
    );
  else if (replicas > 1 && inSync >= replicas)
    yield find(
      'warning',
      'min.insync.replicas',
      `less than ${replicas}`,
      String(inSync),
      'nothing can be written while one broker is away',
    );
}

/** Only where the broker says what we may do: one without access rights permits everything. */
function* rights(facts: TopicFacts, spec: TopicSpec, roles: readonly TopicRole[]): Generator<TopicFinding> {
  const needed = new Set(roles.flatMap((role) => operationsOf(role, spec.name)));
  const { name: topic, state, allowed } = facts;
  if (needed.size === 0 || state === 'missing' || (state === 'there' && allowed === null)) return;
  const absent = [...needed].filter((operation) => state === 'hidden' || allowed?.has(operation) !== true);
  if (absent.length === 0) return;
  yield {
    level: 'error',
    topic,
    what: 'access',
    expected: [...needed].join(', '),
    found: [...needed].filter((operation) => !absent.includes(operation)).join(', ') || 'none',
    why: `${absent.join(' and ')} is not allowed to this user, who shall be ${roles.join(' and ')}`,
  };
}
