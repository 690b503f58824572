/**
 * The way into the log: messages are judged one by one, put between the ticks of the log clock, and appended in the order of their arrival.
 * Delivery: a call resolves when all of it is durable; a call that fails may be durable in part, so its producer repeats it and the bus
 * drops what it holds already. Bounded: while more events than `maxWaiting` would wait for their commit, a call is refused as `overloaded`.
 */
import { createHmac } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type Event, type EventError, parseEventText } from '@optikal/contracts';
import type { AppendOutcome, Bus, LogEntry } from '../bus/contract.ts';
import { EventClock } from '../stream/event-clock.ts';

const SECOND_MS = 1000;
/** A wall clock that jumps further than this is worth a word: every open window closes at once. */
const JUMP_MS = 3_600_000;
/** Text judged between two turns of the event loop, by all calls together: some milliseconds of work. */
const SLICE_CHARS = 65_536;
/** How long a refused producer should wait. */
const RETRY_AFTER_MS = 1000;
const MAX_WAITING = 20_000;

/** Code → what it means, one line each. */
export const INGEST_ERRORS = {
  overloaded: 'too many events wait for their commit; nothing of the call was taken, try again later',
  invalid_json: 'a part of the body is not JSON, so that none of it can be trusted; nothing of the call was taken',
} as const;
export type IngestErrorCode = keyof typeof INGEST_ERRORS;

export class IngestError extends Error {
  override readonly name = 'IngestError';
  readonly code: IngestErrorCode;
  readonly retriable: boolean;
  readonly retryAfterMs: number | null;

  constructor(code: IngestErrorCode) {
    super(INGEST_ERRORS[code]);
    this.code = code;
    this.retriable = code === 'overloaded';
    this.retryAfterMs = this.retriable ? RETRY_AFTER_MS : null;
  }
}

export interface IngestOptions {
  readonly bus: Pick<Bus, 'append'>;
  /** `wall`: a tick each second of `now`. `events`: a tick for each second that the largest event time passes. */
  readonly clock: 'wall' | 'events';
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly hmacKey: Uint8Array;
  /** Where the clock of a log that goes on stands. Default: it has none yet. */
  readonly clockMs?: number;
  /** Events that may wait for their commit. A single larger call is taken when none waits. Default 20,000. */
  readonly maxWaiting?: number;
  /** `clock_jump`: the wall clock went on by more than an hour at once, and was followed. `tick_failed`: a tick could not be appended. */
  readonly warn?: (code: 'clock_jump' | 'tick_failed', detail: Readonly<Record<string, number | string>>) => void;
}

export interface Rejected extends EventError {
  readonly index: number;
}

export interface IngestResult {
  readonly accepted: number;
  readonly duplicates: number;
  /** In the order of their index. */
  readonly rejected: readonly Rejected[];
}

export interface CallOptions {
  /** The inputs are the elements of one document: one that is not JSON refuses the call (`invalid_json`) instead of being judged alone. */
  readonly oneDocument?: boolean;
}

export interface IngestCounters {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Fields of well-formed messages that no schema knows; they were dropped. */
  readonly unknownFields: number;
  readonly waiting: number;
}

export interface Ingest {
  /**
   * Takes messages: a string is the text of one, anything else an already parsed one. `tenant` is the credential's; without it a message's
   * own counts. Throws `overloaded`, `invalid_json` (see `oneDocument`) and what the bus throws; never for a bad message.
   */
  ingest(inputs: readonly unknown[], tenant?: string, options?: CallOptions): Promise<IngestResult>;
  /**
   * The same for messages that their source has judged already. Nothing is refused as `overloaded`: who calls bounds what is under way, and
   * calls again with the same messages after an error.
   */
  take(messages: readonly JudgedMessage[]): Promise<IngestResult>;
  /** Clock `wall`: writes the first tick, then one each second. */
  start(): Promise<void>;
  /** Stops the ticks and waits for what is under way. */
  stop(): Promise<void>;
  /** Clock `events`: the tick after the last event, late enough for every window to close. */
  finish(): Promise<void>;
  readonly counters: IngestCounters;
  /** Where the log's clock stands, as far as is known here; the detectors may not have come so far yet. */
  readonly clockMs: number;
}

/** A message with what it is: an event, or why it is none. */
export type JudgedMessage = {
  /** As it came; of a refused one the size and a keyed hash are kept. */
  readonly bytes: Uint8Array | string;
} & ({ readonly event: Event; readonly unknownFields: number } | { readonly error: EventError });

export function createIngest(options: IngestOptions): Ingest {
  return new LogIngest(options);
}

class LogIngest implements Ingest {
  readonly #options: IngestOptions;
  readonly #maxWaiting: number;
  readonly #eventClock: EventClock;
  readonly #counters = { accepted: 0, duplicates: 0, rejected: 0, unknownFields: 0, waiting: 0 };
  /** Largest tick handed to the bus, and the largest that a failed append took with it. */
  #tickMs = Number.NEGATIVE_INFINITY;
  #owedMs = Number.NEGATIVE_INFINITY;
  #turn: Promise<unknown> = Promise.resolve();
  /** Text judged since the event loop last had its turn. */
  #sliceChars = 0;
  #underWay = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#maxWaiting = options.maxWaiting ?? MAX_WAITING;
    this.#eventClock = new EventClock(options.clockMs);
  }

  get clockMs(): number {
    return Math.max(this.#tickMs, this.#options.clockMs ?? Number.NEGATIVE_INFINITY);
  }

  get counters(): IngestCounters {
    return { ...this.#counters };
  }

  async ingest(inputs: readonly unknown[], tenant?: string, { oneDocument = false }: CallOptions = {}): Promise<IngestResult> {
    const { waiting } = this.#counters;
    if (waiting > 0 && waiting + inputs.length > this.#maxWaiting) throw new IngestError('overloaded');
    return this.#takeIn(inputs.length, () => this.#judge(inputs, tenant, oneDocument));
  }

  take(messages: readonly JudgedMessage[]): Promise<IngestResult> {
    return this.#takeIn(messages.length, async () => messages);
  }

  async #takeIn(count: number, judge: () => Promise<readonly JudgedMessage[]>): Promise<IngestResult> {
    this.#counters.waiting += count;
    try {
      const arrivedMs = this.#options.now();
      const { judged, outcomes } = await this.#inTurn(async () => {
        const judged = await judge();
        return { judged, outcomes: this.#append(this.#entriesOf(judged, arrivedMs)) };
      });
      return await this.#settle(judged, await outcomes.durable);
    } finally {
      this.#counters.waiting -= count;
    }
  }

  async start(): Promise<void> {
    if (this.#options.clock !== 'wall' || this.#timer !== null) return;
    // Four looks a second: a tick is never late by more than a quarter of one.
    this.#timer = setInterval(() => void this.#tickNow(), SECOND_MS / 4);
    await this.#tickNow();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#turn;
    await Promise.allSettled(this.#underWay);
  }

  async finish(): Promise<void> {
    if (this.#options.clock !== 'events') return;
    const { durable } = await this.#inTurn(async () => this.#append(this.#tick(this.#eventClock.end())));
    await durable;
  }

  /** Runs after everything that arrived before it, so that the log keeps the order of arrival; the commits themselves may overlap. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  async #judge(inputs: readonly unknown[], tenant: string | undefined, oneDocument: boolean): Promise<JudgedMessage[]> {
    const judged: JudgedMessage[] = [];
    for (const input of inputs) {
      const text = textOf(input);
      const parsed = parseEventText(text, tenant);
      if (parsed.ok) judged.push({ bytes: text, event: parsed.event, unknownFields: parsed.unknownFields });
      else if (oneDocument && parsed.error.code === 'invalid_json') throw new IngestError('invalid_json');
      else judged.push({ bytes: text, error: parsed.error });
      this.#sliceChars += text.length;
      if (this.#sliceChars < SLICE_CHARS) continue;
      this.#sliceChars = 0;
      await setImmediate();
    }
    return judged;
  }

  /** What goes into the log for these messages: one entry each, with the ticks between them. */
  #entriesOf(judged: readonly JudgedMessage[], arrivedMs: number): LogEntry[] {
    const entries = this.#options.clock === 'wall' ? this.#tick(wallTick(arrivedMs)) : this.#tick(null);
    let next: Event | null = null;
    const nexts = judged.map(() => null as Event | null); // filled from the end, where the next event is known
    for (let i = judged.length - 1; i >= 0; i--) {
      const item = judged[i];
      nexts[i] = next;
      if ('event' in item) next = item.event;
    }
    for (const [i, item] of judged.entries()) {
      if ('error' in item) entries.push(this.#letter(item.bytes, item.error));
      else {
        if (this.#options.clock === 'events') entries.push(...this.#tick(this.#eventClock.before(item.event, nexts[i])));
        entries.push({ kind: 'event', event: item.event });
      }
    }
    return entries;
  }

  /** The tick as an entry, if it passes the largest one or one is owed. The log clock never goes back: a clock that does is waited for. */
  #tick(timeMs: number | null): LogEntry[] {
    const tickMs = Math.max(timeMs ?? Number.NEGATIVE_INFINITY, this.#owedMs);
    if (!(tickMs > this.#tickMs || tickMs === this.#owedMs) || !Number.isFinite(tickMs)) return [];
    if (this.#options.clock === 'wall' && Number.isFinite(this.#tickMs) && tickMs - this.#tickMs > JUMP_MS)
      this.#options.warn?.('clock_jump', { fromMs: this.#tickMs, toMs: tickMs });
    this.#tickMs = Math.max(this.#tickMs, tickMs);
    this.#owedMs = Number.NEGATIVE_INFINITY;
    return [{ kind: 'tick', timeMs: tickMs }];
  }

  #append(entries: readonly LogEntry[]): { durable: Promise<readonly AppendOutcome[]> } {
    if (entries.length === 0) return { durable: Promise.resolve([]) };
    const durable = this.#options.bus.append(entries).then(
      (outcomes) => outcomes.filter((_, i) => entries[i].kind !== 'tick'),
      (error: unknown) => {
        for (const entry of entries) if (entry.kind === 'tick') this.#owedMs = Math.max(this.#owedMs, entry.timeMs);
        throw error;
      },
    );
    this.#underWay.add(durable);
    const done = () => this.#underWay.delete(durable);
    durable.then(done, done);
    return { durable };
  }

  /** Counts what became of each message. A conflict is known only now; its letter follows. */
  async #settle(judged: readonly JudgedMessage[], outcomes: readonly AppendOutcome[]): Promise<IngestResult> {
    const rejected: Rejected[] = [];
    const letters: LogEntry[] = [];
    let accepted = 0;
    let duplicates = 0;
    let unknownFields = 0;
    for (const [index, item] of judged.entries()) {
      if ('error' in item) {
        rejected.push({ index, ...item.error });
        continue;
      }
      unknownFields += item.unknownFields;
      if (outcomes[index] === 'accepted') accepted++;
      else if (outcomes[index] === 'duplicate') duplicates++;
      else {
        rejected.push({ index, ...CONFLICT });
        letters.push(this.#letter(item.bytes, CONFLICT));
      }
    }
    await this.#append(letters).durable;
    this.#counters.accepted += accepted;
    this.#counters.duplicates += duplicates;
    this.#counters.rejected += rejected.length;
    this.#counters.unknownFields += unknownFields;
    return { accepted, duplicates, rejected };
  }

  #letter(bytes: Uint8Array | string, { code, field }: EventError): LogEntry {
    const hmac = createHmac('sha256', this.#options.hmacKey).update(bytes).digest('hex');
    return { kind: 'refused', letter: { code, field, sizeBytes: Buffer.byteLength(bytes), hmac } };
  }

  async #tickNow(): Promise<void> {
    try {
      const arrivedMs = this.#options.now();
      const { durable } = await this.#inTurn(async () => this.#append(this.#tick(wallTick(arrivedMs))));
      await durable;
    } catch (error) {
      // The tick is owed and goes out with the next; who waits for commits learns of the failure itself.
      this.#options.warn?.('tick_failed', { reason: codeOf(error) });
    }
  }
}

const CONFLICT: EventError = {
  code: 'duplicate_id_conflict',
  field: '/id',
  message: 'expected the body that came before with this source and id',
};

function wallTick(nowMs: number): number {
  return Math.floor(nowMs / SECOND_MS) * SECOND_MS;
}

/** One path for texts and values: a value is written down, so that the limits of size and depth hold for it too. */
function textOf(input: unknown): string {
  if (typeof input === 'string') return input;
  try {
    return JSON.stringify(input) ?? 'null';
  } catch {
    return ''; // cyclic, or nested past the stack: no JSON
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
}
