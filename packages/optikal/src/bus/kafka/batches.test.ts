import type { RecordsBatch } from '@platformatic/kafka';
import { describe, expect, it } from 'vitest';
import { committedRecords } from './batches.ts';

const TRANSACTIONAL = 0x10;
const CONTROL = 0x30;

/** A batch of `count` records from `first` on. */
function batch(first: number, count: number, producer: number, attributes: number, key?: Buffer): RecordsBatch {
  const records = Array.from({ length: count }, (_, offsetDelta) => ({
    length: 0,
    attributes: 0,
    timestampDelta: BigInt(offsetDelta),
    offsetDelta,
    key: key ?? null,
    value: Buffer.from('v'),
    headers: [],
  }));
  const head = { length: 0, partitionLeaderEpoch: 0, magic: 2, crc: 0, maxTimestamp: 0n, producerEpoch: 0, firstSequence: 0 };
  return {
    ...head,
    firstOffset: BigInt(first),
    attributes,
    lastOffsetDelta: count - 1,
    firstTimestamp: 1000n,
    producerId: BigInt(producer),
    records,
  };
}
const data = (first: number, count: number, producer: number) => batch(first, count, producer, TRANSACTIONAL);
const marker = (at: number, producer: number, kind: 'abort' | 'commit') =>
  batch(at, 1, producer, CONTROL, Buffer.from([0, 0, 0, kind === 'abort' ? 0 : 1]));
const offsetsOf = (batches: readonly RecordsBatch[], aborted: readonly [number, number][], from = 0) => {
  const list = aborted.map(([producer, first]) => ({ producerId: BigInt(producer), firstOffset: BigInt(first) }));
  const { records, next } = committedRecords(batches, list, from);
  return [records.map(({ offset }) => offset), next];
};

describe('committedRecords', () => {
  it('leaves out markers and counts them, and gives records their time', () => {
    expect(offsetsOf([data(0, 2, 1), marker(2, 1, 'commit')], [])).toEqual([[0, 1], 3]);
    expect(committedRecords([data(0, 2, 1)], [], 0).records[1].timestampMs).toBe(1001);
  });

  it('leaves out an aborted transaction up to its marker, and shows what the same producer does afterwards', () => {
    const batches = [data(0, 2, 1), data(2, 1, 2), marker(3, 1, 'abort'), data(4, 1, 1), marker(5, 1, 'commit'), marker(6, 2, 'commit')];
    expect(offsetsOf(batches, [[1, 0]])).toEqual([[2, 4], 7]);
  });

  it('leaves out an aborted transaction whose marker or whose beginning is in another answer', () => {
    expect(offsetsOf([data(5, 3, 1)], [[1, 5]])).toEqual([[], 8]);
    expect(offsetsOf([data(8, 2, 1), marker(10, 1, 'abort')], [[1, 5]], 8)).toEqual([[], 11]);
  });

  it('tells two aborted transactions of one producer apart from the committed one between them', () => {
    const batches = [data(0, 1, 1), marker(1, 1, 'abort'), data(2, 1, 1), marker(3, 1, 'commit'), data(4, 1, 1), marker(5, 1, 'abort')];
    const aborted: [number, number][] = [
      [1, 4],
      [1, 0],
    ];
    expect(offsetsOf(batches, aborted)).toEqual([[2], 6]);
  });

  it('skips what a batch holds before the offset that was asked for, and stays where there is nothing', () => {
    expect(offsetsOf([batch(0, 5, -1, 0)], [], 3)).toEqual([[3, 4], 5]);
    expect(offsetsOf([], [], 9)).toEqual([[], 9]);
  });
});
