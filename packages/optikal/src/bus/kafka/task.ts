/**
 * One partition under one lease. The lease is a producer: its transactional id is the partition's, so taking it fences whoever had it before and
 * ends what that one left open. Then state is read to its end, and nobody but this producer can add to it. INVARIANT: a commit is one
 * transaction over state, position, alerts, scores and dead letters, and the position in the state topic is the truth about what is committed.
 * Whenever the outcome of a commit is not known the task is at its end: whoever leases next finds out.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { failpoint } from '../../observability/failpoint.ts';
import { alertConflict, checkCommit, checkMaxRecords, checkOffsets, checkRead } from '../checks.ts';
import type { AlertRow, Commit, DeadLetter, Lease, LogRecord, ReadOptions } from '../contract.ts';
import { BusError } from '../errors.ts';
import type { RawRecord } from './batches.ts';
import { catchUp } from './catch-up.ts';
import { type KafkaProducer, newTransactionalProducer } from './client.ts';
import { compressionOf } from './compression.ts';
import { brokerError, withinMs } from './errors.ts';
import { Fetcher } from './fetcher.ts';
import { KeptRecords } from './kept-records.ts';
import { tokenOf, transactionalId } from './lease-id.ts';
import { letterOf } from './log-records.ts';
import { OpenAgents } from './open-agents.ts';
import type { ResolvedBusOptions } from './options.ts';
import {
  encodeAlert,
  encodeLetter,
  encodePosition,
  encodeScore,
  encodeState,
  grouped,
  type OutputMessage,
  type PositionRecord,
} from './output-records.ts';
import { recordsAt } from './records-at.ts';
import { alertName, StateCache } from './state-cache.ts';
import { Tail } from './tail.ts';
import type { TopicNames } from './topic-names.ts';

/** The client decodes an answer in one turn, and it is four times as large by then. */
const FETCH_BYTES = 1_048_576;
/** A read that must find something (it is below the end) asks again after this. */
const LOOK_AGAIN_MS = 100;

type Transaction = Awaited<ReturnType<KafkaProducer['beginTransaction']>>;

export interface TaskOptions {
  readonly bus: ResolvedBusOptions;
  readonly topics: TopicNames;
  readonly partition: number;
  readonly partitions: number;
  readonly hmacKey: string;
  readonly cachePath: string;
  readonly cacheIdentity: string;
  /** A deliberate defect, to prove that the crash tests would find it; `offset_before_alerts` is known here. */
  readonly mutant: string | null;
  /** The end of the partition as it is known to this process, and the place to say that it moved. */
  readonly end: () => number;
  readonly moveEnd: (end: number) => void;
  /** Is told one past the last alert of a commit. */
  readonly onAlerts: (end: number) => void;
}

export class PartitionTask {
  readonly lease: Lease;
  private readonly options: TaskOptions;
  private producer: KafkaProducer;
  private readonly cache: StateCache;
  private readonly fetcher: Fetcher;
  private readonly tailFetcher: Fetcher;
  private readonly tail: Tail;
  private readonly kept: KeptRecords;
  private readonly openAgents: OpenAgents;
  private readonly unreadable = new Map<number, DeadLetter>();
  private transaction: Transaction | null;
  private committed: number;
  private lost: BusError | null = null;
  private writing = false;
  private ending: Promise<void> | null = null;

  private constructor(options: TaskOptions, parts: Parts, lease: Lease) {
    this.options = options;
    this.producer = parts.producer;
    this.transaction = parts.transaction;
    this.cache = parts.cache;
    this.fetcher = parts.fetcher;
    this.lease = lease;
    this.committed = lease.next;
    this.openAgents = new OpenAgents(lease.due);
    this.kept = new KeptRecords(options.bus.keptBytes);
    this.tailFetcher = new Fetcher(options.bus.connection, { committed: false });
    this.tail = new Tail({
      fetcher: this.tailFetcher,
      kept: this.kept,
      topic: options.topics.events,
      partition: options.partition,
      partitions: options.partitions,
      limitBytes: options.bus.readAheadBytes,
      retryMs: options.bus.connection.timeouts.retryMs,
      giveUpMs: options.bus.connection.timeouts.giveUpMs,
      onUnreadable: (raw, found) => this.unreadable.set(raw.offset, letterOf(raw, found, options.hmacKey)),
    });
  }

  /** Errors: broker_unavailable, broker_refused, topics_missing, lease_lost (somebody leased it meanwhile). */
  static async start(options: TaskOptions): Promise<PartitionTask> {
    const { bus, topics, partition, cachePath, cacheIdentity } = options;
    const { giveUpMs } = bus.connection.timeouts;
    const producer = newTransactionalProducer(bus.connection, transactionalId(bus, partition));
    const fetcher = new Fetcher(bus.connection, { committed: true });
    let cache: StateCache | null = null;
    try {
      const transaction = await withinMs(giveUpMs, `lease partition ${partition}`, producer.beginTransaction());
      cache = StateCache.open(cachePath, cacheIdentity);
      await catchUp(cache, fetcher, topics, partition);
      options.moveEnd((await fetcher.ends(topics.events))[partition]);
      failpoint('bus.restore');
      const position = cache.position;
      const lease: Lease = {
        partition,
        token: tokenOf(producer),
        next: position?.next ?? 0,
        partitionState: position?.partitionState ?? null,
        due: cache.due(),
      };
      return new PartitionTask(options, { producer, transaction, cache, fetcher }, lease);
    } catch (error) {
      cache?.close();
      await Promise.all([producer.close(true).catch(() => {}), fetcher.close()]);
      throw brokerError(error, `lease partition ${partition}`);
    }
  }

  /** Whether the lease came to its end by itself, so that the next call needs a new one. */
  get isLost(): boolean {
    return this.lost !== null;
  }

  get position(): number {
    return this.committed;
  }

  async read(
    next: number,
    { maxRecords, maxWaitMs }: ReadOptions,
  ): Promise<{ readonly records: readonly LogRecord[]; readonly next: number }> {
    checkMaxRecords(maxRecords);
    this.checkHeld();
    await this.look(next);
    checkRead(this.options.partition, next, this.logEnd());
    const { giveUpMs } = this.options.bus.connection.timeouts;
    const startMs = performance.now();
    for (let from = next; ; ) {
      const batch = this.tail.take(from, maxRecords);
      this.options.moveEnd(batch.next);
      if (batch.records.length > 0) return batch;
      from = batch.next;
      const waitedMs = performance.now() - startMs;
      // Below the end there is something to come, however short the caller would wait.
      const leftMs = from < this.logEnd() ? Math.min(LOOK_AGAIN_MS, giveUpMs - waitedMs) : maxWaitMs - waitedMs;
      // What was skipped at the end of the log is skipped again next time: a position moves with a record only.
      if (leftMs <= 0) {
        if (from < this.logEnd())
          throw new BusError('broker_unavailable', `could not read partition ${this.options.partition} within ${giveUpMs} ms`);
        return { records: [], next: from };
      }
      await this.tail.wait(leftMs);
      this.checkHeld();
    }
  }

  async readAt(offsets: readonly number[]): Promise<readonly LogRecord[]> {
    this.checkHeld();
    const { partition, partitions, topics } = this.options;
    checkOffsets(partition, offsets, this.logEnd());
    const found = new Map<number, RawRecord>();
    for (const offset of [...new Set(offsets)].toSorted((a, b) => a - b)) {
      if (found.has(offset)) continue;
      let record = this.kept.get(offset);
      if (record === undefined) {
        const request = { topic: topics.events, partition, offset, maxBytes: FETCH_BYTES, maxWaitMs: 100 };
        const { records } = await this.fetcher.fetch(request).catch((error: unknown) => {
          throw this.lost ?? error;
        });
        this.checkHeld();
        for (const each of records) this.kept.put(each);
        record = records.find((each) => each.offset === offset);
        // What came along may be asked for next, and may be more than is kept.
        for (const each of records) found.set(each.offset, each);
      }
      if (record === undefined) throw new BusError('log_dropped', `partition ${partition}: record ${offset} is not kept any more`);
      found.set(offset, record);
    }
    const records = await recordsAt(offsets, found, { partition, partitions });
    this.checkHeld();
    return records;
  }

  loadState(keys: readonly string[]): ReadonlyMap<string, string> {
    this.checkHeld();
    return this.cache.load(keys);
  }

  async commit(commit: Commit): Promise<void> {
    this.checkHeld();
    const { partition, partitions, bus } = this.options;
    await this.look(commit.next);
    this.checkHeld();
    checkCommit(commit, { partition, next: this.committed, end: this.logEnd() }, partitions);
    const alerts = this.newAlerts(commit.out.alerts);
    let { transaction } = this;
    if (transaction === null) throw new BusError('option_invalid', `partition ${partition}: a commit is under way already`);
    const position = { next: commit.next, partitionState: commit.partitionState, openAgents: this.openAgents.countAfter(commit.state) };
    const groups = grouped(this.messages(commit, alerts, position), bus.batchBytes);
    if (this.options.mutant === 'offset_before_alerts') transaction = await this.commitFirst(transaction, position);
    this.transaction = null;
    failpoint('bus.commit.begin');
    let written: Written;
    try {
      written = await this.send(transaction, groups);
    } catch (error) {
      throw await this.giveUpOn(transaction, error);
    }
    failpoint('bus.commit.before_commit');
    try {
      await this.bounded(transaction.commit());
    } catch (error) {
      throw this.fail(this.outcomeOf(error));
    }
    failpoint('bus.commit.after_commit');
    this.committed = commit.next;
    this.openAgents.keep(commit.state);
    for (const offset of this.unreadable.keys()) if (offset < commit.next) this.unreadable.delete(offset);
    if (written.alertsTo !== null) this.options.onAlerts(written.alertsTo);
    if (this.lost !== null) return; // durable all the same; the cache is the next lease's by now
    this.cache.keep({ state: commit.state, alerts, position, stateTo: written.stateTo, alertsTo: written.alertsTo }, written.offsets);
    void this.writeCache();
    // Says nothing to the broker yet: the first send does.
    this.transaction = await this.producer.beginTransaction().catch((error: unknown) => {
      this.fail(brokerError(error, `begin a transaction of partition ${partition}`));
      return null;
    });
  }

  /** The deliberate defect: a crash between the two transactions loses what the second holds. */
  private async commitFirst(transaction: Transaction, position: PositionRecord): Promise<Transaction> {
    await transaction.send({ messages: [encodePosition(this.options.topics.state, this.options.partition, position)] });
    await transaction.commit();
    return this.producer.beginTransaction();
  }

  /** Ends the lease: whoever waits or calls under it learns `error`. */
  end(error: BusError): Promise<void> {
    this.fail(error);
    this.ending ??= this.release();
    return this.ending;
  }

  private async release(): Promise<void> {
    try {
      await this.cache.flush();
    } catch {
      // A full disk: the next lease reads more of the topic.
    }
    this.cache.close();
    await Promise.all([this.fetcher.close(), this.tailFetcher.close()]);
  }

  private async send(transaction: Transaction, groups: readonly (readonly OutputMessage[])[]): Promise<Written> {
    const { topics } = this.options;
    const offsets: number[] = [];
    let alertsTo: number | null = null;
    for (const messages of groups) {
      const written = await this.bounded(transaction.send({ messages: [...messages], compression: compressionOf(messages) }));
      for (const { topic, offset } of written.offsets ?? []) {
        const count = messages.filter((message) => message.topic === topic).length;
        if (topic === topics.state) for (let n = 0; n < count; n++) offsets.push(Number(offset) + n);
        else if (topic === topics.alerts) alertsTo = Number(offset) + count;
      }
      failpoint('bus.commit.after_state');
    }
    // The position is the last of them.
    return { offsets, stateTo: (offsets.at(-1) ?? -1) + 1, alertsTo };
  }

  private messages(commit: Commit, alerts: readonly AlertRow[], position: PositionRecord): OutputMessage[] {
    const { topics, partition } = this.options;
    const letters = commit.out.deadLetters.map((letter) => ({ ...letter, partition }));
    for (const [offset, letter] of this.unreadable)
      if (offset >= this.committed && offset < commit.next) letters.push({ ...letter, partition, offset });
    return [
      ...alerts.map((alert) => encodeAlert(topics.alerts, partition, alert)),
      ...commit.out.scores.map((score) => encodeScore(topics.scores, partition, score)),
      ...letters.toSorted((a, b) => a.offset - b.offset).map((letter) => encodeLetter(topics.deadLetters, letter)),
      ...commit.state.map((change) => encodeState(topics.state, partition, change)),
      // Last: who looks for the position finds it at the end of the partition.
      encodePosition(topics.state, partition, position),
    ];
  }

  private newAlerts(alerts: readonly AlertRow[]): AlertRow[] {
    const fresh = new Map<string, AlertRow>();
    for (const alert of alerts) {
      const name = alertName(alert);
      const known = this.cache.knows(alert);
      const before = fresh.get(name);
      if (known === 'other' || (before !== undefined && before.body !== alert.body)) throw alertConflict(alert.id, alert.revision);
      if (known === 'not' && before === undefined) fresh.set(name, alert);
    }
    return [...fresh.values()];
  }

  /** Nothing was asked to become durable yet: a refusal leaves the lease as it was, anything else ends it. */
  private async giveUpOn(transaction: Transaction, error: unknown): Promise<BusError> {
    const known = brokerError(error, `commit partition ${this.options.partition}`);
    if (this.lost !== null) return this.lost;
    if (known.code === 'record_too_large') {
      try {
        await this.bounded(transaction.abort());
        this.transaction = await this.bounded(this.renewProducer().beginTransaction());
        return known;
      } catch (abortError) {
        return this.fail(this.outcomeOf(abortError));
      }
    }
    return this.fail(this.outcomeOf(known));
  }

  /** The client counts on after a send that was refused, the broker does not: a new producer follows, if nobody has leased meanwhile. */
  private renewProducer(): KafkaProducer {
    const { producerId = -1n, producerEpoch = -1 } = this.producer;
    const { bus, partition } = this.options;
    void this.producer.close(true).catch(() => {});
    this.producer = newTransactionalProducer(bus.connection, transactionalId(bus, partition), { producerId, producerEpoch });
    return this.producer;
  }

  /** What a failed commit means: fenced for certain, refused for certain, or not known. */
  private outcomeOf(error: unknown): BusError {
    const { partition } = this.options;
    const known = brokerError(error, `commit partition ${partition}`);
    if (known.code === 'lease_lost' || known.code === 'broker_refused') return known;
    return new BusError('commit_unknown', `partition ${partition}: ${known.message}; lease it again`, { cause: known });
  }

  /** The cache's file is written between the turns of whoever works. */
  private async writeCache(): Promise<void> {
    if (this.writing) return;
    this.writing = true;
    try {
      do await nextTurn();
      while (this.lost === null && this.cache.writeSome());
    } catch {
      // A full disk: the partition works on without it, and the next lease reads more of the topic.
    } finally {
      this.writing = false;
    }
  }

  /** Others write to the log too: an offset behind the end that is known is looked up. */
  private async look(offset: number): Promise<void> {
    if (offset > this.logEnd()) this.options.moveEnd((await this.fetcher.ends(this.options.topics.events))[this.options.partition]);
  }

  private logEnd(): number {
    return this.options.end();
  }

  private bounded<T>(work: Promise<T>): Promise<T> {
    const { giveUpMs } = this.options.bus.connection.timeouts;
    return withinMs(giveUpMs, `commit partition ${this.options.partition}`, work);
  }

  private fail(error: BusError): BusError {
    if (this.lost !== null) return this.lost;
    this.lost = error;
    this.transaction = null;
    this.tail.end();
    void this.producer.close(true).catch(() => {}); // thrown away: what it still tries must end
    return error;
  }

  private checkHeld(): void {
    if (this.lost !== null) throw this.lost;
  }
}

interface Parts {
  readonly producer: KafkaProducer;
  readonly transaction: Transaction;
  readonly cache: StateCache;
  readonly fetcher: Fetcher;
}

interface Written {
  /** Of the records in the state topic. */
  readonly offsets: readonly number[];
  readonly stateTo: number;
  readonly alertsTo: number | null;
}
