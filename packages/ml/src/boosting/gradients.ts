/**
 * Step 2: first and second derivatives of the weighted logistic loss ln(1 + e^s) - y·s by the score s:
 * g = w(p - y), h = w·p(1 - p).
 *
 * The row count rides along in the hessian: each h is rounded to a fixed `quantum` and carried as h + `unit`,
 * with `unit` above the sum of all h. A sum over any rows then holds their count in its multiples of `unit` and
 * Σh in the rest, both exact, because every partial sum is a multiple of `quantum` below 2^53 · `quantum`.
 * Leaf sizes are so exact at no cost in the histogram loop, and Σh does not depend on the order of addition.
 */
import { exp, log } from '../math.ts';
import type { Labels } from './options.ts';

/** How hessian sums carry counts. Both are powers of two. */
export interface HessianPacking {
  readonly unit: number;
  readonly quantum: number;
}

/** The packing for `rows` rows whose weights sum to `totalWeight`: h is at most w/4. */
export function packingFor(rows: number, totalWeight: number): HessianPacking {
  let unit = 1;
  while (unit > totalWeight / 4) unit /= 2;
  while (unit <= totalWeight / 4) unit *= 2;
  let capacity = 1;
  while (capacity < rows + 1) capacity *= 2;
  // Σ < (rows + 1) · unit <= 2^53 · quantum. The factor 2 keeps Σh below `unit` after rounding each h upwards.
  return { unit: unit * 2, quantum: (unit * 2 * capacity) / 2 ** 53 };
}

/** Adding it and taking it away rounds a hessian to a multiple of `quantum`. */
export function rounderOf({ quantum }: HessianPacking): number {
  return quantum * 1.5 * 2 ** 52;
}

/** Rows in a packed sum. */
export function countOf(packed: number, unit: number): number {
  return Math.floor(packed / unit);
}

/** Σh in a packed sum. */
export function hessianOf(packed: number, unit: number): number {
  return packed - Math.floor(packed / unit) * unit;
}

/** Writes g and packed h of each row to `into[2r]` and `into[2r + 1]`. */
export function computeGradients(
  scores: Float64Array,
  labels: Labels,
  weights: Float64Array | null,
  packing: HessianPacking,
  into: Float64Array,
): void {
  const { unit } = packing;
  const rounder = rounderOf(packing);
  for (let r = 0; r < scores.length; r++) {
    const s = scores[r];
    const e = exp(-Math.abs(s));
    const q = 1 / (1 + e);
    const p = (s < 0 ? e : 1) * q;
    const w = weights === null ? 1 : weights[r];
    into[2 * r] = w * (p - labels[r]);
    into[2 * r + 1] = w * e * q * q + rounder - rounder + unit;
  }
}

/** Mean logistic loss of scores (log-odds). */
export function meanLogLoss(scores: Float64Array, labels: Labels): number {
  let sum = 0;
  for (let r = 0; r < scores.length; r++) {
    const s = scores[r];
    sum += (s > 0 ? s : 0) - labels[r] * s + log(1 + exp(s < 0 ? s : -s));
  }
  return sum / scores.length;
}
