/** Topics that hold a log and the alerts that it must bring, and detectors that are killed over it. */
import { join } from 'node:path';
import { type LogEntry, type LogReader, openKafkaReader } from '../../packages/optikal/src/bus/index.ts';
import { createTopics } from '../../packages/optikal/src/bus/kafka/topics-create.ts';
import { readAlerts } from '../../packages/optikal/src/services/verify.ts';
import { type Brokers, withBus } from './kafka-log.ts';
import { hasEnded, hasWorked, lostWork, type Member } from './kafka-members.ts';
import type { Kill } from './kill-chain.ts';
import { differencesAt, fillDataDir, type PlacedAlert, referenceOf } from './prepared-log.ts';
import { pause } from './serve-process.ts';
import type { SmallBundle } from './small-bundles.ts';

const APPENDED_AT_ONCE = 4096;
const POLL_MS = 20;
/** A failpoint that is not passed by then will not be: the log is over, or the group is stuck. */
const LIFE_MS = 90_000;

export interface KafkaLog extends Brokers {
  readonly prefix: string;
  /** As the embedded bus numbers the records of the same log: both count the entries of a partition. */
  readonly reference: readonly PlacedAlert[];
}

export interface LogWanted extends Brokers {
  readonly prefix: string;
  readonly partitions: number;
  readonly entries: readonly LogEntry[];
  readonly bundle: SmallBundle;
  /** For the reference. */
  readonly folder: string;
}

export async function prepareTopics({ brokers, prefix, partitions, entries, bundle, folder }: LogWanted): Promise<KafkaLog> {
  await createTopics({ connection: { brokers }, prefix, partitions });
  await withBus({ brokers }, prefix, async (bus) => {
    for (let at = 0; at < entries.length; at += APPENDED_AT_ONCE) await bus.append(entries.slice(at, at + APPENDED_AT_ONCE));
  });
  const dataDir = join(folder, 'undisturbed');
  await fillDataDir(dataDir, { entries, bundles: [bundle], partitions });
  return { brokers, prefix, reference: await referenceOf(dataDir) };
}

export interface KafkaDeath {
  readonly kill: Kill;
  readonly lostWork: boolean;
}

/** `member` was started with the failpoint of `kill`, if it is one; a moment begins when it has processed something. */
export async function killMember(member: Member, kill: Kill, reader: LogReader): Promise<KafkaDeath> {
  const { child, exit, stderr } = member;
  for (const startMs = performance.now(); !hasEnded(member); await pause(POLL_MS)) {
    if ('afterMs' in kill && hasWorked(member)) break;
    if (performance.now() - startMs > LIFE_MS) throw new Error(`not killed within ${LIFE_MS} ms: ${JSON.stringify(kill)}\n${stderr()}`);
  }
  if ('afterMs' in kill) {
    await pause(kill.afterMs);
    child.kill('SIGKILL');
  }
  const { signal, code } = await exit;
  if (signal !== 'SIGKILL') throw new Error(`a member ended with ${signal ?? code}: ${stderr()}`);
  return { kill, lostWork: await lostWork(member, reader) };
}

export const killEnv = (kill: Kill): Readonly<Record<string, string>> =>
  'failpoint' in kill ? { OPTIKAL_FAILPOINT: `${kill.failpoint}:${kill.pass}` } : {};

/** What is wrong with the topics while nobody commits; empty = nothing. */
export async function differencesIn({ brokers, prefix, reference }: KafkaLog): Promise<string[]> {
  const reader = await openKafkaReader({ connection: { brokers }, prefix });
  try {
    const nexts = (await reader.partitionStates()).map(({ next }) => next);
    return differencesAt(nexts, await readAlerts(reader), reference);
  } finally {
    await reader.close();
  }
}
