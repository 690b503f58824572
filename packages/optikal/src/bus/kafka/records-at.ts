/** Records by their offsets, decoded. All agents with open windows ask for theirs after a lease, so it is done some at a time. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogRecord } from '../contract.ts';
import { BusError } from '../errors.ts';
import type { RawRecord } from './batches.ts';
import { decodeLogRecord } from './log-records.ts';

/** Some milliseconds where events are large. */
const DECODED_AT_ONCE = 256;

/** In the order of `offsets`. Errors: log_dropped (one is not there, or not readable). */
export async function recordsAt(
  offsets: readonly number[],
  found: ReadonlyMap<number, RawRecord>,
  { partition, partitions }: { readonly partition: number; readonly partitions: number },
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (const offset of offsets) {
    const raw = found.get(offset);
    const record = raw === undefined ? null : decodeLogRecord(raw, partition, partitions);
    if (record === null || record.kind === 'unreadable')
      throw new BusError('log_dropped', `partition ${partition}: expected a readable record at ${offset}`);
    records.push(record);
    if (records.length % DECODED_AT_ONCE === 0) await nextTurn();
  }
  return records;
}
