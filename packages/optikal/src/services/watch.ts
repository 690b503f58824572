/**
 * What `watch` looks at: a data directory, running or stopped, that may appear later, be replaced, or be of another version. Everything is
 * read in bounded pieces beside the writer; nothing is locked, nothing is written. The same log gives the same answers, except for what is
 * said of the writer and of the speed, which are of this moment.
 */
import { openWatchReader, type WatchReader } from '../bus/embedded/watch-reader.ts';
import { BusError } from '../bus/errors.ts';
import type { Counters } from '../detection/partition.ts';
import { epochAt, type PartitionClock } from '../stream/clock.ts';
import { hasKeptBundle } from './data-folder.ts';
import type { ServiceError } from './errors.ts';
import { type OpenedAlert, openAlert } from './watch-alert.ts';
import { type AlertEntry, entryOf } from './watch-entry.ts';
import { type AlertTally, createTally, type Tally } from './watch-tally.ts';
import { lastCommitMs, type Writer, writerOf } from './watch-writer.ts';

export interface ModelInForce {
  readonly fingerprint: string;
  /** null = the bundle's own operating point. */
  readonly threshold: number | null;
  /** Its files are in the data directory. */
  readonly kept: boolean;
}

/** null = not known from where it is looked at. */
export interface WatchStatus {
  /** Only the alerts are known, as a server gives them. */
  readonly remote: boolean;
  readonly records: number | null;
  readonly eventsPerSecond: number | null;
  /** Records that the detector has not taken yet. */
  readonly lag: number | null;
  readonly clockMs: number | null;
  readonly late: number | null;
  readonly deadLetters: number | null;
  readonly openWindows: number | null;
  readonly agents: number | null;
  readonly model: ModelInForce | null;
  readonly writer: Writer | null;
  readonly lastCommitMs: number | null;
  readonly alerts: AlertTally;
}

export interface AlertPage {
  readonly entries: readonly AlertEntry[];
  /** The cursor to go on with. */
  readonly cursor: number;
  /** Nothing is left on this side. */
  readonly complete: boolean;
}

export type Look =
  | { readonly kind: 'absent' | 'failed'; readonly error: BusError | ServiceError }
  /** Another database than before, the first one too: what was read is void. */
  | { readonly kind: 'opened'; readonly status: WatchStatus; readonly newest: number }
  | { readonly kind: 'changed'; readonly status: WatchStatus }
  | { readonly kind: 'same' };

export interface WatchSource {
  /** As a person names it: a folder, or an address. */
  readonly name: string;
  /** There is something to read at the moment. */
  readonly ready: boolean;
  /** What is new since the last look; cheap when nothing is. */
  look(nowMs: number): Look;
  /** Alert revisions after a cursor, oldest first; before one, newest first. */
  newer(after: number, maxRecords: number): AlertPage;
  older(before: number, maxRecords: number): AlertPage;
  /** Counts one more slice of the alerts; false = all are counted. */
  count(): boolean;
  /** null = no alert of this id. */
  open(id: string): OpenedAlert | null;
  close(): void;
}

/** What a person can still call recent. */
const RATE_SPAN_MS = 10_000;
/** Counting agents reads an index of all of them. */
const TOTALS_EVERY_MS = 2000;

export function openDataDir(dataDir: string): WatchSource {
  let reader: WatchReader | null = null;
  let tally: Tally | null = null;
  let failure = '';
  let totals = { atMs: Number.NEGATIVE_INFINITY, deadLetters: 0, agents: 0, openWindows: 0 };
  let totalsDue = false;
  let partitions: readonly Partition[] = [];
  let samples: readonly { readonly atMs: number; readonly events: number }[] = [];
  let shown = '';

  const close = () => {
    reader?.close();
    reader = null;
    tally = null;
    samples = [];
  };
  const fail = (error: unknown): Look => {
    close();
    if (!(error instanceof BusError)) throw error;
    const words = `${error.code}: ${error.message}`;
    if (failure === words) return { kind: 'same' };
    failure = words;
    return { kind: error.code === 'data_dir_missing' ? 'absent' : 'failed', error };
  };
  const rateAt = (nowMs: number, events: number): number => {
    samples = [...samples.filter(({ atMs }) => atMs >= nowMs - RATE_SPAN_MS), { atMs: nowMs, events }];
    const first = samples[0]!; // the one just added, at least
    return (1000 * (events - first.events)) / Math.max(1000, nowMs - first.atMs);
  };
  const look = (open: WatchReader, counted: Tally, nowMs: number, first: boolean): Look => {
    const changed = open.changed() || first;
    if (changed) {
      partitions = open.partitionStates().map(({ next, end, partitionState }) => ({ next, end, ...storedOf(partitionState) }));
      totalsDue = true;
    }
    const eventsPerSecond = rateAt(
      nowMs,
      sumOf(partitions, ({ counters }) => counters?.events ?? 0),
    );
    const writer = writerOf(dataDir);
    const commitMs = lastCommitMs(dataDir);
    const recount = totalsDue && nowMs - totals.atMs >= TOTALS_EVERY_MS;
    if (recount) {
      totals = { ...open.totals(), atMs: nowMs };
      totalsDue = false;
    }
    const now = [writer?.words, commitMs, eventsPerSecond, counted.seen].join();
    if (!changed && !recount && now === shown) return { kind: 'same' };
    shown = now;
    const status: WatchStatus = {
      remote: false,
      records: sumOf(partitions, ({ end }) => end),
      eventsPerSecond,
      lag: sumOf(partitions, ({ end, next }) => end - next),
      clockMs: latestClock(partitions),
      late: sumOf(partitions, ({ counters }) => counters?.late ?? 0),
      deadLetters: totals.deadLetters,
      openWindows: totals.openWindows,
      agents: totals.agents,
      model: modelOf(dataDir, partitions),
      writer,
      lastCommitMs: commitMs,
      alerts: counted.tally(),
    };
    return first ? { kind: 'opened', status, newest: counted.newest } : { kind: 'changed', status };
  };

  return {
    name: dataDir,
    get ready() {
      return reader !== null;
    },
    look(nowMs) {
      try {
        if (reader?.replaced() === true) close();
        if (reader !== null && tally !== null) return look(reader, tally, nowMs, false);
        reader = openWatchReader(dataDir);
        tally = createTally(reader);
        tally.step(); // all there is, where there is little
        totals = { ...totals, atMs: Number.NEGATIVE_INFINITY };
        failure = '';
        return look(reader, tally, nowMs, true);
      } catch (error) {
        return fail(error);
      }
    },
    newer: (after, maxRecords) => {
      const found = reader?.alertsAfter(after, maxRecords) ?? [];
      return { entries: found.map(entryOf), cursor: found.at(-1)?.cursor ?? after, complete: found.length < maxRecords };
    },
    older: (before, maxRecords) => {
      const found = reader?.alertsBefore(before, maxRecords) ?? [];
      return { entries: found.map(entryOf), cursor: found.at(-1)?.cursor ?? before, complete: found.length < maxRecords };
    },
    count: () => tally?.step() ?? false,
    open: (id) => (reader === null ? null : openAlert(dataDir, reader, id)),
    close,
  };
}

type Partition = Stored & { readonly next: number; readonly end: number };
type Stored = Pick<PartitionClock, 'epochs'> & { readonly clockMs: number | null; readonly counters: Counters | null };

function storedOf(partitionState: string | null): Stored {
  return partitionState === null ? { clockMs: null, epochs: [], counters: null } : (JSON.parse(partitionState) as Stored); // written by encodePartition
}

function sumOf<T>(list: readonly T[], numberOf: (item: T) => number): number {
  return list.reduce((sum, item) => sum + numberOf(item), 0);
}

function latestClock(partitions: readonly Stored[]): number | null {
  const clocks = partitions.flatMap(({ clockMs }) => (clockMs === null ? [] : [clockMs]));
  return clocks.length === 0 ? null : Math.max(...clocks);
}

/** The model that judges windows which start at the log clock; before the first tick, the first one to come. */
function modelOf(dataDir: string, partitions: readonly Stored[]): ModelInForce | null {
  const { clockMs, epochs } = partitions[0]!; // there is always one
  const epoch = epochAt({ clockMs: 0, epochs: [...epochs], quarantines: [] }, clockMs ?? Number.NEGATIVE_INFINITY) ?? epochs[0];
  return epoch === undefined ? null : { fingerprint: epoch.bundle, threshold: epoch.threshold, kept: hasKeptBundle(dataDir, epoch.bundle) };
}
