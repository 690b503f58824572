/**
 * Step 3: sums of g and packed h by feature and bin, interleaved, 256 bins a feature. Only the features that a tree may split on have a
 * place. Their bins are read four at a time from a word, and the adds of one row go to different features, so none waits for another.
 */
import type { BinnedMatrix } from '../tree/binning.ts';

/** Numbers a feature takes in a histogram: 256 bins of g and h. */
export const FEATURE_STRIDE = 512;

const BINS_IN_WORD = 4;

/** Bins of some features by row: feature k of a row is byte k % 4, from the lowest, of its word k >> 2. */
export interface PackedBins {
  readonly featureCount: number;
  readonly wordCount: number;
  /** Word w of row r at r * wordCount + w. */
  readonly words: Int32Array;
}

/** Words of a row with so many features. */
export function wordCountOf(featureCount: number): number {
  return Math.ceil(featureCount / BINS_IN_WORD);
}

/** Room for the packed bins of so many rows and, at most, columns. */
export function createWords(rows: number, cols: number): Int32Array {
  return new Int32Array(rows * wordCountOf(cols));
}

/** Packs the bins of `features` into `words`, for the rows `rows[0 … count - 1]` only. */
export function packBins(binned: BinnedMatrix, features: Int32Array, rows: Int32Array, count: number, words: Int32Array): PackedBins {
  const wordCount = wordCountOf(features.length);
  const { byColumn } = binned;
  for (let w = 0; w < wordCount; w++) {
    const first = w * BINS_IN_WORD;
    const bytes = Math.min(BINS_IN_WORD, features.length - first);
    // A byte that no feature has repeats the last one: it costs a read and is never counted.
    const c0 = features[first] * binned.rows;
    const c1 = features[first + Math.min(1, bytes - 1)] * binned.rows;
    const c2 = features[first + Math.min(2, bytes - 1)] * binned.rows;
    const c3 = features[first + Math.min(3, bytes - 1)] * binned.rows;
    for (let i = 0; i < count; i++) {
      const row = rows[i];
      words[row * wordCount + w] = byColumn[c0 + row] | (byColumn[c1 + row] << 8) | (byColumn[c2 + row] << 16) | (byColumn[c3 + row] << 24);
    }
  }
  return { featureCount: features.length, wordCount, words };
}

/** An empty histogram for so many features. */
export function createHistogram(featureCount: number): Float64Array {
  return new Float64Array(featureCount * FEATURE_STRIDE);
}

/** Overwrites `into` with the histogram of `rows[from … to - 1]`: of packed feature k from k * FEATURE_STRIDE on. */
export function buildHistogram(
  into: Float64Array,
  { featureCount, wordCount, words }: PackedBins,
  rows: Int32Array,
  from: number,
  to: number,
  gradients: Float64Array,
): void {
  const full = featureCount >> 2;
  const rest = featureCount & 3;
  into.fill(0);
  for (let i = from; i < to; i++) {
    const row = rows[i];
    const g = gradients[2 * row];
    const h = gradients[2 * row + 1];
    let at = row * wordCount;
    let base = 0;
    for (let w = 0; w < full; w++) {
      const word = words[at++];
      const b0 = base + ((word << 1) & 510);
      const b1 = base + 512 + ((word >>> 7) & 510);
      const b2 = base + 1024 + ((word >>> 15) & 510);
      const b3 = base + 1536 + ((word >>> 23) & 510);
      into[b0] += g;
      into[b0 + 1] += h;
      into[b1] += g;
      into[b1 + 1] += h;
      into[b2] += g;
      into[b2 + 1] += h;
      into[b3] += g;
      into[b3 + 1] += h;
      base += BINS_IN_WORD * FEATURE_STRIDE;
    }
    for (let k = 0; k < rest; k++) {
      const b = base + (((words[at] >>> (8 * k)) & 255) << 1);
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
