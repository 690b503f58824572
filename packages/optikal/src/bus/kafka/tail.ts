/**
 * Reading ahead in one partition of the log: a fetch is under way whenever less than the limit waits, so that records arrive while the
 * detector works and commits; when it falls behind, nothing is fetched. What is read stays in `KeptRecords` for open windows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogRecord } from '../contract.ts';
import { BusError } from '../errors.ts';
import { Signal } from '../signal.ts';
import type { RawRecord } from './batches.ts';
import { LONG_POLL_MS } from './client.ts';
import type { Fetcher } from './fetcher.ts';
import type { KeptRecords } from './kept-records.ts';
import { decodeLogRecord, type Unreadable } from './log-records.ts';

export interface TailOptions {
  readonly fetcher: Fetcher;
  readonly kept: KeptRecords;
  readonly topic: string;
  readonly partition: number;
  readonly partitions: number;
  readonly limitBytes: number;
  readonly retryMs: number;
  readonly giveUpMs: number;
  /** Is told of each record that is none, once in each pass over it. */
  readonly onUnreadable: (raw: RawRecord, found: Unreadable) => void;
}

export class Tail {
  private readonly options: TailOptions;
  private readonly arrived = new Signal();
  private waiting: RawRecord[] = [];
  private waitingBytes = 0;
  /** Between `from` and `next` nothing is readable: who asks for any of them goes on at `next`, the next record to hand out. */
  private from = -1;
  private next = -1;
  private fetchNext = -1;
  private pass = 0;
  private running: Promise<void> | null = null;
  private failure: unknown = null;
  private ended = false;

  constructor(options: TailOptions) {
    this.options = options;
  }

  /** Up to `maxRecords` readable records from `next` on; what is skipped on the way is behind the new `next`. */
  take(next: number, maxRecords: number): { readonly records: readonly LogRecord[]; readonly next: number } {
    if (next < this.from || next > this.next) this.seek(next);
    if (this.failure !== null) {
      const { failure } = this;
      this.failure = null;
      throw failure;
    }
    const records: LogRecord[] = [];
    let taken = 0;
    while (taken < this.waiting.length && records.length < maxRecords) {
      const raw = this.waiting[taken++];
      const found = decodeLogRecord(raw, this.options.partition, this.options.partitions);
      if (found.kind === 'unreadable') this.options.onUnreadable(raw, found);
      else {
        records.push(found);
        this.from = raw.offset + 1;
      }
      this.waitingBytes -= sizeOf(raw);
      this.next = raw.offset + 1;
    }
    this.waiting = this.waiting.slice(taken);
    if (this.waiting.length === 0) this.next = this.fetchNext;
    this.run();
    return { records, next: this.next };
  }

  /** Until something arrived, or `maxWaitMs`. */
  wait(maxWaitMs: number): Promise<void> {
    return this.waiting.length > 0 || this.failure !== null ? Promise.resolve() : this.arrived.wait(maxWaitMs);
  }

  wake(): void {
    this.arrived.notify();
  }

  end(): void {
    this.ended = true;
    this.pass++;
    this.arrived.end();
  }

  private seek(next: number): void {
    this.pass++;
    this.waiting = [];
    this.waitingBytes = 0;
    this.from = next;
    this.next = next;
    this.fetchNext = next;
    this.failure = null;
  }

  private run(): void {
    this.running ??= this.readAhead().finally(() => {
      this.running = null;
      // A fetch that a `seek` made useless ends the run; the new place is read by the next.
      if (!this.ended && this.failure === null && this.waitingBytes < this.options.limitBytes) this.run();
    });
  }

  private async readAhead(): Promise<void> {
    const { pass } = this;
    const { fetcher, topic, partition, limitBytes, kept, giveUpMs } = this.options;
    let failingMs: number | null = null;
    while (pass === this.pass && this.waitingBytes < limitBytes) {
      try {
        const maxBytes = Math.max(65_536, limitBytes / 4);
        const fetched = await fetcher.fetch({ topic, partition, offset: this.fetchNext, maxBytes, maxWaitMs: LONG_POLL_MS });
        failingMs = null;
        if (pass !== this.pass) return;
        this.fetchNext = fetched.next;
        for (const raw of fetched.records) {
          this.waiting.push(raw);
          this.waitingBytes += sizeOf(raw);
          kept.put(raw);
        }
        if (fetched.records.length > 0) this.arrived.notify();
      } catch (error) {
        if (pass !== this.pass) return;
        // A broker that is away may come back; when it does not, and of anything else, who reads is told.
        failingMs ??= performance.now();
        if (error instanceof BusError && error.retriable && performance.now() - failingMs < giveUpMs) {
          await sleep(this.options.retryMs);
          continue;
        }
        this.failure = error;
        this.arrived.notify();
        return;
      }
    }
  }
}

function sizeOf({ value }: RawRecord): number {
  return (value?.length ?? 0) + 200;
}
