/**
 * The embedded bus: one file, one writer, one thread that owns it. Delivery: `append` and `commit` resolve when they are durable.
 * When the disk is full they reject with `disk_full` and may be called again in the same way: a commit left nothing behind; of an append
 * longer than a batch (512 records) the first batches may be in the log, where the repeated events are found to be duplicates.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkMaxRecords, checkRead } from '../checks.ts';
import type { AppendOutcome, Bus, Commit, Lease, LogEntry, LogRecord, ReadOptions, StoredAlert } from '../contract.ts';
import { BusError } from '../errors.ts';
import { Signal } from '../signal.ts';
import { AppendQueue } from './append-queue.ts';
import { decodePage, decodeRecord } from './log-table.ts';
import { checkOptions, type EmbeddedBusOptions } from './options.ts';
import type { Greeting } from './protocol.ts';
import { WorkerLink } from './worker-link.ts';

/** Rows in one message, so that cloning it holds the event loop for a few milliseconds at most. */
const MESSAGE_ROWS = 1024;

export interface EmbeddedBus extends Bus {
  /** The key of the HMACs in dead letters: made with the file, kept in it. Hex, 32 bytes. */
  readonly hmacKey: string;
}

/** Errors: option_invalid, data_dir_locked, format_unsupported, partitions_changed, bus_corrupt, bus_io. */
export async function openEmbeddedBus(options: EmbeddedBusOptions): Promise<EmbeddedBus> {
  return openWithWorker(options, new URL('./worker.ts', import.meta.url));
}

/** With the thread's script as an argument, for tests of a thread that fails. */
export async function openWithWorker({ lingerMs = 2, ...options }: EmbeddedBusOptions, script: URL): Promise<EmbeddedBus> {
  checkOptions({ ...options, lingerMs });
  const { link, greeting } = await WorkerLink.start(script, options);
  return new Client(options.partitions, lingerMs, link, greeting);
}

class Client implements EmbeddedBus {
  readonly partitions: number;
  readonly findsDuplicates = true;
  readonly hmacKey: string;
  private readonly link: WorkerLink;
  private readonly queue: AppendQueue;
  private readonly ends: number[];
  private readonly arrived: readonly Signal[];
  private commitSerial = 0;
  /** Rises with each commit that brought alerts. */
  private alertCommits = 0;
  private readonly alerted = new Signal();
  private closing: Promise<void> | null = null;

  constructor(partitions: number, lingerMs: number, link: WorkerLink, greeting: Extract<Greeting, { ready: true }>) {
    this.partitions = partitions;
    this.hmacKey = greeting.hmacKey;
    this.link = link;
    this.ends = [...greeting.ends];
    this.arrived = this.ends.map(() => new Signal());
    this.queue = new AppendQueue(partitions, lingerMs, async (batch) => {
      const { outcomes, ends } = await link.request('append', batch);
      this.moveEnds(ends);
      return outcomes;
    });
    link.onCrash = () => this.endWaiting();
  }

  async append(entries: readonly LogEntry[]): Promise<readonly AppendOutcome[]> {
    this.checkOpen();
    return this.queue.add(entries);
  }

  async join(onAssigned: (partitions: readonly number[]) => void): Promise<void> {
    this.checkOpen();
    onAssigned(Array.from({ length: this.partitions }, (_, p) => p));
  }

  async lease(partition: number): Promise<Lease> {
    this.checkOpen();
    const { token, next, partitionState, dueKeys, dueMs } = await this.link.request('lease', partition);
    this.arrived[partition].notify(); // whoever waits under the old lease learns that it is lost
    return { partition, token, next, partitionState, due: dueKeys.map((key, n) => ({ key, dueMs: dueMs[n] })) };
  }

  async read(lease: Lease, next: number, options: ReadOptions): Promise<{ readonly records: readonly LogRecord[]; readonly next: number }> {
    this.checkOpen();
    checkMaxRecords(options.maxRecords);
    checkRead(lease.partition, next, this.ends[lease.partition]);
    if (next === this.ends[lease.partition] && options.maxWaitMs > 0) await this.arrived[lease.partition].wait(options.maxWaitMs);
    this.checkOpen();
    const records = decodePage(await this.link.request('read', lease.partition, lease.token, next, options.maxRecords));
    return { records, next: next + records.length };
  }

  async loadState(lease: Lease, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    this.checkOpen();
    const found = new Map<string, string>();
    for (let at = 0; at === 0 || at < keys.length; at += MESSAGE_ROWS) {
      const some = keys.slice(at, at + MESSAGE_ROWS);
      const bodies = await this.link.request('loadState', lease.partition, lease.token, some);
      for (const [n, body] of bodies.entries()) if (body !== null) found.set(some[n], body);
    }
    return found;
  }

  async readAt({ partition, token }: Lease, offsets: readonly number[]): Promise<readonly LogRecord[]> {
    this.checkOpen();
    const records: LogRecord[] = [];
    do {
      const some = offsets.slice(records.length, records.length + MESSAGE_ROWS);
      const { kinds, payloads } = await this.link.request('readAt', partition, token, some);
      for (const [n, payload] of payloads.entries()) records.push(decodeRecord(some[n], kinds[n], payload));
    } while (records.length < offsets.length);
    return records;
  }

  async commit(lease: Lease, commit: Commit): Promise<void> {
    this.checkOpen();
    const { partition, token } = lease;
    const serial = ++this.commitSerial;
    const { state } = commit;
    const { scores } = commit.out;
    let at = 0;
    for (; Math.max(state.length, scores.length) - at > MESSAGE_ROWS; at += MESSAGE_ROWS) {
      const part = { state: state.slice(at, at + MESSAGE_ROWS), scores: scores.slice(at, at + MESSAGE_ROWS) };
      await this.link.request('stage', serial, part);
      await nextTurn();
    }
    const last = at === 0 ? commit : { ...commit, state: state.slice(at), out: { ...commit.out, scores: scores.slice(at) } };
    const alertCount = await this.link.request('commit', partition, token, last, serial);
    if (alertCount === 0) return;
    this.alertCommits++;
    this.alerted.notify();
  }

  async alerts(after: number, options: ReadOptions): Promise<readonly StoredAlert[]> {
    this.checkOpen();
    const commits = this.alertCommits;
    const found = await this.link.request('alerts', after, options.maxRecords);
    if (found.length > 0 || options.maxWaitMs <= 0) return found;
    // A commit may have come between the answer and now.
    if (this.alertCommits === commits) await this.alerted.wait(options.maxWaitMs);
    this.checkOpen();
    return this.link.request('alerts', after, options.maxRecords);
  }

  async positions() {
    this.checkOpen();
    return this.link.request('positions');
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    this.endWaiting();
    await this.queue.drained();
    await this.link.close();
  }

  private moveEnds(ends: readonly number[]): void {
    for (const [partition, end] of ends.entries()) {
      if (end === this.ends[partition]) continue;
      this.ends[partition] = end;
      this.arrived[partition].notify();
    }
  }

  private endWaiting(): void {
    for (const signal of this.arrived) signal.end();
    this.alerted.end();
  }

  private checkOpen(): void {
    if (this.closing !== null) throw new BusError('bus_closed', 'the bus is closed');
  }
}
