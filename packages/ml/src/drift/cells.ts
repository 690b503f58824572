/**
 * The cells of a column: cut on quantiles of the reference, open at both ends, so that a value counts by its rank and one outlier weighs
 * as much as any other row. Fine cells carry the Kolmogorov–Smirnov distance, about ten bins of them PSI. Missing values have a cell of their own.
 */

/** Fine cells a column: the distance is exact to a hundredth, a code fits into a byte. */
export const FINE_CELLS = 100;
/** The code of a missing value. */
export const MISSING = 255;

export interface Cells {
  /** Ascending and distinct; a value lies in the first cell whose edge it does not pass, the last cell is open. At most 254. */
  readonly edges: Float64Array;
  /** The bin of each cell; the bins ascend. One bin more, the last, is that of missing values. */
  readonly binOf: Uint8Array;
  /** Bins, that of missing values included. */
  readonly binCount: number;
}

/**
 * Cuts `values` (NaN = missing) into about `bins` bins of equal share. A value that alone holds such a share is a bin of its own, with an open
 * bin on each side even where the reference has nothing there: a counter that was always 0 and now is 1 must show.
 */
export function cutCells(values: ArrayLike<number>, bins: number): Cells {
  const sorted = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const fine = new Set<number>();
  const coarse = new Set<number>();
  for (const atom of atoms(sorted, bins)) {
    for (const edge of [justBelow(atom), atom]) coarse.add(edge);
  }
  for (let j = 1; j < FINE_CELLS; j++) fine.add(atQuantile(sorted, j / FINE_CELLS));
  for (let j = 1; j < bins; j++) coarse.add(atQuantile(sorted, j / bins));
  const isCoarse = (edge: number): boolean => coarse.has(edge);
  const edges = Float64Array.from(new Set([...fine, ...coarse]))
    .filter((edge) => !Number.isNaN(edge))
    .sort();
  const binOf = new Uint8Array(edges.length + 1);
  for (let c = 1; c < binOf.length; c++) binOf[c] = binOf[c - 1] + (isCoarse(edges[c - 1]) ? 1 : 0);
  return { edges, binOf, binCount: binOf[edges.length] + 2 };
}

/** The cell of a value, or MISSING. */
export function cellOf(edges: Float64Array, value: number): number {
  if (Number.isNaN(value)) return MISSING;
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The bin of a cell. */
export function binOfCell(cells: Cells, cell: number): number {
  return cell === MISSING ? cells.binCount - 1 : cells.binOf[cell];
}

/** The least value that at least a share p of the sample does not pass: always a value of the sample. NaN where there is none. */
function atQuantile(sorted: Float64Array, p: number): number {
  return sorted.length === 0 ? Number.NaN : sorted[Math.max(0, Math.ceil(p * sorted.length - 1e-9) - 1)];
}

function atoms(sorted: Float64Array, bins: number): number[] {
  const found: number[] = [];
  let from = 0;
  for (let i = 1; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i] === sorted[from]) continue;
    if ((i - from) * bins >= sorted.length) found.push(sorted[from]);
    from = i;
  }
  return found;
}

function justBelow(value: number): number {
  const step = Math.abs(value) * Number.EPSILON;
  return value - (step > 0 ? step : Number.MIN_VALUE);
}
