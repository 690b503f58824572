/**
 * Step 1 of every tree learner on histograms: each feature becomes at most 255 bins of about equal count, and bin 255 holds its missing
 * values. A heavy value gets a bin of its own, as in LightGBM's greedy binning.
 */
import type { Matrix } from '../matrix.ts';
import { sortNumbers } from './sort.ts';

/** Bins of values at most; a byte holds them and the missing bin. */
export const MAX_BINS = 255;
/** The bin of NaN. */
export const MISSING_BIN = 255;
/** The last bin's edge: finite, so that a missing value can be told from every value. */
const LAST_EDGE = Number.MAX_VALUE;

/** Upper edges of each feature's bins, inclusive and ascending: bin(x) = first b with x <= edges[b]. */
export type BinEdges = readonly Float64Array[];

/** A matrix as bins, column by column; boosting's histograms read packed rows (`packBins`). */
export interface BinnedMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly edges: BinEdges;
  /** Bin of row r, column c at c * rows + r. */
  readonly byColumn: Uint8Array;
}

/** The bin edges of each column; a column without values has the one bin that holds everything. */
export function findBinEdges(matrix: Matrix): BinEdges {
  const { rows, cols, values } = matrix;
  const column = new Float64Array(rows);
  const scratch = new Uint32Array(2 * rows);
  return Array.from({ length: cols }, (_, c) => {
    let count = 0;
    for (let r = 0; r < rows; r++) {
      const x = values[r * cols + c];
      if (!Number.isNaN(x)) column[count++] = x;
    }
    const present = column.subarray(0, count);
    sortNumbers(present, scratch);
    return edgesOfSorted(present);
  });
}

/** The matrix as bins of the given edges. */
export function binMatrix(matrix: Matrix, edges: BinEdges): BinnedMatrix {
  const { rows, cols } = matrix;
  const byColumn = new Uint8Array(rows * cols);
  const upper = new Float64Array(MAX_BINS);
  for (let c = 0; c < cols; c++) {
    // What exceeds every edge but the last is in the last bin.
    upper.fill(Infinity).set(edges[c].subarray(0, edges[c].length - 1));
    binColumn(matrix, c, upper, byColumn.subarray(c * rows, (c + 1) * rows));
  }
  return { rows, cols, edges, byColumn };
}

/** `binOf` of a column without a branch: the number of edges below x by eight halvings, all bits set where x is NaN. */
function binColumn({ rows, cols, values }: Matrix, c: number, upper: Float64Array, into: Uint8Array): void {
  for (let r = 0; r < rows; r++) {
    const x = values[r * cols + c];
    let bin = +(x > upper[127]) << 7;
    bin |= +(x > upper[bin + 63]) << 6;
    bin |= +(x > upper[bin + 31]) << 5;
    bin |= +(x > upper[bin + 15]) << 4;
    bin |= +(x > upper[bin + 7]) << 3;
    bin |= +(x > upper[bin + 3]) << 2;
    bin |= +(x > upper[bin + 1]) << 1;
    bin |= +(x > upper[bin]);
    into[r] = bin | (MISSING_BIN * +Number.isNaN(x));
  }
}

/** The bin of one value. */
export function binOf(x: number, edges: Float64Array): number {
  if (Number.isNaN(x)) return MISSING_BIN;
  let low = 0;
  let high = edges.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x <= edges[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}

function edgesOfSorted(sorted: Float64Array): Float64Array {
  let distinct = sorted.length > 0 ? 1 : 0;
  for (let i = 1; i < sorted.length; i++) if (sorted[i] > sorted[i - 1]) distinct++;
  const everyValue = distinct <= MAX_BINS;
  const edges: number[] = [];
  let inBin = 0;
  for (let i = 0; i + 1 < sorted.length && edges.length < MAX_BINS - 1; i++) {
    inBin++;
    // -0 and 0 are one value: only a real step upwards may end a bin.
    if (!(sorted[i + 1] > sorted[i])) continue;
    const left = sorted.length - (i + 1 - inBin);
    const share = left / (MAX_BINS - edges.length);
    if (!everyValue && inBin < share) continue;
    edges.push(between(sorted[i], sorted[i + 1]));
    inBin = 0;
  }
  edges.push(LAST_EDGE);
  return Float64Array.from(edges);
}

/** A number in [low, high): their middle where rounding allows. */
function between(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  return middle >= low && middle < high ? middle : low;
}
