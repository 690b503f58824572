/** The statements of an append: records, the ids they are known by, the clock. All run inside one transaction of the caller. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AppendOutcome, DeadLetter } from '../contract.ts';
import { IdIndex, type IdLimits } from '../id-index.ts';
import { CONTROL, EVENT, placeOf, readEnd, SELECT_LAST, TICK } from './log-table.ts';
import { readMeta } from './schema.ts';

/** Refused before the log: its payload is a `DeadLetter`. */
export const REFUSED = 3;

/** Entries as they cross to the worker: columns, because cloning one array of strings is cheaper than cloning an object each. */
export interface EncodedBatch {
  /** EVENT, TICK, CONTROL or REFUSED. */
  readonly kinds: readonly number[];
  /** Of an event; else −1. */
  readonly partitions: readonly number[];
  /** Of an event (id-index.ts), else empty. */
  readonly identities: readonly string[];
  /** JSON; of a tick its time. */
  readonly payloads: readonly string[];
}

/** What changed, and holds only once the transaction is durable. */
export interface Appended {
  readonly outcomes: readonly AppendOutcome[];
  readonly ends: readonly number[];
  readonly clockMs: number;
  readonly letters: readonly DeadLetter[];
}

export class LogWriter {
  /** One past the last offset of each partition, and the largest tick: of the durable log. */
  ends: readonly number[];
  private clockMs: number;
  private readonly ids: IdIndex;
  private storedFrom: number;
  private readonly putRecord: StatementSync;
  private readonly putIds: StatementSync;
  private readonly stampIds: StatementSync;
  private readonly dropIds: StatementSync;
  private readonly putClock: StatementSync;

  constructor(db: DatabaseSync, partitions: number, limits: IdLimits) {
    this.putRecord = db.prepare('INSERT INTO log VALUES (?, ?, ?)');
    this.putIds = db.prepare('INSERT INTO ids VALUES (?, ?, ?)');
    this.stampIds = db.prepare('UPDATE ids SET clock_ms = ? WHERE clock_ms IS NULL');
    // The row that holds the oldest print still known stays, whatever else it holds.
    this.dropIds = db.prepare('DELETE FROM ids WHERE first < (SELECT max(first) FROM ids WHERE first <= ?)');
    this.putClock = db.prepare("UPDATE meta SET value = ? WHERE name = 'clock_ms'");
    const last = db.prepare(SELECT_LAST);
    this.ends = Array.from({ length: partitions }, (_, p) => readEnd(last, p));
    this.clockMs = Number(readMeta(db, 'clock_ms'));
    this.ids = restoreIds(db, limits);
    this.ids.expire(this.clockMs);
    this.storedFrom = 0;
  }

  /** Inside a transaction. Follow with `keep` once it is durable, with `revert` if it is not. */
  write({ kinds, partitions, identities, payloads }: EncodedBatch): Appended & { readonly mark: number } {
    const mark = this.ids.end;
    const ends = [...this.ends];
    const outcomes: AppendOutcome[] = [];
    const letters: DeadLetter[] = [];
    let clockMs = this.clockMs;
    const everywhere = (kind: number, payload: string) => {
      for (let p = 0; p < ends.length; p++) this.putRecord.run(placeOf(p, ends[p]++), kind, payload);
    };
    for (let i = 0; i < kinds.length; i++) {
      const payload = payloads[i];
      let outcome: AppendOutcome = 'accepted';
      switch (kinds[i]) {
        case EVENT:
          outcome = this.ids.admit(identities[i], payload, clockMs);
          if (outcome === 'accepted') this.putRecord.run(placeOf(partitions[i], ends[partitions[i]]++), EVENT, payload);
          break;
        case TICK:
          if (Number(payload) <= clockMs) outcome = 'duplicate';
          else {
            if (clockMs === 0) this.stampIds.run(Number(payload));
            clockMs = Number(payload);
            this.ids.expire(clockMs);
            everywhere(TICK, payload);
          }
          break;
        case CONTROL:
          everywhere(CONTROL, payload);
          break;
        default:
          letters.push(JSON.parse(payload) as DeadLetter); // what the client encoded from one
      }
      outcomes.push(outcome);
    }
    this.writeIds(mark, clockMs);
    if (clockMs !== this.clockMs) this.putClock.run(String(clockMs));
    return { outcomes, ends, clockMs, letters, mark };
  }

  keep({ ends, clockMs }: Appended): void {
    this.ends = ends;
    this.clockMs = clockMs;
    this.ids.trim();
  }

  /** The transaction failed. Ids that expired in it stay forgotten: the tick that expired them will come again. */
  revert(mark: number): void {
    this.ids.revert(mark);
  }

  get idEnd(): number {
    return this.ids.end;
  }

  private writeIds(mark: number, clockMs: number): void {
    const from = Math.max(mark, this.ids.oldest);
    if (this.ids.end > from) this.putIds.run(from, clockMs === 0 ? null : clockMs, this.ids.since(from));
    if (this.ids.oldest === this.storedFrom) return;
    this.dropIds.run(this.ids.oldest);
    this.storedFrom = this.ids.oldest;
  }
}

function restoreIds(db: DatabaseSync, limits: IdLimits): IdIndex {
  const rows = db.prepare('SELECT first, clock_ms, prints FROM ids ORDER BY first');
  rows.setReturnArrays(true);
  const ids = new IdIndex(limits);
  for (const row of rows.iterate()) {
    const [first, clockMs, prints] = row as unknown as [number, number | null, Uint8Array]; // the columns just named
    ids.restore(first, prints, clockMs ?? 0);
  }
  return ids;
}
