/**
 * The bus in memory: `score` as a Unix filter, and tests. What is committed is dropped, so memory holds the records not yet consumed,
 * the agents' state and the alerts not yet fetched; `keepLog` keeps everything instead, for replays. Nothing survives the process.
 */
import { agentKey } from '@optikal/contracts';
import { alertConflict, checkCommit, checkLease, checkMaxRecords, checkOffsets, checkPartition, checkRead } from './checks.ts';
import type {
  AlertRow,
  AppendOutcome,
  Bus,
  BusReader,
  Commit,
  DeadLetter,
  Lease,
  LogEntry,
  LogRecord,
  ReadOptions,
  ScoreRow,
  StoredAlert,
  StoredDeadLetter,
} from './contract.ts';
import { BusError } from './errors.ts';
import { ID_LIMITS, IdIndex, type IdLimits, identityOf } from './id-index.ts';
import { checkPartitions, partitionOf } from './partition.ts';
import { Signal } from './signal.ts';

/** Dead letters kept without `keepLog`: the newest; the cursor shows how many there were. */
const DEAD_LETTERS = 1000;

export interface MemoryBusOptions extends Partial<IdLimits> {
  readonly partitions: number;
  /** Keep consumed records, fetched alerts, scores and all dead letters. Default false. */
  readonly keepLog?: boolean;
}

export interface MemoryBus extends Bus {
  /** Live, not a snapshot. Without `keepLog` it holds what is not consumed yet, and no scores. */
  reader(): BusReader;
}

interface Partition {
  /** Records from offset `first` on. */
  records: LogRecord[];
  first: number;
  next: number;
  token: number;
  partitionState: string | null;
  readonly state: Map<string, string>;
  readonly due: Map<string, number>;
  readonly arrived: Signal;
}

type NewRecord = LogRecord extends infer R ? (R extends { offset: number } ? Omit<R, 'offset'> : never) : never;

export function openMemoryBus(options: MemoryBusOptions): MemoryBus {
  checkPartitions(options.partitions);
  return new InMemory(options);
}

class InMemory implements MemoryBus {
  readonly partitions: number;
  readonly findsDuplicates = true;
  private readonly keep: boolean;
  private readonly parts: Partition[];
  private readonly ids: IdIndex;
  private clockMs = 0;
  private alertRows: StoredAlert[] = [];
  private readonly bodies = new Map<string, string>();
  private alertCursor = 0;
  private readonly alerted = new Signal();
  private readonly scores = new Map<string, ScoreRow[]>();
  private letters: StoredDeadLetter[] = [];
  private letterCursor = 0;
  private closed = false;

  constructor(options: MemoryBusOptions) {
    this.partitions = options.partitions;
    this.keep = options.keepLog ?? false;
    this.ids = new IdIndex({ ...ID_LIMITS, ...options });
    this.parts = Array.from({ length: options.partitions }, () => ({
      records: [],
      first: 0,
      next: 0,
      token: 0,
      partitionState: null,
      state: new Map(),
      due: new Map(),
      arrived: new Signal(),
    }));
  }

  async append(entries: readonly LogEntry[]): Promise<readonly AppendOutcome[]> {
    this.checkOpen();
    const outcomes = entries.map((entry) => this.appendOne(entry));
    this.ids.trim();
    return outcomes;
  }

  async join(onAssigned: (partitions: readonly number[]) => void): Promise<void> {
    this.checkOpen();
    onAssigned(Array.from({ length: this.partitions }, (_, p) => p));
  }

  async lease(partition: number): Promise<Lease> {
    this.checkOpen();
    checkPartition(partition, this.partitions);
    const part = this.parts[partition];
    part.token++;
    part.arrived.notify(); // whoever waits under the old lease learns that it is lost
    const due = [...part.due].map(([key, dueMs]) => ({ key, dueMs }));
    due.sort((x, y) => x.dueMs - y.dueMs || (x.key < y.key ? -1 : 1));
    return { partition, token: part.token, next: part.next, partitionState: part.partitionState, due };
  }

  async read(lease: Lease, next: number, options: ReadOptions): Promise<{ readonly records: readonly LogRecord[]; readonly next: number }> {
    checkMaxRecords(options.maxRecords);
    const part = this.held(lease);
    checkRead(lease.partition, next, endOf(part));
    if (next === endOf(part) && options.maxWaitMs > 0) {
      await part.arrived.wait(options.maxWaitMs);
      this.held(lease);
    }
    if (next < part.first) throw dropped(lease.partition, next, part.first);
    const records = part.records.slice(next - part.first, next - part.first + options.maxRecords);
    return { records, next: next + records.length };
  }

  async loadState(lease: Lease, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { state } = this.held(lease);
    const found = new Map<string, string>();
    for (const key of keys) {
      const body = state.get(key);
      if (body !== undefined) found.set(key, body);
    }
    return found;
  }

  async readAt(lease: Lease, offsets: readonly number[]): Promise<readonly LogRecord[]> {
    const part = this.held(lease);
    checkOffsets(lease.partition, offsets, endOf(part));
    return offsets.map((offset) => {
      if (offset < part.first) throw dropped(lease.partition, offset, part.first);
      return part.records[offset - part.first];
    });
  }

  async commit(lease: Lease, commit: Commit): Promise<void> {
    const part = this.held(lease);
    checkCommit(commit, { partition: lease.partition, next: part.next, end: endOf(part) }, this.partitions);
    const fresh = this.newAlerts(commit.out.alerts);
    // Nothing below can fail: a commit is all or nothing.
    for (const { key, body, dueMs } of commit.state) {
      part.state.set(key, body);
      if (dueMs === null) part.due.delete(key);
      else part.due.set(key, dueMs);
    }
    for (const [name, alert] of fresh) {
      this.bodies.set(name, alert.body);
      this.alertRows.push({ ...alert, cursor: ++this.alertCursor });
    }
    if (this.keep) for (const score of commit.out.scores) this.keepScore(score);
    for (const { offset, ...letter } of commit.out.deadLetters) this.keepLetter(letter, lease.partition, offset);
    part.next = commit.next;
    part.partitionState = commit.partitionState;
    if (!this.keep && part.next > part.first) {
      part.records.splice(0, part.next - part.first);
      part.first = part.next;
    }
    if (fresh.size > 0) this.alerted.notify();
  }

  async alerts(after: number, options: ReadOptions): Promise<readonly StoredAlert[]> {
    this.checkOpen();
    checkMaxRecords(options.maxRecords);
    if (after >= this.alertCursor && options.maxWaitMs > 0) {
      await this.alerted.wait(options.maxWaitMs);
      this.checkOpen();
    }
    if (!this.keep) this.forgetAlerts(after);
    return this.alertsAfter(after, options.maxRecords);
  }

  async positions() {
    this.checkOpen();
    return this.parts.map((part, partition) => ({ partition, end: endOf(part), next: part.next }));
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const part of this.parts) part.arrived.end();
    this.alerted.end();
  }

  reader(): BusReader {
    return {
      partitions: this.partitions,
      partitionStates: () =>
        this.parts.map((part, partition) => {
          const { next, partitionState, due } = part;
          return { partition, next, end: endOf(part), partitionState, openAgents: due.size };
        }),
      readLog: (partition, from, to) => this.readLog(partition, from, to),
      alerts: (after, maxRecords) => this.alertsAfter(after, maxRecords),
      scoreAt: (key, timeMs) =>
        this.scores.get(key)?.findLast(({ windowStartMs, windowEndMs }) => windowStartMs <= timeMs && timeMs < windowEndMs) ?? null,
      scoreOfAlert: (id) => {
        const alert = this.alertRows.find((row) => row.id === id);
        return this.scores.get(alert?.key ?? '')?.find((score) => score.windowStartMs === alert?.windowStartMs) ?? null;
      },
      deadLetters: (after, maxRecords) => this.letters.filter(({ cursor }) => cursor > after).slice(0, maxRecords),
      close: () => {},
    };
  }

  private appendOne(entry: LogEntry): AppendOutcome {
    switch (entry.kind) {
      case 'event': {
        const outcome = this.ids.admit(identityOf(entry.event), JSON.stringify(entry.event), this.clockMs);
        const partition = partitionOf(agentKey(entry.event.tenant, entry.event.agent), this.partitions);
        if (outcome === 'accepted') this.push(partition, { kind: 'event', event: entry.event });
        return outcome;
      }
      case 'tick':
        if (entry.timeMs <= this.clockMs) return 'duplicate';
        this.clockMs = entry.timeMs;
        this.ids.expire(entry.timeMs);
        for (let p = 0; p < this.partitions; p++) this.push(p, { kind: 'tick', timeMs: entry.timeMs });
        return 'accepted';
      case 'control':
        for (let p = 0; p < this.partitions; p++) this.push(p, { kind: 'control', control: entry.control });
        return 'accepted';
      case 'refused':
        this.keepLetter(entry.letter, null, null);
        return 'accepted';
    }
  }

  private push(partition: number, record: NewRecord): void {
    const part = this.parts[partition];
    part.records.push({ ...record, offset: endOf(part) });
    part.arrived.notify();
  }

  /** What of a commit's alerts is new, by name; a repeated one with the same body is not. */
  private newAlerts(alerts: readonly AlertRow[]): Map<string, AlertRow> {
    const fresh = new Map<string, AlertRow>();
    for (const alert of alerts) {
      const name = `${alert.id}:${alert.revision}`;
      const before = this.bodies.get(name) ?? fresh.get(name)?.body;
      if (before === undefined) fresh.set(name, alert);
      else if (before !== alert.body) throw alertConflict(alert.id, alert.revision);
    }
    return fresh;
  }

  private alertsAfter(after: number, maxRecords: number): readonly StoredAlert[] {
    const first = this.alertRows[0]?.cursor ?? 0;
    const from = Math.max(0, after + 1 - first);
    return this.alertRows.slice(from, from + maxRecords);
  }

  /** Asking for what comes after a cursor says that everything up to it has arrived. */
  private forgetAlerts(upTo: number): void {
    const count = this.alertRows.findIndex(({ cursor }) => cursor > upTo);
    for (const { id, revision } of this.alertRows.splice(0, count < 0 ? this.alertRows.length : count))
      this.bodies.delete(`${id}:${revision}`);
  }

  private keepScore(score: ScoreRow): void {
    const rows = this.scores.get(score.key) ?? [];
    const same = rows.findIndex(({ windowStartMs }) => windowStartMs === score.windowStartMs);
    if (same < 0) rows.push(score);
    else rows[same] = score;
    this.scores.set(score.key, rows);
  }

  private keepLetter(letter: DeadLetter, partition: number | null, offset: number | null): void {
    this.letters.push({ ...letter, cursor: ++this.letterCursor, partition, offset });
    if (!this.keep && this.letters.length > 2 * DEAD_LETTERS) this.letters = this.letters.slice(-DEAD_LETTERS);
  }

  private *readLog(partition: number, from: number, to?: number): Generator<LogRecord> {
    checkPartition(partition, this.partitions);
    const part = this.parts[partition];
    checkRead(partition, from, endOf(part));
    for (let offset = from; offset < (to ?? endOf(part)) && offset < endOf(part); offset++) {
      if (offset < part.first) throw dropped(partition, offset, part.first);
      yield part.records[offset - part.first];
    }
  }

  private held(lease: Lease): Partition {
    this.checkOpen();
    checkPartition(lease.partition, this.partitions);
    const part = this.parts[lease.partition];
    checkLease(lease.partition, lease.token, part.token);
    return part;
  }

  private checkOpen(): void {
    if (this.closed) throw new BusError('bus_closed', 'the bus is closed');
  }
}

function endOf(part: Partition): number {
  return part.first + part.records.length;
}

function dropped(partition: number, offset: number, first: number): BusError {
  return new BusError('log_dropped', `partition ${partition}: record ${offset} is consumed, the oldest kept is ${first}`);
}
