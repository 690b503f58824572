/**
 * The topics: their names, and the settings without which an alert could be lost, an agent's history torn, or state forgotten. Public ones are
 * written by whoever sees agents; the others are the bus's own, and only Optikal writes there.
 */

const DAY_MS = 86_400_000;
const MIB = 1_048_576;

/** A public message is at most 1 MiB (contracts, MAX_EVENT_BYTES); headers and a batch come on top. */
const PUBLIC_BYTES = 2 * MIB;
/** A batch of the log, of alerts, scores or letters: half a MiB as we write it, or one record that is larger than that. */
const BATCH_BYTES = 4 * MIB;
/** The state of one agent holds its open windows, 64 at most. */
const STATE_BYTES = 16 * MIB;
/** The newest segment is never compacted, and who has no cache of the state reads all of it. */
export const STATE_SEGMENT_BYTES = 64 * MIB;
const STATE_DIRTY_RATIO = 0.2;

export interface TopicSpec {
  /** Without prefix. */
  readonly name: string;
  /** What it holds, in a line. */
  readonly about: string;
  /** `log`: as many as the log has, each agent in the same one everywhere; `one`; `any`: whoever writes there decides. */
  readonly partitions: 'log' | 'one' | 'any';
  readonly cleanup: 'delete' | 'compact';
  /** At least; null = never by age. */
  readonly retentionMs: number | null;
  /** Bytes of one batch, compressed, at least. */
  readonly maxMessageBytes: number;
}

const spec = (
  name: string,
  partitions: TopicSpec['partitions'],
  retentionDays: number | null,
  maxMessageBytes: number,
  about: string,
): TopicSpec => ({
  name,
  about,
  partitions,
  cleanup: retentionDays === null ? 'compact' : 'delete',
  retentionMs: retentionDays === null ? null : retentionDays * DAY_MS,
  maxMessageBytes,
});

/** What publishers write and a router reads: a topic for each type of event, its name without the version. Key `tenant|agent`. */
export const PUBLIC_TOPICS = [
  spec('argus.agent.metrics', 'any', 3, PUBLIC_BYTES, 'what agents did in a span of time, their calls'),
  spec('argus.agent.lifecycle', 'any', 3, PUBLIC_BYTES, 'agents and their tasks: begun, ended, deployed'),
  spec('argus.call.provenance', 'any', 3, PUBLIC_BYTES, 'where the arguments of a call came from'),
  spec('argus.io.validation', 'any', 3, PUBLIC_BYTES, 'the gateway’s verdicts on texts'),
  spec('argus.security.violations', 'any', 3, PUBLIC_BYTES, 'the gateway’s findings'),
  spec('argus.policy.decisions', 'any', 3, PUBLIC_BYTES, 'what the policy engine permitted or forbade'),
] as const;

export const LOG_TOPIC = 'optikal.events';
export const STATE_TOPIC = 'optikal.state';
export const SCORES_TOPIC = 'optikal.scores';
export const ALERTS_TOPIC = 'argus.threat.alerts';
export const DEAD_LETTERS_TOPIC = 'optikal.dead-letters';

export const TOPICS: readonly TopicSpec[] = [
  ...PUBLIC_TOPICS,
  spec(LOG_TOPIC, 'log', 7, BATCH_BYTES, 'the log: everything after it is a function of it'),
  spec(STATE_TOPIC, 'log', null, STATE_BYTES, 'the detectors’ state and position'),
  spec(SCORES_TOPIC, 'log', 7, BATCH_BYTES, 'scored windows'),
  spec(ALERTS_TOPIC, 'log', 30, BATCH_BYTES, 'alerts'),
  spec(DEAD_LETTERS_TOPIC, 'one', 30, BATCH_BYTES, 'messages that were refused: reason, size, keyed hash'),
];

/** Of each run of `replay`, one of its own: `optikal.replay.RUN`. Made when it is asked for, and not by `topics create`. */
const REPLAY = 'optikal.replay.';
export const REPLAY_TOPIC: TopicSpec = spec(`${REPLAY}RUN`, 'one', 30, BATCH_BYTES, 'alerts of one run of replay');

export const topicName = (name: string, prefix: string): string => `${prefix}${name}`;
export const replayTopic = (run: string, prefix: string): string => topicName(`${REPLAY}${run}`, prefix);

/** What a topic is created with, beside partitions and replicas. */
export function settingsOf({ cleanup, retentionMs, maxMessageBytes }: TopicSpec, replicas: number): Readonly<Record<string, string>> {
  return {
    'cleanup.policy': cleanup,
    'retention.ms': String(retentionMs ?? -1),
    'retention.bytes': '-1',
    'max.message.bytes': String(maxMessageBytes),
    'min.insync.replicas': String(smallestInSync(replicas)),
    'unclean.leader.election.enable': 'false',
    'message.timestamp.type': 'CreateTime',
    ...(cleanup === 'compact'
      ? { 'segment.bytes': String(STATE_SEGMENT_BYTES), 'min.cleanable.dirty.ratio': String(STATE_DIRTY_RATIO) }
      : {}),
  };
}

/** How many replicas must have a record before it counts as written: one may be away where there are three. */
export function smallestInSync(replicas: number): number {
  return replicas >= 3 ? 2 : 1;
}

/** What somebody may do with a topic, in the words of Kafka. */
export type Operation = 'READ' | 'WRITE' | 'DESCRIBE' | 'DESCRIBE_CONFIGS';
export type TopicRole = 'api' | 'router' | 'detector';

const PUBLIC_NAMES: ReadonlySet<string> = new Set(PUBLIC_TOPICS.map(({ name }) => name));
const WHOEVER_OPENS: Readonly<Record<string, readonly Operation[]>> = {
  [LOG_TOPIC]: ['WRITE'],
  [STATE_TOPIC]: ['READ'],
  [SCORES_TOPIC]: ['DESCRIBE'],
  [ALERTS_TOPIC]: ['DESCRIBE'],
  [DEAD_LETTERS_TOPIC]: ['WRITE'],
};
const DETECTOR: typeof WHOEVER_OPENS = {
  [LOG_TOPIC]: ['READ', 'WRITE'],
  [STATE_TOPIC]: ['READ', 'WRITE'],
  [SCORES_TOPIC]: ['WRITE'],
  [ALERTS_TOPIC]: ['READ', 'WRITE'],
  [DEAD_LETTERS_TOPIC]: ['WRITE'],
};

/** What a process with this role does with a topic (test/kafka/rights.test.ts holds it). READ and WRITE bring DESCRIBE with them. */
export function operationsOf(role: TopicRole, name: string): readonly Operation[] {
  if (PUBLIC_NAMES.has(name)) return role === 'router' ? ['READ'] : [];
  if (role === 'detector') return DETECTOR[name] ?? [];
  return role === 'api' && name === ALERTS_TOPIC ? ['READ'] : (WHOEVER_OPENS[name] ?? []);
}
