import { describe, expect, it } from 'vitest';
import { checkMatrix, matrixOf, rowOf, takeRows } from './matrix.ts';
import { expectRefusal } from './test-support/refusals.ts';

describe('matrix', () => {
  const matrix = matrixOf([
    [1, 2],
    [3, NaN],
    [5, 6],
  ]);

  it('stores rows one after the other', () => {
    expect(matrix).toEqual({ rows: 3, cols: 2, values: new Float64Array([1, 2, 3, NaN, 5, 6]) });
    expect([...rowOf(matrix, 2)]).toEqual([5, 6]);
  });

  it('takes rows in the order asked for, twice if asked', () => {
    expect(takeRows(matrix, [2, 0, 2]).values).toEqual(new Float64Array([5, 6, 1, 2, 5, 6]));
  });

  it('refuses no rows, ragged rows, rows that do not exist and infinite values', () => {
    expectRefusal(() => matrixOf([]), 'ML_EMPTY_INPUT');
    expectRefusal(() => matrixOf([[]]), 'ML_EMPTY_INPUT');
    expectRefusal(() => matrixOf([[1], [1, 2]]), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => takeRows(matrix, [3]), 'ML_BAD_OPTION');
    expectRefusal(() => checkMatrix(matrix, 4), 'ML_EMPTY_INPUT');
    expectRefusal(() => checkMatrix(matrixOf([[-Infinity]]), 1), 'ML_INFINITE_VALUE');
    expectRefusal(() => checkMatrix({ ...matrix, cols: 3 }, 1), 'ML_SHAPE_MISMATCH');
  });
});
