/** Parity with scikit-learn and LightGBM on public sets: goldens/make.py says how their numbers were made. */
import { describe, expect, it } from 'vitest';
import boostingGolden from '../goldens/boosting.golden.json' with { type: 'json' };
import forestGolden from '../goldens/isolation-forest.golden.json' with { type: 'json' };
import { auroc, averagePrecision, fitBoosting, fitIsolationForest, type Matrix, rowOf, takeRows } from '../src/index.ts';
import { hasTabularSets, readTabularSet } from './tabular.ts';

const TOLERANCE = 0.01;
const BOOSTING_TOLERANCE = 0.005;
const present = hasTabularSets(Object.keys(forestGolden.sets));

function scoresOf(model: { score(row: Float64Array): number }, matrix: Matrix): Float64Array {
  return Float64Array.from({ length: matrix.rows }, (_, r) => model.score(rowOf(matrix, r)));
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

describe.runIf(present)('isolation forest against scikit-learn', () => {
  const { treeCount, subsampleSize, seeds } = forestGolden.settings;
  for (const [name, golden] of Object.entries(forestGolden.sets)) {
    it(`has the AUROC of scikit-learn on ${name} within ${TOLERANCE}, mean of ${seeds} seeds`, () => {
      const { matrix, labels, sha256 } = readTabularSet(name);
      expect(sha256).toBe(golden.sha256);
      const runs = Array.from({ length: seeds }, (_, seed) =>
        scoresOf(fitIsolationForest(matrix, { treeCount, subsampleSize, seed }), matrix),
      );
      const area = mean(runs.map((scores) => auroc(scores, labels)));
      const precision = mean(runs.map((scores) => averagePrecision(scores, labels)));
      console.log(
        `${name}: isolation forest AUROC ${area.toFixed(4)} (scikit-learn ${golden.auroc}), AP ${precision.toFixed(4)} (${golden.averagePrecision})`,
      );
      expect(Math.abs(area - golden.auroc)).toBeLessThanOrEqual(TOLERANCE);
    });
  }
});

describe.runIf(present)('boosting against LightGBM', () => {
  const { folds, rounds, leaves, learningRate, minDataInLeaf } = boostingGolden.settings;
  for (const [name, golden] of Object.entries(boostingGolden.sets)) {
    it(`has the out-of-fold AUROC and log loss of LightGBM on ${name} within ${BOOSTING_TOLERANCE}`, () => {
      const { matrix, labels, sha256 } = readTabularSet(name);
      expect(sha256).toBe(golden.sha256);
      let loss = 0;
      const areas = Array.from({ length: folds }, (_, fold) => {
        const all = Array.from({ length: matrix.rows }, (_, r) => r);
        const fitted = all.filter((r) => r % folds !== fold);
        const held = all.filter((r) => r % folds === fold);
        const pick = (rows: readonly number[]): Uint8Array => Uint8Array.from(rows, (r) => labels[r]);
        const model = fitBoosting(takeRows(matrix, fitted), pick(fitted), { rounds, leaves, learningRate, minDataInLeaf });
        const scores = scoresOf(model, takeRows(matrix, held));
        held.forEach((r, i) => {
          loss += Math.log1p(Math.exp(-Math.abs(scores[i]))) + Math.max(scores[i], 0) - labels[r] * scores[i];
        });
        return auroc(scores, pick(held));
      });
      const area = mean(areas);
      console.log(
        `${name}: boosting AUROC ${area.toFixed(4)} (LightGBM ${golden.auroc}), log loss ${(loss / matrix.rows).toFixed(4)} (${golden.logLoss})`,
      );
      expect(Math.abs(area - golden.auroc)).toBeLessThanOrEqual(BOOSTING_TOLERANCE);
      expect(Math.abs(loss / matrix.rows - golden.logLoss)).toBeLessThanOrEqual(BOOSTING_TOLERANCE);
    });
  }
});
