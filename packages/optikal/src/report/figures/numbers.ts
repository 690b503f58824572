/** Small arithmetic that several figures share. */
import { wilsonInterval } from '@optikal/ml';

/** A share with its Wilson interval; null where there was nothing to count. */
export interface Share {
  readonly hits: number;
  readonly count: number;
  readonly share: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export function shareOf(hits: number, count: number): Share {
  return count === 0
    ? { hits, count, share: null, low: null, high: null }
    : { hits, count, share: hits / count, ...wilsonInterval(hits, count) };
}

/** The value at `share` of `count`, of which only the smallest are known (ascending); null = beyond what is known. */
export function quantityAt(known: readonly number[], share: number, count: number): number | null {
  return known[Math.max(0, Math.ceil(share * count) - 1)] ?? null;
}

/** JSON has no NaN. */
export function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
