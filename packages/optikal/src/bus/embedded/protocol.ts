/** What the client and the thread that owns bus.db say to each other. Every request has one reply; replies come in order. */
import type { AppendOutcome, Commit, StoredAlert } from '../contract.ts';
import type { BusErrorCode } from '../errors.ts';
import type { DatabaseOptions, LeasedPartition } from './database.ts';
import type { LogPage } from './log-table.ts';
import type { EncodedBatch } from './log-writer.ts';

export type WorkerOptions = Omit<DatabaseOptions, 'mutantForTests'>;

/** A part of a commit, sent ahead: one message with the state of 100,000 agents would hold the event loop. */
export type CommitPart = Pick<Commit, 'state'> & Pick<Commit['out'], 'scores'>;

export interface Operations {
  append: { args: [batch: EncodedBatch]; result: { outcomes: readonly AppendOutcome[]; ends: readonly number[] } };
  lease: { args: [partition: number]; result: LeasedPartition };
  read: { args: [partition: number, token: number, next: number, maxRecords: number]; result: LogPage };
  loadState: { args: [partition: number, token: number, keys: readonly string[]]; result: readonly (string | null)[] };
  /** A reply ends where it is long enough; the client asks on. */
  readAt: { args: [partition: number, token: number, offsets: readonly number[]]; result: Omit<LogPage, 'first'> };
  commit: { args: [partition: number, token: number, commit: Commit, serial: number]; result: number };
  /** Holds a part back for the commit of the same serial number. */
  stage: { args: [serial: number, part: CommitPart]; result: null };
  alerts: { args: [after: number, maxRecords: number]; result: readonly StoredAlert[] };
  positions: { args: []; result: readonly { readonly partition: number; readonly end: number; readonly next: number }[] };
  close: { args: []; result: null };
}
export type Operation = keyof Operations;

export type Request = { [K in Operation]: { readonly id: number; readonly op: K; readonly args: Operations[K]['args'] } }[Operation];

export interface Failure {
  readonly code: BusErrorCode;
  readonly message: string;
}

export type Reply =
  | { readonly id: number; readonly result: Operations[Operation]['result'] }
  | { readonly id: number; readonly failure: Failure };

/** The first message of the worker. */
export type Greeting =
  | { readonly ready: true; readonly hmacKey: string; readonly ends: readonly number[] }
  | { readonly ready: false; readonly failure: Failure };
