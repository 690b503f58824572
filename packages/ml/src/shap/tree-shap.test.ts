import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { randomRow, randomTrees } from '../test-support/random-trees.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { createTreeExplainer as unwinding } from '../test-support/tree-shap-unwind.ts';
import { emptyTrees, type TreeEnsemble } from '../tree/ensemble.ts';
import { scoreTreesPlainly } from '../tree/score.ts';
import { gaussLegendre } from './quadrature.ts';
import { createTreeExplainer } from './tree-shap.ts';

/** E[f | the features in `known`], path-dependent: both children by cover where the feature is not known. */
function conditional(trees: TreeEnsemble, node: number, row: Float64Array, known: number): number {
  const feature = trees.feature[node];
  if (feature < 0) return trees.value[node];
  const left = trees.left[node];
  const right = trees.right[node];
  if ((known >> feature) & 1) {
    const goesLeft = Number.isNaN(row[feature]) ? trees.missingLeft[node] === 1 : row[feature] <= trees.threshold[node];
    return conditional(trees, goesLeft ? left : right, row, known);
  }
  const share = trees.cover[left] / (trees.cover[left] + trees.cover[right]);
  return share * conditional(trees, left, row, known) + (1 - share) * conditional(trees, right, row, known);
}

/** Shapley 1953 over all coalitions: the slow oracle. */
function bruteForce(trees: TreeEnsemble, row: Float64Array): Float64Array {
  const n = trees.featureCount;
  const value = Float64Array.from({ length: 2 ** n }, (_, known) =>
    trees.roots.reduce((sum, root) => sum + conditional(trees, root, row, known), 0),
  );
  const factorial = (k: number): number => (k <= 1 ? 1 : k * factorial(k - 1));
  const bits = (set: number): number => (set === 0 ? 0 : (set & 1) + bits(set >> 1));
  return Float64Array.from({ length: n }, (_, f) => {
    let sum = 0;
    for (let set = 0; set < 2 ** n; set++) {
      if ((set >> f) & 1) continue;
      sum += ((factorial(bits(set)) * factorial(n - bits(set) - 1)) / factorial(n)) * (value[set | (1 << f)] - value[set]);
    }
    return sum;
  });
}

describe('tree SHAP', () => {
  it('splits x0 AND x1 equally by hand', () => {
    // x0 <= 0 ? 0 : (x1 <= 0 ? 0 : 8), both halves equally covered: mean 2, and (1, 1) gets 3 + 3.
    const trees = emptyTrees(2, 5, 1);
    trees.feature.set([0, -1, 1, -1, -1]);
    trees.left.set([1, 0, 3, 0, 0]);
    trees.right.set([2, 0, 4, 0, 0]);
    trees.value.set([0, 0, 0, 0, 8]);
    trees.cover.set([4, 2, 2, 1, 1]);
    const { baseValue, attributions } = createTreeExplainer(trees).explain(new Float64Array([1, 1]));
    expect(baseValue).toBe(2);
    expect(attributions[0]).toBeCloseTo(3, 12);
    expect(attributions[1]).toBeCloseTo(3, 12);
  });

  it('equals the Shapley values of all coalitions to 1e-9, with missing values and repeated features', () => {
    const random = createRandom('shap');
    for (const [treeCount, featureCount, depth] of [
      [1, 1, 4],
      [3, 2, 6],
      [4, 3, 7],
      [4, 6, 6],
      [2, 10, 8],
    ]) {
      const trees = randomTrees(treeCount, featureCount, depth, `${featureCount} features`);
      const explainer = createTreeExplainer(trees);
      for (let i = 0; i < 12; i++) {
        const row = i === 0 ? new Float64Array(featureCount).fill(NaN) : randomRow(featureCount, random, trees);
        const expected = bruteForce(trees, row);
        const { attributions } = explainer.explain(row);
        for (let f = 0; f < featureCount; f++) expect(Math.abs(attributions[f] - expected[f])).toBeLessThan(1e-9);
      }
    }
  });

  it('adds up to the score for deep trees of many features', () => {
    const random = createRandom('additive');
    const trees = randomTrees(30, 20, 12, 'deep');
    const explainer = createTreeExplainer(trees, 0.5);
    for (let i = 0; i < 20; i++) {
      const row = randomRow(20, random, trees);
      const { baseValue, attributions } = explainer.explain(row);
      expect(Math.abs(attributions.reduce((a, b) => a + b, baseValue) - 0.5 - scoreTreesPlainly(trees, row))).toBeLessThan(1e-6);
    }
  });

  it('equals algorithm 2 of the paper on deep trees, where coalitions cannot be counted', () => {
    const random = createRandom('algorithm 2');
    for (const depth of [9, 14]) {
      const trees = randomTrees(12, 24, depth, `depth ${depth}`);
      const [integrated, unwound] = [createTreeExplainer(trees), unwinding(trees)];
      for (let i = 0; i < 10; i++) {
        const row = randomRow(24, random, trees);
        const [found, expected] = [integrated.explain(row).attributions, unwound.explain(row).attributions];
        const scale = Math.max(...expected.map(Math.abs));
        for (let f = 0; f < 24; f++) expect(Math.abs(found[f] - expected[f])).toBeLessThan(1e-10 * scale);
      }
    }
  });

  it('passes over a child that no training row reached', () => {
    const trees = emptyTrees(1, 3, 1);
    trees.feature.set([0, -1, -1]);
    trees.left[0] = 1;
    trees.right[0] = 2;
    trees.value.set([0, 1, 5]);
    trees.cover.set([3, 3, 0]);
    const explainer = createTreeExplainer(trees);
    expect(explainer.baseValue).toBe(1);
    expect([...explainer.explain(new Float64Array([1])).attributions]).toEqual([4]);
    expect([...explainer.explain(new Float64Array([-1])).attributions]).toEqual([0]);
  });

  it('gives a feature that no tree reads nothing', () => {
    const trees = { ...randomTrees(5, 3, 5, 'unused'), featureCount: 4 };
    expect(createTreeExplainer(trees).explain(new Float64Array(4)).attributions[3]).toBe(0);
  });

  it('refuses a row of another length', () => {
    expectRefusal(() => createTreeExplainer(randomTrees(1, 3, 2, 1)).explain(new Float64Array(2)), 'ML_SHAPE_MISMATCH');
  });
});

describe('gaussLegendre', () => {
  it('has the points of two and three, by hand', () => {
    const two = gaussLegendre(2);
    expect(two.points[1]).toBeCloseTo((1 + Math.sqrt(1 / 3)) / 2, 15);
    expect([...two.weights]).toEqual([expect.closeTo(0.5, 15), expect.closeTo(0.5, 15)]);
    const three = gaussLegendre(3);
    expect(three.points[2]).toBeCloseTo((1 + Math.sqrt(3 / 5)) / 2, 15);
    expect(three.weights[1]).toBeCloseTo(4 / 9, 15);
  });

  it('integrates powers up to 2n − 1 exactly, also with many points', () => {
    for (const n of [1, 2, 5, 9, 40, 300]) {
      const { points, weights } = gaussLegendre(n);
      for (const power of [0, 1, n, 2 * n - 1])
        expect(Math.abs(points.reduce((sum, t, q) => sum + weights[q] * t ** power, 0) * (power + 1) - 1)).toBeLessThan(1e-12);
      expect(points.every((t) => t > 0 && t < 1)).toBe(true);
    }
  });
});
