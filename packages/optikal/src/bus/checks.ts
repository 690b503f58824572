/** What every bus checks before it touches anything, so that a refused call leaves no trace. */
import type { Commit } from './contract.ts';
import { BusError } from './errors.ts';
import { partitionOf } from './partition.ts';

export interface Position {
  readonly partition: number;
  readonly next: number;
  readonly end: number;
}

export function checkLease(partition: number, token: number, newest: number): void {
  if (token !== newest) throw new BusError('lease_lost', `partition ${partition}: lease ${token} was fenced, the newest is ${newest}`);
}

export function checkPartition(partition: number, partitions: number): void {
  if (!Number.isInteger(partition) || partition < 0 || partition >= partitions)
    throw new BusError('option_invalid', `expected a partition from 0 to ${partitions - 1}, found \`${partition}\``);
}

export function checkRead(partition: number, next: number, end: number): void {
  if (!Number.isInteger(next) || next < 0) throw new BusError('option_invalid', `expected an offset of at least 0, found \`${next}\``);
  if (next > end) throw new BusError('position_beyond_end', `partition ${partition}: expected an offset of at most ${end}, found ${next}`);
}

export function checkOffsets(partition: number, offsets: readonly number[], end: number): void {
  for (const offset of offsets) checkRead(partition, offset, end - 1);
}

export function checkMaxRecords(maxRecords: number): void {
  if (!Number.isInteger(maxRecords) || maxRecords < 1)
    throw new BusError('option_invalid', `\`maxRecords\` must be a whole number of at least 1, found \`${maxRecords}\``);
}

export function checkCommit(commit: Commit, at: Position, partitions: number): void {
  if (!Number.isInteger(commit.next) || commit.next < at.next)
    throw new BusError('position_regressed', `partition ${at.partition}: expected a position of at least ${at.next}, found ${commit.next}`);
  checkRead(at.partition, commit.next, at.end);
  for (const { key } of commit.state) checkKey(key, at.partition, partitions);
  for (const { key } of commit.out.alerts) checkKey(key, at.partition, partitions);
  for (const { key } of commit.out.scores) checkKey(key, at.partition, partitions);
}

export function alertConflict(id: string, revision: number): BusError {
  return new BusError('alert_conflict', `alert ${id} revision ${revision} was committed before with another body`);
}

function checkKey(key: string, partition: number, partitions: number): void {
  const own = partitionOf(key, partitions);
  if (own !== partition)
    throw new BusError('wrong_partition', `agent \`${key}\` belongs to partition ${own}, found it in partition ${partition}`);
}
