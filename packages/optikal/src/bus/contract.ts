/**
 * The bus: one contract, several implementations (memory, embedded, Kafka), one conformance suite (`conformance.ts`).
 * A bus is a partitioned log of events, ticks and control records, plus what the detector derives from it: per-agent state, alerts,
 * archive rows, dead letters. INVARIANT: `commit` makes position, state and output durable in one transaction, all or nothing.
 * Delivery: an append that resolved is durable; the log is read in order, each record exactly once per committed position.
 */
import type { Control, Event, EventErrorCode } from '@optikal/contracts';

/** What is put into the log. A tick goes to every partition, as does a control record; an event to the partition of its agent. */
export type LogEntry =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'tick'; readonly timeMs: number }
  | { readonly kind: 'control'; readonly control: Control }
  /** A message that was refused before the log; kept as reason, size and keyed hash only. */
  | { readonly kind: 'refused'; readonly letter: DeadLetter };

export type AppendOutcome = 'accepted' | 'duplicate' | 'conflict';

/** A record as it is read back. `offset` counts from 0 in its partition, without gaps. */
export type LogRecord =
  | {
      readonly offset: number;
      readonly kind: 'event';
      readonly event: Event;
      /** The event as JSON, where the bus holds it as such. */
      readonly text?: string;
    }
  | { readonly offset: number; readonly kind: 'tick'; readonly timeMs: number }
  | { readonly offset: number; readonly kind: 'control'; readonly control: Control };

export interface DeadLetter {
  readonly code: EventErrorCode;
  readonly field: string;
  readonly sizeBytes: number;
  /** Keyed HMAC-SHA-256 of the message, hex: enough to recognise it, nothing of what it said. */
  readonly hmac: string;
}

export interface StateChange {
  /** `tenant|agent`. */
  readonly key: string;
  readonly body: string;
  /** Log-clock time at which a window of this agent falls due; null = none is open. */
  readonly dueMs: number | null;
}

export interface AlertRow {
  readonly id: string;
  readonly revision: 1 | 2;
  readonly key: string;
  readonly windowStartMs: number;
  /** RFC 8785 JSON of the event's data. */
  readonly body: string;
}

/** A scored window, kept for `explain`, retraining and "why no alert at 14:02?". */
export interface ScoreRow {
  readonly key: string;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly fingerprint: string;
  /** JSON: feature rows, base scores, margin, decision, evidence (see detection/archive.ts). */
  readonly body: string;
  /** An early score of a window that is still open: retention leaves it alone until the final row of the same window replaces it. */
  readonly open?: boolean;
}

export interface CommitOutput {
  readonly alerts: readonly AlertRow[];
  readonly scores: readonly ScoreRow[];
  readonly deadLetters: readonly (DeadLetter & { readonly offset: number })[];
}

export interface Commit {
  /** The offset after the last record that this commit covers. */
  readonly next: number;
  readonly state: readonly StateChange[];
  /** The partition's own state (log clock, epochs, counters), JSON. */
  readonly partitionState: string;
  readonly out: CommitOutput;
}

/** The right to process one partition. A newer lease on the same partition fences an older one (`lease_lost`). */
export interface Lease {
  readonly partition: number;
  readonly token: number;
  readonly next: number;
  readonly partitionState: string | null;
  /** Agents with an open window at the committed position. */
  readonly due: readonly { readonly key: string; readonly dueMs: number }[];
}

export interface ReadOptions {
  readonly maxRecords: number;
  /** How long to wait for a first record before an empty batch is returned. */
  readonly maxWaitMs: number;
}

export interface StoredAlert extends AlertRow {
  /** Strictly increasing over all partitions: the cursor of `GET /v1/alerts`. */
  readonly cursor: number;
}

export interface Bus {
  readonly partitions: number;
  /**
   * Whether `append` knows the ids of the whole log. A log with many writers does not: there a repeated event is 'accepted', stands in the log
   * twice and is dropped by the stream, which is a function of the log (stream/window.ts).
   */
  readonly findsDuplicates: boolean;
  /** Appends in order; one outcome per entry; durable when resolved. Ticks that do not pass the largest tick written here are 'duplicate'. */
  append(entries: readonly LogEntry[]): Promise<readonly AppendOutcome[]>;
  /**
   * Takes part in sharing out the partitions: `onAssigned` is told which are this process's, at once and after each change; with a bus of one
   * process they are all of them, for good. What is assigned may be leased; what is not is fenced by whoever leases it next. Ends with `close`.
   */
  join(onAssigned: (partitions: readonly number[]) => void): Promise<void>;
  lease(partition: number): Promise<Lease>;
  read(lease: Lease, next: number, options: ReadOptions): Promise<{ readonly records: readonly LogRecord[]; readonly next: number }>;
  loadState(lease: Lease, keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * The records at these offsets, in this order: those that a loaded state refers to. A bus that forgets what is consumed answers
   * `log_dropped`; one that lets old records go must leave those of open windows (about an hour of log clock).
   */
  readAt(lease: Lease, offsets: readonly number[]): Promise<readonly LogRecord[]>;
  commit(lease: Lease, commit: Commit): Promise<void>;
  /** Alerts after a cursor, oldest first; waits up to maxWaitMs for a first one. */
  alerts(after: number, options: ReadOptions): Promise<readonly StoredAlert[]>;
  /** The last offset written and the committed position of each partition: lag = end − next. */
  positions(): Promise<readonly { readonly partition: number; readonly end: number; readonly next: number }[]>;
  close(): Promise<void>;
}

export interface StoredDeadLetter extends DeadLetter {
  /** Strictly increasing; a gap means that older letters were dropped to keep their number bounded. */
  readonly cursor: number;
  /** Where the message stands in the log; null = it was refused before the log. */
  readonly partition: number | null;
  readonly offset: number | null;
}

export interface PartitionState {
  readonly partition: number;
  /** The committed position, and the end of the log. */
  readonly next: number;
  readonly end: number;
  readonly partitionState: string | null;
  /** Agents with an open window at the committed position. */
  readonly openAgents: number;
}

/** Reading beside the writer, wherever the log is: `verify`, `explain`, `replay`, `dead-letters`. It never writes and never blocks the writer. */
export interface LogReader {
  readonly partitions: number;
  partitionStates(): Promise<readonly PartitionState[]>;
  /** The records from offset `from` up to `to` (exclusive; default the end as it is at the call), in pages of some hundreds. */
  readLog(partition: number, from: number, to?: number): AsyncIterable<readonly LogRecord[]>;
  /** Alerts after a cursor, oldest first. */
  alerts(after: number, maxRecords: number): Promise<readonly StoredAlert[]>;
  /** The score of the window of this agent that holds the event time; null where none is kept. */
  scoreAt(key: string, timeMs: number): Promise<ScoreRow | null>;
  scoreOfAlert(id: string): Promise<ScoreRow | null>;
  deadLetters(after: number, maxRecords: number): Promise<readonly StoredDeadLetter[]>;
  close(): Promise<void>;
}

/** The same where the log is a file beside: answers come at once. `logReader` makes a `LogReader` of it. */
export interface BusReader {
  readonly partitions: number;
  partitionStates(): readonly PartitionState[];
  /** The records from offset `from` up to `to` (exclusive; default the end), read in pages. */
  readLog(partition: number, from: number, to?: number): IterableIterator<LogRecord>;
  /** Alerts after a cursor, oldest first. */
  alerts(after: number, maxRecords: number): readonly StoredAlert[];
  /** The score of the window of this agent that holds the event time; null where none is kept. */
  scoreAt(key: string, timeMs: number): ScoreRow | null;
  scoreOfAlert(id: string): ScoreRow | null;
  deadLetters(after: number, maxRecords: number): readonly StoredDeadLetter[];
  close(): void;
}
