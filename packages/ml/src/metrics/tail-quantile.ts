/**
 * The score that is exceeded as rarely as asked, also more rarely than the data show: peaks over threshold with
 * a generalised Pareto tail fitted by probability-weighted moments (Hosking & Wallis 1987); the empirical
 * quantile where at least `MIN_BEYOND` scores lie beyond it. Coles 2001, section 4.3.
 */
import { exp, log } from '../math.ts';
import { atLeast, finiteOnly, integerWithin, numberWithin, refuseUnknownKeys, seedOf } from '../options.ts';
import { createRandom } from '../random.ts';
import { quantileOfSorted } from './quantile.ts';
import type { Interval } from './resampling.ts';

/** With this many scores beyond it, the empirical quantile is known to about 1/√30 ≈ 18 % of its rate. */
const MIN_BEYOND = 30;
/** Below this |shape| the exponential limit is used. */
const ZERO_SHAPE = 1e-9;
/** Scores needed for a tail at all. */
const LEAST_SCORES = 100;

/** Options of `tailQuantile`. */
export interface TailQuantileOptions {
  /** Share of the scores, the largest ones, that the tail is fitted to. Default 0.1; 0.01 to 0.5. */
  readonly tailShare?: number;
  /** Bootstrap samples for the interval. Default 200; 20 to 100,000. */
  readonly resamples?: number;
  /** Coverage of the interval. Default 0.95; 0.5 to 0.999. */
  readonly level?: number;
  /** Seed of the bootstrap. Default 0. */
  readonly seed?: number | string;
}

/** A tail quantile with its interval. */
export interface TailQuantile {
  /** P(score > value) ≈ the rate asked for, in the units of the scores. */
  readonly value: number;
  readonly interval: Interval;
  /** `empirical` where the data resolve the rate, `pareto` where the fitted tail answers. */
  readonly method: 'empirical' | 'pareto';
  /** Generalised Pareto shape ξ (0 exponential, > 0 heavy tail, < 0 bounded) and scale σ, null for `empirical`. */
  readonly shape: number | null;
  readonly scale: number | null;
}

/**
 * The quantile that a share `exceedanceRate` (above 0, below `tailShare`) of scores exceeds. The interval resamples
 * the scores as independent draws: for clustered rows it is too narrow. Errors: ML_EMPTY_INPUT (fewer than 100
 * scores), ML_NOT_FINITE, ML_BAD_OPTION, ML_UNKNOWN_OPTION.
 */
export function tailQuantile(scores: ArrayLike<number>, exceedanceRate: number, options: TailQuantileOptions = {}): TailQuantile {
  refuseUnknownKeys(options, ['tailShare', 'resamples', 'level', 'seed']);
  const tailShare = numberWithin('tailShare', options.tailShare ?? 0.1, 0.01, 0.5);
  const resamples = integerWithin('resamples', options.resamples ?? 200, 20, 100_000);
  const level = numberWithin('level', options.level ?? 0.95, 0.5, 0.999);
  const random = createRandom(seedOf(options.seed ?? 0)).fork('tail-quantile');
  atLeast('scores', scores.length, LEAST_SCORES);
  finiteOnly('scores', scores);
  numberWithin('exceedanceRate', exceedanceRate, 0, tailShare, true);
  const sorted = Float64Array.from(scores).sort();
  const empirical = exceedanceRate * sorted.length >= MIN_BEYOND;
  const estimate = (values: Float64Array): Estimate =>
    empirical
      ? { value: quantileOfSorted(values, 1 - exceedanceRate), shape: null, scale: null }
      : paretoQuantile(values, exceedanceRate, tailShare);
  const draws = new Float64Array(resamples);
  const sample = new Float64Array(sorted.length);
  const counts = new Uint32Array(sorted.length);
  for (let i = 0; i < resamples; i++) {
    // How often each was drawn, in ascending order: the sample is sorted without a sort.
    counts.fill(0);
    for (let j = 0; j < sorted.length; j++) counts[random.nextInt(sorted.length)]++;
    for (let j = 0, at = 0; j < sorted.length; j++) for (let k = counts[j]; k > 0; k--) sample[at++] = sorted[j];
    draws[i] = estimate(sample).value;
  }
  draws.sort();
  const interval = { low: quantileOfSorted(draws, (1 - level) / 2), high: quantileOfSorted(draws, (1 + level) / 2) };
  return { ...estimate(sorted), interval, method: empirical ? 'empirical' : 'pareto' };
}

interface Estimate {
  readonly value: number;
  readonly shape: number | null;
  readonly scale: number | null;
}

function paretoQuantile(sorted: Float64Array, rate: number, tailShare: number): Estimate {
  const excessCount = Math.max(10, Math.floor(sorted.length * tailShare));
  const threshold = sorted[sorted.length - excessCount - 1];
  const { shape, scale } = fitPareto(sorted.subarray(sorted.length - excessCount).map((x) => x - threshold));
  const ratio = excessCount / (sorted.length * rate); // > 1 beyond the threshold
  const reach = Math.abs(shape) < ZERO_SHAPE ? log(ratio) : (exp(shape * log(ratio)) - 1) / shape;
  return { value: threshold + scale * reach, shape, scale };
}

/** ξ and σ of ascending excesses over 0 by probability-weighted moments (Hosking & Wallis 1987). */
export function fitPareto(excesses: Float64Array): { shape: number; scale: number } {
  const n = excesses.length;
  let a0 = 0;
  let a1 = 0;
  for (let j = 0; j < n; j++) {
    a0 += excesses[j] / n;
    a1 += (excesses[j] * (1 - (j + 0.65) / n)) / n; // their plotting position p = (j - 0.35)/n with j from 1
  }
  const spread = a0 - 2 * a1;
  if (!(spread > 0)) return { shape: 0, scale: a0 }; // all excesses equal or 0
  // In their sign k = -ξ: k = a0/(a0 - 2a1) - 2, σ = 2 a0 a1/(a0 - 2a1).
  return { shape: 2 - a0 / spread, scale: (2 * a0 * a1) / spread };
}
