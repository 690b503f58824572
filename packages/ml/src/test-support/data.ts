/** Small made-up data sets for tests: seeded, so that a failure can be repeated. */
import type { Matrix } from '../matrix.ts';
import { createRandom, type Random } from '../random.ts';

/** Rows of standard normal features; each value is NaN with probability `missingShare`. */
export function gaussianMatrix(rows: number, cols: number, seed: number | string, missingShare = 0): Matrix {
  const random = createRandom(seed);
  const values = Float64Array.from({ length: rows * cols }, () => {
    const x = random.nextGaussian();
    return random.nextFloat() < missingShare ? NaN : x;
  });
  return { rows, cols, values };
}

/** Labels that follow features 0 and 1 (with an interaction) and some noise; NaN counts as 1. */
export function noisyLabels(matrix: Matrix, seed: number | string): Uint8Array {
  const random: Random = createRandom(seed);
  return Uint8Array.from({ length: matrix.rows }, (_, r) => {
    const a = matrix.values[r * matrix.cols];
    const b = matrix.values[r * matrix.cols + 1];
    const x = Number.isNaN(a) ? 1 : a;
    const y = Number.isNaN(b) ? 1 : b;
    return x + x * y + 0.3 * random.nextGaussian() > 0.5 ? 1 : 0;
  });
}
