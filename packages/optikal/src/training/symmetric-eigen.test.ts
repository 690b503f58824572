import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eigenOfSymmetric } from './symmetric-eigen.ts';

describe('eigenvalues of a symmetric matrix', () => {
  it('are those worked by hand', () => {
    const { values, vectors } = eigenOfSymmetric([
      [2, 1],
      [1, 2],
    ]);
    expect(Math.min(...values)).toBeCloseTo(1, 12);
    expect(Math.max(...values)).toBeCloseTo(3, 12);
    expect(Math.abs(vectors[0]![0]!)).toBeCloseTo(Math.SQRT1_2, 12);
    expect(eigenOfSymmetric([])).toEqual({ values: [], vectors: [] });
  });

  it('make the matrix again, with orthonormal vectors', () => {
    const size = 5;
    const numbers = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: size * size, maxLength: size * size });
    fc.assert(
      fc.property(numbers, (xs) => {
        const matrix = Array.from({ length: size }, (_, i) =>
          Array.from({ length: size }, (_, j) => xs[i * size + j]! + xs[j * size + i]!),
        );
        const { values, vectors } = eigenOfSymmetric(matrix);
        for (let i = 0; i < size; i++)
          for (let j = 0; j < size; j++) {
            expect(values.reduce((sum, value, k) => sum + value * vectors[i]![k]! * vectors[j]![k]!, 0)).toBeCloseTo(matrix[i]![j]!, 8);
            expect(vectors.reduce((sum, row) => sum + row[i]! * row[j]!, 0)).toBeCloseTo(i === j ? 1 : 0, 9);
          }
      }),
    );
  });
});
