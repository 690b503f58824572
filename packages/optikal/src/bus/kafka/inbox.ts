/**
 * Reading the public topics as one of a group of routers. Delivery: at least once. Messages are handed over in their order, a batch at a time;
 * their offsets are committed once `take` says that they are durable. What follows from the client's habits: after it lost a partition its
 * stream still delivers what it holds, so those messages are passed over; commits are made by one timer, never while the group is being shared
 * out anew, or each would make it do so again.
 */
import type { Message, MessagesStream } from '@platformatic/kafka';
import { BusError } from '../errors.ts';
import { Signal } from '../signal.ts';
import { type KafkaConsumer, LONG_POLL_MS, newConsumer } from './client.ts';
import { brokerError, withinMs } from './errors.ts';
import { type KafkaConnection, type ResolvedConnection, resolveConnection } from './options.ts';
import { topicName } from './topics.ts';

type Incoming = Message<Buffer, Buffer, Buffer, Buffer>;

export interface InboxMessage {
  /** Without prefix. */
  readonly topic: string;
  readonly key: Buffer | null;
  readonly headers: Iterable<readonly [Buffer, Buffer]>;
  readonly value: Buffer | null;
}

export interface InboxOptions {
  readonly connection: KafkaConnection;
  readonly prefix?: string;
  readonly group: string;
  /** Without prefix. */
  readonly topics: readonly string[];
  /** Messages of one batch, which is what is held and not durable yet. */
  readonly maxMessages: number;
  /** Resolves when all of them are durable. After an error it is called again with the same messages. */
  readonly take: (messages: readonly InboxMessage[]) => Promise<void>;
  /** It gets nowhere since a moment ago, and why; null = it goes on. */
  readonly onWait: (error: unknown) => void;
}

export interface Inbox {
  /** Messages that were read and are not durable yet. */
  readonly waiting: number;
  /** Hands over what is under way, commits its offsets and leaves the group. */
  close(): Promise<void>;
}

const COMMIT_MS = 250;
/** One fetch of a partition: what is held in memory beside the batch is at most this for each. */
const FETCH_BYTES = 1_048_576;
const AGAIN_MS = 250;

/** Errors: option_invalid, broker_unavailable, broker_refused, topics_missing. */
export async function openInbox(options: InboxOptions): Promise<Inbox> {
  const connection = resolveConnection(options.connection);
  const reading = new Reading(connection, options);
  const first = await Session.open(connection, options);
  reading.start(first);
  return reading;
}

class Reading implements Inbox {
  readonly #connection: ResolvedConnection;
  readonly #options: InboxOptions;
  #closed = false;
  #waits = false;
  #done: Promise<void> = Promise.resolve();
  waiting = 0;

  constructor(connection: ResolvedConnection, options: InboxOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  start(first: Session): void {
    this.#done = this.#run(first);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#done;
  }

  async #run(first: Session): Promise<void> {
    for (let session: Session | null = first; !this.#closed; session = null) {
      try {
        session ??= await Session.open(this.#connection, this.#options);
        await this.#read(session);
      } catch (error) {
        this.#wait(error);
        await pause(AGAIN_MS);
      } finally {
        await session?.close();
      }
    }
    await first.close(); // where it was closed before its first turn
  }

  async #read(session: Session): Promise<void> {
    while (!this.#closed) {
      const batch = await session.next();
      if (batch.length === 0) continue;
      this.waiting = batch.length;
      const taken = await this.#takePatiently(batch, session);
      this.waiting = 0;
      if (taken) session.processed(batch);
    }
  }

  /** false = closed before it succeeded: another router takes them. */
  async #takePatiently(batch: readonly Incoming[], session: Session): Promise<boolean> {
    const messages = batch.map((message) => session.asTaken(message));
    for (;;) {
      try {
        await this.#options.take(messages);
        this.#wait(null);
        return true;
      } catch (error) {
        if (this.#closed) return false;
        this.#wait(error);
        await pause(AGAIN_MS);
      }
    }
  }

  /** Tells of changes alone. */
  #wait(error: unknown): void {
    if (this.#waits === (error !== null)) return;
    this.#waits = error !== null;
    this.#options.onWait(error);
  }
}

/** One membership in the group, from joining to leaving. */
class Session {
  readonly #connection: ResolvedConnection;
  readonly #options: InboxOptions;
  readonly #consumer: KafkaConsumer;
  readonly #arrived = new Signal();
  readonly #prefix: string;
  #stream: MessagesStream<Buffer, Buffer, Buffer, Buffer> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failure: unknown = null;
  /** `topic partition` → the generation in which it became ours, and the offset after the last durable message. */
  readonly #owned = new Map<string, { readonly generation: number; next: bigint | null }>();
  readonly #uncommitted = new Map<string, Incoming>();
  #rebalancing = false;
  #committing: Promise<void> | null = null;
  #activeMs = performance.now();
  #closing: Promise<void> | null = null;

  private constructor(connection: ResolvedConnection, options: InboxOptions) {
    const { sessionMs, heartbeatMs, rebalanceMs } = connection.timeouts;
    this.#connection = connection;
    this.#options = options;
    this.#prefix = options.prefix ?? '';
    this.#consumer = newConsumer(connection, `${this.#prefix}${options.group}`, {
      sessionTimeout: sessionMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: rebalanceMs,
      protocols: [{ name: 'roundrobin', version: 1 }],
      maxBytesPerPartition: FETCH_BYTES,
      maxWaitTime: LONG_POLL_MS,
    });
  }

  static async open(connection: ResolvedConnection, options: InboxOptions): Promise<Session> {
    const session = new Session(connection, options);
    try {
      await session.#join();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async #join(): Promise<void> {
    const consumer = this.#consumer;
    // The client gave up joining again; an error that nobody hears would end the process.
    consumer.on('error', (error: unknown) => this.#fail(error));
    consumer.on('consumer:group:rebalance', () => {
      this.#rebalancing = true;
    });
    consumer.on('consumer:group:join', () => {
      this.#rebalancing = false;
      this.#assigned();
    });
    const topics = this.#options.topics.map((topic) => topicName(topic, this.#prefix));
    const stream = await withinMs(
      this.#connection.timeouts.giveUpMs,
      'read the public topics',
      consumer.consume({ topics, mode: 'committed', fallbackMode: 'earliest', autocommit: false }),
    );
    this.#stream = stream;
    stream.on('error', (error) => this.#fail(error));
    stream.on('close', () => this.#fail(new BusError('broker_unavailable', 'the stream of the public topics ended')));
    stream.on('readable', () => this.#arrived.notify());
    this.#assigned();
    this.#timer = setInterval(() => void this.#commit(), COMMIT_MS);
  }

  /** What came, up to a batch; empty after a while without any. Throws what ended the stream. */
  async next(): Promise<readonly Incoming[]> {
    const batch: Incoming[] = [];
    while (batch.length < this.#options.maxMessages) {
      this.#check();
      const message = (this.#stream?.read() ?? null) as Incoming | null; // what the stream is of
      if (message === null) break;
      if (this.#isWanted(message)) batch.push(message);
    }
    if (batch.length === 0) await this.#arrived.wait(LONG_POLL_MS);
    return batch;
  }

  processed(batch: readonly Incoming[]): void {
    for (const message of batch) {
      const owned = this.#owned.get(placeOf(message));
      if (owned === undefined || generationOf(message) < owned.generation) continue;
      owned.next = message.offset + 1n;
      this.#uncommitted.set(placeOf(message), message);
    }
  }

  asTaken({ topic, key, value, headerEntries }: Incoming): InboxMessage {
    return { topic: topic.slice(this.#prefix.length), key: key ?? null, headers: headerEntries, value: value ?? null };
  }

  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  #assigned(): void {
    const consumer = this.#consumer;
    const now = new Set((consumer.assignments ?? []).flatMap(({ topic, partitions }) => partitions.map((p) => `${topic} ${p}`)));
    for (const place of this.#owned.keys()) {
      if (now.has(place)) continue;
      this.#owned.delete(place);
      this.#uncommitted.delete(place);
    }
    for (const place of now) if (!this.#owned.has(place)) this.#owned.set(place, { generation: consumer.generationId, next: null });
  }

  #isWanted(message: Incoming): boolean {
    const owned = this.#owned.get(placeOf(message));
    if (owned === undefined || generationOf(message) < owned.generation) return false;
    return owned.next === null || message.offset >= owned.next;
  }

  /** One at a time. An error is no loss: the messages come again, to whoever has the partition then. */
  async #commit(): Promise<void> {
    const consumer = this.#consumer;
    if (consumer.isActive() && !this.#rebalancing) this.#activeMs = performance.now();
    else return;
    if (this.#committing !== null || this.#uncommitted.size === 0) return;
    const done = [...this.#uncommitted];
    const offsets = done.map(([, { topic, partition, offset, leaderEpoch }]) => ({
      topic,
      partition,
      offset: offset + 1n,
      leaderEpoch,
    }));
    this.#uncommitted.clear();
    this.#committing = withinMs(
      this.#connection.timeouts.giveUpMs,
      'commit offsets of the public topics',
      consumer.commit({ offsets }),
    ).catch(() => {});
    await this.#committing;
    this.#committing = null;
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#arrived.notify();
  }

  #check(): void {
    if (this.#failure !== null) throw brokerError(this.#failure, 'read the public topics');
    // A member that was thrown out while no broker answered may never hear of it.
    if (performance.now() - this.#activeMs > 2 * this.#connection.timeouts.sessionMs)
      throw new BusError('broker_unavailable', 'the group of routers does not answer');
  }

  async #leave(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#committing;
    if (this.#failure === null) await this.#commit();
    const { requestMs } = this.#connection.timeouts;
    const ended = (work: Promise<unknown>) => withinMs(requestMs, 'leave the group of routers', work).catch(() => {}); // it is forgotten after its session
    if (this.#stream !== null) await ended(this.#stream.close());
    await ended(this.#consumer.close(true));
  }
}

function placeOf({ topic, partition }: Incoming): string {
  return `${topic} ${partition}`;
}

function generationOf({ metadata }: Incoming): number {
  const consumer = metadata.consumer as { readonly generationId: number } | undefined; // the client sets it on what it fetches for a group
  return consumer?.generationId ?? 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
