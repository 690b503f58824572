/**
 * Reading the public topics as one of a group of routers. Delivery: at least once. Messages are handed over a batch at a time, merged by
 * event time over all partitions (event-order.ts): after an outage a fetch brings as many bytes of each, which are minutes more of a topic of small
 * messages than of one with large ones. Their offsets are committed once `take` says that they are durable. What follows from the client's habits: after it lost a partition its
 * stream still delivers what it holds, so those messages are passed over; commits are made by one timer, never while the group is being shared
 * out anew, or each would make it do so again.
 */
import type { Message, MessagesStream } from '@platformatic/kafka';
import { BusError } from '../errors.ts';
import { Signal } from '../signal.ts';
import { LONG_POLL_MS } from './client.ts';
import { brokerError, withinMs } from './errors.ts';
import { EventOrder } from './event-order.ts';
import { type KafkaConnection, type ResolvedConnection, resolveConnection } from './options.ts';
import { newPausingConsumer, type PausingConsumer } from './pausing-consumer.ts';
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
  /** Messages went on although earlier ones may follow: too many were held back, or a partition brought nothing for too long. */
  readonly onOutOfOrder?: (count: number) => void;
}

export interface Inbox {
  /** Messages that were read and are not durable yet. */
  readonly waiting: number;
  /** Hands over what is under way, commits its offsets and leaves the group. */
  close(): Promise<void>;
}

const COMMIT_MS = 250;
/** One fetch of a partition, and of all of a broker: held in memory beside the batch and what is held back for its order. */
const FETCH_BYTES = 262_144;
const FETCH_ALL_BYTES = 16_777_216;
/** What a message holds beside its key, headers and value, about. */
const OBJECT_BYTES = 512;
const AGAIN_MS = 250;
const TIME_HEADER = 'ce_time';

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
  #session: Session | null = null;
  #taking = 0;

  constructor(connection: ResolvedConnection, options: InboxOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  get waiting(): number {
    return this.#taking + (this.#session?.held ?? 0);
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
        this.#session = session;
        await this.#read(session);
      } catch (error) {
        this.#wait(error);
        await pause(AGAIN_MS);
      } finally {
        this.#session = null;
        await session?.close();
      }
    }
    await first.close(); // where it was closed before its first turn
  }

  async #read(session: Session): Promise<void> {
    while (!this.#closed) {
      const batch = await session.next();
      if (batch.length === 0) continue;
      this.#taking = batch.length;
      const taken = await this.#takePatiently(batch, session);
      this.#taking = 0;
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

/** A partition that is ours. */
interface Owned {
  /** In which it became so. */
  readonly generation: number;
  /** The offset after the last message that was read; null = none yet. */
  read: bigint | null;
  /** The offset at which it ended when it was fetched last; null = not known. */
  end: bigint | null;
}

/** One membership in the group, from joining to leaving. */
class Session {
  readonly #connection: ResolvedConnection;
  readonly #options: InboxOptions;
  readonly #consumer: PausingConsumer;
  readonly #arrived = new Signal();
  readonly #prefix: string;
  #stream: MessagesStream<Buffer, Buffer, Buffer, Buffer> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failure: unknown = null;
  readonly #owned = new Map<string, Owned>();
  readonly #order = new EventOrder<Incoming>();
  #toldOutOfOrder = 0;
  #paused: ReadonlySet<string> = new Set();
  #topicOfId = new Map<string, string>();
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
    this.#consumer = newPausingConsumer(connection, `${this.#prefix}${options.group}`, {
      sessionTimeout: sessionMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: rebalanceMs,
      protocols: [{ name: 'roundrobin', version: 1 }],
      maxBytesPerPartition: FETCH_BYTES,
      maxBytes: FETCH_ALL_BYTES,
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
    this.#watchFetches();
    await this.#learnIds(topics);
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

  get held(): number {
    return this.#order.held;
  }

  /** What goes on, up to a batch; empty after a while without any. Throws what ended the stream. */
  async next(): Promise<readonly Incoming[]> {
    this.#check();
    this.#readStream();
    this.#lookForEnds();
    const taken = this.#order.take(this.#options.maxMessages, performance.now());
    this.#paused = this.#order.paused();
    for (const place of this.#paused) {
      const owned = this.#owned.get(place);
      if (owned !== undefined) owned.end = null; // it is not known how it goes on while it is not asked
    }
    const { outOfOrder } = this.#order;
    if (outOfOrder > this.#toldOutOfOrder) this.#options.onOutOfOrder?.(outOfOrder - this.#toldOutOfOrder);
    this.#toldOutOfOrder = outOfOrder;
    if (taken.length === 0) await this.#arrived.wait(LONG_POLL_MS);
    return taken.filter((message) => this.#isOurs(message));
  }

  #readStream(): void {
    const nowMs = Date.now();
    for (;;) {
      const message = (this.#stream?.read() ?? null) as Incoming | null; // what the stream is of
      if (message === null) return;
      const owned = this.#owned.get(placeOf(message));
      if (owned === undefined || !this.#isOurs(message) || (owned.read !== null && message.offset < owned.read)) continue;
      owned.read = message.offset + 1n;
      const { key, value, headerEntries } = message;
      let bytes = OBJECT_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
      for (const [name, content] of headerEntries) bytes += name.length + (content?.length ?? 0);
      this.#order.put(placeOf(message), message, { timeMs: eventTimeOf(headerEntries), bytes }, nowMs);
    }
  }

  /** A partition that is read to its end holds nobody up. */
  #lookForEnds(): void {
    for (const [place, { end }] of this.#owned) {
      const next = this.#stream?.offsetsToFetch.get(place.replace(' ', ':')); // as the client writes a place; no topic has a blank
      this.#order.setLag(place, end === null || next === undefined || next < end);
    }
  }

  #watchFetches(): void {
    this.#consumer.isPaused = (topicId, partition) => this.#paused.has(`${this.#topicOfId.get(topicId)} ${partition}`);
    this.#consumer.onEnd = (topicId, partition, end) => {
      const owned = this.#owned.get(`${this.#topicOfId.get(topicId)} ${partition}`);
      if (owned !== undefined) owned.end = end;
    };
    this.#consumer.onFetched = () => this.#arrived.notify();
  }

  async #learnIds(topics: string[]): Promise<void> {
    const { giveUpMs } = this.#connection.timeouts;
    const metadata = await withinMs(giveUpMs, 'look up the public topics', this.#consumer.metadata({ topics }));
    this.#topicOfId = new Map([...metadata.topics].map(([name, { id }]) => [id, name]));
  }

  processed(batch: readonly Incoming[]): void {
    for (const message of batch) {
      if (this.#isOurs(message)) this.#uncommitted.set(placeOf(message), message);
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
      this.#order.disown(place);
      this.#uncommitted.delete(place);
    }
    for (const place of now) {
      if (this.#owned.has(place)) continue;
      this.#owned.set(place, { generation: consumer.generationId, read: null, end: null });
      this.#order.own(place);
    }
  }

  /** Not if the partition was lost since it was fetched, even if it is ours again. */
  #isOurs(message: Incoming): boolean {
    const owned = this.#owned.get(placeOf(message));
    return owned !== undefined && generationOf(message) >= owned.generation;
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

/** Of binary mode; null where there is none to be read, structured mode among it. */
function eventTimeOf(headers: Iterable<readonly [Buffer, Buffer]>): number | null {
  let timeMs: number | null = null;
  for (const [name, content] of headers)
    if (name.length === TIME_HEADER.length && content !== null && content.length <= 40 && name.toString().toLowerCase() === TIME_HEADER)
      timeMs = Date.parse(content.toString());
  return timeMs === null || Number.isNaN(timeMs) ? null : timeMs;
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
