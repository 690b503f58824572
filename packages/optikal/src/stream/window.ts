/**
 * Tumbling windows of one agent, aligned to the epoch. Records are kept as they came and sorted by (event time, id) only when the window
 * is looked at, so the order of arrival cannot reach a result. Pure: the log clock is an argument.
 */
import type { Event } from '@optikal/contracts';
import { LATEST_MS, MAX_AHEAD_MS, MAX_OPEN_WINDOWS, MAX_WINDOW_CALLS, MAX_WINDOW_RECORDS, QUIET_MS, WINDOW_MS } from './limits.ts';

/** An event of an open window. As text it is one string instead of a hundred objects that every collection of garbage has to look at. */
export interface WindowRecord {
  /** Names (source, id). */
  readonly key: string;
  /** The event, or its JSON as the log holds it. */
  readonly body: Event | string;
}

/** An event as it is read from the log: `text` is the same as JSON, where the log has it at hand. */
export interface LoggedEvent {
  readonly event: Event;
  readonly text?: string;
}

export interface OpenWindow {
  readonly startMs: number;
  readonly endMs: number;
  /** Log clock when its first and its last record were read. */
  readonly firstAppendMs: number;
  lastAppendMs: number;
  readonly records: WindowRecord[];
  /** Offsets of the records in the log, in their order: what is stored instead of them. */
  readonly offsets: number[];
  /** Calls in the records: one message may hold 512. */
  calls: number;
  /** An early alert (revision 1) is out: the final one must come, confirmed or withdrawn. */
  early: boolean;
  /** A flagged text was reported in this window: side effects from now on are hot. */
  flagged: boolean;
  /** How often the open window was scored because of a hot record. */
  looks: number;
}

export interface AgentWindows {
  lastClosedEndMs: number;
  /** Ascending by start. */
  readonly open: OpenWindow[];
}

export type Admission =
  | { readonly outcome: 'accepted'; readonly window: OpenWindow }
  | { readonly outcome: 'duplicate' | 'late' }
  | {
      readonly outcome: 'dead';
      readonly code: 'clock_ahead' | 'duplicate_id_conflict' | 'open_windows_exceeded' | 'window_records_exceeded';
    };

export function newAgentWindows(): AgentWindows {
  return { lastClosedEndMs: Number.NEGATIVE_INFINITY, open: [] };
}

export function windowStart(timeMs: number): number {
  return Math.floor(timeMs / WINDOW_MS) * WINDOW_MS;
}

export function windowRecord({ event, text }: LoggedEvent): WindowRecord {
  return { key: recordKey(event), body: text ?? event };
}

/**
 * Puts an event into its window, or says why not. A repeated (source, id) is a duplicate while its window is open, and late afterwards;
 * with another body it is refused. `sameBody` compares two events that share source and id.
 */
export function admit(
  windows: AgentWindows,
  { event, text, offset }: LoggedEvent & { readonly offset: number },
  clockMs: number,
  sameBody: (a: Event, b: Event) => boolean,
): Admission {
  if (!(event.timeMs - clockMs <= MAX_AHEAD_MS)) return { outcome: 'dead', code: 'clock_ahead' };
  const startMs = windowStart(event.timeMs);
  const endMs = startMs + WINDOW_MS;
  if (endMs <= windows.lastClosedEndMs) return { outcome: 'late' };
  const key = recordKey(event);
  const known = findRecord(windows, key);
  if (known !== null)
    return sameBody(eventOf(known), event) ? { outcome: 'duplicate' } : { outcome: 'dead', code: 'duplicate_id_conflict' };
  let window = windows.open.find((candidate) => candidate.startMs === startMs);
  if (window === undefined) {
    if (windows.open.length >= MAX_OPEN_WINDOWS) return { outcome: 'dead', code: 'open_windows_exceeded' };
    window = {
      startMs,
      endMs,
      firstAppendMs: clockMs,
      lastAppendMs: clockMs,
      records: [],
      offsets: [],
      calls: 0,
      early: false,
      flagged: false,
      looks: 0,
    };
    windows.open.push(window);
    windows.open.sort((a, b) => a.startMs - b.startMs);
  }
  const calls = callsOf(event);
  if (window.records.length >= MAX_WINDOW_RECORDS || window.calls + calls > MAX_WINDOW_CALLS)
    return { outcome: 'dead', code: 'window_records_exceeded' };
  const record = { key, body: text ?? event };
  window.records.push(record);
  window.offsets.push(offset);
  INDEX.get(window)?.set(key, record);
  window.calls += calls;
  window.lastAppendMs = clockMs;
  return { outcome: 'accepted', window };
}

function callsOf(event: Event): number {
  return event.type === 'argus.agent.metrics.v1' ? (event.data.calls?.length ?? 0) : 0;
}

/** When this window may close, were it alone. */
export function windowDueMs(window: OpenWindow): number {
  return Math.min(Math.max(window.endMs, window.lastAppendMs) + QUIET_MS, Math.max(window.endMs, window.firstAppendMs) + LATEST_MS);
}

/** When the oldest open window of the agent falls due; null = none is open. Windows of one agent close in order, so only the head counts. */
export function nextDueMs(windows: AgentWindows): number | null {
  const head = windows.open[0];
  return head === undefined ? null : windowDueMs(head);
}

/** The records in the order in which features see them. */
export function sortedRecords(window: OpenWindow): readonly Event[] {
  return window.records.map(eventOf).sort((a, b) => a.timeMs - b.timeMs || compare(a.id, b.id) || compare(a.source, b.source));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Decoded anew each time: a window is looked at once, or a few times where it is hot. */
function eventOf({ body }: WindowRecord): Event {
  return typeof body === 'string' ? (JSON.parse(body) as Event) : body; // what the log holds is JSON of events
}

/** Records of a window that are looked through one by one; more have an index, rebuilt where it does not fit and never stored. */
const UNINDEXED = 16;
const INDEX = new WeakMap<OpenWindow, Map<string, WindowRecord>>();

function findRecord(windows: AgentWindows, key: string): WindowRecord | null {
  for (const window of windows.open) {
    const known = window.records.length <= UNINDEXED ? window.records.find((record) => record.key === key) : indexOf(window).get(key);
    if (known !== undefined) return known;
  }
  return null;
}

function indexOf(window: OpenWindow): Map<string, WindowRecord> {
  let index = INDEX.get(window);
  if (index === undefined || index.size !== window.records.length) {
    index = new Map(window.records.map((record) => [record.key, record]));
    INDEX.set(window, index);
  }
  return index;
}

/** The length keeps (source, id) pairs apart whatever characters they hold. */
function recordKey({ source, id }: Event): string {
  return `${source.length}:${source}${id}`;
}
