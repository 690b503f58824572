/**
 * Whether the wall clock is to be believed. Two witnesses: the other side's clock, where the transport tells it (carried on by the monotonic
 * clock), else the monotonic clock alone, against which a wall clock that is set back or forth jumps. A machine that slept looks like a jump
 * until the other side's clock is heard again.
 */

export interface Clock {
  /** Wall clock, ms since 1970. */
  readonly now: () => number;
  /** ms since any moment; never goes back. */
  readonly monotonic: () => number;
}

export class ClockCheck {
  readonly #clock: Clock;
  readonly #limitMs: number;
  /** What the wall clock should have shown when the monotonic clock showed 0. */
  #originMs: number;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#originMs = clock.now() - clock.monotonic();
  }

  /** The other side's clock showed `serverMs` just now. */
  heard(serverMs: number): void {
    this.#originMs = serverMs - this.#clock.monotonic();
  }

  /** How far the wall clock is ahead, in ms. */
  get aheadMs(): number {
    return this.#clock.now() - this.#clock.monotonic() - this.#originMs;
  }

  get isSkewed(): boolean {
    return Math.abs(this.aheadMs) > this.#limitMs;
  }
}
