/**
 * What several partitions bring, merged by event time. A message goes on when no partition that lags could still bring an earlier one. Within a
 * partition times are the running maximum, so its order is kept. A time far ahead is believed once the messages behind it agree, and taken back
 * when they do not: a broken clock must neither hold up its partition nor say that the others may run ahead. Bounded in messages and bytes, and in
 * how long it waits for a partition that brings nothing: then the earliest goes on regardless, and that is counted. Pure: time is an argument.
 */

export interface OrderLimits {
  /** Held at most; what is over it goes on. */
  readonly messages: number;
  readonly bytes: number;
  /** A partition that holds this much need not be read on for now. */
  readonly pauseBytes: number;
  /** How long is waited for a partition that brings nothing. */
  readonly waitMs: number;
}

export const ORDER_LIMITS: OrderLimits = { messages: 100_000, bytes: 64 * 1_048_576, pauseBytes: 524_288, waitMs: 3000 };

/** As in stream/limits.ts: later than this is a dead letter by the wall clock, and worth a doubt beside its neighbours. */
const MAX_AHEAD_MS = 300_000;
/** Messages that agree with a jump ahead, itself among them, until it is believed for good. */
const VOTES = 16;
const NEVER = Number.NEGATIVE_INFINITY;

interface Held<M> {
  readonly message: M;
  readonly bytes: number;
  timeMs: number;
}

/** A jump ahead that is not believed yet: where the clock stood, and the first message that waits behind it. */
interface Jump {
  readonly beforeMs: number;
  readonly from: number;
  votes: number;
}

class Lane<M> {
  /** Messages ever put and taken; what is held lies between them. */
  put = 0;
  taken = 0;
  bytes = 0;
  clockMs = NEVER;
  jump: Jump | null = null;
  lags = true;
  silent = false;
  #queue: Held<M>[] = [];
  #first = 0;

  get head(): Held<M> | undefined {
    return this.#queue[this.taken - this.#first];
  }

  /** Nothing earlier than this will come of it. */
  get watermarkMs(): number {
    return this.jump === null ? this.clockMs : this.jump.beforeMs;
  }

  add(message: M, bytes: number, timeMs: number | null, nowMs: number): void {
    if (timeMs !== null && timeMs <= nowMs + MAX_AHEAD_MS) this.#move(timeMs);
    this.#queue.push({ message, bytes, timeMs: this.clockMs });
    this.put++;
    this.bytes += bytes;
    this.silent = false;
  }

  shift(held: Held<M>): M {
    this.taken++;
    this.bytes -= held.bytes;
    if (this.taken - this.#first > 1024 && 2 * (this.taken - this.#first) > this.#queue.length) {
      this.#queue = this.#queue.slice(this.taken - this.#first);
      this.#first = this.taken;
    }
    return held.message;
  }

  #move(timeMs: number): void {
    if (timeMs > this.clockMs + MAX_AHEAD_MS) {
      this.jump ??= { beforeMs: this.clockMs, from: this.put, votes: 0 };
      this.jump.votes++;
    } else if (this.jump !== null) {
      this.jump.votes += timeMs < this.clockMs - MAX_AHEAD_MS ? -1 : 1;
      if (this.jump.votes <= 0) {
        this.#takeBack(this.jump, timeMs);
        return;
      }
    }
    this.clockMs = Math.max(this.clockMs, timeMs);
    if (this.jump !== null && this.jump.votes >= VOTES) this.jump = null;
  }

  #takeBack({ beforeMs, from }: Jump, timeMs: number): void {
    this.jump = null;
    this.clockMs = Math.max(beforeMs, timeMs);
    for (let at = Math.max(from, this.taken) - this.#first; at < this.#queue.length; at++)
      this.#queue[at].timeMs = Math.min(this.#queue[at].timeMs, this.clockMs);
  }
}

export class EventOrder<M> {
  readonly #limits: OrderLimits;
  readonly #lanes = new Map<string, Lane<M>>();
  #held = 0;
  #bytes = 0;
  #blockedMs: number | null = null;
  #outOfOrder = 0;

  constructor(limits: OrderLimits = ORDER_LIMITS) {
    this.#limits = limits;
  }

  get held(): number {
    return this.#held;
  }

  /** How often something went on that an earlier one may follow: a bound was reached. */
  get outOfOrder(): number {
    return this.#outOfOrder;
  }

  /** A partition is waited for from now on, until it is said to be at its end. */
  own(place: string): void {
    if (!this.#lanes.has(place)) this.#lanes.set(place, new Lane());
  }

  /** What is held of it is let go. */
  disown(place: string): void {
    const lane = this.#lanes.get(place);
    if (lane === undefined) return;
    this.#held -= lane.put - lane.taken;
    this.#bytes -= lane.bytes;
    this.#lanes.delete(place);
  }

  /** `timeMs`: event time; null where none can be read: it goes on behind the one before it. `nowMs`: wall clock. Of a place that is owned. */
  put(place: string, message: M, { timeMs, bytes }: { readonly timeMs: number | null; readonly bytes: number }, nowMs: number): void {
    const lane = this.#lanes.get(place);
    if (lane === undefined) return;
    lane.add(message, bytes, timeMs, nowMs);
    this.#held++;
    this.#bytes += bytes;
  }

  /** Whether there is more to be read of a partition than was put. */
  setLag(place: string, lags: boolean): void {
    const lane = this.#lanes.get(place);
    if (lane !== undefined) lane.lags = lags;
  }

  /** What goes on now, in its order, at most `max`. `nowMs`: any clock that does not go back. */
  take(max: number, nowMs: number): M[] {
    const taken = this.#takeUpTo(this.#watermark(), max);
    if (taken.length > 0 || this.#held === 0) this.#blockedMs = null;
    else {
      this.#blockedMs ??= nowMs;
      if (nowMs - this.#blockedMs >= this.#limits.waitMs) {
        this.#giveUp();
        return this.#takeUpTo(this.#watermark(), max);
      }
    }
    return taken;
  }

  /** Partitions that hold enough: reading them on would only fill the memory while others are waited for. */
  paused(): Set<string> {
    const crowded = 2 * this.#bytes >= this.#limits.bytes || 2 * this.#held >= this.#limits.messages;
    const paused = new Set<string>();
    for (const [place, lane] of this.#lanes)
      if (lane.jump === null && lane.put > lane.taken && (crowded || lane.bytes >= this.#limits.pauseBytes)) paused.add(place);
    return paused;
  }

  #watermark(): number {
    let watermarkMs = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes.values()) if (lane.lags && !lane.silent) watermarkMs = Math.min(watermarkMs, lane.watermarkMs);
    return watermarkMs;
  }

  #takeUpTo(watermarkMs: number, max: number): M[] {
    const taken: M[] = [];
    while (taken.length < max) {
      let best: Lane<M> | null = null;
      let bestMs = Number.POSITIVE_INFINITY;
      let secondMs = Number.POSITIVE_INFINITY;
      for (const lane of this.#lanes.values()) {
        const { head } = lane;
        if (head === undefined) continue;
        if (best === null || head.timeMs < bestMs) {
          secondMs = bestMs;
          bestMs = head.timeMs;
          best = lane;
        } else secondMs = Math.min(secondMs, head.timeMs);
      }
      if (best === null) break;
      // Of one partition as long as no other has an earlier one.
      let head = best.head;
      for (; head !== undefined && head.timeMs <= secondMs && taken.length < max; head = best.head) {
        if (head.timeMs > watermarkMs) {
          if (!this.#isFull()) return taken;
          this.#outOfOrder++;
        }
        this.#held--;
        this.#bytes -= head.bytes;
        taken.push(best.shift(head));
      }
    }
    return taken;
  }

  #isFull(): boolean {
    return this.#held > this.#limits.messages || this.#bytes > this.#limits.bytes;
  }

  /** Those that brought nothing for so long are not waited for until they bring something. */
  #giveUp(): void {
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const { head } of this.#lanes.values()) if (head !== undefined) earliestMs = Math.min(earliestMs, head.timeMs);
    for (const lane of this.#lanes.values()) if (lane.lags && lane.watermarkMs < earliestMs) lane.silent = true;
    this.#outOfOrder++;
    this.#blockedMs = null;
  }
}
