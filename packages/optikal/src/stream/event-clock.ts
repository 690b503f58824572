/**
 * The clock of sources without a wall clock (files, replays, tests): a tick for each second that the largest event time passes. Seconds
 * that pass at once are one tick: no record stands between them, so nothing can tell them apart. A lone event far ahead (a broken clock)
 * does not drag the log along: a jump is followed only if the next event is there too. An agent with a broken clock sends more than one: years
 * are believed to two agents, not to one.
 */
import { LATEST_MS, MAX_AHEAD_MS } from './limits.ts';

/** Longest jump that is followed on the word of a last event alone. */
const MAX_LONE_JUMP_MS = 86_400_000;
/** Longest jump that is followed on the word of one agent: one that works alone may rest for weeks. */
const MAX_SAME_AGENT_JUMP_MS = 31 * 86_400_000;
const SECOND_MS = 1000;

/** What the clock needs of an event. */
export interface Timed {
  readonly timeMs: number;
  readonly tenant?: string;
  readonly agent?: string;
}

export class EventClock {
  #clockMs: number;
  #largestMs: number;

  /** `clockMs`: where the log's clock stands already; a log that goes on does not believe the first event whatever it says. */
  constructor(clockMs = Number.NEGATIVE_INFINITY) {
    this.#clockMs = clockMs;
    this.#largestMs = clockMs;
  }

  /** The tick to write before an event; null = none. `next` is the event after it, where one is known. */
  before(event: Timed, next: Timed | null): number | null {
    if (!this.#isFollowed(event, next)) return this.#start(next);
    this.#largestMs = Math.max(this.#largestMs, event.timeMs);
    return this.#tickTo(Math.floor(this.#largestMs / SECOND_MS) * SECOND_MS);
  }

  /** The tick after the last event: late enough for every window to close. */
  end(): number | null {
    if (!Number.isFinite(this.#largestMs)) return null;
    const lastWindowMs = Math.ceil((this.#largestMs + MAX_AHEAD_MS) / SECOND_MS) * SECOND_MS;
    return this.#tickTo(lastWindowMs + 60_000 + LATEST_MS);
  }

  #isFollowed(event: Timed, next: Timed | null): boolean {
    const jump = event.timeMs - this.#clockMs;
    if (jump <= MAX_AHEAD_MS) return true;
    const started = Number.isFinite(this.#clockMs);
    if (next === null) return !started || jump <= MAX_LONE_JUMP_MS;
    if (next.timeMs < event.timeMs - MAX_AHEAD_MS) return false;
    const sameAgent = next.agent === event.agent && next.tenant === event.tenant;
    return !started || !sameAgent || jump <= MAX_SAME_AGENT_JUMP_MS;
  }

  /** A first event far ahead of the second: the clock starts at the second. */
  #start(next: Timed | null): number | null {
    if (Number.isFinite(this.#clockMs) || next === null) return null;
    return this.#tickTo(Math.floor(next.timeMs / SECOND_MS) * SECOND_MS);
  }

  #tickTo(timeMs: number): number | null {
    if (!(timeMs > this.#clockMs)) return null;
    this.#clockMs = timeMs;
    return timeMs;
  }
}

/** Events with the ticks between them, and a last tick that closes every window. */
export function* withTicks<E extends Timed>(
  events: Iterable<E>,
): Generator<{ readonly kind: 'event'; readonly event: E } | { readonly kind: 'tick'; readonly timeMs: number }> {
  const clock = new EventClock();
  let held: E | null = null;
  function* release(event: E, next: E | null) {
    const timeMs = clock.before(event, next);
    if (timeMs !== null) yield { kind: 'tick', timeMs } as const;
    yield { kind: 'event', event } as const;
  }
  for (const event of events) {
    if (held !== null) yield* release(held, event);
    held = event;
  }
  if (held !== null) yield* release(held, null);
  const timeMs = clock.end();
  if (timeMs !== null) yield { kind: 'tick', timeMs } as const;
}
