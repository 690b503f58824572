/**
 * A real Kafka for tests. `needKafka` says whether there can be one; `useKafka` gives the run's shared broker and a prefix for the names of topics
 * that nobody else has; a test that kills its broker starts one of its own with `startKafka`. OPTIKAL_KAFKA names a broker that runs elsewhere.
 *
 * @example
 * const kafka = needKafka() ? useKafka() : null;
 * test.skipIf(kafka === null)('…', async () => { const { bootstrap, prefix } = await kafka!(); … });
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Admin } from '@platformatic/kafka';
import { afterAll, inject } from 'vitest';
import { hasJars } from '../../scripts/kafka-jars.ts';
import { need } from './components.ts';

export { type Kafka, type KafkaOptions, startKafka } from '../../scripts/kafka-cluster.ts';

export interface TestKafka {
  /** HOST:PORT, several with commas. Plain text, all rights. */
  readonly bootstrap: string;
  /** Stands before the names of this test file's topics; they are removed when it ends. */
  readonly prefix: string;
}

/** Java and the broker's jars are here. Tests that start a broker of their own ask with `own`: OPTIKAL_KAFKA does not help them. */
export function needKafka({ own = false }: { readonly own?: boolean } = {}): boolean {
  return need(
    'Kafka',
    () => (!own && process.env.OPTIKAL_KAFKA !== undefined) || (hasJars() && spawnSync('java', ['-version']).status === 0),
  );
}

/** The broker is started by the first call in the whole run, so it may take some seconds. Every call of what is returned gives a new prefix. */
export function useKafka(): () => Promise<TestKafka> {
  const used: TestKafka[] = [];
  afterAll(async () => {
    if (used.length > 0) await removeTopics(used);
  });
  return async () => {
    const kafka = { bootstrap: await sharedKafka(), prefix: `t-${randomBytes(4).toString('hex')}.` };
    used.push(kafka);
    return kafka;
  };
}

/** The address of the shared broker. */
export async function sharedKafka(): Promise<string> {
  if (process.env.OPTIKAL_KAFKA !== undefined) return process.env.OPTIKAL_KAFKA;
  const answer = JSON.parse(await text(connect(inject('kafkaPort'), '127.0.0.1'))) as { bootstrap: string } | { error: string }; // kafka-shared.ts writes it
  if ('error' in answer) throw new Error(answer.error);
  return answer.bootstrap;
}

async function removeTopics(used: readonly TestKafka[]): Promise<void> {
  const admin = new Admin({
    clientId: 'tests',
    bootstrapBrokers: used[0].bootstrap.split(','),
    timeout: 3000,
    connectTimeout: 1000,
    retries: 3,
  });
  try {
    const topics = (await admin.listTopics()).filter((topic) => used.some(({ prefix }) => topic.startsWith(prefix)));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.close();
  }
}
