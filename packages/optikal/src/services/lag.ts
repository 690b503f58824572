/** `lag`: how far the detectors are behind the log, read beside them. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LogReader } from '../bus/index.ts';
import { restorePartition } from '../detection/partition.ts';

export interface PartitionLag {
  readonly partition: number;
  readonly records: number;
  /** Log clock at the end of the log minus that of what is committed, of the last records alone; null = one of the two has no tick. */
  readonly seconds: number | null;
  /** Where the log clock of what is committed stands; null = before the first tick. */
  readonly clockMs: number | null;
  /** Agents with an open window at what is committed. */
  readonly openAgents: number;
}

/** A tick comes each second, so the last one is among these. */
const TAIL_RECORDS = 10_000;

export async function readLag(reader: LogReader): Promise<PartitionLag[]> {
  const states = await reader.partitionStates();
  return Promise.all(
    states.map(async ({ partition, next, end, partitionState, openAgents }) => {
      const { clockMs } = restorePartition('live', partitionState, []).clock;
      const known = Number.isFinite(clockMs);
      const records = Math.max(0, end - next); // with Kafka the two are read one after the other
      const lastMs = records === 0 ? clockMs : await lastTick(reader, partition, Math.max(next, end - TAIL_RECORDS), end);
      const seconds = known && Number.isFinite(lastMs) ? Math.max(0, lastMs - clockMs) / 1000 : null;
      return { partition, records, seconds, clockMs: known ? clockMs : null, openAgents };
    }),
  );
}

async function lastTick(reader: LogReader, partition: number, from: number, to: number): Promise<number> {
  let lastMs = Number.NEGATIVE_INFINITY;
  for await (const page of reader.readLog(partition, from, to))
    for (const record of page) if (record.kind === 'tick') lastMs = Math.max(lastMs, record.timeMs);
  return lastMs;
}

/** What waits in a publisher's spool: segments, and their bytes, of which the oldest may be sent in part. null = there is no such folder. */
export function spoolDepth(folder: string): { readonly segments: number; readonly bytes: number } | null {
  if (!existsSync(folder)) return null;
  const sizes = readdirSync(folder)
    .filter((name) => SEGMENT.test(name))
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return { segments: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** packages/sdk/src/spool/spool.ts */
const SEGMENT = /^\d{10}\.seg$/;
