import { describe, expect, it } from 'vitest';
import { matrixOf, rowOf } from '../matrix.ts';
import { crc32 } from '../model-file.ts';
import { createRandom } from '../random.ts';
import { classClouds, cloudPosterior } from '../test-support/class-data.ts';
import { describeClassScorer } from '../test-support/class-scorer-conformance.ts';
import { randomRow } from '../test-support/random-trees.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { checkTrees, treeDepths } from '../tree/ensemble.ts';
import { leafOf } from '../tree/score.ts';
import type { RandomForest } from './model.ts';
import type { RandomForestOptions } from './options.ts';
import { fitRandomForest } from './random-forest.ts';

describeClassScorer(
  'random-forest',
  (matrix, labels, classCount, seed) => fitRandomForest(matrix, labels, { treeCount: 15, classCount, minDataInLeaf: 3, seed }).forest,
);

const PRIORS = [0.5, 0.3, 0.15, 0.05];
const train = classClouds(3000, 6, PRIORS, 'train', 0.05);
const test = classClouds(2000, 6, PRIORS, 'test', 0.05);
const even = (classCount: number) => new Float64Array(classCount).fill(1);

/** The shares that a row's leaf holds, tree by tree, by the plain walk. */
function plainShares({ trees, shares, classCount }: RandomForest, row: Float64Array): Float64Array[] {
  return Array.from(trees.roots, (root) => {
    const at = trees.value[leafOf(trees, root, row)] * classCount;
    return shares.subarray(at, at + classCount);
  });
}

/** The bags as the fit drew them. */
function bagsOf(rows: number, treeCount: number, seed: number): Int32Array[] {
  return Array.from({ length: treeCount }, (_, t) => {
    const random = createRandom(seed).fork('random-forest').fork(`tree ${t}`);
    const draws = new Int32Array(rows);
    for (let i = 0; i < rows; i++) draws[random.nextInt(rows)]++;
    return draws;
  });
}

describe('a tree of a forest', () => {
  const options = { treeCount: 8, minDataInLeaf: 7, maxDepth: 6, seed: 3 };
  const { forest } = fitRandomForest(train.matrix, train.labels, options);
  const bags = bagsOf(3000, 8, 3);

  it('holds in each leaf the weighted class shares of the rows that its bag drew there', () => {
    const rowsOfClass = [0, 1, 2, 3].map((k) => train.labels.filter((label) => label === k).length);
    const leaves = Array.from(forest.trees.feature, (f, node) => (f < 0 ? node : -1)).filter((node) => node >= 0);
    const draws = leaves.map(() => new Float64Array(4));
    const different = leaves.map(() => 0);
    bags.forEach((bag, t) => {
      for (let r = 0; r < 3000; r++) {
        if (bag[r] === 0) continue;
        const leaf = leaves.indexOf(leafOf(forest.trees, forest.trees.roots[t], rowOf(train.matrix, r)));
        draws[leaf][train.labels[r]] += bag[r];
        different[leaf]++;
      }
    });
    leaves.forEach((node, leaf) => {
      const weights = draws[leaf].map((count, k) => (count * 3000) / (4 * rowsOfClass[k])); // 'balanced'
      const weight = weights.reduce((a, b) => a + b, 0);
      for (let k = 0; k < 4; k++) expect(forest.shares[forest.trees.value[node] * 4 + k]).toBeCloseTo(weights[k] / weight, 12);
      expect(forest.trees.cover[node]).toBe(draws[leaf].reduce((a, b) => a + b, 0));
      expect(different[leaf]).toBeGreaterThanOrEqual(7);
    });
  });

  it('keeps its depth, and the invariant of trees', () => {
    expect(Math.max(...treeDepths(forest.trees))).toBe(6);
    expect(() => checkTrees(forest.trees)).not.toThrow();
  });

  it('parts two rows of two classes by hand, and is a lone leaf where its bag holds one of them twice', () => {
    const { forest: pair } = fitRandomForest(matrixOf([[0], [1]]), new Uint8Array([0, 1]), { treeCount: 20, minDataInLeaf: 1, seed: 5 });
    bagsOf(2, 20, 5).forEach((bag, t) => {
      const root = pair.trees.roots[t];
      expect(pair.trees.feature[root]).toBe(bag[0] === 1 ? 0 : -1);
      expect(pair.trees.threshold[root]).toBe(bag[0] === 1 ? 0.5 : 0);
      expect(plainShares(pair, new Float64Array([0.6]))[t][0]).toBe(bag[0] === 2 ? 1 : 0);
    });
  });

  it('goes on past drawn columns that have no split', () => {
    const rows = Array.from({ length: 40 }, (_, r) => [1, 1, 1, 1, 1, 1, 1, r < 20 ? 0 : 1]);
    const labels = Uint8Array.from({ length: 40 }, (_, r) => (r < 20 ? 0 : 1));
    const { forest: single } = fitRandomForest(matrixOf(rows), labels, { treeCount: 10, columnsPerSplit: 1 });
    expect([...single.trees.roots].map((root) => single.trees.feature[root])).toEqual(Array.from({ length: 10 }, () => 7));
  });
});

describe('forest', () => {
  const { forest, outOfBag } = fitRandomForest(train.matrix, train.labels, { treeCount: 30, seed: 1 });

  it('has the mean of the plain walks bit for bit, missing and infinite values included', () => {
    const random = createRandom('rows');
    for (let i = 0; i < 100; i++) {
      const row = randomRow(6, random, forest.trees);
      const sum = new Float64Array(4);
      for (const shares of plainShares(forest, row)) for (let k = 0; k < 4; k++) sum[k] += shares[k];
      expect(forest.predictProba(row)).toEqual(sum.map((x) => x / 30));
      expect(forest.predict(row)).toBe(forest.predictProba(row).indexOf(Math.max(...forest.predictProba(row))));
    }
  });

  it('lets each row be judged by the trees that did not draw it', () => {
    const bags = bagsOf(3000, 30, 1);
    const confusion = new Int32Array(16);
    let wrong = 0;
    for (let r = 0; r < 3000; r += 1) {
      const trees = plainShares(forest, rowOf(train.matrix, r)).filter((_, t) => bags[t][r] === 0);
      const expected = [0, 1, 2, 3].map((k) => trees.reduce((sum, shares) => sum + shares[k], 0) / trees.length);
      const found = outOfBag.probabilities.subarray(r * 4, r * 4 + 4);
      for (let k = 0; k < 4; k++) expect(found[k]).toBeCloseTo(expected[k], 12);
      const likeliest = found.indexOf(Math.max(...found));
      confusion[train.labels[r] * 4 + likeliest]++;
      if (likeliest !== train.labels[r]) wrong++;
    }
    expect(outOfBag.rowCount).toBe(3000);
    expect(outOfBag.confusion).toEqual(confusion);
    expect(outOfBag.error).toBe(wrong / 3000);
  });

  it('has no out-of-bag word on a row that every tree drew', () => {
    const small = { rows: 40, cols: 6, values: train.matrix.values.slice(0, 240) };
    const { outOfBag: few } = fitRandomForest(small, train.labels.slice(0, 40), { treeCount: 1, seed: 2 });
    const [bag] = bagsOf(40, 1, 2);
    for (let r = 0; r < 40; r++) expect(Number.isNaN(few.probabilities[(r * few.probabilities.length) / 40])).toBe(bag[r] > 0);
    expect(few.rowCount).toBe(bag.filter((draws) => draws === 0).length);
    expect(few.confusion.reduce((a, b) => a + b, 0)).toBe(few.rowCount);
  });

  it('errs on new rows as often as out of bag, within 3 points', () => {
    let wrong = 0;
    for (let r = 0; r < 2000; r++) if (forest.predict(rowOf(test.matrix, r)) !== test.labels[r]) wrong++;
    expect(Math.abs(wrong / 2000 - outOfBag.error)).toBeLessThan(0.03);
    expect(outOfBag.error).toBeLessThan(0.3);
  });
});

describe('probabilities of a forest', () => {
  const whole = classClouds(6000, 4, PRIORS, 'bayes');
  const held = classClouds(1500, 4, PRIORS, 'bayes held');
  const fit = (options: RandomForestOptions) =>
    fitRandomForest(whole.matrix, whole.labels, { treeCount: 60, minDataInLeaf: 20, seed: 1, ...options }).forest;

  /** Mean absolute difference from the true probabilities under `priors`. */
  function distance(forest: RandomForest, priors: readonly number[]): number {
    let sum = 0;
    for (let r = 0; r < held.matrix.rows; r++) {
      const row = rowOf(held.matrix, r);
      const truth = cloudPosterior(row, priors);
      forest.predictProba(row).forEach((p, k) => {
        sum += Math.abs(p - truth[k]);
      });
    }
    return sum / (held.matrix.rows * priors.length);
  }

  it('come near the true ones: of the training rows with even weights, of equally common classes where balanced', () => {
    const equal = [0.25, 0.25, 0.25, 0.25];
    const natural = fit({ classWeights: even(4) });
    const balanced = fit({});
    // 0.028 and 0.037 with any seed; who says the priors for every row is 0.25 away.
    expect(distance(natural, PRIORS)).toBeLessThan(0.035);
    expect(distance(balanced, equal)).toBeLessThan(0.045);
    expect(distance(balanced, PRIORS)).toBeGreaterThan(0.05);
    expect(distance(natural, equal)).toBeGreaterThan(0.06);
  });

  it('come near the true ones by entropy too', () => {
    expect(distance(fit({ classWeights: even(4), criterion: 'entropy' }), PRIORS)).toBeLessThan(0.035);
  });
});

describe('attributions of a forest', () => {
  /** E[share of class k | the features in `known`], path-dependent. */
  function conditional(forest: RandomForest, node: number, row: Float64Array, known: number, k: number): number {
    const { trees, shares, classCount } = forest;
    const feature = trees.feature[node];
    if (feature < 0) return shares[trees.value[node] * classCount + k];
    const [left, right] = [trees.left[node], trees.right[node]];
    if ((known >> feature) & 1) {
      const goesLeft = Number.isNaN(row[feature]) ? trees.missingLeft[node] === 1 : row[feature] <= trees.threshold[node];
      return conditional(forest, goesLeft ? left : right, row, known, k);
    }
    const share = trees.cover[left] / (trees.cover[left] + trees.cover[right]);
    return share * conditional(forest, left, row, known, k) + (1 - share) * conditional(forest, right, row, known, k);
  }

  it('equal the Shapley values of all coalitions to 1e-9, for each class', () => {
    const { matrix, labels } = classClouds(200, 4, [0.4, 0.3, 0.3], 'shapley', 0.1);
    const { forest } = fitRandomForest(matrix, labels, { treeCount: 4, maxDepth: 5, minDataInLeaf: 3 });
    const random = createRandom('coalitions');
    const bits = (set: number): number => (set === 0 ? 0 : (set & 1) + bits(set >> 1));
    const weightOf = [6, 2, 2, 6].map((factorials) => factorials / 24); // |S|! (4 - |S| - 1)! / 4!
    for (let i = 0; i < 10; i++) {
      const row = randomRow(4, random, forest.trees);
      for (let k = 0; k < 3; k++) {
        const value = Array.from({ length: 16 }, (_, known) =>
          [...forest.trees.roots].reduce((sum, root) => sum + conditional(forest, root, row, known, k) / 4, 0),
        );
        const { baseValue, attributions } = forest.explain(row, k);
        expect(baseValue).toBeCloseTo(value[0], 12);
        for (let f = 0; f < 4; f++) {
          let expected = 0;
          for (let set = 0; set < 16; set++) if (!((set >> f) & 1)) expected += weightOf[bits(set)] * (value[set | (1 << f)] - value[set]);
          expect(Math.abs(attributions[f] - expected)).toBeLessThan(1e-9);
        }
      }
    }
  });

  it('start from the mean probability of the drawn rows, and point to the column that moves a class', () => {
    const { forest } = fitRandomForest(train.matrix, train.labels, { treeCount: 20, classWeights: even(4) });
    const drawn = bagsOf(3000, 20, 0).reduce(
      (sum, bag) => sum + bag.reduce((a, draws, r) => (train.labels[r] === 1 ? a + draws : a), 0),
      0,
    );
    const row = new Float64Array([0, 4, 0, 0, 0, 0]);
    const { baseValue, attributions } = forest.explain(row, 1);
    expect(baseValue).toBeCloseTo(drawn / (20 * 3000), 9);
    expect(attributions.indexOf(Math.max(...attributions))).toBe(1);
    expect(forest.explain(row, 0).attributions[1]).toBeLessThan(0);
  });

  it('add up for deep trees', () => {
    const { forest } = fitRandomForest(train.matrix, train.labels, { treeCount: 5, minDataInLeaf: 1, maxDepth: 256 });
    expect(Math.max(...treeDepths(forest.trees))).toBeGreaterThan(15);
    for (let r = 0; r < 10; r++) {
      const { baseValue, attributions } = forest.explain(rowOf(test.matrix, r), 0);
      const sum = attributions.reduce((a, b) => a + b, baseValue);
      expect(Math.abs(sum - forest.predictProba(rowOf(test.matrix, r))[0])).toBeLessThan(1e-6);
    }
  });
});

describe('fitRandomForest', () => {
  it('keeps its bytes from release to release', () => {
    const crcOf = (options: RandomForestOptions) =>
      crc32(fitRandomForest(train.matrix, train.labels, { treeCount: 4, seed: 's', ...options }).forest.encode());
    expect(crcOf({})).toBe(0x5deb4477);
    expect(crcOf({ criterion: 'entropy', classWeights: even(4), columnsPerSplit: 3, maxDepth: 5 })).toBe(0x5be7c377);
  });

  it('changes with the seed, and a tree depends on its own number only', () => {
    const fit = (seed: number, treeCount: number) => fitRandomForest(train.matrix, train.labels, { seed, treeCount }).forest;
    expect(fit(1, 3).encode()).not.toEqual(fit(2, 3).encode());
    const [three, five] = [fit(1, 3), fit(1, 5)];
    expect(five.shares.subarray(0, three.shares.length)).toEqual(three.shares);
    expect(five.trees.threshold.subarray(0, three.trees.threshold.length)).toEqual(three.trees.threshold);
  });

  it('learns from missing values alone', () => {
    const random = createRandom('gaps');
    const labels = Uint8Array.from({ length: 300 }, () => random.nextInt(3));
    const values = Float64Array.from(labels, (label) => (label === 2 ? NaN : random.nextGaussian() + 9 * label));
    const { forest } = fitRandomForest({ rows: 300, cols: 1, values }, labels, { treeCount: 20 });
    expect([NaN, 0, 9].map((x) => forest.predict(new Float64Array([x])))).toEqual([2, 0, 1]);
  });

  it('takes 64 classes, 32-bit labels and the greatest label as the last class', () => {
    const labels = Int32Array.from({ length: 640 }, (_, r) => r % 64);
    const values = Float64Array.from(labels, (label) => label);
    const { forest, outOfBag } = fitRandomForest({ rows: 640, cols: 1, values }, labels, { treeCount: 10 });
    expect(forest.classCount).toBe(64);
    expect(forest.predict(new Float64Array([63]))).toBe(63);
    expect(outOfBag.error).toBeLessThan(0.1);
    expect(fitRandomForest(train.matrix, train.labels, { treeCount: 1 }).forest.classCount).toBe(4);
  });

  it('refuses labels, weights and options that make no sense', () => {
    const { matrix, labels } = train;
    const fit = (options: RandomForestOptions) => () => fitRandomForest(matrix, labels, options);
    expectRefusal(() => fitRandomForest(matrix, new Int32Array(3000).fill(-1)), 'ML_BAD_CLASS');
    expectRefusal(() => fitRandomForest(matrix, new Uint8Array(3000).fill(64)), 'ML_BAD_CLASS');
    expectRefusal(() => fitRandomForest(matrix, new Float64Array(3000).fill(0.5) as unknown as Uint8Array), 'ML_BAD_CLASS'); // untyped callers
    expectRefusal(fit({ classWeights: even(3) }), 'ML_SHAPE_MISMATCH');
    for (const weight of [0, -1, NaN, Infinity, 1e7]) expectRefusal(fit({ classWeights: even(4).fill(weight, 2, 3) }), 'ML_BAD_OPTION');
    const untyped = { classWeights: 'even', criterion: 'variance' };
    expectRefusal(() => fitRandomForest(matrix, labels, { classWeights: untyped.classWeights as 'balanced' }), 'ML_BAD_OPTION');
    expectRefusal(() => fitRandomForest(matrix, labels, { criterion: untyped.criterion as 'gini' }), 'ML_BAD_OPTION');
    for (const classCount of [1, 65, 2.5]) expectRefusal(fit({ classCount }), 'ML_BAD_OPTION');
    for (const treeCount of [0, 10_001, NaN]) expectRefusal(fit({ treeCount }), 'ML_BAD_OPTION');
    for (const columnsPerSplit of [0, 7, 1.5]) expectRefusal(fit({ columnsPerSplit }), 'ML_BAD_OPTION');
    for (const maxDepth of [0, 257]) expectRefusal(fit({ maxDepth }), 'ML_BAD_OPTION');
    expectRefusal(fit({ minDataInLeaf: 0 }), 'ML_BAD_OPTION');
    expectRefusal(fit({ seed: NaN }), 'ML_BAD_OPTION');
    const misspelt = { trees: 5 };
    expectRefusal(fit(misspelt as object), 'ML_UNKNOWN_OPTION');
  });
});
