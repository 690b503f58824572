/** Reading the archive of scored windows beside its writer: the newest ones first, one at a time, so that memory does not grow with them. */
import type { ScoreRow } from '../contract.ts';
import { requireBusFile } from './data-dir.ts';
import { EmbeddedReader } from './reader.ts';
import { openForReading } from './schema.ts';
import { fromSqlite } from './sqlite-error.ts';

/** Errors: data_dir_missing, format_unsupported, bus_corrupt, bus_io. */
export function openArchiveReader(dataDir: string): ArchiveReader {
  const path = requireBusFile(dataDir);
  try {
    const db = openForReading(path);
    // All that is read is of one moment: the first read after BEGIN fixes it.
    db.exec('BEGIN; SELECT 1 FROM meta');
    return new ArchiveReader(db, path);
  } catch (error) {
    throw fromSqlite(error, path);
  }
}

export class ArchiveReader extends EmbeddedReader {
  /** The end of the newest closed window; null = there is none. */
  newestMs(): number | null {
    const row = this.guard(() => this.db.prepare('SELECT max(window_end_ms) AS newest FROM scores WHERE open = 0').get());
    return row === undefined || row.newest === null ? null : Number(row.newest);
  }

  /** How many closed windows that end after `afterMs` each bundle judged. */
  judgedBy(afterMs: number): ReadonlyMap<string, number> {
    const sql =
      'SELECT fingerprint, count(*) AS count FROM scores WHERE open = 0 AND window_end_ms > ? GROUP BY fingerprint ORDER BY fingerprint';
    return new Map(this.guard(() => this.db.prepare(sql).all(afterMs)).map((row) => [String(row.fingerprint), Number(row.count)]));
  }

  /** Closed windows that end after `afterMs`, newest first; of one bundle, where it is named. */
  *scored(afterMs: number, fingerprint: string | null): Generator<ScoreRow> {
    const sql = `SELECT key, window_start_ms AS windowStartMs, window_end_ms AS windowEndMs, fingerprint, body FROM scores
      WHERE open = 0 AND window_end_ms > ? AND (? IS NULL OR fingerprint = ?) ORDER BY window_end_ms DESC, key`;
    const statement = this.guard(() => this.db.prepare(sql));
    const rows = this.guard(() => statement.iterate(afterMs, fingerprint, fingerprint));
    for (;;) {
      const next = this.guard(() => rows.next());
      if (next.done === true) return;
      yield next.value as unknown as ScoreRow; // the columns are named as the fields
    }
  }
}
