/**
 * Scored windows, and how long they stay: `archiveDays` of event time and `archiveBytes`, oldest first, never a window that is still
 * open. Each commit deletes a few more rows than it adds, so that retention never stops the bus.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ScoreRow } from '../contract.ts';

const DAY_MS = 86_400_000;

export interface ArchiveLimits {
  /** Days of event time a scored window is kept, above 0. Default 7. */
  readonly archiveDays: number;
  /** Bytes of scored windows kept, above 0. Default 2 GB. */
  readonly archiveBytes: number;
}
export const ARCHIVE_LIMITS: ArchiveLimits = { archiveDays: 7, archiveBytes: 2e9 };

/** What retention needs to know of the table; kept beside it, because counting a million rows at each commit would be slow. */
export interface ArchiveTotals {
  readonly bytes: number;
  readonly newestMs: number;
}

export class ScoreTable {
  private readonly limits: ArchiveLimits;
  private readonly insert: StatementSync;
  private readonly sizeOf: StatementSync;
  private readonly replace: StatementSync;
  private readonly oldest: StatementSync;
  private readonly remove: StatementSync;
  private readonly totals: StatementSync;

  constructor(db: DatabaseSync, limits: ArchiveLimits) {
    this.limits = limits;
    this.insert = db.prepare('INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
    this.sizeOf = db.prepare('SELECT size_bytes FROM scores WHERE key = ? AND window_start_ms = ?');
    this.replace = db.prepare(
      'UPDATE scores SET window_end_ms = ?, fingerprint = ?, open = ?, size_bytes = ?, body = ? WHERE key = ? AND window_start_ms = ?',
    );
    this.oldest = db.prepare('SELECT rowid, window_end_ms, size_bytes FROM scores WHERE open = 0 ORDER BY window_end_ms LIMIT ?');
    this.oldest.setReturnArrays(true);
    this.remove = db.prepare('DELETE FROM scores WHERE rowid = ?');
    this.totals = db.prepare('SELECT sum(size_bytes) AS bytes, max(window_end_ms) AS newest FROM scores INDEXED BY scores_age');
  }

  readTotals(): ArchiveTotals {
    const row = this.totals.get();
    return { bytes: Number(row?.bytes ?? 0), newestMs: Number(row?.newest ?? 0) };
  }

  /** Inside a transaction: writes the rows, deletes what is too old or too much, returns the totals that hold once it is committed. */
  write(scores: readonly ScoreRow[], totals: ArchiveTotals): ArchiveTotals {
    if (scores.length === 0) return totals;
    let { bytes, newestMs } = totals;
    for (const score of scores) {
      bytes += this.upsert(score);
      newestMs = Math.max(newestMs, score.windowEndMs);
    }
    const cutMs = newestMs - this.limits.archiveDays * DAY_MS;
    const doomed: number[] = [];
    for (const row of this.oldest.iterate(2 * scores.length + 16)) {
      const [rowid, endMs, sizeBytes] = row as unknown as [number, number, number]; // the columns of `oldest`, all INTEGER
      if (endMs >= cutMs && bytes <= this.limits.archiveBytes) break;
      doomed.push(rowid);
      bytes -= sizeBytes;
    }
    for (const rowid of doomed) this.remove.run(rowid);
    return { bytes, newestMs };
  }

  /** Returns by how many bytes the table grew. */
  private upsert({ key, windowStartMs, windowEndMs, fingerprint, body, open = false }: ScoreRow): number {
    const flag = open ? 1 : 0;
    const sizeBytes = Buffer.byteLength(body);
    if (this.insert.run(key, windowStartMs, windowEndMs, fingerprint, flag, sizeBytes, body).changes === 1) return sizeBytes;
    const before = Number(this.sizeOf.get(key, windowStartMs)?.size_bytes);
    this.replace.run(windowEndMs, fingerprint, flag, sizeBytes, body, key, windowStartMs);
    return sizeBytes - before;
  }
}
