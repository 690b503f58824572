import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import type { LogEntry, ScoreRow } from '../contract.ts';
import { commitOf, eventEntry, scoreRow, T0, tick } from '../test-support/samples.ts';
import { useTempDir } from '../test-support/temp-dir.ts';
import { encodeBatch } from './append-queue.ts';
import { BusDatabase, type DatabaseOptions } from './database.ts';
import { openEmbeddedReader } from './reader.ts';

const tempDir = useTempDir();
const open: BusDatabase[] = [];
afterEach(() => {
  for (const db of open.splice(0)) db.close();
});

function start(dataDir: string, options: Partial<DatabaseOptions> = {}): BusDatabase {
  const db = new BusDatabase({ dataDir, partitions: 1, ...options });
  open.push(db);
  return db;
}
const append = (db: BusDatabase, ...entries: LogEntry[]) => db.append(encodeBatch(entries, db.partitions)).outcomes;
const big = (id: string): LogEntry => eventEntry(id.padEnd(200_000, '.'));

describe('BusDatabase', () => {
  it('refuses a file that is not a bus, of another format version, or with another number of partitions', () => {
    const dataDir = tempDir();
    start(dataDir).close();
    open.pop();
    expect(() => start(dataDir, { partitions: 2 })).toThrowError(expect.objectContaining({ code: 'partitions_changed' }));
    const file = new DatabaseSync(join(dataDir, 'bus.db'));
    file.exec('PRAGMA user_version = 99');
    expect(() => start(dataDir)).toThrowError('expected format version 1, found 99');
    expect(() => openEmbeddedReader(dataDir)).toThrowError(expect.objectContaining({ code: 'format_unsupported' }));
    file.exec('PRAGMA application_id = 7');
    expect(() => start(dataDir)).toThrowError('expected a file of the embedded bus');
    file.close();
    const rubbish = tempDir();
    writeFileSync(join(rubbish, 'bus.db'), 'not a database, but longer than a header of one hundred bytes '.repeat(99));
    expect(() => start(rubbish)).toThrowError(expect.objectContaining({ code: 'bus_corrupt', retriable: false }));
  });

  it('opens the directory after a refusal: a failed opening keeps no lock', () => {
    const dataDir = tempDir();
    start(dataDir, { partitions: 3 }).close();
    open.pop();
    expect(() => start(dataDir)).toThrowError(expect.objectContaining({ code: 'partitions_changed' }));
    expect(start(dataDir, { partitions: 3 }).partitions).toBe(3);
  });

  it('keeps its HMAC key, readable by the owner of the directory only', () => {
    const dataDir = join(tempDir(), 'data');
    const key = start(dataDir).hmacKey;
    open.pop()?.close();
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(start(dataDir).hmacKey).toBe(key);
    expect(statSync(dataDir).mode & 0o077).toBe(0);
  });

  it('leaves nothing of an append on a full disk, says so, and goes on when there is space', () => {
    const dataDir = tempDir();
    const db = start(dataDir, { maxPageCount: 200 });
    const accepted: string[] = [];
    let full: unknown;
    for (let n = 0; full === undefined; n++) {
      try {
        append(db, tick(T0 + n), big(`${n}`), big(`${n}b`));
        accepted.push(`${n}`);
      } catch (error) {
        full = error;
      }
    }
    expect(full).toMatchObject({ name: 'BusError', code: 'disk_full', retriable: true });
    const n = accepted.length;
    expect(n).toBeGreaterThan(0);
    expect(db.ends).toEqual([3 * n]);
    expect(() => append(db, tick(T0 + n), big(`${n}`), big(`${n}b`))).toThrowError(expect.objectContaining({ code: 'disk_full' }));
    expect(append(db, big('0'))).toEqual(['duplicate']);
    db.limitPagesForTests(100_000);
    expect(append(db, tick(T0 + n), big(`${n}`), big(`${n}b`))).toEqual(['accepted', 'accepted', 'accepted']);
    db.close();
    open.pop();
    const again = start(dataDir);
    expect(again.ends).toEqual([3 * n + 3]);
    expect(append(again, big('0'), big(`${n}b`), tick(T0 + n))).toEqual(['duplicate', 'duplicate', 'duplicate']);
  });

  it('leaves nothing of a commit on a full disk, and takes the same commit when there is space', () => {
    const db = start(tempDir(), { maxPageCount: 100 });
    append(db, tick(T0));
    const { token } = db.lease(0);
    const body = 'x'.repeat(2_000_000);
    const commit = commitOf(1, {
      state: [
        { key: 't|small', body: '{}', dueMs: T0 },
        { key: 't|a', body, dueMs: T0 },
      ],
    });
    expect(() => db.commit(0, token, commit)).toThrowError(expect.objectContaining({ code: 'disk_full', retriable: true }));
    expect(db.positions()).toEqual([{ partition: 0, end: 1, next: 0 }]);
    expect(db.loadState(0, token, ['t|small', 't|a'])).toEqual([null, null]);
    db.limitPagesForTests(100_000);
    db.commit(0, token, commit);
    expect(db.loadState(0, token, ['t|small', 't|a'])).toEqual(['{}', body]);
  });

  it('ends a page of the log by size as well as by count', () => {
    const db = start(tempDir());
    for (let n = 0; n < 30; n++) append(db, big(`${n}`));
    const { token } = db.lease(0);
    const page = db.read(0, token, 0, 512);
    expect(page.payloads.length).toBeGreaterThan(10);
    expect(page.payloads.length).toBeLessThan(30);
    expect(db.read(0, token, page.payloads.length, 512).first).toBe(page.payloads.length);
  });

  it('keeps ids within their limits, on disk too', () => {
    const dataDir = tempDir();
    const limits = { idCount: 100, idAgeMs: 60_000 };
    const db = start(dataDir, limits);
    for (let n = 0; n < 50; n++) append(db, ...Array.from({ length: 10 }, (_, i) => eventEntry(`${n}-${i}`)));
    append(db, eventEntry('last'));
    db.close();
    open.pop();
    const file = new DatabaseSync(join(dataDir, 'bus.db'));
    expect(Number(file.prepare('SELECT sum(length(prints)) / 32 AS n FROM ids').get()?.n)).toBeLessThanOrEqual(120);
    file.close();
    const again = start(dataDir, limits);
    expect(append(again, eventEntry('0-0'), eventEntry('49-9'))).toEqual(['accepted', 'duplicate']);
    append(again, tick(T0), tick(T0 + 120_000));
    expect(append(again, eventEntry('49-9'))).toEqual(['accepted']);
  });
});

describe('retention of scored windows', () => {
  const HOUR = 3_600_000;
  const kept = (dataDir: string, rows: readonly ScoreRow[]) => {
    const reader = openEmbeddedReader(dataDir);
    const found = rows.filter(({ key, windowStartMs }) => reader.scoreAt(key, windowStartMs) !== null).length;
    reader.close();
    return found;
  };

  it('deletes windows older than archiveDays of event time, but none that is still open', () => {
    const dataDir = tempDir();
    const db = start(dataDir, { archiveDays: 1 });
    const { token } = db.lease(0);
    const write = (...scores: ScoreRow[]) => db.commit(0, token, commitOf(0, { out: { scores } }));
    const old = [scoreRow(T0), scoreRow(T0 + 60_000), scoreRow(T0, { key: 't|b', open: true })];
    write(...old);
    write(scoreRow(T0 + 23 * HOUR));
    expect(kept(dataDir, old)).toBe(3);
    write(scoreRow(T0 + 25 * HOUR));
    expect(kept(dataDir, old)).toBe(1);
    write(scoreRow(T0, { key: 't|b' })); // its final score: closed now, and old
    expect(kept(dataDir, old)).toBe(0);
  });

  it('deletes the oldest beyond archiveBytes', () => {
    const dataDir = tempDir();
    const db = start(dataDir, { archiveBytes: 10_000 });
    const { token } = db.lease(0);
    const rows = Array.from({ length: 40 }, (_, n) => scoreRow(T0 + n * 60_000, { body: 'x'.repeat(1000) }));
    for (const row of rows) db.commit(0, token, commitOf(0, { out: { scores: [row] } }));
    expect([kept(dataDir, rows), kept(dataDir, rows.slice(30))]).toEqual([10, 10]);
  });

  it('works off a backlog a few rows a commit, also after a restart with a smaller limit', () => {
    const dataDir = tempDir();
    const first = start(dataDir);
    const rows = Array.from({ length: 500 }, (_, n) => scoreRow(T0 + n * 60_000, { body: 'x'.repeat(1000) }));
    first.commit(0, first.lease(0).token, commitOf(0, { out: { scores: rows } }));
    first.close();
    open.pop();
    const db = start(dataDir, { archiveBytes: 100_000 });
    const { token } = db.lease(0);
    const left = [1, 2].map((n) => {
      db.commit(0, token, commitOf(0, { out: { scores: [scoreRow(T0 + (500 + n) * 60_000)] } }));
      return kept(dataDir, rows);
    });
    expect(left).toEqual([482, 464]);
  });
});

describe('the lock of a data directory', () => {
  it('lets one writer in, and the next when the first has closed', () => {
    const dataDir = tempDir();
    const first = start(dataDir);
    expect(() => start(dataDir)).toThrowError(expect.objectContaining({ code: 'data_dir_locked' }));
    first.close();
    open.pop();
    start(dataDir);
    expect(existsSync(join(dataDir, 'bus.db'))).toBe(true);
  });
});
