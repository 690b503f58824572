/**
 * Looks into a bus.db that anybody may have written: step by step, each told as soon as it is known, so that whoever waits can end it at any
 * moment. It goes past the bus on purpose: the bus refuses what it does not know, and here that is what is to be described. It changes nothing:
 * of a file that nobody writes SQLite is told that it stands still, for else it would leave files of its own beside it.
 */
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { Event } from '@optikal/contracts';
import { EVENT, placeOf, TICK } from '../../bus/embedded/log-table.ts';
import { newPartitionState, restorePartition } from '../../detection/partition.ts';
import type { AgentFacts, AlertFacts, ArchiveFacts, DatabaseFacts, PartitionFacts, SampleFacts } from './facts.ts';

export type Told =
  | { readonly [Name in Step]?: DatabaseFacts[Name] }
  | { readonly walUnread: true }
  | { readonly problem: string }
  | { readonly done: true };
type Step = 'opened' | 'partitions' | 'letters' | 'archive' | 'alerts' | 'sample' | 'agents' | 'quickCheck';

const BUSY_TIMEOUT_MS = 2000;
const DAY_MS = 86_400_000;
const SAMPLE_RECORDS = 20_000;
const SAMPLE_BYTES = 64e6;
/** A row of the log beside its payload: the key, the kind, its share of a page. */
const ROW_BYTES = 24;
const SAMPLE_TOOLS = 5000;
const RECENT_ALERTS = 20_000;
const BEHIND_MS = 600_000;
const AHEAD_MS = 60_000;
const CHECK_PROBLEMS = 10;
/** Windows of an agent before its pauses say anything, and the shortest pause that is one. */
const LEAST_WINDOWS = 20;
const LEAST_PAUSE_MS = 3_600_000;
const SHOWN_SILENT = 20;

export type Reading = 'still' | 'live';

export function inspectDatabase(path: string, how: Reading, tell: (told: Told) => void): void {
  const db = open(path, how, tell);
  if (db === null) return;
  try {
    const attempt = <T>(work: () => T): T | null => {
      try {
        return work();
      } catch (error) {
        tell({ problem: messageOf(error) });
        return null;
      }
    };
    const opened = attempt(() => readFormat(db));
    if (opened === null) return;
    tell({ opened });
    const partitions = attempt(() => readPartitions(db)) ?? [];
    if (partitions.length > 0) tell({ partitions });
    const clockMs = Math.max(...partitions.map(({ state }) => state?.clockMs ?? Number.NEGATIVE_INFINITY));
    const steps: readonly (() => void)[] = [
      () => tell({ letters: readLetters(db) }),
      () => tell({ archive: readArchive(db) }),
      () => tell({ sample: readSample(db, partitions) }),
      () => tell({ alerts: Number.isFinite(clockMs) ? readAlerts(db, clockMs) : null }),
      () => tell({ agents: Number.isFinite(clockMs) ? readAgents(db, clockMs) : null }),
      () => tell({ quickCheck: { problems: quickCheck(db) } }),
    ];
    for (const step of steps) attempt(step);
    tell({ done: true });
  } finally {
    db.close();
  }
}

/** `still`: nobody writes it and its write-ahead log is empty. Where the folder may not be written, the file alone is read. */
function open(path: string, how: Reading, tell: (told: Told) => void): DatabaseSync | null {
  const still = () => {
    const url = pathToFileURL(path);
    url.search = 'immutable=1';
    return first(new DatabaseSync(url, { readOnly: true }));
  };
  try {
    return how === 'still' ? still() : first(new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS }));
  } catch (error) {
    if (how === 'still' || !isRefused(error)) {
      tell({ problem: messageOf(error) });
      return null;
    }
  }
  try {
    const db = still();
    tell({ walUnread: true });
    return db;
  } catch (error) {
    tell({ problem: messageOf(error) });
    return null;
  }
}

/** A file is opened by its first read. */
function first(db: DatabaseSync): DatabaseSync {
  try {
    // A file of strangers: no functions or views of its own are run in its schema.
    db.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON');
    db.prepare('SELECT 1 FROM sqlite_schema').get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** READONLY, CANTOPEN: what a folder that may not be written brings. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && [8, 14].includes(error.errcode & 0xff);
}

function readFormat(db: DatabaseSync): NonNullable<DatabaseFacts['opened']> {
  const of = (name: string) => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  return { applicationId: of('application_id'), version: of('user_version') };
}

function readPartitions(db: DatabaseSync): PartitionFacts[] {
  const last = db.prepare('SELECT max(place) AS place FROM log WHERE place >= ? AND place < ?');
  return db
    .prepare('SELECT partition, next, body FROM partition_state ORDER BY partition LIMIT 1024')
    .all()
    .map((row) => {
      const partition = Number(row.partition);
      const place = last.get(placeOf(partition, 0), placeOf(partition + 1, 0))?.place;
      const end = typeof place === 'number' ? place - placeOf(partition, 0) + 1 : 0;
      return { partition, next: Number(row.next), end, state: stateOf(row.body) };
    });
}

const COUNTERS = newPartitionState('live').counters;

function stateOf(body: unknown): PartitionFacts['state'] {
  if (typeof body !== 'string') return null;
  try {
    const { clock, counters } = restorePartition('live', body, []);
    return {
      clockMs: Number.isFinite(clock.clockMs) ? clock.clockMs : null,
      epochs: clock.epochs,
      counters: { ...COUNTERS, ...Object.fromEntries(Object.entries(counters).filter(([, n]) => Number.isSafeInteger(n))) },
    };
  } catch {
    return null;
  }
}

function readLetters(db: DatabaseSync): NonNullable<DatabaseFacts['letters']> {
  const rows = db.prepare('SELECT code, count(*) AS n FROM dead_letters GROUP BY code ORDER BY n DESC, code LIMIT 50').all();
  return rows.map(({ code, n }) => ({ code: String(code), count: Number(n) }));
}

function readArchive(db: DatabaseSync): ArchiveFacts {
  const row = db.prepare('SELECT count(*) AS n, sum(size_bytes) AS b, min(window_end_ms) AS o, max(window_end_ms) AS e FROM scores').get();
  const known = (value: unknown) => (typeof value === 'number' ? value : null);
  return { windows: known(row?.n) ?? 0, bytes: known(row?.b) ?? 0, oldestMs: known(row?.o), newestMs: known(row?.e) };
}

/** Windows that stand as alerts: final ones, and early ones that no final one took back yet. */
function readAlerts(db: DatabaseSync, clockMs: number): AlertFacts {
  const fromMs = clockMs - DAY_MS;
  const alerts = db
    .prepare(
      `SELECT count(*) AS n FROM (
         SELECT id, max(revision), json_extract(body, '$.decision') AS decision FROM alerts
         WHERE cursor > (SELECT max(cursor) FROM alerts) - ${RECENT_ALERTS} AND window_start_ms >= ? GROUP BY id
       ) WHERE decision = 'alert'`,
    )
    .get(fromMs);
  const windows = db.prepare('SELECT count(*) AS n, min(window_start_ms) AS first FROM scores WHERE window_end_ms > ?').get(fromMs);
  const firstMs = typeof windows?.first === 'number' ? windows.first : clockMs;
  return { spanMs: Math.max(0, clockMs - Math.max(firstMs, fromMs)), windows: Number(windows?.n), alerts: Number(alerts?.n) };
}

function readSample(db: DatabaseSync, partitions: readonly PartitionFacts[]): SampleFacts {
  const select = db.prepare('SELECT kind, payload FROM log WHERE place >= ? AND place < ? ORDER BY place');
  const delays: number[] = [];
  const tools = new Map<string, number>();
  let [records, unreadable, bytes, spanMs] = [0, 0, 0, 0];
  for (const { partition, end } of partitions) {
    const from = Math.max(0, end - Math.ceil(SAMPLE_RECORDS / partitions.length));
    let clockMs: number | null = null;
    let firstMs: number | null = null;
    for (const row of select.iterate(placeOf(partition, from), placeOf(partition, end))) {
      const payload = String(row.payload);
      records++;
      bytes += payload.length + ROW_BYTES;
      if (row.kind === TICK) {
        clockMs = Number(payload);
        firstMs ??= clockMs;
      } else if (row.kind === EVENT) {
        const event = eventOf(payload);
        if (event === null) unreadable++;
        else {
          if (clockMs !== null) delays.push(clockMs - event.timeMs);
          countTools(tools, event);
        }
      }
      if (bytes > SAMPLE_BYTES) break;
    }
    if (firstMs !== null && clockMs !== null) spanMs = Math.max(spanMs, clockMs - firstMs);
  }
  delays.sort((a, b) => a - b);
  return {
    records,
    unreadable,
    bytes,
    spanMs,
    events: delays.length,
    behind: delays.filter((delay) => delay > BEHIND_MS).length,
    ahead: delays.filter((delay) => delay < -AHEAD_MS).length,
    medianDelayMs: delays[delays.length >> 1] ?? 0,
    tools: [...tools].map(([tool, calls]) => ({ tool, calls })),
  };
}

function eventOf(payload: string): Event | null {
  try {
    const event = JSON.parse(payload) as Event; // written by the bus, or damaged: then a field that is used is not what it should be
    return typeof event === 'object' && event !== null && Number.isFinite(event.timeMs) ? event : null;
  } catch {
    return null;
  }
}

function countTools(tools: Map<string, number>, event: Event): void {
  if (event.type !== 'argus.agent.metrics.v1' || !Array.isArray(event.data?.calls)) return;
  for (const call of event.data.calls) {
    const name: unknown = call?.tool;
    if (typeof name !== 'string' || (tools.size >= SAMPLE_TOOLS && !tools.has(name))) continue;
    tools.set(name, (tools.get(name) ?? 0) + 1);
  }
}

/** Who has been silent for longer than twice its longest pause in the archive, and an hour. */
function readAgents(db: DatabaseSync, clockMs: number): AgentFacts {
  const agents = Number(db.prepare('SELECT count(*) AS n FROM state').get()?.n);
  const rows = db
    .prepare(
      `SELECT key, last, gap FROM (
         SELECT key, count(*) AS n, max(at) AS last, max(gap) AS gap FROM (
           SELECT key, window_start_ms AS at, window_start_ms - lag(window_start_ms) OVER (PARTITION BY key ORDER BY window_start_ms) AS gap FROM scores
         ) GROUP BY key
       ) WHERE n >= ${LEAST_WINDOWS} AND ? - last > max(${LEAST_PAUSE_MS}, 2 * gap) ORDER BY last`,
    )
    .all(clockMs);
  return {
    agents,
    silentCount: rows.length,
    silent: rows
      .slice(0, SHOWN_SILENT)
      .map(({ key, last, gap }) => ({ key: String(key), lastMs: Number(last), longestGapMs: Number(gap) })),
  };
}

function quickCheck(db: DatabaseSync): string[] {
  const rows = db.prepare(`PRAGMA quick_check(${CHECK_PROBLEMS})`).all();
  return rows.map((row) => String(Object.values(row)[0])).filter((text) => text !== 'ok');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
