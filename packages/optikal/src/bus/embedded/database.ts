/**
 * The embedded bus without its thread: plain synchronous calls on one SQLite file. INVARIANT: what a call returned is durable; of a call
 * that threw a `BusError` nothing is written (after `bus_io` only the next opening tells).
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { failpoint } from '../../observability/failpoint.ts';
import { checkCommit, checkLease, checkMaxRecords, checkOffsets, checkPartition, checkRead } from '../checks.ts';
import type { AlertRow, AppendOutcome, Commit, StoredAlert } from '../contract.ts';
import { ID_LIMITS, type IdLimits } from '../id-index.ts';
import { checkPartitions } from '../partition.ts';
import { CommitWriter } from './commit-writer.ts';
import { busFile, lockDataDir } from './data-dir.ts';
import { type LogPage, readPage, readPlaces, SELECT_LOG } from './log-table.ts';
import { type EncodedBatch, LogWriter } from './log-writer.ts';
import { type OpenOptions, openForWriting, readMeta } from './schema.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits, type ArchiveTotals } from './score-table.ts';
import { fromSqlite } from './sqlite-error.ts';

/** A deliberate defect, to prove that the crash tests would find it. The worker sets it from OPTIKAL_MUTANT; nothing else does. */
export type Mutant = 'offset_before_alerts';

export interface DatabaseOptions extends OpenOptions, Partial<ArchiveLimits>, Partial<IdLimits> {
  readonly dataDir: string;
  readonly mutantForTests?: Mutant;
}

/** A `Lease` in columns: 100,000 objects would be slow to clone between threads. */
export interface LeasedPartition {
  readonly token: number;
  readonly next: number;
  readonly partitionState: string | null;
  readonly dueKeys: readonly string[];
  readonly dueMs: readonly number[];
}

export class BusDatabase {
  readonly partitions: number;
  readonly hmacKey: string;
  private readonly path: string;
  private readonly mutant: Mutant | undefined;
  private readonly lock: { release(): void };
  private readonly db: DatabaseSync;
  private readonly log: LogWriter;
  private readonly output: CommitWriter;
  private archive: ArchiveTotals;
  private readonly begin: StatementSync;
  private readonly end: StatementSync;
  private readonly takeLease: StatementSync;
  private readonly selectPartition: StatementSync;
  private readonly selectDue: StatementSync;
  private readonly selectState: StatementSync;
  private readonly selectLog: StatementSync;
  private readonly selectAlerts: StatementSync;

  constructor(options: DatabaseOptions) {
    checkPartitions(options.partitions);
    this.partitions = options.partitions;
    this.path = busFile(options.dataDir);
    this.mutant = options.mutantForTests;
    this.lock = lockDataDir(options.dataDir);
    let opened: DatabaseSync | undefined;
    try {
      const db = openForWriting(this.path, options);
      opened = db;
      this.db = db;
      this.hmacKey = readMeta(db, 'hmac_key');
      this.log = new LogWriter(db, options.partitions, { ...ID_LIMITS, ...options });
      this.output = new CommitWriter(db, { ...ARCHIVE_LIMITS, ...options });
      this.archive = this.output.readTotals();
      this.begin = db.prepare('BEGIN IMMEDIATE');
      this.end = db.prepare('COMMIT');
      this.takeLease = db.prepare('UPDATE partition_state SET token = token + 1 WHERE partition = ?');
      this.selectPartition = arrays(db, 'SELECT token, next, body FROM partition_state WHERE partition = ?');
      this.selectDue = arrays(db, 'SELECT key, due_ms FROM state WHERE partition = ? AND due_ms IS NOT NULL ORDER BY due_ms, key');
      this.selectState = arrays(db, 'SELECT body FROM state WHERE key = ?');
      this.selectLog = arrays(db, SELECT_LOG);
      this.selectAlerts = db.prepare(SELECT_ALERTS);
    } catch (error) {
      opened?.close();
      this.lock.release();
      throw fromSqlite(error, this.path);
    }
  }

  get ends(): readonly number[] {
    return this.log.ends;
  }

  append(batch: EncodedBatch): { readonly outcomes: readonly AppendOutcome[]; readonly ends: readonly number[] } {
    const mark = this.log.idEnd;
    try {
      const appended = this.transaction(() => {
        const written = this.log.write(batch);
        this.output.writeLetters(written.letters, null);
        failpoint('bus.append.before_commit');
        return written;
      });
      failpoint('bus.append.after_commit');
      this.log.keep(appended);
      return { outcomes: appended.outcomes, ends: appended.ends };
    } catch (error) {
      this.log.revert(mark);
      throw error;
    }
  }

  lease(partition: number): LeasedPartition {
    checkPartition(partition, this.partitions);
    this.transaction(() => this.takeLease.run(partition));
    failpoint('bus.restore');
    const { token, next, body } = this.position(partition);
    const rows = this.guard(() => this.selectDue.all(partition)) as unknown as [string, number][]; // the columns of selectDue
    return { token, next, partitionState: body, dueKeys: rows.map(([key]) => key), dueMs: rows.map(([, dueMs]) => dueMs) };
  }

  read(partition: number, token: number, next: number, maxRecords: number): LogPage {
    checkMaxRecords(maxRecords);
    this.held(partition, token);
    checkRead(partition, next, this.log.ends[partition]);
    return this.guard(() => readPage(this.selectLog, partition, next, this.log.ends[partition], maxRecords));
  }

  /** The records at these offsets, or the first of them. */
  readAt(partition: number, token: number, offsets: readonly number[]): Omit<LogPage, 'first'> {
    this.held(partition, token);
    checkOffsets(partition, offsets, this.log.ends[partition]);
    return this.guard(() => readPlaces(this.selectLog, partition, offsets));
  }

  /** One body per key, null where there is none. */
  loadState(partition: number, token: number, keys: readonly string[]): (string | null)[] {
    this.held(partition, token);
    return this.guard(() =>
      keys.map((key) => {
        const row = this.selectState.get(key) as unknown as [string] | undefined; // one TEXT column, as an array
        return row === undefined ? null : row[0];
      }),
    );
  }

  /** Returns how many of its alerts are new. */
  commit(partition: number, token: number, commit: Commit): number {
    const { next } = this.held(partition, token);
    checkCommit(commit, { partition, next, end: this.log.ends[partition] }, this.partitions);
    if (this.mutant === 'offset_before_alerts') this.transaction(() => this.output.writePosition(partition, commit));
    const written = this.transaction(() => {
      failpoint('bus.commit.begin');
      const output = this.output.writeOutput(partition, commit, this.archive);
      this.output.writePosition(partition, commit);
      failpoint('bus.commit.before_commit');
      return output;
    });
    failpoint('bus.commit.after_commit');
    this.archive = written.archive;
    return written.alertCount;
  }

  alerts(after: number, maxRecords: number): StoredAlert[] {
    checkMaxRecords(maxRecords);
    return this.guard(() => readAlerts(this.selectAlerts, after, maxRecords));
  }

  positions(): { readonly partition: number; readonly end: number; readonly next: number }[] {
    return this.log.ends.map((end, partition) => ({ partition, end, next: this.position(partition).next }));
  }

  /** For tests: what `maxPageCount` does, on an open file. */
  limitPagesForTests(maxPageCount: number): void {
    this.db.exec(`PRAGMA max_page_count = ${maxPageCount}`);
  }

  close(): void {
    this.db.close();
    this.lock.release();
  }

  private held(partition: number, token: number): { readonly next: number } {
    checkPartition(partition, this.partitions);
    const at = this.position(partition);
    checkLease(partition, token, at.token);
    return at;
  }

  private position(partition: number): { token: number; next: number; body: string | null } {
    const row = this.guard(() => this.selectPartition.get(partition));
    const [token, next, body] = row as unknown as [number, number, string | null]; // the columns of selectPartition; each partition has its row
    return { token, next, body };
  }

  private transaction<T>(work: () => T): T {
    return this.guard(() => {
      this.begin.run();
      try {
        const result = work();
        this.end.run();
        return result;
      } catch (error) {
        // A full disk may have rolled it back already.
        if (this.db.isTransaction) this.db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  private guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw fromSqlite(error, this.path);
    }
  }
}

export const SELECT_ALERTS =
  'SELECT cursor, id, revision, key, window_start_ms AS windowStartMs, body FROM alerts WHERE cursor > ? ORDER BY cursor LIMIT ?';

export function readAlerts(select: StatementSync, after: number, maxRecords: number): StoredAlert[] {
  // The columns are named as the fields; revision was an AlertRow's when it was written.
  const rows = select.all(after, maxRecords) as unknown as (AlertRow & { cursor: number })[];
  return rows.map((row) => ({ ...row }));
}

function arrays(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}
