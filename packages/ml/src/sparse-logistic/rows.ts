/** Sparse rows: the columns that are not 0, in compressed rows (CSR). */
import { MlError } from '../errors.ts';
import { atLeast, integerWithin, lengthOf } from '../options.ts';

/** Columns at most: an index is an Int32. */
export const MAX_COLS = 0x7fffffff;
/** No feature is near it; the square of a larger one would overflow in the fit. */
const MOST_VALUE = 1e100;

/** One row. INVARIANT: indices ascend without repeats; a value for each, finite. */
export interface SparseRow {
  readonly indices: Int32Array;
  readonly values: Float64Array | Float32Array;
}

/** Row r holds the entries `starts[r] … starts[r + 1] − 1` of `indices` and `values`. */
export interface SparseRows extends SparseRow {
  readonly cols: number;
  /** One longer than the number of rows, ascending, first 0. */
  readonly starts: Int32Array;
}

/** From single rows, copied. ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_NOT_FINITE, ML_BAD_OPTION. */
export function sparseRowsOf(rows: readonly SparseRow[], cols: number): SparseRows {
  atLeast('rows', rows.length, 1);
  const starts = new Int32Array(rows.length + 1);
  rows.forEach(({ indices, values }, r) => {
    lengthOf(`values of row ${r}`, values, indices.length);
    starts[r + 1] = starts[r] + indices.length;
  });
  const joined = { cols, starts, indices: new Int32Array(starts[rows.length]), values: new Float64Array(starts[rows.length]) };
  rows.forEach(({ indices, values }, r) => {
    joined.indices.set(indices, starts[r]);
    joined.values.set(values, starts[r]);
  });
  checkSparseRows(joined, 1);
  return joined;
}

/** Row r as views, not copies. */
export function sparseRowOf({ starts, indices, values }: SparseRows, r: number): SparseRow {
  return { indices: indices.subarray(starts[r], starts[r + 1]), values: values.subarray(starts[r], starts[r + 1]) };
}

/**
 * Refuses what no fit can use: fewer than `least` rows, starts that do not ascend, indices that do not ascend or lie outside, values that are
 * not finite or beyond ±1e100. ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_NOT_FINITE, ML_BAD_OPTION.
 */
export function checkSparseRows({ cols, starts, indices, values }: SparseRows, least: number): void {
  atLeast('rows', starts.length - 1, least);
  integerWithin('cols', cols, 1, MAX_COLS);
  lengthOf('sparse values', values, indices.length);
  for (let r = 0; r + 1 < starts.length; r++) {
    if (starts[0] !== 0 || starts[r + 1] < starts[r]) throw wrong(`starts[${r + 1}]`, `at least ${starts[r]}`, starts[r + 1]);
  }
  lengthOf('sparse indices', indices, starts[starts.length - 1]);
  for (let r = 0; r + 1 < starts.length; r++) {
    let last = -1;
    for (let i = starts[r]; i < starts[r + 1]; i++) {
      if (!(indices[i] > last && indices[i] < cols)) throw wrong(`indices[${i}]`, `above ${last} and below ${cols}`, indices[i]);
      last = indices[i];
      if (!Number.isFinite(values[i])) throw new MlError('ML_NOT_FINITE', { name: 'sparse values', found: String(values[i]), position: i });
      if (Math.abs(values[i]) > MOST_VALUE) throw wrong(`values[${i}]`, `at most ${MOST_VALUE} from 0`, values[i]);
    }
  }
}

function wrong(name: string, expected: string, found: number): MlError {
  return new MlError('ML_BAD_OPTION', { name, expected, found });
}
