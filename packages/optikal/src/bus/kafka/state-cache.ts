/**
 * The state topic of one partition as a local file, so that a lease need not read all of it and an agent is loaded by its key. A cache and
 * nothing more: it says up to which offsets it holds, and one that is missing, damaged, of another cluster or of another topic is made anew.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AlertRow, StateChange } from '../contract.ts';
import type { PositionRecord } from './output-records.ts';

const FORMAT = '1';
/** Rows in one transaction: some milliseconds. */
const WRITTEN_AT_ONCE = 128;
/** What may wait to be written: memory, and records of the topic that a start after a crash reads again. */
interface Waiting {
  readonly rows: number;
  readonly bytes: number;
  readonly records: number;
}
const WAITING: Waiting = { rows: 8192, bytes: 24 * 1_048_576, records: 32_768 };
/** NORMAL: after a power cut the newest transactions may be missing, which the offsets tell; never half of one. */
const SETUP = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA page_size = 8192; PRAGMA cache_size = -8192;
  CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS state(key TEXT PRIMARY KEY, due_ms INTEGER, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS state_due ON state(due_ms, key) WHERE due_ms IS NOT NULL;
  CREATE TABLE IF NOT EXISTS alerts(name TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
`;

/** What one read of the topics or one commit changes. */
export interface CacheChange {
  readonly state: readonly StateChange[];
  readonly alerts: readonly AlertRow[];
  readonly position: PositionRecord | null;
  /** Offsets to go on from in the topics of state and alerts; null = as before. */
  readonly stateTo: number | null;
  readonly alertsTo: number | null;
}

interface Pending extends StateChange {
  readonly offset: number;
}

export const NO_CHANGE: CacheChange = { state: [], alerts: [], position: null, stateTo: null, alertsTo: null };

export class StateCache {
  private readonly db: DatabaseSync;
  private readonly putMeta: StatementSync;
  private readonly getMeta: StatementSync;
  private readonly putState: StatementSync;
  private readonly getState: StatementSync;
  private readonly putAlert: StatementSync;
  private readonly getAlert: StatementSync;
  /** Committed and not in the file yet, the oldest first; an agent that is written again and again goes into the file now and then. */
  private readonly pending = new Map<string, Pending>();
  private pendingBytes = 0;
  /** What the file goes on from once nothing is pending. */
  private latest: { readonly position: PositionRecord; readonly stateTo: number } | null = null;

  private constructor(db: DatabaseSync) {
    this.db = db;
    this.putMeta = db.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value');
    this.getMeta = db.prepare('SELECT value FROM meta WHERE name = ?');
    this.putState = db.prepare(
      'INSERT INTO state(key, due_ms, body) VALUES (?, ?, ?) ON CONFLICT(key) DO UPDATE SET due_ms = excluded.due_ms, body = excluded.body',
    );
    this.getState = db.prepare('SELECT body FROM state WHERE key = ?');
    this.putAlert = db.prepare('INSERT INTO alerts VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.getAlert = db.prepare('SELECT digest FROM alerts WHERE name = ?');
  }

  /** `identity` names the cluster and the topics whose cache this is. */
  static open(path: string, identity: string): StateCache {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    try {
      const cache = StateCache.at(path);
      if (cache.meta('identity') === `${FORMAT} ${identity}` && cache.isSound()) return cache;
      cache.close();
    } catch {
      // Not a database, or a damaged one: made anew below.
    }
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    const fresh = StateCache.at(path);
    fresh.putMeta.run('identity', `${FORMAT} ${identity}`);
    return fresh;
  }

  private static at(path: string): StateCache {
    const db = new DatabaseSync(path, { timeout: 5000 });
    try {
      db.exec(SETUP);
      return new StateCache(db);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  get stateTo(): number {
    return Number(this.meta('state_to') ?? 0);
  }

  get alertsTo(): number {
    return Number(this.meta('alerts_to') ?? 0);
  }

  get position(): PositionRecord | null {
    const text = this.meta('position');
    return text === null ? null : (JSON.parse(text) as PositionRecord); // written by `apply` alone
  }

  due(): { readonly key: string; readonly dueMs: number }[] {
    const rows = this.db.prepare('SELECT key, due_ms AS dueMs FROM state WHERE due_ms IS NOT NULL ORDER BY due_ms, key').all();
    return rows.map(({ key, dueMs }) => ({ key: String(key), dueMs: Number(dueMs) }));
  }

  load(keys: readonly string[]): Map<string, string> {
    const found = new Map<string, string>();
    for (const key of keys) {
      const waiting = this.pending.get(key);
      const row = waiting === undefined ? this.getState.get(key) : waiting;
      if (row !== undefined) found.set(key, String(row.body));
    }
    return found;
  }

  /** A commit that is durable: `offsets` are those of its states. It is seen at once, and written by and by (`writeSome`). */
  keep({ state, alerts, position, stateTo, alertsTo }: CacheChange, offsets: readonly number[]): void {
    for (const [n, change] of state.entries()) {
      const before = this.pending.get(change.key);
      if (before !== undefined) this.forget(before);
      this.pending.set(change.key, { ...change, offset: offsets[n] });
      this.pendingBytes += change.body.length;
    }
    if (position !== null && stateTo !== null) this.latest = { position, stateTo };
    if (alerts.length > 0) this.apply({ ...NO_CHANGE, alerts, alertsTo });
  }

  /**
   * Writes some of what waits longest, in one transaction. True = there is more than should wait. INVARIANT: the file says to go on from the
   * oldest of what is left, so a start after a crash reads that again and what came after it.
   */
  writeSome(limits: Waiting = WAITING): boolean {
    const some: Pending[] = [];
    // One iterator for all: a new one walks over everything that was deleted before.
    const waiting = this.pending.values();
    let left = waiting.next().value;
    for (; left !== undefined && some.length < WRITTEN_AT_ONCE && this.exceeds(limits, left); left = waiting.next().value) {
      some.push(left);
      this.forget(left);
    }
    const latest = left === undefined ? this.latest : null;
    if (some.length === 0 && latest === null) return false;
    this.apply({ ...NO_CHANGE, state: some, position: latest?.position ?? null, stateTo: latest?.stateTo ?? left?.offset ?? null });
    if (latest !== null) this.latest = null;
    return left !== undefined && this.exceeds(limits, left);
  }

  /** Writes all that waits, some at a time: others work on meanwhile. */
  async flush(): Promise<void> {
    while (this.writeSome({ rows: 0, bytes: 0, records: 0 })) await nextTurn();
  }

  private exceeds({ rows, bytes, records }: Waiting, oldest: Pending): boolean {
    return this.pending.size > rows || this.pendingBytes > bytes || oldest.offset < (this.latest?.stateTo ?? 0) - records;
  }

  private forget(change: Pending): void {
    this.pending.delete(change.key);
    this.pendingBytes -= change.body.length;
  }

  /** Whether this alert is there: with this body, with another one, or not at all. */
  knows(alert: AlertRow): 'same' | 'other' | 'not' {
    const row = this.getAlert.get(alertName(alert));
    if (row === undefined) return 'not';
    return row.digest === digestOf(alert.body) ? 'same' : 'other';
  }

  apply({ state, alerts, position, stateTo, alertsTo }: CacheChange): void {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      for (const { key, dueMs, body } of state) this.putState.run(key, dueMs, body);
      for (const alert of alerts) this.putAlert.run(alertName(alert), digestOf(alert.body));
      if (position !== null) this.putMeta.run('position', JSON.stringify(position));
      if (stateTo !== null) this.putMeta.run('state_to', String(stateTo));
      if (alertsTo !== null) this.putMeta.run('alerts_to', String(alertsTo));
      this.db.exec('COMMIT');
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Forgets everything but whose cache it is. */
  reset(): void {
    this.db.exec("BEGIN; DELETE FROM state; DELETE FROM alerts; DELETE FROM meta WHERE name <> 'identity'; COMMIT");
  }

  close(): void {
    this.db.close();
  }

  /** A file that was cut short or overwritten answers some questions and fails others later. */
  private isSound(): boolean {
    return this.db.prepare('PRAGMA quick_check(1)').get()?.quick_check === 'ok';
  }

  private meta(name: string): string | null {
    const row = this.getMeta.get(name);
    return row === undefined ? null : String(row.value);
  }
}

export function alertName({ id, revision }: Pick<AlertRow, 'id' | 'revision'>): string {
  return `${id}.${revision}`;
}

function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('base64');
}
