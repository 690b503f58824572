/** Rows of features as one flat array: what every fit takes. NaN means missing. */
import { MlError } from './errors.ts';
import { atLeast, lengthOf } from './options.ts';

/** Row-major: value of row r, column c is `values[r * cols + c]`. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float64Array;
}

/** A matrix from equally long rows, copied. ML_EMPTY_INPUT, ML_SHAPE_MISMATCH. */
export function matrixOf(rows: readonly ArrayLike<number>[]): Matrix {
  atLeast('rows', rows.length, 1);
  const cols = rows[0].length;
  atLeast('columns', cols, 1);
  const values = new Float64Array(rows.length * cols);
  for (let r = 0; r < rows.length; r++) {
    lengthOf(`rows[${r}]`, rows[r], cols);
    values.set(rows[r], r * cols);
  }
  return { rows: rows.length, cols, values };
}

/** The rows of `indices`, in that order, copied; a row may be taken twice. ML_BAD_OPTION (no such row). */
export function takeRows(matrix: Matrix, indices: ArrayLike<number>): Matrix {
  const { cols, values } = matrix;
  const taken = new Float64Array(indices.length * cols);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    if (!Number.isInteger(index) || index < 0 || index >= matrix.rows) {
      throw new MlError('ML_BAD_OPTION', { name: `indices[${i}]`, expected: `a row from 0 to ${matrix.rows - 1}`, found: String(index) });
    }
    taken.set(values.subarray(index * cols, (index + 1) * cols), i * cols);
  }
  return { rows: indices.length, cols, values: taken };
}

/** Row r as a view, not a copy. */
export function rowOf(matrix: Matrix, r: number): Float64Array {
  return matrix.values.subarray(r * matrix.cols, (r + 1) * matrix.cols);
}

/**
 * Refuses what no fit can use: fewer than `leastRows` rows, no columns, lengths that do not agree, infinite
 * values. NaN passes. ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_INFINITE_VALUE.
 */
export function checkMatrix(matrix: Matrix, leastRows: number): void {
  atLeast('matrix rows', matrix.rows, leastRows);
  atLeast('matrix columns', matrix.cols, 1);
  lengthOf('matrix values', matrix.values, matrix.rows * matrix.cols);
  const { values } = matrix;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === Infinity || values[i] === -Infinity) {
      throw new MlError('ML_INFINITE_VALUE', { name: 'matrix', found: String(values[i]), position: i });
    }
  }
}
