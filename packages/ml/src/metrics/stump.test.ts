import { describe, expect, it } from 'vitest';
import { matrixOf } from '../matrix.ts';
import { gaussianMatrix, noisyLabels } from '../test-support/data.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { balancedAccuracy } from './probability.ts';
import { auroc } from './ranking.ts';
import { bestStump } from './stump.ts';

describe('bestStump', () => {
  it('finds a perfect threshold, in either direction', () => {
    const rows = [
      [1, 9],
      [5, 8],
      [2, 3],
      [4, 2],
    ];
    const stump = bestStump(matrixOf(rows), [0, 0, 1, 1]);
    expect(stump).toEqual({
      feature: 1,
      threshold: 5.5,
      direction: -1,
      balancedAccuracy: 1,
      best: { feature: 1, direction: -1, auroc: 1 },
    });
  });

  it('equals an exhaustive search', () => {
    const matrix = gaussianMatrix(60, 3, 'stump', 0.1);
    const labels = noisyLabels(matrix, 'stump');
    const stump = bestStump(matrix, labels);
    let best = 0;
    let area = 0;
    for (let f = 0; f < 3; f++) {
      const column = Array.from({ length: 60 }, (_, r) => matrix.values[r * 3 + f]);
      for (const t of column) {
        if (Number.isNaN(t)) continue;
        for (const rule of [(x: number) => x > t, (x: number) => x <= t]) {
          best = Math.max(
            best,
            balancedAccuracy(
              column.map((x) => (rule(x) ? 1 : 0)),
              labels,
            ),
          );
        }
      }
      for (const sign of [1, -1])
        area = Math.max(
          area,
          auroc(
            column.map((x) => (Number.isNaN(x) ? -1e9 : sign * x)),
            labels,
          ),
        );
    }
    expect(stump.balancedAccuracy).toBeCloseTo(best, 12);
    expect(stump.best.auroc).toBeCloseTo(area, 12);
  });

  it('judges the rule on the evaluation rows', () => {
    const train = matrixOf([[0], [1], [2], [3]]);
    const stump = bestStump(train, [0, 0, 1, 1], matrixOf([[0], [3], [0], [3]]), [0, 0, 1, 1]);
    expect([stump.threshold, stump.balancedAccuracy, stump.best.auroc]).toEqual([1.5, 0.5, 0.5]);
  });

  it('refuses one class and other columns', () => {
    const matrix = matrixOf([[0], [1]]);
    expectRefusal(() => bestStump(matrix, [0, 0]), 'ML_SINGLE_CLASS');
    expectRefusal(
      () =>
        bestStump(
          matrix,
          [0, 1],
          matrixOf([
            [0, 1],
            [1, 2],
          ]),
          [0, 1],
        ),
      'ML_SHAPE_MISMATCH',
    );
  });
});
