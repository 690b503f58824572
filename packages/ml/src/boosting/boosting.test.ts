import { describe, expect, it } from 'vitest';
import { type Matrix, rowOf, takeRows } from '../matrix.ts';
import { crc32 } from '../model-file.ts';
import { createRandom } from '../random.ts';
import { gaussianMatrix, noisyLabels } from '../test-support/data.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { describeScorer } from '../test-support/scorer-conformance.ts';
import { binMatrix, findBinEdges } from '../tree/binning.ts';
import { scoreTreesPlainly } from '../tree/score.ts';
import { fitBoosting } from './boosting.ts';
import { meanLogLoss, packingFor } from './gradients.ts';
import { growTree } from './grower.ts';
import { type BoostingOptions, resolveBoostingOptions } from './options.ts';
import { addByRanges, addByWalk } from './predictor.ts';
import { plainSteps } from './steps.ts';

describeScorer('boosting', (matrix, labels, seed) =>
  fitBoosting(matrix, labels, { rounds: 15, leaves: 7, rowShare: 0.8, columnShare: 0.8, seed }),
);

const matrix = gaussianMatrix(2000, 6, 'train', 0.05);
const labels = noisyLabels(matrix, 'train');
const test = gaussianMatrix(2000, 6, 'test', 0.05);
const testLabels = noisyLabels(test, 'test');

function scoresOf(model: { score(row: Float64Array): number }, rows: Matrix): Float64Array {
  return Float64Array.from({ length: rows.rows }, (_, r) => model.score(rowOf(rows, r)));
}

describe('grower', () => {
  const binned = binMatrix(matrix, findBinEdges(matrix));
  const packing = packingFor(2000, 2000);
  const options = resolveBoostingOptions({ leaves: 12, minDataInLeaf: 30 }, 2000, 6);
  const steps = plainSteps({ binned, labels, packing, options });
  const { rows, gradients } = steps;
  rows.set(Int32Array.from({ length: 2000 }, (_, r) => r));
  steps.computeGradients();
  const tree = growTree(steps, 2000, new Int32Array([0, 1, 2, 3, 4, 5]), { leaves: 12, learningRate: 0.1, unit: packing.unit });

  it('keeps every row in the range of the leaf that it walks to, and counts them as cover', () => {
    const byRange = steps.scores;
    const byWalk = new Float64Array(2000);
    addByRanges(tree, steps);
    addByWalk(tree, binned, rows, 0, 2000, byWalk);
    expect(byWalk).toEqual(byRange);
    for (let r = 0; r < 2000; r++) expect(scoreTreesPlainly(tree.trees, rowOf(matrix, r))).toBe(byRange[r]);
    let leafCount = 0;
    for (let node = 0; node < tree.trees.feature.length; node++) {
      expect(tree.trees.cover[node]).toBe(tree.end[node] - tree.start[node]);
      if (tree.trees.feature[node] >= 0) continue;
      leafCount++;
      expect(tree.trees.cover[node]).toBeGreaterThanOrEqual(30);
    }
    expect(leafCount).toBe(12);
  });

  it('gives each leaf the Newton step of its rows', () => {
    for (let node = 0; node < tree.trees.feature.length; node++) {
      if (tree.trees.feature[node] >= 0) continue;
      let g = 0;
      let h = 0;
      for (let i = tree.start[node]; i < tree.end[node]; i++) {
        g += gradients[2 * rows[i]];
        h += gradients[2 * rows[i] + 1] - packing.unit;
      }
      expect(tree.trees.value[node]).toBeCloseTo((-0.1 * g) / h, 9);
    }
  });
});

describe('fitBoosting', () => {
  it('starts from the log-odds of the weighted prevalence', () => {
    const weights = Float64Array.from(labels, (y) => (y === 1 ? 2 : 1));
    const positives = labels.reduce((a: number, b) => a + b, 0);
    const model = fitBoosting(matrix, labels, { rounds: 1, weights });
    expect(model.baseLogOdds).toBeCloseTo(Math.log((2 * positives) / (2000 - positives)), 12);
  });

  it('learns: the held-out log loss falls far below that of the prevalence', () => {
    const model = fitBoosting(matrix, labels, { rounds: 60 });
    const base = meanLogLoss(new Float64Array(2000).fill(model.baseLogOdds), testLabels);
    expect(meanLogLoss(scoresOf(model, test), testLabels)).toBeLessThan(0.5 * base);
    expect(model.probability(rowOf(test, 0))).toBeCloseTo(1 / (1 + Math.exp(-model.score(rowOf(test, 0)))), 12);
  });

  it('scores many rows as it scores one', () => {
    const model = fitBoosting(matrix, labels, { rounds: 20 });
    const rows = Array.from({ length: 30 }, (_, r) => rowOf(test, r));
    expect(model.scoreMany(rows)).toEqual(Float64Array.from(rows, (row) => model.score(row)));
  });

  it('never lowers the training fit by a round', () => {
    let before = Infinity;
    for (const rounds of [1, 5, 20, 60]) {
      const loss = meanLogLoss(scoresOf(fitBoosting(matrix, labels, { rounds }), matrix), labels);
      expect(loss).toBeLessThan(before);
      before = loss;
    }
  });

  it('treats a weight of 2 as a row seen twice', () => {
    const small = takeRows(
      matrix,
      Int32Array.from({ length: 300 }, (_, r) => r),
    );
    const y = labels.slice(0, 300);
    const twice = takeRows(
      small,
      Int32Array.from({ length: 600 }, (_, i) => i >> 1),
    );
    const options = { rounds: 5, minHessianInLeaf: 5 };
    const weighted = fitBoosting(small, y, { ...options, minDataInLeaf: 1, weights: new Float64Array(300).fill(2) });
    const doubled = fitBoosting(
      twice,
      Uint8Array.from({ length: 600 }, (_, i) => y[i >> 1]),
      { ...options, minDataInLeaf: 2 },
    );
    for (let r = 0; r < 300; r++) expect(weighted.score(rowOf(small, r))).toBeCloseTo(doubled.score(rowOf(small, r)), 3);
  });

  it('learns from missing values alone', () => {
    const random = createRandom('gaps');
    const y = Uint8Array.from({ length: 500 }, () => random.nextInt(2));
    const gaps: Matrix = { rows: 500, cols: 1, values: Float64Array.from(y, (label) => (label === 1 ? NaN : random.nextGaussian())) };
    const model = fitBoosting(gaps, y, { rounds: 20 });
    expect(model.score(new Float64Array([NaN]))).toBeGreaterThan(1);
    expect(model.score(new Float64Array([0]))).toBeLessThan(-1);
  });

  it('keeps the score monotone in a monotone feature, whatever the other features are', () => {
    const free = fitBoosting(matrix, labels, { rounds: 40 });
    const monotone = fitBoosting(matrix, labels, { rounds: 40, monotone: new Int8Array([1, -1, 0, 0, 0, 0]) });
    let freeBreaks = 0;
    for (let r = 0; r < 200; r++) {
      for (const [feature, sign] of [
        [0, 1],
        [1, -1],
      ]) {
        const row = rowOf(test, r).slice();
        let before = -Infinity;
        let freeBefore = -Infinity;
        for (let x = -3; x <= 3; x += 0.05) {
          row[feature] = sign * x;
          const score = monotone.score(row);
          expect(score).toBeGreaterThanOrEqual(before - 1e-12);
          before = score;
          if (free.score(row) < freeBefore - 1e-12) freeBreaks++;
          freeBefore = free.score(row);
        }
      }
    }
    expect(freeBreaks).toBeGreaterThan(0);
  });

  it('stops early and keeps the best round', () => {
    const noise = gaussianMatrix(400, 6, 'noise');
    const random = createRandom('noise');
    const y = Uint8Array.from({ length: 400 }, () => random.nextInt(2));
    const held = {
      matrix: takeRows(
        noise,
        Int32Array.from({ length: 200 }, (_, r) => r),
      ),
      labels: y.slice(0, 200),
    };
    const rest = takeRows(
      noise,
      Int32Array.from({ length: 200 }, (_, r) => 200 + r),
    );
    const model = fitBoosting(rest, y.slice(200), { rounds: 300, minDataInLeaf: 5, earlyStopping: { ...held, patience: 5 } });
    const full = fitBoosting(rest, y.slice(200), { rounds: model.rounds + 5, minDataInLeaf: 5 });
    expect(model.rounds).toBeLessThan(100);
    expect(meanLogLoss(scoresOf(model, held.matrix), held.labels)).toBeLessThanOrEqual(
      meanLogLoss(scoresOf(full, held.matrix), held.labels),
    );
    expect(model.trees.value).toEqual(full.trees.value.subarray(0, model.trees.value.length));
  });

  it('keeps its bytes from release to release, whole and with rows and columns sampled', () => {
    const crcOf = (options: BoostingOptions) => crc32(fitBoosting(matrix, labels, { rounds: 20, seed: 's', ...options }).encode());
    expect(crcOf({})).toBe(0x64ee2409);
    expect(crcOf({ rowShare: 0.7, columnShare: 0.5, l1: 0.1, l2: 2 })).toBe(0x776c33c1);
    expect(crcOf({ rowShare: 0.6, columnShare: 0.9, monotone: new Int8Array([1, -1, 0, 0, 0, 0]) })).toBe(0x6236a6f4);
  });

  it('changes with the seed only where rows or columns are sampled', () => {
    const fit = (seed: number, rowShare: number): Uint8Array => fitBoosting(matrix, labels, { rounds: 3, seed, rowShare }).encode();
    expect(fit(1, 1)).toEqual(fit(2, 1));
    expect(fit(1, 0.5)).not.toEqual(fit(2, 0.5));
  });

  it('refuses labels, weights and options that make no sense', () => {
    expectRefusal(() => fitBoosting(matrix, labels.subarray(1)), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => fitBoosting(matrix, new Float64Array(2000).fill(0.5)), 'ML_BAD_LABEL');
    expectRefusal(() => fitBoosting(matrix, new Uint8Array(2000)), 'ML_SINGLE_CLASS');
    expectRefusal(() => fitBoosting(matrix, labels, { weights: new Float64Array(2000) }), 'ML_BAD_WEIGHT');
    expectRefusal(() => fitBoosting(matrix, labels, { weights: new Float64Array(2000).fill(-1) }), 'ML_BAD_WEIGHT');
    expectRefusal(() => fitBoosting(matrix, labels, { weights: Float64Array.from(labels) }), 'ML_BAD_WEIGHT');
    expectRefusal(() => fitBoosting(matrix, labels, { leaves: 1 }), 'ML_BAD_OPTION');
    expectRefusal(() => fitBoosting(matrix, labels, { learningRate: 0 }), 'ML_BAD_OPTION');
    expectRefusal(() => fitBoosting(matrix, labels, { monotone: new Int8Array(5) }), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => fitBoosting(matrix, labels, { monotone: new Int8Array(6).fill(2) }), 'ML_BAD_OPTION');
    const other = gaussianMatrix(10, 5, 1);
    const earlyStopping = { matrix: other, labels: new Uint8Array(10), patience: 3 };
    expectRefusal(() => fitBoosting(matrix, labels, { earlyStopping }), 'ML_SHAPE_MISMATCH');
    const misspelt = { learning_rate: 1 };
    expectRefusal(() => fitBoosting(matrix, labels, misspelt as object), 'ML_UNKNOWN_OPTION');
  });
});
