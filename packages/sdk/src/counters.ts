/** What became of every event. INVARIANT, at each moment: recovered + produced = delivered + refused + dropped + lost + waiting. */
import type { PublisherWarning } from './errors.ts';
import type { Damage } from './spool/spool.ts';
import { type ByClass, EVENT_CLASSES, noneOf } from './worth.ts';

export interface Counters {
  /** Taken from the caller. */
  readonly produced: number;
  /** Found in the spool at the start. */
  readonly recovered: number;
  /** Durable at the other side. */
  readonly delivered: number;
  /** Given up because spool or memory was full, or because the publisher was closed without a spool. */
  readonly dropped: ByClass;
  /** Refused by the other side for good. */
  readonly refused: number;
  /** In the spool, and not readable any more. */
  readonly lost: number;
  /** In memory, on the way, or in the spool. */
  readonly waiting: number;
  /** Of those waiting, how many lie in the spool. */
  readonly spooled: number;
  readonly spoolBytes: number;
  readonly memoryBytes: number;
  /** Batches that were sent again. */
  readonly retries: number;
  /** Marked because the clock was not to be believed. */
  readonly skewed: number;
  readonly damage: Damage;
}

export type OnWarning = (code: PublisherWarning, detail: Readonly<Record<string, number | string>>) => void;

export class Tally {
  produced = 0;
  recovered = 0;
  delivered = 0;
  refused = 0;
  lost = 0;
  retries = 0;
  skewed = 0;
  readonly dropped: ByClass = noneOf();

  get droppedCount(): number {
    return EVENT_CLASSES.reduce((sum, name) => sum + this.dropped[name], 0);
  }
}

const QUIET_MS = 10_000;

/** At most one warning of a code in ten seconds; the next one says how many came between. What the caller's function throws is its own affair. */
export function quieted(onWarning: OnWarning | null, monotonic: () => number): OnWarning {
  const last = new Map<PublisherWarning, { at: number; held: number }>();
  return (code, detail) => {
    const before = last.get(code);
    if (before !== undefined && monotonic() - before.at < QUIET_MS) {
      before.held++;
      return;
    }
    last.set(code, { at: monotonic(), held: 0 });
    try {
      onWarning?.(code, before === undefined || before.held === 0 ? detail : { ...detail, held: before.held });
    } catch {
      // The publisher goes on.
    }
  };
}
