/**
 * Reading bus.db for people who watch: newest alerts first, what changed since the last look, the records of one agent near a time, its
 * scored windows. Beside the writer: nothing is locked for longer than one query, nothing is written, no snapshot is held. Each query is
 * bounded by its caller, so that a screen stays responsive over a log of any length.
 */
import { statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Event } from '@optikal/contracts';
import { agentKey } from '@optikal/contracts';
import { checkMaxRecords, checkPartition } from '../checks.ts';
import type { AlertRow, ScoreRow, StoredAlert } from '../contract.ts';
import { partitionOf } from '../partition.ts';
import { requireBusFile } from './data-dir.ts';
import { EVENT, placeOf, TICK } from './log-table.ts';
import { EmbeddedReader } from './reader.ts';
import { openForReading } from './schema.ts';
import { fromSqlite } from './sqlite-error.ts';

export interface BusTotals {
  /** Cursor of the newest alert; 0 = none. */
  readonly lastAlert: number;
  /** Letters that were ever written: the newest one's cursor. */
  readonly deadLetters: number;
  readonly agents: number;
  readonly openWindows: number;
}

/** What counting needs of one alert revision, without its body. */
export interface AlertMark {
  readonly cursor: number;
  readonly id: string;
  readonly revision: 1 | 2;
  readonly severity: string;
  readonly withdrawn: boolean;
  /** Revision 2 of the same alert is there as well. */
  readonly superseded: boolean;
}

/** An alert revision, and whether the other revision of the same alert is there. */
export interface WatchedAlert extends StoredAlert {
  readonly paired: boolean;
}

export interface AgentEvents {
  readonly events: readonly Event[];
  /** Where to go on; ≥ the end of the range when it was read to its end. */
  readonly next: number;
  /** The largest tick in what was read; null = there was none. */
  readonly clockMs: number | null;
}

/** Errors: data_dir_missing, format_unsupported, bus_corrupt, bus_io. */
export function openWatchReader(dataDir: string): WatchReader {
  const path = requireBusFile(dataDir);
  try {
    return new WatchReader(openForReading(path), path);
  } catch (error) {
    throw fromSqlite(error, path);
  }
}

/**
 * `severity` and `decision` stand once in a body at its top level (RFC 8785: sorted keys, no blanks); inside a string their quotes would be
 * escaped, so nothing that an agent says can look like them.
 */
const MARKS = `SELECT a.cursor, a.id, a.revision,
  substr(a.body, instr(a.body, '"severity":"') + 12, 8) AS severity,
  instr(a.body, '"decision":"withdrawn"') > 0 AS withdrawn,
  a.revision = 1 AND EXISTS (SELECT 1 FROM alerts b WHERE b.id = a.id AND b.revision = 2) AS superseded
  FROM alerts a WHERE a.cursor > ? AND a.cursor <= ? ORDER BY a.cursor LIMIT ?`;
const ALERTS = `SELECT a.cursor, a.id, a.revision, a.key, a.window_start_ms AS windowStartMs, a.body,
  EXISTS (SELECT 1 FROM alerts b WHERE b.id = a.id AND b.revision = 3 - a.revision) AS paired FROM alerts a`;
const SCORE = 'key, window_start_ms AS windowStartMs, window_end_ms AS windowEndMs, fingerprint, body';

export class WatchReader extends EmbeddedReader {
  private readonly file: string;
  private readonly inode: number;
  private readonly version: StatementSync;
  private readonly records: StatementSync;
  private readonly tickAfter: StatementSync;
  private seen: unknown = null;

  constructor(db: DatabaseSync, path: string) {
    super(db, path);
    this.file = path;
    this.inode = statSync(path).ino;
    this.version = db.prepare('PRAGMA data_version');
    this.records = db.prepare(`SELECT place, kind, iif(kind = ${EVENT} AND instr(payload, ?) = 0, '', payload)
      FROM log WHERE place >= ? AND place < ? ORDER BY place LIMIT ?`);
    this.records.setReturnArrays(true);
    this.tickAfter = db.prepare(`SELECT place, payload FROM log WHERE place >= ? AND place < ? AND kind = ${TICK} ORDER BY place LIMIT 1`);
    this.tickAfter.setReturnArrays(true);
  }

  /** Whether somebody committed since the last call; true at the first. */
  changed(): boolean {
    const version = this.guard(() => this.version.get()?.data_version);
    const changed = version !== this.seen;
    this.seen = version;
    return changed;
  }

  /** Whether the path names another file by now, or none. */
  replaced(): boolean {
    return statSync(this.file, { throwIfNoEntry: false })?.ino !== this.inode;
  }

  totals(): BusTotals {
    const count = (sql: string) => this.guard(() => Number(this.db.prepare(sql).get()?.n ?? 0));
    return {
      lastAlert: count('SELECT max(cursor) AS n FROM alerts'),
      deadLetters: count('SELECT max(cursor) AS n FROM dead_letters'),
      agents: count('SELECT count(*) AS n FROM state'),
      openWindows: count('SELECT count(*) AS n FROM state WHERE due_ms IS NOT NULL'),
    };
  }

  /** Alerts before a cursor, newest first. */
  alertsBefore(before: number, maxRecords: number): readonly WatchedAlert[] {
    return this.watched('WHERE a.cursor < ? ORDER BY a.cursor DESC LIMIT ?', before, maxRecords);
  }

  /** Alerts after a cursor, oldest first. */
  alertsAfter(after: number, maxRecords: number): readonly WatchedAlert[] {
    return this.watched('WHERE a.cursor > ? ORDER BY a.cursor LIMIT ?', after, maxRecords);
  }

  /** The revisions of one alert, first to last. */
  revisionsOf(id: string): readonly WatchedAlert[] {
    return this.watched('WHERE a.id = ? ORDER BY a.revision LIMIT ?', id, 2);
  }

  /** Cursors in (after, upTo], in order. */
  alertMarks(after: number, upTo: number, maxRecords: number): readonly AlertMark[] {
    checkMaxRecords(maxRecords);
    const rows = this.guard(() => this.db.prepare(MARKS).all(after, upTo, maxRecords)) as unknown as Mark[]; // the columns of MARKS
    return rows.map(({ severity, withdrawn, superseded, ...mark }) => ({
      ...mark,
      severity: severity.slice(0, severity.includes('"') ? severity.indexOf('"') : undefined),
      withdrawn: withdrawn === 1,
      superseded: superseded === 1,
    }));
  }

  /** The latest scored windows of an agent that start at or before a time, newest first. */
  scoresOf(key: string, untilMs: number, maxRecords: number): readonly ScoreRow[] {
    checkMaxRecords(maxRecords);
    const sql = `SELECT ${SCORE} FROM scores WHERE key = ? AND window_start_ms <= ? ORDER BY window_start_ms DESC LIMIT ?`;
    const rows = this.guard(() => this.db.prepare(sql).all(key, untilMs, maxRecords)) as unknown as ScoreRow[]; // the columns of SCORE
    return rows.map((row) => ({ ...row }));
  }

  partitionOfAgent(tenant: string, agent: string): number {
    return partitionOf(agentKey(tenant, agent), this.partitions);
  }

  /** The first offset whose record may have been appended at this log clock or later: a binary search over the ticks. */
  offsetAtClock(partition: number, clockMs: number): number {
    checkPartition(partition, this.partitions);
    let [low, high] = [0, this.end(partition)];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const tick = this.tickFrom(partition, middle, high);
      if (tick === null || tick.timeMs >= clockMs) high = middle;
      else low = tick.offset + 1;
    }
    return low;
  }

  /** The events of one agent among at most `maxRecords` records from an offset. */
  agentEvents(partition: number, tenant: string, agent: string, from: number, maxRecords: number): AgentEvents {
    const end = this.end(partition);
    const needle = `"agent":${JSON.stringify(agent)}`;
    const events: Event[] = [];
    let clockMs: number | null = null;
    let next = from;
    for (const row of this.guard(() => this.records.all(needle, placeOf(partition, from), placeOf(partition, end), maxRecords))) {
      const [place, kind, payload] = row as unknown as [number, number, string]; // the columns of `records`, all NOT NULL
      next = place - placeOf(partition, 0) + 1;
      if (kind === TICK) clockMs = Number(payload);
      if (kind !== EVENT || payload === '') continue;
      const event = JSON.parse(payload) as Event; // appended as one (log-table.ts)
      if (event.agent === agent && event.tenant === tenant) events.push(event);
    }
    return { events, next: next === from ? end : next, clockMs };
  }

  private watched(where: string, at: number | string, maxRecords: number): WatchedAlert[] {
    checkMaxRecords(maxRecords);
    const rows = this.guard(() => this.db.prepare(`${ALERTS} ${where}`).all(at, maxRecords));
    // The columns are named as the fields; revision was an AlertRow's when it was written.
    return (rows as unknown as (AlertRow & { cursor: number; paired: number })[]).map((row) => ({ ...row, paired: row.paired === 1 }));
  }

  private tickFrom(partition: number, from: number, to: number): { readonly offset: number; readonly timeMs: number } | null {
    const row = this.guard(() => this.tickAfter.get(placeOf(partition, from), placeOf(partition, to)));
    if (row === undefined) return null;
    const [place, payload] = row as unknown as [number, string]; // the columns of `tickAfter`
    return { offset: place - placeOf(partition, 0), timeMs: Number(payload) };
  }
}

type Mark = Omit<AlertMark, 'withdrawn' | 'superseded'> & { readonly withdrawn: number; readonly superseded: number };
