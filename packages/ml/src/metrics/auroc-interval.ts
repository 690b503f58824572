/**
 * The interval of an AUROC, and of the difference of two over the same rows, from the variance of DeLong, DeLong & Clarke-Pearson 1988 by the
 * midranks of Sun & Xu 2014, O(n log n). Rows count as independent: for clustered rows it is too narrow, see `groupBootstrap`.
 */
import { atLeast, bothClasses, finiteOnly, lengthOf, numberWithin, refuseUnknownKeys } from '../options.ts';
import { normalQuantile } from '../study/normal.ts';
import { auroc, orderOf } from './ranking.ts';
import type { Interval } from './resampling.ts';

/** Options of `aurocInterval` and `aurocDifference`. */
export interface AurocIntervalOptions {
  /** Coverage of the interval. Default 0.95; 0.5 to 0.999. */
  readonly level?: number;
}

export interface AurocEstimate extends Interval {
  /** AUROC, or the difference of two. */
  readonly value: number;
  /** Standard error. */
  readonly error: number;
}

/**
 * An AUROC with its interval, cut to [0, 1]. Two rows of each label at least, or the error is not known. ML_EMPTY_INPUT, ML_SHAPE_MISMATCH,
 * ML_NOT_FINITE, ML_BAD_LABEL, ML_SINGLE_CLASS, ML_BAD_OPTION, ML_UNKNOWN_OPTION.
 *
 * @example
 * const { value, low, high } = aurocInterval(scores, labels);
 */
export function aurocInterval(scores: ArrayLike<number>, labels: ArrayLike<number>, options: AurocIntervalOptions = {}): AurocEstimate {
  const width = widthOf(options);
  const value = auroc(scores, labels);
  const places = placements(scores, labels);
  const error = Math.sqrt(covariance(places, places));
  return { value, error, low: Math.max(0, value - width * error), high: Math.min(1, value + width * error) };
}

/** AUROC of `first` minus that of `second`, judged on the same rows; cut to [−1, 1]. Errors as `aurocInterval`. */
export function aurocDifference(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: AurocIntervalOptions = {},
): AurocEstimate {
  const width = widthOf(options);
  const value = auroc(first, labels) - auroc(second, labels);
  const a = placements(first, labels);
  const b = placements(second, labels);
  const error = Math.sqrt(Math.max(0, covariance(a, a) + covariance(b, b) - 2 * covariance(a, b)));
  return { value, error, low: Math.max(-1, value - width * error), high: Math.min(1, value + width * error) };
}

function widthOf(options: AurocIntervalOptions): number {
  refuseUnknownKeys(options, ['level']);
  return normalQuantile(0.5 + numberWithin('level', options.level ?? 0.95, 0.5, 0.999) / 2);
}

/** Of each row the share of the other label that it stands on the right side of, ties half. */
interface Placements {
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

function placements(scores: ArrayLike<number>, labels: ArrayLike<number>): Placements {
  finiteOnly('scores', scores);
  lengthOf('labels', labels, scores.length);
  const count = bothClasses('labels', labels);
  const others = labels.length - count;
  atLeast('rows of each label', Math.min(count, others), 2);
  const order = orderOf(scores);
  const shares = new Float64Array(labels.length);
  let below0 = 0;
  let below1 = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    let tied1 = 0;
    for (; to < order.length && scores[order[to]] === scores[order[from]]; to++) tied1 += labels[order[to]];
    const tied0 = to - from - tied1;
    for (let i = from; i < to; i++)
      shares[order[i]] = labels[order[i]] === 1 ? (below0 + tied0 / 2) / others : (count - below1 - tied1 / 2) / count;
    below0 += tied0;
    below1 += tied1;
    from = to;
  }
  // In the order of the rows, so that two scorers' placements stand side by side.
  return { positives: shares.filter((_, row) => labels[row] === 1), negatives: shares.filter((_, row) => labels[row] === 0) };
}

function covariance(a: Placements, b: Placements): number {
  return sampleCovariance(a.positives, b.positives) / a.positives.length + sampleCovariance(a.negatives, b.negatives) / a.negatives.length;
}

function sampleCovariance(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - meanA) * (b[i] - meanB);
  return sum / (a.length - 1);
}
