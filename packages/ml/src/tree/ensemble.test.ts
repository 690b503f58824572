import { describe, expect, it } from 'vitest';
import { randomTrees } from '../test-support/random-trees.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { checkTrees, emptyTrees, joinTrees, type TreeEnsemble, treeDepths } from './ensemble.ts';

/** x0 <= 0.5 ? -1 : (x1 <= 2 ? 3 : 4), NaN of x0 right, NaN of x1 left. */
function handmade(): TreeEnsemble {
  return {
    featureCount: 2,
    roots: new Int32Array([0]),
    feature: new Int32Array([0, -1, 1, -1, -1]),
    threshold: new Float64Array([0.5, 0, 2, 0, 0]),
    left: new Int32Array([1, 0, 3, 0, 0]),
    right: new Int32Array([2, 0, 4, 0, 0]),
    missingLeft: new Uint8Array([0, 0, 1, 0, 0]),
    value: new Float64Array([0, -1, 0, 3, 4]),
    cover: new Float64Array([10, 4, 6, 5, 1]),
  };
}

describe('tree ensemble', () => {
  it('joins trees and keeps their order', () => {
    const joined = joinTrees([handmade(), handmade()]);
    expect([...joined.roots]).toEqual([0, 5]);
    expect([...joined.left]).toEqual([1, 0, 3, 0, 0, 6, 0, 8, 0, 0]);
    expect([...treeDepths(joined)]).toEqual([2, 2]);
    expect(() => checkTrees(joined)).not.toThrow();
    expectRefusal(() => joinTrees([handmade(), randomTrees(1, 3, 2, 1)]), 'ML_BAD_TREE');
  });

  it('accepts no trees and lone leaves', () => {
    expect(() => checkTrees(emptyTrees(1, 0, 0))).not.toThrow();
    expect(() => checkTrees(emptyTrees(1, 1, 1))).not.toThrow();
  });

  it('refuses loops, shared children, orphans, foreign indices and values that are not finite', () => {
    const breaks: ((tree: TreeEnsemble) => void)[] = [
      (tree) => tree.left.set([0], 0),
      (tree) => tree.left.set([2], 0),
      (tree) => tree.right.set([3], 0),
      (tree) => tree.right.set([99], 0),
      (tree) => tree.feature.set([2], 0),
      (tree) => tree.feature.set([-1], 2),
      (tree) => tree.roots.set([-1], 0),
      (tree) => tree.threshold.set([NaN], 0),
      (tree) => tree.value.set([Infinity], 3),
      (tree) => tree.cover.set([-1], 3),
      (tree) => tree.cover.set([0, 0], 3),
    ];
    for (const change of breaks) {
      const tree = handmade();
      change(tree);
      expectRefusal(() => checkTrees(tree), 'ML_BAD_TREE');
    }
    expectRefusal(() => checkTrees({ ...handmade(), value: new Float64Array(4) }), 'ML_BAD_TREE');
    for (const featureCount of [0, 1.5, 1e9]) expectRefusal(() => checkTrees({ ...handmade(), featureCount }), 'ML_BAD_TREE');
  });

  it('refuses a chain that is too deep to explain', () => {
    const chain = (edges: number): TreeEnsemble => {
      const tree = emptyTrees(1, 2 * edges + 1, 1);
      tree.cover.fill(1);
      for (let k = 0; k < edges; k++) {
        tree.feature[2 * k] = 0;
        tree.left[2 * k] = 2 * k + 1;
        tree.right[2 * k] = 2 * k + 2;
      }
      return tree;
    };
    expect(() => checkTrees(chain(1024))).not.toThrow();
    expectRefusal(() => checkTrees(chain(1025)), 'ML_BAD_TREE');
  });
});
