/** Detectors of one consumer group as processes of their own: started, stopped, killed, frozen. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LogReader, openKafkaReader } from '../../packages/optikal/src/bus/index.ts';
import { keepBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { isCaughtUp } from './kafka-log.ts';
import { readTrace } from './kill-chain.ts';
import { type OptikalProcess, pause, startOptikal } from './serve-process.ts';

export interface MemberOptions {
  readonly brokers: readonly string[];
  readonly prefix: string;
  /** The bundle that the log's epoch names: each member has it in its folder, and puts none into force. */
  readonly bundle: string;
  /** Default `detector`. */
  readonly roles?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Member extends OptikalProcess {
  /** What can be made again from the topics; another member may go on with it. */
  readonly dataDir: string;
}

/** Where a member writes how far it has processed each partition. */
const traceOf = (dataDir: string): string => `${dataDir}.trace`;

const POLL_MS = 200;
/** How one ends that was asked to; 130 = not all of it was over when the time for a stop was. */
export const STOPPED: ReadonlySet<number> = new Set([0, 130]);

export interface Members {
  start(more?: { readonly dataDir?: string; readonly env?: Readonly<Record<string, string>> }): Member;
  /** Until the group has committed the whole log; fails when a member ends by itself, or after so long. */
  caughtUp(patienceMs: number): Promise<void>;
  /** Ends all that run, and removes their folders. */
  end(): Promise<void>;
}

export function createMembers({ brokers, prefix, bundle, roles = 'detector', env: common = {} }: MemberOptions): Members {
  const folder = mkdtempSync(join(tmpdir(), 'optikal-members-'));
  const members: Member[] = [];
  const flags = ['--roles', roles, '--bus', 'kafka', '--brokers', brokers.join(','), '--port', '0'];
  return {
    start({ dataDir = join(folder, `${members.length}`), env = {} } = {}) {
      keepBundle(dataDir, bundle);
      const running = startOptikal(['serve', '--data-dir', dataDir, ...flags], {
        OPTIKAL_KAFKA_PREFIX: prefix,
        OPTIKAL_TRACE_PROCESSED: traceOf(dataDir),
        ...common,
        ...env,
      });
      const member = { ...running, dataDir };
      members.push(member);
      return member;
    },
    async caughtUp(patienceMs) {
      const reader = await openKafkaReader({ connection: { brokers }, prefix });
      try {
        for (const startMs = performance.now(); !(await isCaughtUp(reader)); await pause(POLL_MS)) {
          const failed = members.find(({ child: { exitCode } }) => exitCode !== null && !STOPPED.has(exitCode));
          if (failed !== undefined) throw new Error(`a member ended with ${failed.child.exitCode}: ${failed.stderr().slice(-2000)}`);
          if (performance.now() - startMs > patienceMs)
            throw new Error(`the group does not catch up: ${members.at(-1)?.stderr().slice(-2000)}`);
        }
      } finally {
        await reader.close();
      }
    },
    async end() {
      for (const { child } of members) {
        child.kill('SIGCONT');
        child.kill('SIGKILL');
      }
      await Promise.all(members.map(({ exit }) => exit));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function hasEnded({ child }: Member): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Whether it has processed a batch already. */
export function hasWorked({ dataDir }: Member): boolean {
  return existsSync(traceOf(dataDir)) && readTrace(traceOf(dataDir), 1024).some((processed) => processed > 0);
}

/**
 * Whether a member that was killed had processed what was not committed. To be asked at once: nobody has its partitions before its session ends.
 * What died in the middle of a batch is not seen, so the true share is higher.
 */
export async function lostWork({ dataDir }: Member, reader: LogReader): Promise<boolean> {
  const trace = traceOf(dataDir);
  if (!existsSync(trace)) return false;
  const processed = readTrace(trace, reader.partitions);
  rmSync(trace);
  return (await reader.partitionStates()).some(({ partition, next }) => processed[partition] > next);
}
