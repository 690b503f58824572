/** From the analyst's units to a threshold: a tail quantile of benign out-of-fold margins (peaks over threshold where the data end). */
import { tailQuantile } from '@optikal/ml';
import type { OperatingPoint } from '../detection/ensemble/bundle.ts';

export type OperatingWish = { readonly kind: 'fpr'; readonly value: number } | { readonly kind: 'alerts_per_day'; readonly value: number };

export interface SolvedPoint extends OperatingPoint {
  /** Bootstrap interval of the threshold, and the rate that the margins themselves realise. */
  readonly low: number;
  readonly high: number;
  readonly realisedFpr: number;
  /** Smallest rate that the data can resolve: one window in all of them. */
  readonly smallestFpr: number;
}

/** The largest margins, of which the tail is fitted where the data do not resolve the rate. */
const TAIL_SHARE = 0.1;
const RESAMPLES = 200;
/** Far below what tells margins apart, far above their rounding. */
const SMALL_STEP = 1e-9;
/** More than every second window is no alert any more. */
const MAX_FPR = 0.5;

/** `margins` of benign (or unlabelled) windows; `windowsPerDay` of the fleet that the wish speaks of; `resamples` for the interval alone. */
export function solveOperatingPoint(
  wish: OperatingWish,
  margins: ArrayLike<number>,
  windowsPerDay: number,
  seed: string,
  resamples = RESAMPLES,
): SolvedPoint {
  const finite = Float64Array.from(margins).filter((margin) => Number.isFinite(margin));
  const fpr = Math.min(MAX_FPR, wish.kind === 'fpr' ? wish.value : wish.value / Math.max(windowsPerDay, 1));
  const { value: quantile, interval } = tailQuantile(finite, fpr, { seed, tailShare: Math.max(TAIL_SHARE, fpr), resamples });
  const value = aboveTies(quantile, finite, fpr);
  return {
    kind: wish.kind,
    value: wish.value,
    fpr,
    threshold: value,
    low: interval.low,
    high: interval.high,
    realisedFpr: finite.filter((margin) => margin >= value).length / finite.length,
    smallestFpr: 1 / finite.length,
  };
}

/**
 * Where little is known of a window many margins are equal, and a threshold among them would let all of them alert: it goes to the next margin
 * above, or just above all.
 */
function aboveTies(threshold: number, margins: Float64Array, fpr: number): number {
  const equal = margins.filter((margin) => margin === threshold).length;
  const reached = margins.filter((margin) => margin >= threshold).length;
  if (equal < 2 || reached <= fpr * margins.length) return threshold;
  const above = margins.reduce((least, margin) => (margin > threshold ? Math.min(least, margin) : least), Number.POSITIVE_INFINITY);
  return Number.isFinite(above) ? above : threshold + SMALL_STEP * Math.max(1, Math.abs(threshold));
}
