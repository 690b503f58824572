import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { randomRow, randomTrees } from '../test-support/random-trees.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { emptyTrees, type TreeEnsemble } from './ensemble.ts';
import { prepareTrees, scoreTrees, scoreTreesMany, scoreTreesPlainly } from './score.ts';

/** x0 <= 1 ? 10 : 20, NaN where `missingLeft` says. */
function stump(missingLeft: 0 | 1): TreeEnsemble {
  const tree = emptyTrees(1, 3, 1);
  tree.feature[0] = 0;
  tree.threshold[0] = 1;
  tree.left[0] = 1;
  tree.right[0] = 2;
  tree.missingLeft[0] = missingLeft;
  tree.value.set([0, 10, 20]);
  tree.cover.set([2, 1, 1]);
  return tree;
}

describe('scoreTrees', () => {
  it('sends the threshold itself left and NaN where the node says', () => {
    const right = prepareTrees(stump(0));
    expect([1, 1.0000000000000002, -Infinity, Infinity, NaN].map((x) => scoreTrees(right, new Float64Array([x])))).toEqual([
      10, 20, 10, 20, 20,
    ]);
    expect(scoreTrees(prepareTrees(stump(1)), new Float64Array([NaN]))).toBe(10);
  });

  it('equals the plain walk bit for bit, missing and infinite values included, in groups of trees that are full and that are not', () => {
    const random = createRandom('rows');
    for (const treeCount of [1, 2, 11, 12, 13, 24, 50]) {
      for (const [depth, featureCount] of [
        [0, 1],
        [1, 2],
        [3, 3],
        [9, 4],
      ]) {
        const trees = randomTrees(treeCount, featureCount, depth, treeCount * 100 + depth);
        const prepared = prepareTrees(trees);
        for (let i = 0; i < 60; i++) {
          const row = randomRow(featureCount, random, trees);
          expect(scoreTrees(prepared, row)).toBe(scoreTreesPlainly(trees, row));
        }
      }
    }
  });

  it('is not led astray by a value of the row before, and leaves the row as it was', () => {
    const trees = randomTrees(20, 3, 6, 'twice');
    const prepared = prepareTrees(trees);
    const row = new Float64Array([NaN, -0, 0.5]);
    const first = scoreTrees(prepared, row);
    scoreTrees(prepared, new Float64Array([9, 9, 9]));
    expect(scoreTrees(prepared, row)).toBe(first);
    expect(row).toEqual(new Float64Array([NaN, -0, 0.5]));
  });

  it('is 0 for no trees', () => {
    expect(scoreTrees(prepareTrees(emptyTrees(2, 0, 0)), new Float64Array(2))).toBe(0);
  });

  it('refuses a row of another length', () => {
    expectRefusal(() => scoreTrees(prepareTrees(stump(0)), new Float64Array(2)), 'ML_SHAPE_MISMATCH');
  });
});

describe('scoreTreesMany', () => {
  it('scores rows in their order', () => {
    const prepared = prepareTrees(stump(0));
    const rows = [1, 2, NaN, 0, 3, -1, 5, 1, 0, 7].map((x) => new Float64Array([x]));
    expect([...scoreTreesMany(prepared, rows)]).toEqual([10, 20, 20, 10, 20, 10, 20, 10, 10, 20]);
    expect(scoreTreesMany(prepared, [])).toEqual(new Float64Array(0));
    const into = new Float64Array(12).fill(-1);
    expect(scoreTreesMany(prepared, rows, into)).toBe(into);
    expect([...into.subarray(9)]).toEqual([20, -1, -1]);
  });

  it('equals the plain walk bit for bit, whatever the numbers of rows, trees and features', () => {
    const sizes = fc.record({
      rows: fc.integer({ min: 0, max: 40 }),
      trees: fc.integer({ min: 1, max: 30 }),
      features: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 7 }), fc.nat(), ({ rows, trees, features }, depth, seed) => {
        const ensemble = randomTrees(trees, features, depth, seed);
        const random = createRandom(seed);
        const many = Array.from({ length: rows }, () => randomRow(features, random, ensemble));
        const plain = Float64Array.from(many, (row) => scoreTreesPlainly(ensemble, row));
        expect(scoreTreesMany(prepareTrees(ensemble), many)).toEqual(plain);
      }),
    );
  });

  it('refuses a row of another length', () => {
    const rows = Array.from({ length: 9 }, () => new Float64Array(1));
    rows[3] = new Float64Array(2);
    expectRefusal(() => scoreTreesMany(prepareTrees(stump(0)), rows), 'ML_SHAPE_MISMATCH');
  });
});
