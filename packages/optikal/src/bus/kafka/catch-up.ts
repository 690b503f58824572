/** Bringing the cache of a partition up to its topics, at the start of a lease. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StateChange } from '../contract.ts';
import type { RawRecord } from './batches.ts';
import type { Fetcher } from './fetcher.ts';
import { decodeAlert, decodeDueMs, decodePosition, HMAC_KEY, type PositionRecord } from './output-records.ts';
import { type CacheChange, NO_CHANGE, type StateCache } from './state-cache.ts';
import type { TopicNames } from './topic-names.ts';

/** The client decodes an answer in one turn, and it is four times as large by then. */
const FETCH_BYTES = 1_048_576;
/** Rows in one transaction: some milliseconds. */
const WRITTEN_AT_ONCE = 128;

/** Reads what the cache does not hold yet. All that may come is there: its only writer is fenced. */
export async function catchUp(cache: StateCache, fetcher: Fetcher, { state, alerts }: TopicNames, partition: number): Promise<void> {
  const [stateEnd, alertsEnd] = [await fetcher.wholeEnd(state, partition), await fetcher.wholeEnd(alerts, partition)];
  if (cache.stateTo > stateEnd || cache.alertsTo > alertsEnd) cache.reset();
  const stateFrom = Math.max(cache.stateTo, (await fetcher.firsts(state))[partition]);
  for await (const page of fetcher.range(state, partition, stateFrom, stateEnd, FETCH_BYTES))
    for (const slice of slices(page)) {
      cache.apply(changeOf(slice));
      await nextTurn();
    }
  const alertsFrom = Math.max(cache.alertsTo, (await fetcher.firsts(alerts))[partition]);
  for await (const page of fetcher.range(alerts, partition, alertsFrom, alertsEnd, FETCH_BYTES))
    for (const slice of slices(page)) {
      const rows = slice.map(decodeAlert).filter((alert) => alert !== null);
      cache.apply({ ...NO_CHANGE, alerts: rows, alertsTo: endOf(slice) });
      await nextTurn();
    }
}

function* slices(page: readonly RawRecord[]): Generator<readonly RawRecord[]> {
  for (let at = 0; at < page.length; at += WRITTEN_AT_ONCE) yield page.slice(at, at + WRITTEN_AT_ONCE);
}

function changeOf(page: readonly RawRecord[]): CacheChange {
  let position: PositionRecord | null = null;
  const state: StateChange[] = [];
  for (const raw of page) {
    const key = raw.key?.toString('utf8');
    if (key === undefined || key === HMAC_KEY) continue;
    const found = decodePosition(raw);
    if (found !== null) position = found;
    else if (raw.value !== null) state.push({ key, body: raw.value.toString('utf8'), dueMs: decodeDueMs(raw) });
  }
  return { state, alerts: [], position, stateTo: endOf(page), alertsTo: null };
}

function endOf(page: readonly RawRecord[]): number | null {
  const last = page.at(-1);
  return last === undefined ? null : last.offset + 1;
}
