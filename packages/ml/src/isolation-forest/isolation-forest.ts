/** Isolation forest: Liu, Ting & Zhou 2008. Anomalies are few and different, so random splits isolate them early. */
import { logit } from '../math.ts';
import { checkMatrix, type Matrix, rowOf } from '../matrix.ts';
import { quantileOfSorted } from '../metrics/quantile.ts';
import { createRandom } from '../random.ts';
import type { TreeEnsemble } from '../tree/ensemble.ts';
import { joinTrees } from '../tree/ensemble.ts';
import { growIsolationTree } from './grower.ts';
import { anomalyScoreOf, IsolationForest } from './model.ts';
import { type IsolationForestOptions, resolveIsolationForestOptions } from './options.ts';
import { averagePathLength } from './path-length.ts';

/** The paper's reading: scores well below 0.5 are normal, close to 1 anomalous. */
const DEFAULT_THRESHOLD = 0.5;
/** The sigmoid shows the least training score as 0.01 and the greatest as 0.99. */
const SHOWN_END = 0.99;
/** Keeps the sigmoid finite where all training scores are equal. */
const LEAST_SCALE = 1e-6;

/**
 * Fits a forest on the rows of `matrix` (rows × features; NaN is missing), without labels. Path lengths are
 * normalised by c(n) of the rows that each tree really saw. A feature that is constant or NaN throughout is
 * never split. Errors: ML_EMPTY_INPUT (fewer than 2 rows), ML_SHAPE_MISMATCH, ML_INFINITE_VALUE, ML_BAD_OPTION,
 * ML_UNKNOWN_OPTION.
 *
 * @example
 * const forest = fitIsolationForest(matrix, { contamination: 0.01, seed: 7 });
 * forest.anomalyScore(row) > forest.threshold;
 */
export function fitIsolationForest(matrix: Matrix, options: IsolationForestOptions = {}): IsolationForest {
  const { treeCount, subsampleSize, contamination, seed } = resolveIsolationForestOptions(options);
  checkMatrix(matrix, 2);
  const sampleSize = Math.min(subsampleSize, matrix.rows);
  const heightLimit = 32 - Math.clz32(sampleSize - 1); // ceil(log2 ψ), without the engine's log2
  const scale = -1 / (averagePathLength(sampleSize) * treeCount);
  const random = createRandom(seed).fork('isolation-forest');
  const rows = Int32Array.from({ length: matrix.rows }, (_, r) => r);
  const trees: TreeEnsemble[] = [];
  for (let t = 0; t < treeCount; t++) {
    const stream = random.fork(`tree ${t}`);
    // A partial Fisher–Yates draw: any order of `rows` is as good a start as another.
    for (let i = 0; i < sampleSize; i++) {
      const j = i + stream.nextInt(matrix.rows - i);
      const row = rows[j];
      rows[j] = rows[i];
      rows[i] = row;
    }
    trees.push(growIsolationTree(matrix, rows.slice(0, sampleSize), heightLimit, scale, stream));
  }
  const forest = joinTrees(trees);
  const bare = new IsolationForest(forest, { sampleSize, threshold: DEFAULT_THRESHOLD, scaleBelow: 1, scaleAbove: 1 });
  const raw = bare.scoreMany(Array.from({ length: matrix.rows }, (_, r) => rowOf(matrix, r)));
  const scores = raw.map(anomalyScoreOf).sort();
  const threshold = contamination > 0 ? quantileOfSorted(scores, 1 - contamination) : DEFAULT_THRESHOLD;
  const end = logit(SHOWN_END);
  const below = (threshold - scores[0]) / end;
  const above = (scores[scores.length - 1] - threshold) / end;
  // A side on which no training row lies borrows the other side's scale.
  return new IsolationForest(forest, {
    sampleSize,
    threshold,
    scaleBelow: Math.max(below > 0 ? below : above, LEAST_SCALE),
    scaleAbove: Math.max(above > 0 ? above : below, LEAST_SCALE),
  });
}
