/** One suite that every scorer of several classes passes: what the contract in `class-scorer.ts` promises, and what it refuses. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClassScorer, decodeClassScorer } from '../class-scorer.ts';
import { MlError } from '../errors.ts';
import { type Matrix, rowOf } from '../matrix.ts';
import { crc32 } from '../model-file.ts';
import { classClouds } from './class-data.ts';
import { expectRefusal } from './refusals.ts';

/** Fits the scorer under test on labels from 0 to classCount - 1. Small and quick. */
export type FitClassScorer = (matrix: Matrix, labels: Uint8Array, classCount: number, seed: number) => ClassScorer;

/** Registers the suite for one kind of scorer. */
export function describeClassScorer(kind: string, fit: FitClassScorer): void {
  const { matrix, labels } = classClouds(300, 5, [0.4, 0.3, 0.3], `${kind} rows`, 0.1);
  const classCount = 4; // class 3 has no row
  const model = fit(matrix, labels, classCount, 1);
  const bytes = model.encode();

  describe(`${kind} as a class scorer`, () => {
    it('gives the same bytes for the same seed', () => {
      expect(fit(matrix, labels, classCount, 1).encode()).toEqual(bytes);
    });

    it('leaves its input as it was', () => {
      const values = matrix.values.slice();
      const copy = labels.slice();
      fit(matrix, labels, classCount, 2);
      const row = rowOf(matrix, 3);
      model.predictProba(row);
      model.explain(row, 1);
      expect(matrix.values).toEqual(values);
      expect(labels).toEqual(copy);
    });

    it('gives each row probabilities that sum to 1, and a class without rows none', () => {
      const out = new Float64Array(classCount).fill(9);
      for (let r = 0; r < matrix.rows; r++) {
        const probabilities = model.predictProba(rowOf(matrix, r));
        expect(probabilities.length).toBe(classCount);
        expect(Math.abs(probabilities.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-12);
        expect(Math.min(...probabilities)).toBeGreaterThanOrEqual(0);
        expect(probabilities[3]).toBe(0);
        model.probabilitiesInto(rowOf(matrix, r), out);
        expect(out).toEqual(probabilities);
      }
    });

    it('scores the same after encode and decode', () => {
      const read = decodeClassScorer(bytes);
      expect(read.kind).toBe(kind);
      expect(read.featureCount).toBe(matrix.cols);
      expect(read.classCount).toBe(classCount);
      for (let r = 0; r < matrix.rows; r++) expect(read.predictProba(rowOf(matrix, r))).toEqual(model.predictProba(rowOf(matrix, r)));
      expect(read.explain(rowOf(matrix, 0), 2)).toEqual(model.explain(rowOf(matrix, 0), 2));
      expect(read.encode()).toEqual(bytes);
    });

    it('adds up: base value + attributions = probability, for every class', () => {
      for (let r = 0; r < 40; r++) {
        const probabilities = model.predictProba(rowOf(matrix, r));
        for (let k = 0; k < classCount; k++) {
          const { baseValue, attributions } = model.explain(rowOf(matrix, r), k);
          expect(Math.abs(attributions.reduce((sum, x) => sum + x, baseValue) - probabilities[k])).toBeLessThan(1e-6);
        }
      }
    });

    it('gives probabilities and attributions to missing and infinite values', () => {
      for (const x of [NaN, Infinity, -Infinity]) {
        const row = new Float64Array(5).fill(x);
        const probabilities = model.predictProba(row);
        expect(Math.abs(probabilities.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-12);
        const { baseValue, attributions } = model.explain(row, 0);
        expect(Math.abs(attributions.reduce((sum, a) => sum + a, baseValue) - probabilities[0])).toBeLessThan(1e-6);
      }
    });

    it('learns past columns that are constant or missing throughout', () => {
      const values = matrix.values.map((x, i) => (i % 5 === 4 ? NaN : i % 5 === 3 ? 7 : x));
      const without = fit({ ...matrix, values }, labels, classCount, 1);
      const row = new Float64Array([1, 1, 1, 7, NaN]);
      expect(without.predictProba(row)).toEqual(without.predictProba(new Float64Array([1, 1, 1, -8, 99])));
      expect([...without.explain(row, 0).attributions.subarray(3)]).toEqual([0, 0]);
      expect(without.predictProba(new Float64Array([3, 0, 0, 7, NaN]))[0]).toBeGreaterThan(0.8);
    });

    it('refuses too few rows, one class, labels that are no class, a wrong length and infinite values', () => {
      const one = { rows: 1, cols: 5, values: matrix.values.slice(0, 5) };
      expectRefusal(() => fit({ rows: 0, cols: 5, values: new Float64Array(0) }, new Uint8Array(0), classCount, 1), 'ML_EMPTY_INPUT');
      expectRefusal(() => fit(one, labels.subarray(0, 1), classCount, 1), 'ML_EMPTY_INPUT');
      expectRefusal(() => fit(matrix, new Uint8Array(300).fill(2), classCount, 1), 'ML_SINGLE_CLASS');
      expectRefusal(() => fit(matrix, labels, 2, 1), 'ML_BAD_CLASS');
      expectRefusal(() => fit(matrix, labels.subarray(1), classCount, 1), 'ML_SHAPE_MISMATCH');
      expectRefusal(() => fit({ ...matrix, rows: 299 }, labels.subarray(1), classCount, 1), 'ML_SHAPE_MISMATCH');
      const values = matrix.values.slice();
      values[7] = Infinity;
      expectRefusal(() => fit({ ...matrix, values }, labels, classCount, 1), 'ML_INFINITE_VALUE');
    });

    it('refuses a row or a result of another length, and a class that does not exist', () => {
      expectRefusal(() => model.predictProba(new Float64Array(4)), 'ML_SHAPE_MISMATCH');
      expectRefusal(() => model.probabilitiesInto(new Float64Array(5), new Float64Array(3)), 'ML_SHAPE_MISMATCH');
      expectRefusal(() => model.explain(new Float64Array(6), 0), 'ML_SHAPE_MISMATCH');
      for (const k of [-1, 4, 0.5, NaN]) expectRefusal(() => model.explain(new Float64Array(5), k), 'ML_BAD_OPTION');
    });

    it('refuses truncated bytes', () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) =>
          expectRefusal(() => decodeClassScorer(bytes.subarray(0, length)), 'ML_FILE_TRUNCATED', 'ML_FILE_CORRUPT'),
        ),
        { numRuns: 40, seed: 1 },
      );
    });

    it('refuses an altered byte', () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
          const altered = bytes.slice();
          altered[at] ^= flip;
          expectRefusal(() => decodeClassScorer(altered), 'ML_FILE_MAGIC', 'ML_FILE_VERSION', 'ML_FILE_TRUNCATED', 'ML_FILE_CORRUPT');
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
            const read = decodeClassScorer(altered);
            const sum = read.predictProba(new Float64Array(read.featureCount)).reduce((a, b) => a + b, 0);
            expect(Math.abs(sum - 1)).toBeLessThan(1e-6);
          } catch (error) {
            expect(error).toBeInstanceOf(MlError);
          }
        }),
        { numRuns: 200, seed: 1 },
      );
    });
  });
}
