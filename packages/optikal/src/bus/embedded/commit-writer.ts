/** The statements of a commit: agent state, alerts, scores, dead letters, position. All run inside one transaction of the caller. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { failpoint } from '../../observability/failpoint.ts';
import { alertConflict } from '../checks.ts';
import type { AlertRow, Commit, DeadLetter } from '../contract.ts';
import { type ArchiveLimits, type ArchiveTotals, ScoreTable } from './score-table.ts';

/** Dead letters kept: whoever sends rubbish must not fill the disk. The cursor shows how many there were. */
const DEAD_LETTER_COUNT = 100_000;

export interface Written {
  readonly alertCount: number;
  readonly archive: ArchiveTotals;
}

export class CommitWriter {
  private readonly putState: StatementSync;
  private readonly putAlert: StatementSync;
  private readonly sameAlert: StatementSync;
  private readonly putLetter: StatementSync;
  private readonly dropLetters: StatementSync;
  private readonly putPosition: StatementSync;
  private readonly scores: ScoreTable;

  constructor(db: DatabaseSync, limits: ArchiveLimits) {
    this.putState = db.prepare(
      `INSERT INTO state(key, partition, due_ms, body) VALUES (?, ?, ?, ?)
       ON CONFLICT(key) DO UPDATE SET due_ms = excluded.due_ms, body = excluded.body`,
    );
    this.putAlert = db.prepare(
      'INSERT INTO alerts(id, revision, key, window_start_ms, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT(id, revision) DO NOTHING',
    );
    this.sameAlert = db.prepare('SELECT 1 FROM alerts WHERE id = ? AND revision = ? AND body = ?');
    this.putLetter = db.prepare('INSERT INTO dead_letters(partition, offset, code, field, size_bytes, hmac) VALUES (?, ?, ?, ?, ?, ?)');
    this.dropLetters = db.prepare('DELETE FROM dead_letters WHERE cursor <= (SELECT max(cursor) FROM dead_letters) - ?');
    this.putPosition = db.prepare('UPDATE partition_state SET next = ?, body = ? WHERE partition = ?');
    this.scores = new ScoreTable(db, limits);
  }

  readTotals(): ArchiveTotals {
    return this.scores.readTotals();
  }

  writeOutput(partition: number, { state, out }: Commit, totals: ArchiveTotals): Written {
    for (const { key, body, dueMs } of state) this.putState.run(key, partition, dueMs, body);
    failpoint('bus.commit.after_state');
    let alertCount = 0;
    for (const alert of out.alerts) alertCount += this.writeAlert(alert);
    failpoint('bus.commit.after_alerts');
    const archive = this.scores.write(out.scores, totals);
    this.writeLetters(out.deadLetters, partition);
    return { alertCount, archive };
  }

  writePosition(partition: number, { next, partitionState }: Commit): void {
    this.putPosition.run(next, partitionState, partition);
  }

  writeLetters(letters: readonly (DeadLetter & { readonly offset?: number })[], partition: number | null): void {
    for (const { offset, code, field, sizeBytes, hmac } of letters)
      this.putLetter.run(partition, offset ?? null, code, field, sizeBytes, hmac);
    if (letters.length > 0) this.dropLetters.run(DEAD_LETTER_COUNT);
  }

  /** 1 if it is new, 0 if it was there with the same body. */
  private writeAlert({ id, revision, key, windowStartMs, body }: AlertRow): number {
    if (this.putAlert.run(id, revision, key, windowStartMs, body).changes === 1) return 1;
    if (this.sameAlert.get(id, revision, body) === undefined) throw alertConflict(id, revision);
    return 0;
  }
}
