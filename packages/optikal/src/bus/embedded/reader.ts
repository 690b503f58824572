/**
 * Reading bus.db beside its writer, from any process. With `snapshot` everything that one reader returns is of the moment it was
 * opened: committed positions, alerts and the log up to them fit together. A snapshot holds the WAL back, so it should not stay open for hours.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { checkMaxRecords, checkPartition, checkRead } from '../checks.ts';
import type { BusReader, LogRecord, PartitionState, ScoreRow, StoredAlert, StoredDeadLetter } from '../contract.ts';
import { requireBusFile } from './data-dir.ts';
import { readAlerts, SELECT_ALERTS } from './database.ts';
import { decodePage, readEnd, readPage, SELECT_LAST, SELECT_LOG } from './log-table.ts';
import { openForReading, readPartitions } from './schema.ts';
import { fromSqlite } from './sqlite-error.ts';

const PAGE_RECORDS = 512;
const SCORE_COLUMNS = `s.key, s.window_start_ms AS windowStartMs, s.window_end_ms AS windowEndMs, s.fingerprint, s.body, s.open`;

export interface ReaderOptions {
  /** One consistent moment for all that is read. Default false: each call sees the newest. */
  readonly snapshot?: boolean;
}

export function openEmbeddedReader(dataDir: string, { snapshot = false }: ReaderOptions = {}): BusReader {
  const path = requireBusFile(dataDir);
  try {
    const db = openForReading(path);
    // The first read after BEGIN fixes the moment.
    if (snapshot) db.exec('BEGIN; SELECT 1 FROM meta');
    return new EmbeddedReader(db, path);
  } catch (error) {
    throw fromSqlite(error, path);
  }
}

export class EmbeddedReader implements BusReader {
  readonly partitions: number;
  protected readonly db: DatabaseSync;
  private readonly path: string;
  private readonly selectLog: StatementSync;
  private readonly selectLast: StatementSync;

  constructor(db: DatabaseSync, path: string) {
    this.db = db;
    this.path = path;
    this.partitions = readPartitions(db);
    this.selectLog = db.prepare(SELECT_LOG);
    this.selectLog.setReturnArrays(true);
    this.selectLast = db.prepare(SELECT_LAST);
  }

  partitionStates(): readonly PartitionState[] {
    const openAgents = 'SELECT count(*) FROM state s WHERE s.partition = p.partition AND s.due_ms IS NOT NULL';
    const sql = `SELECT partition, next, body AS partitionState, (${openAgents}) AS openAgents FROM partition_state p ORDER BY partition`;
    const rows = this.guard(() => this.db.prepare(sql).all());
    // The columns are named as the fields.
    return (rows as unknown as Omit<PartitionState, 'end'>[]).map((row) => ({ ...row, end: this.end(row.partition) }));
  }

  *readLog(partition: number, from: number, to?: number): Generator<LogRecord> {
    checkPartition(partition, this.partitions);
    checkRead(partition, from, this.end(partition));
    const stop = Math.min(to ?? Number.POSITIVE_INFINITY, this.end(partition));
    for (let next = from; next < stop; ) {
      const page = decodePage(this.guard(() => readPage(this.selectLog, partition, next, stop, PAGE_RECORDS)));
      yield* page;
      next += page.length;
    }
  }

  alerts(after: number, maxRecords: number): readonly StoredAlert[] {
    checkMaxRecords(maxRecords);
    return this.guard(() => readAlerts(this.db.prepare(SELECT_ALERTS), after, maxRecords));
  }

  scoreAt(key: string, timeMs: number): ScoreRow | null {
    return this.score(
      'FROM scores s WHERE s.key = ? AND s.window_start_ms <= ? AND s.window_end_ms > ? ORDER BY s.window_start_ms DESC LIMIT 1',
      key,
      timeMs,
      timeMs,
    );
  }

  scoreOfAlert(id: string): ScoreRow | null {
    return this.score('FROM alerts a JOIN scores s ON s.key = a.key AND s.window_start_ms = a.window_start_ms WHERE a.id = ? LIMIT 1', id);
  }

  deadLetters(after: number, maxRecords: number): readonly StoredDeadLetter[] {
    checkMaxRecords(maxRecords);
    const sql = `SELECT cursor, partition, offset, code, field, size_bytes AS sizeBytes, hmac
      FROM dead_letters WHERE cursor > ? ORDER BY cursor LIMIT ?`;
    // The columns are named as the fields; code was an EventErrorCode when it was written.
    const rows = this.guard(() => this.db.prepare(sql).all(after, maxRecords)) as unknown as StoredDeadLetter[];
    return rows.map((row) => ({ ...row }));
  }

  close(): void {
    this.db.close();
  }

  protected end(partition: number): number {
    return this.guard(() => readEnd(this.selectLast, partition));
  }

  private score(from: string, ...values: (string | number)[]): ScoreRow | null {
    const row = this.guard(() => this.db.prepare(`SELECT ${SCORE_COLUMNS} ${from}`).get(...values));
    if (row === undefined) return null;
    const { open, ...score } = row as unknown as Omit<ScoreRow, 'open'> & { open: number }; // the columns are named as the fields
    return open === 1 ? { ...score, open: true } : score;
  }

  protected guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw fromSqlite(error, this.path);
    }
  }
}
