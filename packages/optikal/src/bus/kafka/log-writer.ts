/**
 * Writes to the log. Entries of all callers are put together into batches, and ONE batch is under way at a time: the client loses acknowledged
 * records of an idempotent producer that has several when the broker fails. While one is under way, the next one fills.
 * Delivery: a call that resolved is durable, in the order of the calls. One that failed may be in the log in part; it may be made again, and
 * what is repeated the stream drops. An entry that waits longer than `giveUpMs` fails; the batch under way is tried further.
 */
import { failpoint } from '../../observability/failpoint.ts';
import type { AppendOutcome, DeadLetter, LogEntry } from '../contract.ts';
import { BusError } from '../errors.ts';
import { type KafkaProducer, newProducer } from './client.ts';
import { compressionOf } from './compression.ts';
import { brokerError } from './errors.ts';
import { encodeEntry, type LogMessage } from './log-records.ts';
import type { ResolvedBusOptions } from './options.ts';
import { encodeLetter } from './output-records.ts';
import type { TopicNames } from './topic-names.ts';

const BATCH_MESSAGES = 4096;

interface Call {
  readonly entries: readonly LogEntry[];
  readonly deadlineMs: number;
  readonly outcomes: AppendOutcome[];
  taken: number;
  settled: boolean;
  resolve(outcomes: readonly AppendOutcome[]): void;
  reject(error: unknown): void;
}

/** The entries of one call in one batch: their outcomes once it is written. */
interface Share {
  readonly call: Call;
  readonly outcomes: AppendOutcome[];
}

interface Batch {
  readonly messages: readonly LogMessage[];
  readonly shares: readonly Share[];
  readonly clockMs: number;
}

export class LogWriter {
  private readonly options: ResolvedBusOptions;
  private readonly topics: TopicNames;
  private readonly partitions: number;
  private readonly moved: (partition: number, end: number) => void;
  private readonly producer: KafkaProducer;
  private calls: Call[] = [];
  private waiting = 0;
  private clockMs = Number.NEGATIVE_INFINITY;
  private pumping: Promise<void> | null = null;
  private underWay: readonly Share[] = [];
  private alone = 0;
  private closed = false;

  /** `moved` is told the new end of each partition that was written. */
  constructor(options: ResolvedBusOptions, topics: TopicNames, partitions: number, moved: (partition: number, end: number) => void) {
    this.options = options;
    this.topics = topics;
    this.partitions = partitions;
    this.moved = moved;
    this.producer = newProducer(options.connection);
  }

  /** Errors: broker_unavailable, broker_refused, topics_missing, record_too_large. */
  append(entries: readonly LogEntry[]): Promise<readonly AppendOutcome[]> {
    if (entries.length === 0) return Promise.resolve([]);
    if (this.waiting > 0 && this.waiting + entries.length > this.options.waitingEntries)
      return Promise.reject(new BusError('broker_unavailable', `${this.waiting} entries wait to be written already`));
    return new Promise((resolve, reject) => {
      const deadlineMs = performance.now() + this.options.connection.timeouts.giveUpMs;
      this.calls.push({ entries, deadlineMs, outcomes: [], taken: 0, settled: false, resolve, reject });
      this.waiting += entries.length;
      this.pumping ??= this.pump();
    });
  }

  /** Writes what waits, as long as `giveUpMs` allows; what is left then fails with `bus_closed`. */
  async close(): Promise<void> {
    const { giveUpMs } = this.options.connection.timeouts;
    if (this.pumping !== null) await Promise.race([this.pumping, new Promise((resolve) => setTimeout(resolve, giveUpMs).unref())]);
    this.closed = true;
    const left = [...this.underWay.map(({ call }) => call), ...this.calls];
    this.calls = [];
    for (const call of left) settle(call, new BusError('bus_closed', 'the bus was closed before the entries were written'));
    await this.producer.close(true).catch(() => {}); // a connection that hangs is dropped all the same
  }

  private async pump(): Promise<void> {
    const watch = setInterval(() => this.rejectLate(), Math.min(1000, this.options.connection.timeouts.giveUpMs));
    try {
      await Promise.resolve(); // calls of the same turn go together
      while (this.calls.length > 0) await this.write(this.take());
    } finally {
      // In the same turn in which nothing waited any more: the next call starts the next pump.
      this.pumping = null;
      clearInterval(watch);
    }
  }

  private take(): Batch {
    const messages: LogMessage[] = [];
    const shares: Share[] = [];
    const bytes = Array.from({ length: this.partitions + 1 }, () => 0);
    let { clockMs } = this;
    const isFull = () => messages.length >= BATCH_MESSAGES || bytes.some((each) => each >= this.options.batchBytes);
    // After a record that was too large each call goes alone, so that only the one that it came with fails.
    const calls = this.alone > 0 ? this.calls.slice(0, 1) : this.calls;
    this.alone = Math.max(0, this.alone - 1);
    for (const call of calls) {
      const outcomes: AppendOutcome[] = [];
      const first = call.taken;
      try {
        while (call.taken < call.entries.length && !isFull()) {
          const entry = call.entries[call.taken++];
          const repeats = entry.kind === 'tick' && entry.timeMs <= clockMs;
          outcomes.push(repeats ? 'duplicate' : 'accepted');
          if (repeats) continue;
          if (entry.kind === 'tick') clockMs = entry.timeMs;
          for (const message of this.encode(entry)) {
            messages.push(message);
            bytes[message.topic === this.topics.events ? message.partition : this.partitions] += message.value.length + 64;
          }
        }
      } catch (error) {
        // Not JSON, a defect of the caller: its call fails, the others go on.
        call.taken = call.entries.length;
        settle(call, error);
      }
      this.waiting -= call.taken - first;
      shares.push({ call, outcomes });
      if (call.taken < call.entries.length) break;
    }
    this.calls = this.calls.filter(({ taken, entries }) => taken < entries.length);
    return { messages, shares, clockMs };
  }

  private encode(entry: LogEntry): readonly LogMessage[] {
    if (entry.kind === 'refused')
      return [encodeLetter(this.topics.deadLetters, { ...letterFields(entry.letter), partition: null, offset: null })];
    return encodeEntry(entry, this.topics.events, this.partitions);
  }

  private async write({ messages, shares, clockMs }: Batch): Promise<void> {
    this.underWay = shares;
    try {
      await this.send(messages);
      this.clockMs = clockMs;
      for (const { call, outcomes } of shares) {
        call.outcomes.push(...outcomes);
        if (call.outcomes.length === call.entries.length) settle(call);
      }
    } catch (error) {
      if (!this.closed) await this.fail(shares, brokerError(error, `write to \`${this.topics.events}\``));
    } finally {
      this.underWay = [];
    }
  }

  private async send(messages: readonly LogMessage[]): Promise<void> {
    if (messages.length === 0) return;
    failpoint('bus.append.before_commit');
    const written = await this.producer.send({ messages: [...messages], compression: compressionOf(messages) });
    failpoint('bus.append.after_commit');
    const counts = new Map<number, number>();
    for (const { topic, partition } of messages) if (topic === this.topics.events) counts.set(partition, (counts.get(partition) ?? 0) + 1);
    for (const { topic, partition, offset } of written.offsets ?? [])
      if (topic === this.topics.events) this.moved(partition, Number(offset) + (counts.get(partition) ?? 0));
  }

  /** A batch that failed, whole or in part. What may be tried again waits at the head of the queue, until the time of its call is over. */
  private async fail(shares: readonly Share[], error: BusError): Promise<void> {
    const open = shares.filter(({ call }) => !call.settled);
    const isAlone = open.length === 1;
    const again = open.filter(({ call: { deadlineMs } }) =>
      error.code === 'record_too_large' ? !isAlone : error.retriable && deadlineMs > performance.now(),
    );
    for (const { call } of open.filter((share) => !again.includes(share))) settle(call, error);
    for (const { call, outcomes } of again) call.taken -= outcomes.length;
    const heads = again.map(({ call }) => call);
    this.calls = [...heads, ...this.calls.filter((call) => !call.settled && !heads.includes(call))];
    this.recount();
    if (error.code === 'record_too_large') this.alone = heads.length;
    else if (heads.length > 0) await new Promise((resolve) => setTimeout(resolve, this.options.connection.timeouts.retryMs));
  }

  private rejectLate(): void {
    const nowMs = performance.now();
    const all = [...this.underWay.map(({ call }) => call), ...this.calls];
    const late = all.filter(({ deadlineMs, settled }) => !settled && deadlineMs <= nowMs);
    for (const call of late) settle(call, new BusError('broker_unavailable', 'no broker took the entries in time'));
    this.calls = this.calls.filter(({ settled }) => !settled);
    if (late.length > 0) this.recount();
  }

  private recount(): void {
    this.waiting = this.calls.reduce((sum, { entries, taken }) => sum + entries.length - taken, 0);
  }
}

function settle(call: Call, error?: unknown): void {
  if (call.settled) return;
  call.settled = true;
  if (error === undefined) call.resolve(call.outcomes);
  else call.reject(error);
}

function letterFields({ code, field, sizeBytes, hmac }: DeadLetter): DeadLetter {
  return { code, field, sizeBytes, hmac };
}
