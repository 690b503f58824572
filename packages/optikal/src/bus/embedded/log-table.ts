/** The log as a table: one integer key holds partition and offset, so that a partition is a range that is read in order. */

import type { StatementSync } from 'node:sqlite';
import type { Control, Event } from '@optikal/contracts';
import type { LogRecord } from '../contract.ts';

/** 2^40 records a partition; with 1024 partitions the key stays below 2^53, exact in a JavaScript number. */
const PARTITION_SPAN = 2 ** 40;
/** A page of records ends when it holds this many characters: 512 records of 1 MB must not meet in memory. */
const PAGE_CHARS = 4 * 1024 * 1024;

export const EVENT = 0;
export const TICK = 1;
export const CONTROL = 2;

export const SELECT_LOG = 'SELECT kind, payload FROM log WHERE place >= ? AND place < ? ORDER BY place LIMIT ?';
export const SELECT_LAST = 'SELECT max(place) AS place FROM log WHERE place >= ? AND place < ?';

export const placeOf = (partition: number, offset: number) => partition * PARTITION_SPAN + offset;

/** A page of the log as it is stored: the record at `first + i` is `kinds[i]`, `payloads[i]`. */
export interface LogPage {
  readonly first: number;
  readonly kinds: readonly number[];
  readonly payloads: readonly string[];
}

/** `select` is SELECT_LOG with rows as arrays. */
export function readPage(select: StatementSync, partition: number, from: number, to: number, maxRecords: number): LogPage {
  const kinds: number[] = [];
  const payloads: string[] = [];
  let chars = 0;
  for (const row of select.iterate(placeOf(partition, from), placeOf(partition, to), maxRecords)) {
    const [kind, payload] = row as unknown as [number, string]; // the columns of SELECT_LOG, NOT NULL both
    kinds.push(kind);
    payloads.push(payload);
    chars += payload.length;
    if (chars >= PAGE_CHARS) break;
  }
  return { first: from, kinds, payloads };
}

/** The end of a partition: one past its last offset. `select` is SELECT_LAST. */
export function readEnd(select: StatementSync, partition: number): number {
  const place = select.get(placeOf(partition, 0), placeOf(partition + 1, 0))?.place;
  return typeof place === 'number' ? place - placeOf(partition, 0) + 1 : 0;
}

/** The records at these offsets, each below the end; fewer where a page is full before. `select` is SELECT_LOG with rows as arrays. */
export function readPlaces(select: StatementSync, partition: number, offsets: readonly number[]): Omit<LogPage, 'first'> {
  const kinds: number[] = [];
  const payloads: string[] = [];
  let chars = 0;
  for (const offset of offsets) {
    const row = select.get(placeOf(partition, offset), placeOf(partition, offset + 1), 1);
    const [kind, payload] = row as unknown as [number, string]; // the columns of SELECT_LOG, NOT NULL both; offsets have no gaps
    kinds.push(kind);
    payloads.push(payload);
    chars += payload.length;
    if (chars >= PAGE_CHARS) break;
  }
  return { kinds, payloads };
}

export function decodePage({ first, kinds, payloads }: LogPage): LogRecord[] {
  return payloads.map((payload, n) => decodeRecord(first + n, kinds[n], payload));
}

/** What was appended is JSON of the contract's own types, so what is read is of these types. */
export function decodeRecord(offset: number, kind: number, payload: string): LogRecord {
  if (kind === TICK) return { offset, kind: 'tick', timeMs: Number(payload) };
  if (kind === CONTROL) return { offset, kind: 'control', control: JSON.parse(payload) as Control };
  return { offset, kind: 'event', event: JSON.parse(payload) as Event, text: payload };
}
