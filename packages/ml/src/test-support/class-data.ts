/** Rows of several classes whose true probabilities are known. */
import { exp, log } from '../math.ts';
import type { Matrix } from '../matrix.ts';
import { createRandom } from '../random.ts';

/** Class k is a unit Gaussian cloud whose column k is moved up by this; further columns are noise. */
const SHIFT = 2;

export interface ClassData {
  readonly matrix: Matrix;
  readonly labels: Uint8Array;
}

/** Rows drawn with class k as likely as `priors[k]`; each value is NaN with probability `missingShare`. */
export function classClouds(rows: number, cols: number, priors: readonly number[], seed: number | string, missingShare = 0): ClassData {
  const random = createRandom(seed);
  const values = new Float64Array(rows * cols);
  const labels = new Uint8Array(rows);
  for (let r = 0; r < rows; r++) {
    let rest = random.nextFloat();
    while (labels[r] < priors.length - 1 && rest >= priors[labels[r]]) rest -= priors[labels[r]++];
    for (let c = 0; c < cols; c++) {
      const x = random.nextGaussian() + (c === labels[r] ? SHIFT : 0);
      values[r * cols + c] = random.nextFloat() < missingShare ? NaN : x;
    }
  }
  return { matrix: { rows, cols, values }, labels };
}

/** Bayes: of all classes the density is that of the noise times exp(SHIFT · x_k - SHIFT² / 2), so the probability is a softmax. */
export function cloudPosterior(row: Float64Array, priors: readonly number[]): Float64Array {
  const weights = Float64Array.from(priors, (prior, k) => exp(log(prior) + SHIFT * row[k]));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
}
