import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectRefusal } from '../test-support/refusals.ts';
import { auroc, averagePrecision, partialAuroc, recallAtFpr } from './ranking.ts';

/** Scores with many ties and labels of both classes. */
const scored = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 1 })), { minLength: 0, maxLength: 40 })
  .map((pairs) => [[3, 1] as [number, number], [2, 0] as [number, number], ...pairs])
  .map((pairs) => ({ scores: pairs.map(([s]) => s), labels: pairs.map(([, y]) => y) }));

describe('auroc', () => {
  it('counts pairs by hand, ties half', () => {
    expect(auroc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
    expect(auroc([1, 1, 1], [0, 1, 0])).toBe(0.5);
    expect(auroc([3, 2, 1], [0, 0, 1])).toBe(0);
  });

  it('equals the count of all pairs', () => {
    fc.assert(
      fc.property(scored, ({ scores, labels }) => {
        let wins = 0;
        let pairs = 0;
        for (let i = 0; i < scores.length; i++) {
          for (let j = 0; j < scores.length; j++) {
            if (labels[i] !== 1 || labels[j] !== 0) continue;
            pairs++;
            wins += scores[i] > scores[j] ? 1 : scores[i] === scores[j] ? 0.5 : 0;
          }
        }
        expect(auroc(scores, labels)).toBeCloseTo(wins / pairs, 12);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('refuses one class, NaN and lengths that differ', () => {
    expectRefusal(() => auroc([1, 2], [0, 0]), 'ML_SINGLE_CLASS');
    expectRefusal(() => auroc([1, NaN], [0, 1]), 'ML_NOT_FINITE');
    expectRefusal(() => auroc([1], [0, 1]), 'ML_EMPTY_INPUT');
    expectRefusal(() => auroc([1, 2, 3], [0, 1]), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => auroc([1, 2], [0, 2]), 'ML_BAD_LABEL');
  });
});

describe('averagePrecision', () => {
  it('sums precision over recall steps by hand', () => {
    // 0.8 (1): P 1, R 1/2; 0.4 (0); 0.35 (1): P 2/3, R 1: 1/2 + 1/2 · 2/3. scikit-learn's own example.
    expect(averagePrecision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBeCloseTo(5 / 6, 12);
    expect(averagePrecision([1, 1, 1, 1], [0, 1, 0, 0])).toBe(0.25);
  });

  it('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(scored, ({ scores, labels }) => {
        expect(averagePrecision(scores.toReversed(), labels.toReversed())).toBeCloseTo(averagePrecision(scores, labels), 12);
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe('recallAtFpr', () => {
  it('takes the lowest threshold within the rate by hand', () => {
    const scores = [9, 8, 7, 6, 5, 4];
    const labels = [1, 0, 1, 0, 1, 0];
    expect(recallAtFpr(scores, labels, 1 / 3)).toEqual({ recall: 2 / 3, threshold: 7, realisedFpr: 1 / 3 });
    expect(recallAtFpr(scores, labels, 0)).toEqual({ recall: 1 / 3, threshold: 9, realisedFpr: 0 });
    expect(recallAtFpr(scores, labels, 1)).toEqual({ recall: 1, threshold: 5, realisedFpr: 2 / 3 });
  });

  it('does not cut a tie', () => {
    expect(recallAtFpr([2, 2, 1, 1], [1, 0, 1, 0], 0.4)).toEqual({ recall: 0, threshold: Infinity, realisedFpr: 0 });
  });

  it('keeps its promise: the threshold has that recall and at most that rate, and no other has more recall', () => {
    fc.assert(
      fc.property(scored, fc.double({ min: 0, max: 1, noNaN: true }), ({ scores, labels }, fpr) => {
        const result = recallAtFpr(scores, labels, fpr);
        const share = (threshold: number, label: number): number =>
          scores.filter((s, i) => labels[i] === label && s >= threshold).length / labels.filter((y) => y === label).length;
        expect(share(result.threshold, 1)).toBe(result.recall);
        expect(share(result.threshold, 0)).toBe(result.realisedFpr);
        expect(result.realisedFpr).toBeLessThanOrEqual(fpr);
        for (const other of scores) if (share(other, 0) <= fpr) expect(share(other, 1)).toBeLessThanOrEqual(result.recall);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('refuses a rate outside [0, 1]', () => {
    expectRefusal(() => recallAtFpr([1, 2], [0, 1], 1.1), 'ML_BAD_OPTION');
  });
});

describe('partialAuroc', () => {
  it('has scikit-learn’s value of cases worked by hand', () => {
    // roc_auc_score([0, 0, 1, 1], [.1, .4, .35, .8], max_fpr=.5): recall ½ up to a rate of ½, area ¼ of it, so ½(1 + (.25 − .125) / (.5 − .125)).
    expect(partialAuroc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], 0.5)).toBeCloseTo(0.5 * (1 + 0.125 / 0.375), 12);
    expect(partialAuroc([1, 2, 3, 4], [0, 0, 1, 1], 0.01)).toBe(1);
    expect(partialAuroc([1, 1, 1], [0, 1, 0], 0.1)).toBeCloseTo(0.5, 12);
  });

  it('is the AUROC over the whole range', () => {
    fc.assert(
      fc.property(scored, ({ scores, labels }) => {
        expect(partialAuroc(scores, labels, 1)).toBeCloseTo(auroc(scores, labels), 12);
      }),
      { numRuns: 100, seed: 4 },
    );
  });

  it('refuses a rate of 0', () => expectRefusal(() => partialAuroc([1, 2], [0, 1], 0), 'ML_BAD_OPTION'));
});
