/** One suite that every base scorer passes: what the contract in `scorer.ts` promises, and what it refuses. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeScorer } from '../decode-scorer.ts';
import { MlError } from '../errors.ts';
import { type Matrix, rowOf } from '../matrix.ts';
import { crc32 } from '../model-file.ts';
import type { BaseScorer } from '../scorer.ts';
import { gaussianMatrix, noisyLabels } from './data.ts';
import { expectRefusal } from './refusals.ts';

/** Fits the scorer under test; a scorer without labels ignores them. Small and quick. */
export type FitScorer = (matrix: Matrix, labels: Uint8Array, seed: number) => BaseScorer;

/** Registers the suite for one kind of scorer. */
export function describeScorer(kind: string, fit: FitScorer): void {
  const matrix = gaussianMatrix(400, 5, `${kind} rows`, 0.1);
  const labels = noisyLabels(matrix, 'labels');
  const model = fit(matrix, labels, 1);
  const bytes = model.encode();

  describe(`${kind} as a base scorer`, () => {
    it('gives the same bytes for the same seed', () => {
      expect(fit(matrix, labels, 1).encode()).toEqual(bytes);
    });

    it('leaves its input as it was', () => {
      const values = matrix.values.slice();
      const copy = labels.slice();
      fit(matrix, labels, 2);
      const row = rowOf(matrix, 3);
      model.score(row);
      model.explain(row);
      expect(matrix.values).toEqual(values);
      expect(labels).toEqual(copy);
    });

    it('scores the same after encode and decode', () => {
      const read = decodeScorer(bytes);
      expect(read.kind).toBe(kind);
      expect(read.featureCount).toBe(matrix.cols);
      for (let r = 0; r < matrix.rows; r++) expect(read.score(rowOf(matrix, r))).toBe(model.score(rowOf(matrix, r)));
      expect(read.explain(rowOf(matrix, 0))).toEqual(model.explain(rowOf(matrix, 0)));
      expect(read.encode()).toEqual(bytes);
    });

    it('adds up: base value + attributions = score', () => {
      for (let r = 0; r < 60; r++) {
        const { baseValue, attributions } = model.explain(rowOf(matrix, r));
        expect(Math.abs(attributions.reduce((sum, x) => sum + x, baseValue) - model.score(rowOf(matrix, r)))).toBeLessThan(1e-6);
      }
    });

    it('gives a finite score to missing and infinite values', () => {
      for (const x of [NaN, Infinity, -Infinity]) expect(model.score(new Float64Array(5).fill(x))).toSatisfy(Number.isFinite);
    });

    it('learns past a column that is missing throughout', () => {
      const values = matrix.values.map((x, i) => (i % 5 === 4 ? NaN : x));
      const without = fit({ ...matrix, values }, labels, 1);
      const row = new Float64Array([1, 1, 1, 1, NaN]);
      const other = new Float64Array([1, 1, 1, 1, 99]);
      expect(without.score(row)).toBe(without.score(other));
    });

    it('refuses no rows, a matrix of the wrong length and infinite values', () => {
      expectRefusal(() => fit({ rows: 0, cols: 5, values: new Float64Array(0) }, new Uint8Array(0), 1), 'ML_EMPTY_INPUT');
      expectRefusal(() => fit({ ...matrix, rows: 399 }, labels.subarray(1), 1), 'ML_SHAPE_MISMATCH');
      const values = matrix.values.slice();
      values[7] = Infinity;
      expectRefusal(() => fit({ ...matrix, values }, labels, 1), 'ML_INFINITE_VALUE');
    });

    it('refuses a row of another length', () => {
      expectRefusal(() => model.score(new Float64Array(4)), 'ML_SHAPE_MISMATCH');
      expectRefusal(() => model.explain(new Float64Array(6)), 'ML_SHAPE_MISMATCH');
    });

    it('refuses truncated bytes', () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) =>
          expectRefusal(() => decodeScorer(bytes.subarray(0, length)), 'ML_FILE_TRUNCATED', 'ML_FILE_CORRUPT'),
        ),
        { numRuns: 40, seed: 1 },
      );
    });

    it('refuses an altered byte', () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
          const altered = bytes.slice();
          altered[at] ^= flip;
          expectRefusal(() => decodeScorer(altered), 'ML_FILE_MAGIC', 'ML_FILE_VERSION', 'ML_FILE_TRUNCATED', 'ML_FILE_CORRUPT');
        }),
        { numRuns: 60, seed: 1 },
      );
    });

    it('refuses, or reads as a model whose walks end, bytes that were altered and sealed again', () => {
      fc.assert(
        fc.property(fc.integer({ min: 16, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
          const altered = bytes.slice();
          altered[at] ^= flip;
          new DataView(altered.buffer).setUint32(8, crc32(altered, 12), true);
          try {
            const read = decodeScorer(altered);
            expect(read.score(new Float64Array(read.featureCount))).toBeTypeOf('number');
          } catch (error) {
            expect(error).toBeInstanceOf(MlError);
          }
        }),
        { numRuns: 200, seed: 1 },
      );
    });
  });
}
