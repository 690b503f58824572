/**
 * The alerts of all partitions as one list with an increasing cursor. Kafka orders a partition only, so the list is made here, in the order in
 * which alerts are seen, and kept: a cursor that was handed out stays true for this data folder. It can be made anew, then with other cursors.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkMaxRecords } from '../checks.ts';
import type { AlertRow, ReadOptions, StoredAlert } from '../contract.ts';
import { BusError } from '../errors.ts';
import { Signal } from '../signal.ts';
import { LONG_POLL_MS } from './client.ts';
import { Fetcher } from './fetcher.ts';
import type { ResolvedConnection } from './options.ts';
import { decodeAlert } from './output-records.ts';

const FORMAT = '1';
const FETCH_BYTES = 1_048_576;
const SETUP = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS places(partition INTEGER PRIMARY KEY, next INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS alerts(
    cursor INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, revision INTEGER NOT NULL, key TEXT NOT NULL,
    window_start_ms INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE(id, revision)
  );
`;

export interface AlertListOptions {
  readonly connection: ResolvedConnection;
  readonly topic: string;
  readonly partitions: number;
  /** Empty = a temporary file that goes with the list. */
  readonly path: string;
  /** Names the cluster and the topic whose list this is. */
  readonly identity: string;
}

export class AlertList {
  private readonly options: AlertListOptions;
  private readonly db: DatabaseSync;
  private readonly put: StatementSync;
  private readonly putPlace: StatementSync;
  private readonly select: StatementSync;
  private readonly fetcher: Fetcher;
  private readonly places = new Map<number, number>();
  private readonly moved = new Signal();
  private readonly wanted = new Map<number, number>();
  private following: Promise<void> | null = null;
  private failure: BusError | null = null;
  private closed = false;

  constructor(options: AlertListOptions) {
    this.options = options;
    this.db = open(options.path, `${FORMAT} ${options.identity}`);
    this.put = this.db.prepare(
      'INSERT INTO alerts(id, revision, key, window_start_ms, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT(id, revision) DO NOTHING',
    );
    this.putPlace = this.db.prepare('INSERT INTO places VALUES (?, ?) ON CONFLICT(partition) DO UPDATE SET next = excluded.next');
    this.select = this.db.prepare(
      'SELECT cursor, id, revision, key, window_start_ms AS windowStartMs, body FROM alerts WHERE cursor > ? ORDER BY cursor LIMIT ?',
    );
    for (const { partition, next } of this.db.prepare('SELECT partition, next FROM places').all())
      this.places.set(Number(partition), Number(next));
    this.fetcher = new Fetcher(options.connection, { committed: true });
  }

  /** Our own commit: what stands before `end` is there for certain, so nobody is answered without it. */
  expect(partition: number, end: number): void {
    this.wanted.set(partition, Math.max(end, this.wanted.get(partition) ?? 0));
  }

  /** As `Bus.alerts`. The first call starts following the topic. */
  async read(after: number, { maxRecords, maxWaitMs }: ReadOptions): Promise<readonly StoredAlert[]> {
    checkMaxRecords(maxRecords);
    if (this.following === null) {
      await this.wantAll();
      this.following ??= this.follow();
    }
    await this.reach();
    const found = this.after(after, maxRecords);
    if (found.length > 0 || maxWaitMs <= 0) return found;
    const untilMs = performance.now() + maxWaitMs;
    for (;;) {
      const leftMs = untilMs - performance.now();
      if (leftMs > 0) await this.moved.wait(leftMs);
      this.checkOpen();
      const later = this.after(after, maxRecords);
      if (later.length > 0 || leftMs <= 0) return later;
    }
  }

  /** Once: reads what is committed by now. For readers that do not follow. */
  async catchUp(): Promise<void> {
    await this.wantAll();
    while (this.isBehind()) await this.step(LONG_POLL_MS);
  }

  after(cursor: number, maxRecords: number): readonly StoredAlert[] {
    // The columns are named as the fields; revision was an AlertRow's when it was written.
    const rows = this.select.all(cursor, maxRecords) as unknown as StoredAlert[];
    return rows.map((row) => ({ ...row }));
  }

  find(id: string): AlertRow | null {
    const row = this.db
      .prepare('SELECT id, revision, key, window_start_ms AS windowStartMs, body FROM alerts WHERE id = ? LIMIT 1')
      .get(id);
    return row === undefined ? null : ({ ...row } as unknown as AlertRow); // the columns are named as the fields
  }

  async close(): Promise<void> {
    this.closed = true;
    this.moved.end();
    await this.fetcher.close();
    await this.following;
    this.db.close();
  }

  private async wantAll(): Promise<void> {
    const { topic, partitions } = this.options;
    const firsts = await this.fetcher.firsts(topic);
    for (let p = 0; p < partitions; p++) {
      this.places.set(p, Math.max(firsts[p], this.places.get(p) ?? 0));
      this.expect(p, await this.fetcher.settledEnd(topic, p));
    }
  }

  private isBehind(): boolean {
    return [...this.wanted].some(([partition, end]) => (this.places.get(partition) ?? 0) < end);
  }

  private async reach(): Promise<void> {
    const untilMs = performance.now() + this.options.connection.timeouts.giveUpMs;
    while (this.isBehind()) {
      if (this.failure !== null) throw this.failure;
      this.checkOpen();
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) throw new BusError('broker_unavailable', `could not read \`${this.options.topic}\` in time`);
      await this.moved.wait(leftMs);
    }
    this.checkOpen();
  }

  private async follow(): Promise<void> {
    const { retryMs } = this.options.connection.timeouts;
    while (!this.closed) {
      try {
        await this.step(LONG_POLL_MS);
        this.failure = null;
      } catch (error) {
        if (this.closed) return;
        // Whoever waits is told; the list is followed on as soon as it can be.
        if (error instanceof BusError && !error.retriable) this.failure = error;
        this.moved.notify();
        await sleep(retryMs);
      }
    }
  }

  private async step(maxWaitMs: number): Promise<void> {
    const fetched = await this.fetcher.fetchMany(this.options.topic, this.places, FETCH_BYTES, maxWaitMs);
    if (this.closed) return;
    let count = 0;
    this.db.exec('BEGIN IMMEDIATE');
    for (const [partition, { records, next }] of [...fetched].toSorted(([a], [b]) => a - b)) {
      for (const alert of records.map(decodeAlert)) {
        if (alert === null) continue;
        this.put.run(alert.id, alert.revision, alert.key, alert.windowStartMs, alert.body);
        count++;
      }
      if (next === this.places.get(partition)) continue;
      this.putPlace.run(partition, next);
      this.places.set(partition, next);
      count++;
    }
    this.db.exec('COMMIT');
    if (count > 0) this.moved.notify();
  }

  private checkOpen(): void {
    if (this.closed) throw new BusError('bus_closed', 'the bus is closed');
  }
}

function open(path: string, identity: string): DatabaseSync {
  if (path !== '') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  for (let anew = path === ''; ; anew = true) {
    if (anew && path !== '') for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    const db = new DatabaseSync(path, { timeout: 5000 });
    try {
      db.exec(SETUP);
      if (anew) db.prepare("INSERT INTO meta VALUES ('identity', ?)").run(identity);
      const isSound = db.prepare('PRAGMA quick_check(1)').get()?.quick_check === 'ok';
      if (isSound && db.prepare("SELECT value FROM meta WHERE name = 'identity'").get()?.value === identity) return db;
      db.close();
    } catch (error) {
      db.close();
      if (anew) throw error;
    }
  }
}
