import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { aurocDifference, aurocInterval } from './auroc-interval.ts';
import { auroc } from './ranking.ts';

const labelled = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 1 })), { maxLength: 30 })
  .map((rows) => [[0, 3, 1], [1, 2, 0], [2, 2, 1], [4, 0, 0], ...rows] as [number, number, number][])
  .map((rows) => ({ first: rows.map(([a]) => a), second: rows.map(([, b]) => b), labels: rows.map(([, , y]) => y) }));

/** Structural components by all pairs, as DeLong's paper writes them down. */
function byPairs(a: readonly number[], b: readonly number[], labels: readonly number[]): number {
  const win = (scores: readonly number[], i: number, j: number) => (scores[i] > scores[j] ? 1 : scores[i] === scores[j] ? 0.5 : 0);
  const ones = labels.flatMap((y, i) => (y === 1 ? [i] : []));
  const zeros = labels.flatMap((y, i) => (y === 0 ? [i] : []));
  const mean = (values: readonly number[]) => values.reduce((s, v) => s + v, 0) / values.length;
  const of = (scores: readonly number[]) => ({
    v10: ones.map((i) => mean(zeros.map((j) => win(scores, i, j)))),
    v01: zeros.map((j) => mean(ones.map((i) => win(scores, i, j)))),
  });
  const cov = (x: readonly number[], y: readonly number[]) =>
    x.reduce((s, v, i) => s + (v - mean(x)) * (y[i] - mean(y)), 0) / (x.length - 1) / x.length;
  const [p, q] = [of(a), of(b)];
  return cov(p.v10, q.v10) + cov(p.v01, q.v01);
}

describe('aurocInterval', () => {
  it('has the error of a case worked by hand', () => {
    // Positives 3, 5 above negatives 2, 4 in 3 of 4 pairs. V10 = (½, 1), V01 = (1, ½): both variances ⅛, the error √(⅛/2 + ⅛/2).
    const { value, error, low, high } = aurocInterval([2, 3, 4, 5], [0, 1, 0, 1]);
    expect([value, high]).toEqual([0.75, 1]);
    expect(error).toBeCloseTo(Math.sqrt(1 / 8), 12);
    expect(low).toBeCloseTo(0.75 - 1.959963984540054 * Math.sqrt(1 / 8), 9);
  });

  it('equals the sums over all pairs, for one scorer and for two', () => {
    fc.assert(
      fc.property(labelled, ({ first, second, labels }) => {
        expect(aurocInterval(first, labels).error ** 2).toBeCloseTo(byPairs(first, first, labels), 12);
        const expected = byPairs(first, first, labels) + byPairs(second, second, labels) - 2 * byPairs(first, second, labels);
        expect(aurocDifference(first, second, labels).error ** 2).toBeCloseTo(Math.max(0, expected), 12);
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  it('holds the true AUROC in about 95 of 100 samples', () => {
    const random = createRandom('coverage');
    const TRUE = 0.7602499389065233; // Φ(1/√2): normals one apart
    let held = 0;
    for (let sample = 0; sample < 400; sample++) {
      const labels = Array.from({ length: 120 }, (_, i) => (i < 40 ? 1 : 0));
      const scores = labels.map((y) => y + random.nextGaussian());
      const { low, high } = aurocInterval(scores, labels);
      if (low <= TRUE && TRUE <= high) held++;
    }
    expect(held / 400).toBeGreaterThan(0.92);
    expect(held / 400).toBeLessThan(0.98);
  });

  it('has no difference to itself', () => {
    const scores = [1, 4, 2, 5, 3];
    expect(aurocDifference(scores, scores, [0, 1, 1, 1, 0])).toMatchObject({ value: 0, error: 0 });
    expect(aurocInterval(scores, [0, 1, 1, 1, 0]).value).toBe(auroc(scores, [0, 1, 1, 1, 0]));
  });

  it('refuses a single row of a label, and what auroc refuses', () => {
    expectRefusal(() => aurocInterval([1, 2, 3], [0, 0, 1]), 'ML_EMPTY_INPUT');
    expectRefusal(() => aurocInterval([1, 2], [1, 1]), 'ML_SINGLE_CLASS');
    expectRefusal(() => aurocInterval([1, Number.NaN, 2, 3], [0, 1, 0, 1]), 'ML_NOT_FINITE');
    expectRefusal(() => aurocInterval([1, 2, 3, 4], [0, 1, 0, 1], { level: 2 }), 'ML_BAD_OPTION');
  });
});
