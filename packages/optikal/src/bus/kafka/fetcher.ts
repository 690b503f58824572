/**
 * Reading a partition by offsets: one request, one answer, nothing buffered behind the caller's back (a stream of the client delivers what it
 * fetched before it is told to stop). Requests of one fetcher go one after the other over connections of its own.
 * The client hides an aborted transaction only when its end is in the same answer; `committedRecords` hides it whole.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BusError } from '../errors.ts';
import { committedRecords, type RawRecord } from './batches.ts';
import { hasApiId, type KafkaConsumer, newConsumer } from './client.ts';
import { brokerError, withinMs } from './errors.ts';
import type { ResolvedConnection } from './options.ts';

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const LATEST = -1n;
const EARLIEST = -2n;
/** How long an end that somebody's transaction holds back is waited for; one that is being completed takes some milliseconds. */
const SETTLE_MS = 1000;
const SETTLE_STEP_MS = 2;
const CLOSE_MS = 1000;

export interface FetchRequest {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
}

export interface Fetched {
  /** From `offset` on, control records and aborted ones left out. */
  readonly records: readonly RawRecord[];
  /** Where to go on; `offset` where there was nothing. */
  readonly next: number;
}

type FetchPartition = Parameters<KafkaConsumer['fetch']>[0]['topics'][number]['partitions'][number];

export interface TopicIdentity {
  readonly cluster: string;
  readonly topicId: string;
  readonly partitions: number;
}

/** Partition → offset. */
export type Places = ReadonlyMap<number, number>;

export class Fetcher {
  private readonly connection: ResolvedConnection;
  private consumer: KafkaConsumer;
  private readonly isolationLevel: number;
  private turn: Promise<unknown> = Promise.resolve();
  private closed = false;

  /** `committed`: only what was committed (topics of transactions); false for the log, which knows no transactions. */
  constructor(connection: ResolvedConnection, { committed }: { readonly committed: boolean }) {
    this.connection = connection;
    this.consumer = this.newConsumer();
    this.isolationLevel = committed ? READ_COMMITTED : READ_UNCOMMITTED;
  }

  /** Errors: log_dropped, broker_unavailable, broker_refused, topics_missing. */
  async fetch({ topic, partition, offset, maxBytes, maxWaitMs }: FetchRequest): Promise<Fetched> {
    const fetched = await this.fetchMany(topic, new Map([[partition, offset]]), maxBytes, maxWaitMs);
    return fetched.get(partition) ?? { records: [], next: offset };
  }

  /** Several partitions at once; those without anything new may be missing in the answer. */
  fetchMany(topic: string, places: Places, maxBytes: number, maxWaitMs: number): Promise<ReadonlyMap<number, Fetched>> {
    const mine = this.turn.then(() => this.fetchNow(topic, places, maxBytes, maxWaitMs));
    this.turn = mine.catch(() => {});
    return mine;
  }

  /** All records from `from` up to `to`, in answers of at most about `maxBytes`. */
  async *range(topic: string, partition: number, from: number, to: number, maxBytes: number): AsyncGenerator<readonly RawRecord[]> {
    for (let next = from; next < to; ) {
      const fetched = await this.untilAnswered(() => this.fetch({ topic, partition, offset: next, maxBytes, maxWaitMs: 100 }));
      next = fetched.next;
      const { records } = fetched;
      const beyond = records.findIndex(({ offset }) => offset >= to);
      yield beyond < 0 ? records : records.slice(0, beyond);
    }
  }

  /** One past the last record of each partition; those that a transaction still holds back included. */
  ends(topic: string): Promise<readonly number[]> {
    return this.offsets(topic, LATEST, READ_UNCOMMITTED);
  }

  firsts(topic: string): Promise<readonly number[]> {
    return this.offsets(topic, EARLIEST, READ_UNCOMMITTED);
  }

  /**
   * One past the last record that may be read as committed. The coordinator answers a commit before its markers are written, so what was
   * committed a moment ago is waited for; a transaction that stays open is not.
   */
  async settledEnd(topic: string, partition: number): Promise<number> {
    return (await this.settle(topic, partition, SETTLE_MS)).stable;
  }

  /**
   * The same where nobody can have a transaction open any more: all of it must be readable, or what was committed would be done again. Errors, beside
   * the others: broker_unavailable (one is still open after `giveUpMs`).
   */
  async wholeEnd(topic: string, partition: number): Promise<number> {
    const { stable, end } = await this.settle(topic, partition, this.connection.timeouts.giveUpMs);
    if (stable < end)
      throw new BusError('broker_unavailable', `\`${topic}\`, partition ${partition}: a transaction is still open at ${stable}`);
    return end;
  }

  private async settle(topic: string, partition: number, limitMs: number): Promise<{ readonly stable: number; readonly end: number }> {
    const { [partition]: end } = await this.offsets(topic, LATEST, READ_UNCOMMITTED, partition);
    for (const startMs = performance.now(); ; ) {
      const { [partition]: stable } = await this.offsets(topic, LATEST, READ_COMMITTED, partition);
      if (stable >= end || performance.now() - startMs >= limitMs) return { stable, end };
      await sleep(SETTLE_STEP_MS);
    }
  }

  /** The first offset whose record has this timestamp or a later one; null = there is none. */
  async offsetAtTime(topic: string, partition: number, timeMs: number): Promise<number | null> {
    // Also what a transaction still holds back: whether it may be read is the reader's own question.
    const timestamp = BigInt(Math.ceil(timeMs));
    const asked = { topics: [topic], partitions: { [topic]: [partition] }, timestamp, isolationLevel: READ_UNCOMMITTED };
    const found = await this.patiently(`search \`${topic}\``, (consumer) => consumer.listOffsets(asked));
    const offset = Number(found.get(topic)?.[partition] ?? -1n);
    return offset < 0 ? null : offset;
  }

  /** Cluster and topic ids: a cache of another cluster, or of a topic that was made anew, is none. */
  async identity(topic: string): Promise<TopicIdentity> {
    // A topic that is not there is asked for a few times, since one that was just made is not known to every broker yet.
    return identityIn(
      await this.patiently(`look up \`${topic}\``, (consumer) => consumer.metadata({ topics: [topic], retries: 3 })),
      topic,
    );
  }

  async close(): Promise<void> {
    this.closed = true;
    await closeQuietly(this.consumer);
  }

  private async offsets(topic: string, timestamp: bigint, isolationLevel: number, partition?: number): Promise<readonly number[]> {
    const only = partition === undefined ? {} : { partitions: { [topic]: [partition] } };
    const asked = { topics: [topic], timestamp, isolationLevel, ...only };
    const found = await this.patiently(`look up the ends of \`${topic}\``, (consumer) => consumer.listOffsets(asked));
    return (found.get(topic) ?? []).map(Number);
  }

  private async fetchNow(topic: string, places: Places, maxBytes: number, maxWaitMs: number): Promise<ReadonlyMap<number, Fetched>> {
    const doing = `read \`${topic}\``;
    const metadata = await this.patiently(doing, (consumer) => consumer.metadata({ topics: [topic] }));
    const found = metadata.topics.get(topic);
    if (found === undefined) throw new BusError('topics_missing', `expected a topic \`${topic}\``);
    const byLeader = new Map<number, FetchPartition[]>();
    for (const [partition, offset] of places) {
      if (partition >= found.partitionsCount) throw new BusError('topics_missing', `expected partition ${partition} of \`${topic}\``);
      const { leader } = found.partitions[partition];
      const asked = { partition, currentLeaderEpoch: -1, fetchOffset: BigInt(offset), lastFetchedEpoch: -1, partitionMaxBytes: maxBytes };
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), asked]);
    }
    const wait = { minBytes: 1, maxBytes, maxWaitTime: maxWaitMs, isolationLevel: this.isolationLevel };
    try {
      const requests = [...byLeader].map(([node, partitions]) =>
        this.consumer.fetch({ node, topics: [{ topicId: found.id, partitions }], ...wait }),
      );
      const answers = await withinMs(this.tryMs + maxWaitMs, doing, Promise.all(requests));
      const parts = answers
        .flatMap(({ responses }) => responses.filter(({ topicId }) => topicId === found.id))
        .flatMap((each) => each.partitions);
      const fetched = new Map<number, Fetched>();
      for (const { partitionIndex, records, abortedTransactions } of parts)
        fetched.set(partitionIndex, committedRecords(records ?? [], abortedTransactions ?? [], places.get(partitionIndex) ?? 0));
      return fetched;
    } catch (error) {
      await this.renew();
      if (hasApiId(error, 'OFFSET_OUT_OF_RANGE'))
        throw new BusError('log_dropped', `\`${topic}\`: a record that was asked for is not kept any more`, { cause: error });
      throw brokerError(error, doing);
    }
  }

  /** After a failure: what the client still tries must end before another request is made, and another broker may lead by now. */
  private async renew(): Promise<void> {
    if (this.closed) return;
    const old = this.consumer;
    this.consumer = this.newConsumer();
    await closeQuietly(old);
  }

  private newConsumer(): KafkaConsumer {
    return newConsumer(this.connection, `optikal-reader-${randomUUID()}`);
  }

  /** How long the client may try by itself. One that stood idle while its broker died can try for ever, where a new one is answered at once. */
  private get tryMs(): number {
    return 2 * this.connection.timeouts.requestMs;
  }

  /** Tries with a new client each time, until it is answered or `giveUpMs` are over. */
  private patiently<T>(doing: string, work: (consumer: KafkaConsumer) => Promise<T>): Promise<T> {
    return this.untilAnswered(async () => {
      try {
        return await withinMs(Math.min(this.tryMs, this.connection.timeouts.giveUpMs), doing, work(this.consumer));
      } catch (error) {
        if (error instanceof BusError && error.retriable) await this.renew();
        throw error;
      }
    });
  }

  private async untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
    const { giveUpMs, retryMs } = this.connection.timeouts;
    const untilMs = performance.now() + giveUpMs;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof BusError && error.retriable) || this.closed || performance.now() + retryMs > untilMs) throw error;
        await sleep(retryMs);
      }
    }
  }
}

function identityIn(metadata: Awaited<ReturnType<KafkaConsumer['metadata']>>, topic: string): TopicIdentity {
  const found = metadata.topics.get(topic);
  if (found === undefined) throw new BusError('topics_missing', `expected a topic \`${topic}\``);
  return { cluster: metadata.id, topicId: found.id, partitions: found.partitionsCount };
}

/** A connection that hangs must not hold up whoever closes; there is nothing to lose in a reader. */
async function closeQuietly(consumer: KafkaConsumer): Promise<void> {
  await withinMs(CLOSE_MS, 'close a reader', consumer.close(true)).catch(() => {});
}
