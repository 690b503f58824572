/**
 * From the batches of a fetch to records. In a topic of transactions the broker names the aborted ones that reach into the answer; their
 * records are left out from the first offset of each to its abort marker, which may come in a later answer
 * (Kafka protocol, fetch response `aborted_transactions`; org.apache.kafka.clients.consumer.internals.CompletedFetch).
 */
import type { RecordsBatch } from '@platformatic/kafka';

export interface RawRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [Buffer | null, Buffer | null])[];
}

/** Attributes of a batch (Kafka protocol, record batch): bit 4 = part of a transaction, bit 5 = control. */
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
/** A control record's key: version (int16), then the kind (int16), 0 = abort. */
const ABORT = 0;

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** The records from offset `from` on, and one past the last offset seen, control records and aborted ones counted. */
export function committedRecords(
  batches: readonly RecordsBatch[],
  abortedTransactions: readonly AbortedTransaction[],
  from: number,
): { readonly records: readonly RawRecord[]; readonly next: number } {
  const coming = abortedTransactions.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const aborted = new Set<bigint>();
  const records: RawRecord[] = [];
  let next = from;
  let at = 0;
  for (const batch of batches) {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    next = Math.max(next, Number(last) + 1);
    for (; at < coming.length && coming[at].firstOffset <= last; at++) aborted.add(coming[at].producerId);
    if ((batch.attributes & CONTROL) !== 0) {
      if (isAbort(batch)) aborted.delete(batch.producerId);
      continue;
    }
    if ((batch.attributes & TRANSACTIONAL) !== 0 && aborted.has(batch.producerId)) continue;
    const first = Number(batch.firstOffset);
    for (const { offsetDelta, timestampDelta, key, value, headers } of batch.records)
      if (first + offsetDelta >= from)
        records.push({ offset: first + offsetDelta, timestampMs: Number(batch.firstTimestamp + timestampDelta), key, value, headers });
  }
  return { records, next };
}

function isAbort(batch: RecordsBatch): boolean {
  const key = batch.records[0]?.key;
  return key != null && key.length >= 4 && key.readInt16BE(2) === ABORT;
}
