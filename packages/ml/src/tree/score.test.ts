import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { randomRow, randomTrees } from '../test-support/random-trees.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { emptyTrees, type TreeEnsemble } from './ensemble.ts';
import { prepareTrees, scoreTrees, scoreTreesPlainly } from './score.ts';

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

  it('equals the plain walk bit for bit, missing and infinite values included', () => {
    const random = createRandom('rows');
    for (const treeCount of [1, 2, 3, 4, 5, 13, 50]) {
      for (const depth of [0, 1, 3, 9]) {
        const trees = randomTrees(treeCount, 4, depth, treeCount * 100 + depth);
        const prepared = prepareTrees(trees);
        for (let i = 0; i < 60; i++) {
          const row = randomRow(4, random, trees);
          expect(scoreTrees(prepared, row)).toBe(scoreTreesPlainly(trees, row));
        }
      }
    }
  });

  it('is 0 for no trees', () => {
    expect(scoreTrees(prepareTrees(emptyTrees(2, 0, 0)), new Float64Array(2))).toBe(0);
  });

  it('refuses a row of another length', () => {
    expectRefusal(() => scoreTrees(prepareTrees(stump(0)), new Float64Array(2)), 'ML_SHAPE_MISMATCH');
  });
});
