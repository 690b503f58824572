/**
 * The clock of sources without a wall clock (files, replays, tests): a tick for each second that the largest event time passes. Seconds
 * that pass at once are one tick: no record stands between them, so nothing can tell them apart. A lone event far ahead (a broken clock)
 * does not drag the log along: a jump is followed only if the next event is there too.
 */
import { LATEST_MS, MAX_AHEAD_MS } from './limits.ts';

/** Longest jump that is followed on the word of a last event alone. */
const MAX_LONE_JUMP_MS = 86_400_000;
const SECOND_MS = 1000;

export class EventClock {
  #clockMs = Number.NEGATIVE_INFINITY;
  #largestMs = Number.NEGATIVE_INFINITY;

  /** The tick to write before an event at `timeMs`; null = none. `nextMs` is the time of the event after it, where one is known. */
  before(timeMs: number, nextMs: number | null): number | null {
    if (!this.#isFollowed(timeMs, nextMs)) return this.#start(nextMs);
    this.#largestMs = Math.max(this.#largestMs, timeMs);
    return this.#tickTo(Math.floor(this.#largestMs / SECOND_MS) * SECOND_MS);
  }

  /** The tick after the last event: late enough for every window to close. */
  end(): number | null {
    if (!Number.isFinite(this.#largestMs)) return null;
    const lastWindowMs = Math.ceil((this.#largestMs + MAX_AHEAD_MS) / SECOND_MS) * SECOND_MS;
    return this.#tickTo(lastWindowMs + 60_000 + LATEST_MS);
  }

  #isFollowed(timeMs: number, nextMs: number | null): boolean {
    const jump = timeMs - this.#clockMs;
    if (jump <= MAX_AHEAD_MS) return true;
    if (nextMs !== null) return nextMs >= timeMs - MAX_AHEAD_MS;
    return !Number.isFinite(this.#clockMs) || jump <= MAX_LONE_JUMP_MS;
  }

  /** A first event far ahead of the second: the clock starts at the second. */
  #start(nextMs: number | null): number | null {
    if (Number.isFinite(this.#clockMs) || nextMs === null) return null;
    return this.#tickTo(Math.floor(nextMs / SECOND_MS) * SECOND_MS);
  }

  #tickTo(timeMs: number): number | null {
    if (!(timeMs > this.#clockMs)) return null;
    this.#clockMs = timeMs;
    return timeMs;
  }
}

/** Events with the ticks between them, and a last tick that closes every window. */
export function* withTicks<E extends { readonly timeMs: number }>(
  events: Iterable<E>,
): Generator<{ readonly kind: 'event'; readonly event: E } | { readonly kind: 'tick'; readonly timeMs: number }> {
  const clock = new EventClock();
  let held: E | null = null;
  function* release(event: E, nextMs: number | null) {
    const timeMs = clock.before(event.timeMs, nextMs);
    if (timeMs !== null) yield { kind: 'tick', timeMs } as const;
    yield { kind: 'event', event } as const;
  }
  for (const event of events) {
    if (held !== null) yield* release(held, event.timeMs);
    held = event;
  }
  if (held !== null) yield* release(held, null);
  const timeMs = clock.end();
  if (timeMs !== null) yield { kind: 'tick', timeMs } as const;
}
