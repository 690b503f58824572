/** Distances of two lists of shares: PSI, Jensen–Shannon, Kolmogorov–Smirnov. */
import { LN2, log } from '../math.ts';

/**
 * Population stability index Σ (q − p) ln(q / p), at least 0. A share below `floor` counts as `floor` on both sides: an empty bin would make it
 * infinite, and a bin that both sides lack must add nothing.
 */
export function populationStability(expected: ArrayLike<number>, actual: ArrayLike<number>, floor: number): number {
  let sum = 0;
  for (let b = 0; b < expected.length; b++) {
    const p = Math.max(expected[b], floor);
    const q = Math.max(actual[b], floor);
    sum += (q - p) * log(q / p);
  }
  return sum;
}

/** The square root of the Jensen–Shannon divergence in bits (Endres & Schindelin 2003): a metric, 0 = equal, 1 = no bin in common. */
export function jensenShannon(first: ArrayLike<number>, second: ArrayLike<number>): number {
  let sum = 0;
  for (let b = 0; b < first.length; b++) {
    const middle = (first[b] + second[b]) / 2;
    if (first[b] > 0) sum += (first[b] / 2) * log(first[b] / middle);
    if (second[b] > 0) sum += (second[b] / 2) * log(second[b] / middle);
  }
  return Math.sqrt(Math.min(1, Math.max(0, sum / LN2)));
}

/**
 * The Kolmogorov–Smirnov distance of shares over ordered cells, in [0, 1], missing values left out; 0 where a side has no value. With a cell a value
 * it is `ksDistance`; on quantile cells it is short of that by less than the share of a cell.
 */
export function cellDistance(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const a = total(first);
  const b = total(second);
  if (!(a > 0 && b > 0)) return 0;
  let left = 0;
  let right = 0;
  let distance = 0;
  for (let c = 0; c < first.length; c++) {
    left += first[c] / a;
    right += second[c] / b;
    distance = Math.max(distance, Math.abs(left - right));
  }
  return Math.min(1, distance);
}

function total(shares: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < shares.length; c++) sum += shares[c];
  return sum;
}
