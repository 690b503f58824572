/**
 * The file `bus.db`: its tables, its format version, and opening it. Everything is one SQLite file, because position, state and alerts
 * must change in one transaction. WAL with synchronous=FULL: a transaction that returned survives a power cut.
 */
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { BusError } from '../errors.ts';
import { MAX_PARTITIONS } from '../partition.ts';

const FORMAT_VERSION = 1;
/** `OPTK`: tells our file from any other SQLite file. */
const APPLICATION_ID = 0x4f50544b;
/** Records of 1.5 kB and states of 2 kB fill pages of 8 kB well: fewer pages a transaction, so a shorter WAL than with 4 kB. */
const PAGE_SIZE_BYTES = 8192;
/** A checkpoint copies pages back and syncs twice; every 32 MB of WAL it costs little, and the WAL still stays small. */
const CHECKPOINT_PAGES = 4096;
/** A WAL that a long snapshot made grow is cut back to this. */
const WAL_LIMIT_BYTES = 128 * 1024 * 1024;
const CACHE_KIB = 32_768;
const BUSY_TIMEOUT_MS = 5000;

const TABLES = `
  CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  -- place = partition · 2^40 + offset (log-table.ts)
  CREATE TABLE log(place INTEGER PRIMARY KEY, kind INTEGER NOT NULL, payload TEXT NOT NULL);
  -- one row per batch: first = ordinal of its first print; clock_ms NULL = before the first tick (id-index.ts)
  CREATE TABLE ids(first INTEGER PRIMARY KEY, clock_ms INTEGER, prints BLOB NOT NULL);
  CREATE TABLE state(key TEXT PRIMARY KEY, partition INTEGER NOT NULL, due_ms INTEGER, body TEXT NOT NULL);
  CREATE INDEX state_due ON state(partition, due_ms) WHERE due_ms IS NOT NULL;
  CREATE TABLE partition_state(partition INTEGER PRIMARY KEY, token INTEGER NOT NULL, next INTEGER NOT NULL, body TEXT);
  CREATE TABLE alerts(
    cursor INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, revision INTEGER NOT NULL, key TEXT NOT NULL,
    window_start_ms INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE(id, revision)
  );
  CREATE TABLE scores(
    key TEXT NOT NULL, window_start_ms INTEGER NOT NULL, window_end_ms INTEGER NOT NULL, fingerprint TEXT NOT NULL,
    open INTEGER NOT NULL, size_bytes INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE(key, window_start_ms)
  );
  CREATE INDEX scores_age ON scores(open, window_end_ms, size_bytes);
  CREATE TABLE dead_letters(
    cursor INTEGER PRIMARY KEY AUTOINCREMENT, partition INTEGER, offset INTEGER, code TEXT NOT NULL, field TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, hmac TEXT NOT NULL
  );
`;

export interface OpenOptions {
  readonly partitions: number;
  /** For tests: the file grows no further, as on a full disk. */
  readonly maxPageCount?: number;
  /** Pages of WAL after which it is copied back; tests of torn WALs set it to 0 = never. */
  readonly checkpointPages?: number;
}

/** Opens for writing; creates the tables in a new file. The caller holds the lock of the directory (data-dir.ts). */
export function openForWriting(path: string, options: OpenOptions): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    db.exec(`PRAGMA page_size = ${PAGE_SIZE_BYTES}`); // first, and without effect on a file that exists
    const isNew = db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
    if (!isNew) checkFormat(db, path);
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES};
      PRAGMA cache_size = -${CACHE_KIB};
      PRAGMA wal_autocheckpoint = ${options.checkpointPages ?? CHECKPOINT_PAGES};
    `);
    if (isNew) create(db, options.partitions);
    const partitions = readPartitions(db);
    if (partitions !== options.partitions)
      throw new BusError(
        'partitions_changed',
        `${path}: expected ${partitions} partitions as when it was created, found ${options.partitions}`,
      );
    if (options.maxPageCount !== undefined) db.exec(`PRAGMA max_page_count = ${options.maxPageCount}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens beside the writer; sees what was committed. */
export function openForReading(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    checkFormat(db, path);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

export function readPartitions(db: DatabaseSync): number {
  return Number(readMeta(db, 'partitions'));
}

export function readMeta(db: DatabaseSync, name: 'partitions' | 'clock_ms' | 'hmac_key'): string {
  const row = db.prepare('SELECT value FROM meta WHERE name = ?').get(name);
  return String(row?.value);
}

function create(db: DatabaseSync, partitions: number): void {
  if (!(partitions >= 1 && partitions <= MAX_PARTITIONS)) throw new BusError('option_invalid', `found ${partitions} partitions`);
  db.exec(`BEGIN IMMEDIATE; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT_VERSION}; ${TABLES}`);
  const put = db.prepare('INSERT INTO meta VALUES (?, ?)');
  put.run('partitions', String(partitions));
  put.run('clock_ms', '0');
  put.run('hmac_key', randomBytes(32).toString('hex'));
  put.run('created_by', 'optikal');
  const start = db.prepare('INSERT INTO partition_state VALUES (?, 0, 0, NULL)');
  for (let p = 0; p < partitions; p++) start.run(p);
  db.exec('COMMIT');
}

function checkFormat(db: DatabaseSync, path: string): void {
  const id = db.prepare('PRAGMA application_id').get()?.application_id;
  const version = db.prepare('PRAGMA user_version').get()?.user_version;
  if (id !== APPLICATION_ID) throw new BusError('format_unsupported', `${path}: expected a file of the embedded bus`);
  if (version !== FORMAT_VERSION)
    throw new BusError('format_unsupported', `${path}: expected format version ${FORMAT_VERSION}, found ${String(version)}`);
}
