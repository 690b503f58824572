/**
 * Group commit: entries of all callers are put together into batches, and a call resolves when its last batch is durable. One batch is
 * under way at a time, so what came first is written first; while it is, the next one fills.
 */

import { agentKey } from '@optikal/contracts';
import type { AppendOutcome, LogEntry } from '../contract.ts';
import { identityOf } from '../id-index.ts';
import { partitionOf } from '../partition.ts';
import { CONTROL, EVENT, TICK } from './log-table.ts';
import { type EncodedBatch, REFUSED } from './log-writer.ts';

const BATCH_RECORDS = 512;
const BATCH_CHARS = 4 * 1024 * 1024;

interface Call {
  readonly entries: readonly LogEntry[];
  taken: number;
  readonly outcomes: AppendOutcome[];
  resolve(outcomes: readonly AppendOutcome[]): void;
  reject(error: unknown): void;
}

interface Share {
  readonly call: Call;
  readonly count: number;
}

export class AppendQueue {
  private readonly partitions: number;
  private readonly lingerMs: number;
  private readonly send: (batch: EncodedBatch) => Promise<readonly AppendOutcome[]>;
  private calls: Call[] = [];
  private pending = 0;
  private underWay = false;
  private timer: NodeJS.Timeout | null = null;
  private idle: (() => void)[] = [];

  constructor(partitions: number, lingerMs: number, send: (batch: EncodedBatch) => Promise<readonly AppendOutcome[]>) {
    this.partitions = partitions;
    this.lingerMs = lingerMs;
    this.send = send;
  }

  add(entries: readonly LogEntry[]): Promise<readonly AppendOutcome[]> {
    if (entries.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.calls.push({ entries, taken: 0, outcomes: [], resolve, reject });
      this.pending += entries.length;
      if (this.underWay) return;
      if (this.pending >= BATCH_RECORDS) this.flush();
      else this.timer ??= setTimeout(() => this.flush(), this.lingerMs);
    });
  }

  /** Writes what waits; resolves when nothing does. */
  drained(): Promise<void> {
    if (!this.underWay) this.flush();
    return this.underWay ? new Promise((resolve) => this.idle.push(resolve)) : Promise.resolve();
  }

  private flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.pending === 0) {
      for (const resolve of this.idle.splice(0)) resolve();
      return;
    }
    this.underWay = true;
    const { batch, shares } = this.take();
    void this.send(batch)
      .then(
        (outcomes) => this.succeed(shares, outcomes),
        (error: unknown) => this.fail(shares, error),
      )
      .then(() => {
        this.underWay = false;
        this.flush();
      });
  }

  /** The next batch, and whose entries are in it. A call longer than a batch is only encoded as far as it is sent. */
  private take(): { batch: EncodedBatch; shares: Share[] } {
    const batch = new BatchBuilder(this.partitions);
    const shares: Share[] = [];
    for (const call of this.calls) {
      const before = batch.kinds.length;
      const taken = call.taken;
      try {
        while (call.taken < call.entries.length && !batch.isFull) batch.add(call.entries[call.taken++]);
      } catch (error) {
        // Not JSON, a defect of the caller: its call fails, the others go on.
        call.taken = call.entries.length;
        call.reject(error);
      }
      this.pending -= call.taken - taken;
      shares.push({ call, count: batch.kinds.length - before });
      if (call.taken < call.entries.length) break;
    }
    this.calls = this.calls.filter((call) => call.taken < call.entries.length);
    return { batch: batch.encoded(), shares };
  }

  private succeed(shares: readonly Share[], outcomes: readonly AppendOutcome[]): void {
    let at = 0;
    for (const { call, count } of shares) {
      for (const outcome of outcomes.slice(at, at + count)) call.outcomes.push(outcome);
      at += count;
      if (call.outcomes.length === call.entries.length) call.resolve(call.outcomes);
    }
  }

  /** The rest of a call that failed is not sent: written without its beginning, it would be out of order. */
  private fail(shares: readonly Share[], error: unknown): void {
    for (const { call } of shares) {
      this.pending -= call.entries.length - call.taken;
      call.taken = call.entries.length;
      call.reject(error);
    }
    this.calls = this.calls.filter((call) => call.taken < call.entries.length);
  }
}

/** A batch of these entries alone. */
export function encodeBatch(entries: readonly LogEntry[], partitions: number): EncodedBatch {
  const batch = new BatchBuilder(partitions);
  for (const entry of entries) batch.add(entry);
  return batch.encoded();
}

class BatchBuilder {
  private readonly partitionCount: number;
  readonly kinds: number[] = [];
  private readonly partitions: number[] = [];
  private readonly identities: string[] = [];
  private readonly payloads: string[] = [];
  private chars = 0;

  constructor(partitionCount: number) {
    this.partitionCount = partitionCount;
  }

  get isFull(): boolean {
    return this.kinds.length >= BATCH_RECORDS || this.chars >= BATCH_CHARS;
  }

  add(entry: LogEntry): void {
    const event = entry.kind === 'event' ? entry.event : null;
    const payload = encode(entry);
    this.kinds.push(KINDS[entry.kind]);
    this.partitions.push(event === null ? -1 : partitionOf(agentKey(event.tenant, event.agent), this.partitionCount));
    this.identities.push(event === null ? '' : identityOf(event));
    this.payloads.push(payload);
    this.chars += payload.length;
  }

  encoded(): EncodedBatch {
    const { kinds, partitions, identities, payloads } = this;
    return { kinds, partitions, identities, payloads };
  }
}

const KINDS = { event: EVENT, tick: TICK, control: CONTROL, refused: REFUSED } as const;

function encode(entry: LogEntry): string {
  switch (entry.kind) {
    case 'event':
      return JSON.stringify(entry.event);
    case 'tick':
      return String(entry.timeMs);
    case 'control':
      return JSON.stringify(entry.control);
    case 'refused':
      return JSON.stringify(entry.letter);
  }
}
