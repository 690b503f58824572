/** Each finding from facts as a broker tells them; asking a real one: test/kafka/topics.test.ts. */
import { describe, expect, test } from 'vitest';
import { LOG_TOPIC, operationsOf, SCORES_TOPIC, STATE_TOPIC, settingsOf, TOPICS } from './topics.ts';
import { judgeTopics } from './topics-check.ts';
import type { TopicFacts } from './topics-facts.ts';

/** As `createTopics` leaves them, with three replicas and four partitions. */
const RIGHT: readonly TopicFacts[] = TOPICS.map((spec) => ({
  name: spec.name,
  state: 'there',
  partitions: spec.partitions === 'one' ? 1 : 4,
  replicas: 3,
  leaderless: 0,
  underReplicated: 0,
  settings: new Map(Object.entries(settingsOf(spec, 3))),
  allowed: null,
}));

const judged = (facts: readonly TopicFacts[], partitions: number | null = null) => judgeTopics(facts, { partitions, roles: [] });

/** What is found when one topic is another than it should be: level and what, and nothing of any other topic. */
function found(topic: string, change: Partial<TopicFacts>): string[] {
  const { findings } = judged(RIGHT.map((fact) => (fact.name === topic ? { ...fact, ...change } : fact)));
  for (const finding of findings) expect(finding.topic).toBe(topic);
  return findings.map(({ level, what }) => `${level} ${what}`);
}

function foundWith(topic: string, name: string, value: string): string[] {
  const settings = new Map(RIGHT.find((fact) => fact.name === topic)?.settings);
  expect(settings.has(name)).toBe(true);
  return found(topic, { settings: settings.set(name, value) });
}

describe('judgeTopics', () => {
  test('finds nothing wrong with topics as they are created', () => {
    const report = judged(RIGHT, 4);
    expect(report.findings).toEqual([]);
    expect(report.partitions).toBe(4);
    expect(report.topics.map(({ name }) => name)).toEqual(TOPICS.map(({ name }) => name));
  });

  test('finds a topic that is missing, and one whose number of partitions differs from the log', () => {
    expect(found(STATE_TOPIC, { state: 'missing', partitions: 0 })).toEqual(['error topic']);
    expect(found(STATE_TOPIC, { partitions: 5 })).toEqual(['error partitions']);
    expect(found('optikal.dead-letters', { partitions: 4 })).toEqual(['error partitions']);
    expect(found('argus.agent.metrics', { partitions: 99 })).toEqual([]);
    expect(judged(RIGHT, 8).findings.filter(({ what }) => what === 'partitions')).toHaveLength(4);
  });

  test('finds each setting that would lose something', () => {
    expect(foundWith(STATE_TOPIC, 'cleanup.policy', 'delete')).toEqual(['error cleanup.policy']);
    expect(foundWith(STATE_TOPIC, 'cleanup.policy', 'compact,delete')).toEqual(['error cleanup.policy']);
    expect(foundWith(STATE_TOPIC, 'segment.bytes', '1073741824')).toEqual(['warning segment.bytes']);
    expect(foundWith(LOG_TOPIC, 'cleanup.policy', 'compact')).toEqual(['error cleanup.policy']);
    expect(foundWith(LOG_TOPIC, 'retention.ms', '3600000')).toEqual(['error retention.ms']);
    expect(foundWith(LOG_TOPIC, 'retention.ms', '-1')).toEqual([]);
    expect(foundWith(LOG_TOPIC, 'retention.ms', String(8 * 86_400_000))).toEqual([]);
    expect(foundWith(LOG_TOPIC, 'retention.bytes', '1000000')).toEqual(['warning retention.bytes']);
    expect(foundWith(LOG_TOPIC, 'max.message.bytes', '1048588')).toEqual(['error max.message.bytes']);
    expect(foundWith(LOG_TOPIC, 'unclean.leader.election.enable', 'true')).toEqual(['error unclean.leader.election.enable']);
    expect(foundWith(SCORES_TOPIC, 'message.timestamp.type', 'LogAppendTime')).toEqual(['error message.timestamp.type']);
  });

  test('asks for two replicas in step of three, and warns where one that is away stops all', () => {
    expect(foundWith(LOG_TOPIC, 'min.insync.replicas', '1')).toEqual(['error min.insync.replicas']);
    expect(foundWith(LOG_TOPIC, 'min.insync.replicas', '3')).toEqual(['warning min.insync.replicas']);
    const of = (replicas: number, inSync: string) =>
      found(LOG_TOPIC, { replicas, settings: new Map([...(RIGHT[6].settings ?? []), ['min.insync.replicas', inSync]]) });
    expect(of(2, '1')).toEqual([]);
    expect(of(2, '2')).toEqual(['warning min.insync.replicas']);
    expect(of(1, '1')).toEqual(['warning replicas']);
  });

  test('finds partitions without a leader or with a replica that is behind, and settings that it may not see', () => {
    expect(found(LOG_TOPIC, { leaderless: 1, underReplicated: 4 })).toEqual(['error leader']);
    expect(found(LOG_TOPIC, { underReplicated: 4 })).toEqual(['warning replicas']);
    expect(found(LOG_TOPIC, { settings: null })).toEqual(['warning settings']);
  });

  test('finds the rights that are missing for the roles, where the broker tells them', () => {
    const facts = RIGHT.map((fact) => ({ ...fact, allowed: new Set(['READ', 'DESCRIBE'] as const) }));
    const missing = (role: 'api' | 'router' | 'detector', of: readonly TopicFacts[] = facts) =>
      judgeTopics(of, { partitions: null, roles: [role] }).findings.map(({ topic, what, found: has }) => `${topic} ${what} ${has}`);
    expect(missing('detector')).toEqual([
      'optikal.events access READ',
      'optikal.state access READ',
      'optikal.scores access none',
      'argus.threat.alerts access READ',
      'optikal.dead-letters access none',
    ]);
    expect(missing('detector', RIGHT)).toEqual([]);
    const hidden = facts.map((fact) => (fact.name === 'argus.agent.metrics' ? { ...fact, state: 'hidden' as const } : fact));
    expect(missing('router', hidden)).toContain('argus.agent.metrics access none');
  });
});

describe('operationsOf', () => {
  test('lets nobody but a router read what publishers write, and nobody but a detector write state, scores and alerts', () => {
    for (const { name } of TOPICS)
      for (const role of ['api', 'router', 'detector'] as const) {
        const operations = operationsOf(role, name);
        if (operations.length > 0 && TOPICS.find((topic) => topic.name === name)?.partitions === 'any') expect(role).toBe('router');
        if (operations.includes('WRITE') && [STATE_TOPIC, SCORES_TOPIC, 'argus.threat.alerts'].includes(name))
          expect(role).toBe('detector');
      }
  });
});
