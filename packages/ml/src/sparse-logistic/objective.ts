/** The loss of sparse logistic regression and its gradient, over the columns that occur. */
import { exp, log } from '../math.ts';
import type { Loss } from './lbfgs.ts';
import type { SparseRows } from './rows.ts';

/** Rows whose columns are numbered 0 … used.length − 1: work and memory follow what occurs, not what could. */
export interface CompactRows {
  readonly starts: Int32Array;
  /** Places in `used`. */
  readonly places: Int32Array;
  readonly values: Float64Array;
  /** Ascending columns of the rows. */
  readonly used: Int32Array;
}

/** Columns up to this many are numbered by a table of them; beyond it the table would outgrow the rows. */
const TABLE_COLS = 2 ** 22;

export function compact({ cols, starts, indices, values }: SparseRows): CompactRows {
  const used = cols <= TABLE_COLS ? marked(indices, cols) : distinct(indices);
  const places = new Int32Array(indices.length);
  if (cols <= TABLE_COLS) {
    const table = new Int32Array(cols);
    for (let place = 0; place < used.length; place++) table[used[place]] = place;
    for (let i = 0; i < places.length; i++) places[i] = table[indices[i]];
  } else for (let i = 0; i < places.length; i++) places[i] = placeOf(used, indices[i]);
  return { starts, places, values: values instanceof Float64Array ? values : Float64Array.from(values), used };
}

/**
 * Σ share · ln(1 + e^−ym) + l2/2 · |w|²; the intercept, where there is one, is the last coefficient and free.
 */
export function lossOf(rows: CompactRows, labels: ArrayLike<number>, shares: Float64Array, l2: number, intercept: boolean): Loss {
  const { starts, places, values, used } = rows;
  const cols = used.length;
  return (at, gradient) => {
    let loss = 0;
    for (let c = 0; c < cols; c++) {
      gradient[c] = l2 * at[c];
      loss += at[c] * at[c];
    }
    loss *= 0.5 * l2;
    const free = intercept ? at[cols] : 0;
    let freeSlope = 0;
    for (let r = 0; r + 1 < starts.length; r++) {
      const end = starts[r + 1];
      let margin = free;
      for (let i = starts[r]; i < end; i++) margin += at[places[i]] * values[i];
      const rare = exp(margin > 0 ? -margin : margin);
      const wrong = labels[r] === 1 ? -margin : margin;
      loss += shares[r] * ((wrong > 0 ? wrong : 0) + log(1 + rare));
      const p = (margin > 0 ? 1 : rare) / (1 + rare);
      const slope = shares[r] * (p - labels[r]);
      freeSlope += slope;
      for (let i = starts[r]; i < end; i++) gradient[places[i]] += slope * values[i];
    }
    if (intercept) gradient[cols] = freeSlope;
    return loss;
  };
}

function marked(indices: Int32Array, cols: number): Int32Array {
  const marks = new Uint8Array(cols);
  for (let i = 0; i < indices.length; i++) marks[indices[i]] = 1;
  let count = 0;
  for (let c = 0; c < cols; c++) count += marks[c];
  const used = new Int32Array(count);
  let place = 0;
  for (let c = 0; c < cols; c++) if (marks[c] === 1) used[place++] = c;
  return used;
}

function distinct(indices: Int32Array): Int32Array {
  const sorted = indices.slice().sort();
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[count++] = sorted[i];
  }
  return sorted.slice(0, count);
}

/** The place of `wanted` among ascending numbers from `from` on; where it is missing, of the next larger one. */
export function placeOf(sorted: Int32Array, wanted: number, from = 0): number {
  let low = from;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
