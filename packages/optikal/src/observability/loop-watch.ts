/**
 * Whether the event loop gets its turn. A heartbeat that comes late by a stuck length is remembered for a while, so that a probe that gets through
 * between two stalls learns of them: a loop that is stuck for good answers nothing, and that is an answer too.
 */

const BEAT_MS = 250;
const REMEMBER_MS = 10_000;

export interface LoopWatchOptions {
  /** A turn of this length is stuck. */
  readonly stuckMs: number;
  /** A turn of this length is worth a word. */
  readonly stallMs: number;
  readonly onStall: (ms: number) => void;
  /** Monotonic clock, milliseconds. */
  readonly now?: () => number;
}

export interface LoopWatch {
  /** How long the loop was stuck at the last time, within the last ten seconds; null = it was not. */
  stuckMs(): number | null;
  stop(): void;
}

export function watchLoop({ stuckMs, stallMs, onStall, now = performance.now.bind(performance) }: LoopWatchOptions): LoopWatch {
  let beatMs = now();
  let stuck: { readonly atMs: number; readonly ms: number } | null = null;
  const beat = () => {
    const nowMs = now();
    const lateMs = nowMs - beatMs - BEAT_MS;
    beatMs = nowMs;
    if (lateMs >= stallMs) onStall(lateMs);
    if (lateMs >= stuckMs) stuck = { atMs: nowMs, ms: lateMs };
  };
  const timer = setInterval(beat, BEAT_MS).unref();
  return {
    stuckMs() {
      // The beat itself may come only after the question.
      const lateMs = now() - beatMs - BEAT_MS;
      if (lateMs >= stuckMs) return lateMs;
      return stuck !== null && now() - stuck.atMs <= REMEMBER_MS ? stuck.ms : null;
    },
    stop: () => clearInterval(timer),
  };
}
