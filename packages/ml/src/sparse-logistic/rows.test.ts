import { describe, expect, it } from 'vitest';
import { expectRefusal } from '../test-support/refusals.ts';
import { checkSparseRows, sparseRowOf, sparseRowsOf } from './rows.ts';

const row = (entries: Record<number, number>) => ({
  indices: Int32Array.from(Object.keys(entries), Number),
  values: Float64Array.from(Object.values(entries)),
});

describe('sparseRowsOf', () => {
  it('joins rows and gives each back, an empty one too', () => {
    const rows = sparseRowsOf([row({ 1: 2, 5: -1 }), row({}), row({ 0: 3 })], 6);
    expect(rows).toEqual({
      cols: 6,
      starts: Int32Array.of(0, 2, 2, 3),
      indices: Int32Array.of(1, 5, 0),
      values: Float64Array.of(2, -1, 3),
    });
    expect(sparseRowOf(rows, 1)).toEqual(row({}));
    expect(sparseRowOf(rows, 2)).toEqual(row({ 0: 3 }));
  });

  it('refuses rows that are none', () => {
    expectRefusal(() => sparseRowsOf([], 4), 'ML_EMPTY_INPUT');
    expectRefusal(() => sparseRowsOf([row({ 4: 1 })], 4), 'ML_BAD_OPTION');
    expectRefusal(() => sparseRowsOf([row({ 1: 1 })], 0), 'ML_BAD_OPTION');
    expectRefusal(() => sparseRowsOf([{ indices: Int32Array.of(2, 1), values: Float64Array.of(1, 1) }], 4), 'ML_BAD_OPTION');
    expectRefusal(() => sparseRowsOf([{ indices: Int32Array.of(1, 1), values: Float64Array.of(1, 1) }], 4), 'ML_BAD_OPTION');
    expectRefusal(() => sparseRowsOf([{ indices: Int32Array.of(-1), values: Float64Array.of(1) }], 4), 'ML_BAD_OPTION');
    expectRefusal(() => sparseRowsOf([{ indices: Int32Array.of(1), values: Float64Array.of(1, 2) }], 4), 'ML_SHAPE_MISMATCH');
    for (const bad of [Number.NaN, Infinity]) expectRefusal(() => sparseRowsOf([row({ 1: bad })], 4), 'ML_NOT_FINITE');
    expectRefusal(() => sparseRowsOf([row({ 1: 1e200 })], 4), 'ML_BAD_OPTION');
    const rows = sparseRowsOf([row({ 1: 1 }), row({ 2: 1 })], 4);
    expectRefusal(() => checkSparseRows({ ...rows, starts: Int32Array.of(0, 2, 1) }, 1), 'ML_BAD_OPTION');
    expectRefusal(() => checkSparseRows({ ...rows, starts: Int32Array.of(1, 1, 2) }, 1), 'ML_BAD_OPTION');
    expectRefusal(() => checkSparseRows({ ...rows, starts: Int32Array.of(0, 1, 3) }, 1), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => checkSparseRows(rows, 3), 'ML_EMPTY_INPUT');
  });
});
