import { describe, expect, it } from 'vitest';
import { type Matrix, matrixOf, rowOf } from '../matrix.ts';
import { createRandom } from '../random.ts';
import { gaussianMatrix } from '../test-support/data.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { describeScorer } from '../test-support/scorer-conformance.ts';
import { emptyTrees } from '../tree/ensemble.ts';
import { leafOf } from '../tree/score.ts';
import { growIsolationTree } from './grower.ts';
import { fitIsolationForest } from './isolation-forest.ts';
import { IsolationForest } from './model.ts';
import { averagePathLength } from './path-length.ts';

describeScorer('isolation-forest', (matrix, _labels, seed) => fitIsolationForest(matrix, { treeCount: 20, subsampleSize: 64, seed }));

/** A gaussian cloud whose last row lies far out. */
function cloudWithOutlier(): Matrix {
  const matrix = gaussianMatrix(300, 3, 'cloud');
  matrix.values.fill(9, 299 * 3);
  return matrix;
}

describe('growIsolationTree', () => {
  it('gives path lengths 1, 2, 2 for three rows of which only one split order exists', () => {
    // Rows 0, 0, 1: the one split separates {0, 0} from {1}; equal rows can't be split: 1 + c(2) = 2.
    const matrix = matrixOf([[0], [0], [1]]);
    const tree = growIsolationTree(matrix, new Int32Array([0, 1, 2]), 2, 1, createRandom(1));
    expect([[0], [0], [1]].map((row) => tree.value[leafOf(tree, 0, row)])).toEqual([2, 2, 1]);
    expect([...tree.cover]).toEqual([3, 2, 1]);
    expect(tree.threshold[0]).toBeGreaterThanOrEqual(0);
    expect(tree.threshold[0]).toBeLessThan(1);
  });

  it('stops at the height limit and adds c(rows left)', () => {
    const matrix = matrixOf([[1], [2], [3], [4]]);
    const tree = growIsolationTree(matrix, new Int32Array([0, 1, 2, 3]), 0, 1, createRandom(1));
    expect([...tree.value]).toEqual([averagePathLength(4)]);
  });

  it('sends NaN with the larger child and never splits between NaN', () => {
    const rows = [[0], [0], [0], [5], [NaN], [NaN]];
    const tree = growIsolationTree(matrixOf(rows), new Int32Array([0, 1, 2, 3, 4, 5]), 3, 1, createRandom(2));
    expect(tree.missingLeft[0]).toBe(1);
    expect([...tree.cover]).toEqual([6, 5, 1]);
    const silent = growIsolationTree(matrixOf([[NaN], [NaN]]), new Int32Array([0, 1]), 3, 1, createRandom(2));
    expect([...silent.value]).toEqual([1]);
  });

  it('splits the whole range of doubles', () => {
    const tree = growIsolationTree(matrixOf([[-1.7e308], [1.7e308]]), new Int32Array([0, 1]), 1, 1, createRandom(3));
    expect([...tree.cover]).toEqual([2, 1, 1]);
    expect(Number.isFinite(tree.threshold[0])).toBe(true);
  });
});

describe('fitIsolationForest', () => {
  it('scores 2^(-E[h]/c(n)) with E[h] averaged by hand', () => {
    // Two rows: every tree has path length 1 = c(2), so the score is 2^-1.
    const forest = fitIsolationForest(matrixOf([[0], [1]]), { treeCount: 7 });
    expect(forest.score(new Float64Array([0]))).toBeCloseTo(-1, 12);
    expect(forest.anomalyScore(new Float64Array([0]))).toBeCloseTo(0.5, 12);
  });

  it('scores many rows as it scores one', () => {
    const matrix = cloudWithOutlier();
    const forest = fitIsolationForest(matrix, { seed: 1 });
    const rows = Array.from({ length: 300 }, (_, r) => rowOf(matrix, r));
    expect(forest.scoreMany(rows)).toEqual(Float64Array.from(rows, (row) => forest.score(row)));
  });

  it('ranks a far row first, for every seed', () => {
    const matrix = cloudWithOutlier();
    for (let seed = 0; seed < 5; seed++) {
      const forest = fitIsolationForest(matrix, { seed });
      const scores = Array.from({ length: 300 }, (_, r) => forest.anomalyScore(rowOf(matrix, r)));
      expect(Math.max(...scores)).toBe(scores[299]);
      expect(Math.min(...scores)).toBeGreaterThan(0);
      expect(scores[299]).toBeLessThanOrEqual(1);
    }
  });

  it('puts the share `contamination` of the training rows above the threshold, and changes nothing else', () => {
    const matrix = cloudWithOutlier();
    const plain = fitIsolationForest(matrix, { seed: 1 });
    const forest = fitIsolationForest(matrix, { seed: 1, contamination: 0.1 });
    expect(plain.threshold).toBe(0.5);
    let above = 0;
    for (let r = 0; r < 300; r++) {
      if (forest.anomalyScore(rowOf(matrix, r)) > forest.threshold) above++;
      expect(forest.score(rowOf(matrix, r))).toBe(plain.score(rowOf(matrix, r)));
    }
    expect(above).toBe(30);
  });

  it('centres the sigmoid on the threshold, each side with its own scale', () => {
    // One stump: rows up to 1 have score -2 (anomaly score 0.25), others -0.5 (0.7071). By hand, threshold 0.5, scales 0.1 and 0.2:
    // 1/(1 + e^2.5) = 0.075858 and 1/(1 + e^-1.035534) = 0.737987.
    const trees = {
      ...emptyTrees(1, 3, 1),
      feature: new Int32Array([0, -1, -1]),
      left: new Int32Array([1, 0, 0]),
      right: new Int32Array([2, 0, 0]),
    };
    trees.threshold[0] = 1;
    trees.value.set([0, -2, -0.5]);
    trees.cover.set([2, 1, 1]);
    const forest = new IsolationForest(trees, { sampleSize: 2, threshold: 0.5, scaleBelow: 0.1, scaleAbove: 0.2 });
    expect(forest.sigmoidScore(new Float64Array([0]))).toBeCloseTo(0.075858, 6);
    expect(forest.sigmoidScore(new Float64Array([2]))).toBeCloseTo(0.737987, 6);
    expect(
      new IsolationForest(trees, { sampleSize: 2, threshold: 0.25, scaleBelow: 1, scaleAbove: 1 }).sigmoidScore(new Float64Array([0])),
    ).toBe(0.5);
  });

  it('spreads the sigmoid over [0, 1] and keeps the order', () => {
    const matrix = cloudWithOutlier();
    const forest = fitIsolationForest(matrix, { seed: 1, contamination: 0.05 });
    const pairs = Array.from({ length: 300 }, (_, r) => [forest.score(rowOf(matrix, r)), forest.sigmoidScore(rowOf(matrix, r))]).sort(
      (a, b) => a[0] - b[0],
    );
    expect(pairs[0][1]).toBeCloseTo(0.01, 9);
    expect(pairs[299][1]).toBeCloseTo(0.99, 9);
    for (let i = 1; i < 300; i++) expect(pairs[i][1]).toBeGreaterThanOrEqual(pairs[i - 1][1]);
  });

  it('gives every row the same score where all rows are equal', () => {
    const forest = fitIsolationForest(matrixOf([[1], [1], [1]]), {});
    expect(forest.anomalyScore(new Float64Array([1]))).toBeCloseTo(0.5, 9);
    expect(forest.sigmoidScore(new Float64Array([1]))).toBeCloseTo(0.5, 3);
  });

  it('raises the attribution of the feature that shortens the path', () => {
    const matrix = gaussianMatrix(300, 3, 'cloud');
    const forest = fitIsolationForest(matrix, { seed: 4 });
    const { attributions } = forest.explain(new Float64Array([0, 12, 0]));
    expect(attributions[1]).toBeGreaterThan(0);
    expect(attributions[1]).toBeGreaterThan(Math.abs(attributions[0]));
    expect(forest.score(new Float64Array([0, 12, 0]))).toBeGreaterThan(forest.score(new Float64Array([0, 0, 0])));
  });

  it('refuses one row and options out of range', () => {
    const matrix = gaussianMatrix(10, 2, 1);
    expectRefusal(() => fitIsolationForest(matrixOf([[1, 2]])), 'ML_EMPTY_INPUT');
    expectRefusal(() => fitIsolationForest(matrix, { treeCount: 0 }), 'ML_BAD_OPTION');
    expectRefusal(() => fitIsolationForest(matrix, { subsampleSize: 1.5 }), 'ML_BAD_OPTION');
    expectRefusal(() => fitIsolationForest(matrix, { contamination: 0.6 }), 'ML_BAD_OPTION');
    expectRefusal(() => fitIsolationForest(matrix, { contamination: 0 }), 'ML_BAD_OPTION');
    expectRefusal(() => fitIsolationForest(matrix, { seed: NaN }), 'ML_BAD_OPTION');
    const misspelt = { trees: 5 };
    expectRefusal(() => fitIsolationForest(matrix, misspelt as object), 'ML_UNKNOWN_OPTION');
  });
});
