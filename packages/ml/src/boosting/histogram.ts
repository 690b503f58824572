/**
 * Step 3: sums of g and packed h by feature and bin, interleaved, 256 bins a feature. The inner loop is
 * unrolled by six: the adds of one row go to different features, so none waits for another.
 */
import type { BinnedMatrix } from './binning.ts';

/** Numbers a feature takes in a histogram: 256 bins of g and h. */
export const FEATURE_STRIDE = 512;

/** An empty histogram for `cols` features. */
export function createHistogram(cols: number): Float64Array {
  return new Float64Array(cols * FEATURE_STRIDE);
}

/** Overwrites `into` with the histogram of `rows[from … to - 1]`. */
export function buildHistogram(
  into: Float64Array,
  binned: BinnedMatrix,
  rows: Int32Array,
  from: number,
  to: number,
  gradients: Float64Array,
): void {
  const { cols, byRow } = binned;
  const unrolled = cols - (cols % 6);
  into.fill(0);
  for (let i = from; i < to; i++) {
    const row = rows[i];
    const g = gradients[2 * row];
    const h = gradients[2 * row + 1];
    const first = row * cols;
    let base = 0;
    let c = 0;
    for (; c < unrolled; c += 6) {
      const at = first + c;
      const b0 = base + (byRow[at] << 1);
      const b1 = base + 512 + (byRow[at + 1] << 1);
      const b2 = base + 1024 + (byRow[at + 2] << 1);
      const b3 = base + 1536 + (byRow[at + 3] << 1);
      const b4 = base + 2048 + (byRow[at + 4] << 1);
      const b5 = base + 2560 + (byRow[at + 5] << 1);
      into[b0] += g;
      into[b0 + 1] += h;
      into[b1] += g;
      into[b1 + 1] += h;
      into[b2] += g;
      into[b2 + 1] += h;
      into[b3] += g;
      into[b3 + 1] += h;
      into[b4] += g;
      into[b4 + 1] += h;
      into[b5] += g;
      into[b5 + 1] += h;
      base += 3072;
    }
    for (; c < cols; c++) {
      const b = base + (byRow[first + c] << 1);
      into[b] += g;
      into[b + 1] += h;
      base += FEATURE_STRIDE;
    }
  }
}

/** parent - child, in place of the parent: the sibling's histogram without reading a row. */
export function subtractHistogram(parent: Float64Array, child: Float64Array): void {
  for (let i = 0; i < parent.length; i++) parent[i] -= child[i];
}
