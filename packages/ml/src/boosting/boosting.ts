/**
 * Step 7: gradient boosting of histogram trees for a 0/1 label. Friedman 2001 with second-order leaves (Chen &
 * Guestrin 2016), leaf-wise growth and histograms as in LightGBM (Ke et al. 2017).
 */

import { MlError } from '../errors.ts';
import { logit } from '../math.ts';
import { checkMatrix, type Matrix } from '../matrix.ts';
import { bothClasses, countPositives, lengthOf } from '../options.ts';
import { createRandom, type Random } from '../random.ts';
import { type BinEdges, type BinnedMatrix, binMatrix, findBinEdges } from '../tree/binning.ts';
import { joinTrees, type TreeEnsemble } from '../tree/ensemble.ts';
import { meanLogLoss, packingFor } from './gradients.ts';
import { type GrownTree, growTree } from './grower.ts';
import { createSteps } from './kernel-steps.ts';
import { Boosting } from './model.ts';
import { type BoostingOptions, type EarlyStopping, type Labels, resolveBoostingOptions } from './options.ts';
import { addByRanges, addByWalk } from './predictor.ts';
import type { FitData, Steps } from './steps.ts';

/**
 * Fits on the rows of `matrix` (rows × features; NaN is missing and goes where it gains most; where a split saw
 * none it follows the larger child). Labels are 0 or 1, both present. Errors: ML_EMPTY_INPUT, ML_SHAPE_MISMATCH,
 * ML_INFINITE_VALUE, ML_BAD_LABEL, ML_SINGLE_CLASS, ML_BAD_WEIGHT, ML_BAD_OPTION, ML_UNKNOWN_OPTION.
 *
 * @example
 * const model = fitBoosting(matrix, labels, { rounds: 300, earlyStopping: { matrix: held, labels: heldLabels, patience: 20 } });
 * model.score(row); // log-odds
 */
export function fitBoosting(matrix: Matrix, labels: Labels, options: BoostingOptions = {}): Boosting {
  return fitWith(createSteps, matrix, labels, options);
}

/** `fitBoosting` with given inner loops: all of them give the same bytes. */
export function fitWith(stepsOf: (data: FitData) => Steps, matrix: Matrix, labels: Labels, options: BoostingOptions): Boosting {
  checkMatrix(matrix, 2);
  lengthOf('labels', labels, matrix.rows);
  bothClasses('labels', labels);
  const resolved = resolveBoostingOptions(options, matrix.rows, matrix.cols);
  const { rounds, leaves, learningRate, rowShare, columnShare, weights } = resolved;
  const edges = findBinEdges(matrix);
  const { positive, total } = weigh(labels, weights);
  const baseLogOdds = logit(positive / total);
  const packing = packingFor(matrix.rows, total);
  const steps = stepsOf({ binned: binMatrix(matrix, edges), labels, packing, options: resolved });
  const { rows, scores } = steps;
  scores.fill(baseLogOdds);
  const held = resolved.earlyStopping === null ? null : createHeldOut(resolved.earlyStopping, edges, baseLogOdds);
  const random = createRandom(resolved.seed).fork('boosting');
  const bagSize = Math.max(1, Math.floor(matrix.rows * rowShare));
  const columnCount = Math.max(1, Math.floor(matrix.cols * columnShare));
  const features = new Int32Array(matrix.cols);
  const grown: TreeEnsemble[] = [];
  for (let round = 0; round < rounds; round++) {
    steps.computeGradients();
    sample(rows, bagSize, random.fork(`rows ${round}`));
    sample(features, columnCount, random.fork(`columns ${round}`));
    const tree = growTree(steps, bagSize, features.subarray(0, columnCount), { leaves, learningRate, unit: packing.unit });
    addByRanges(tree, steps);
    addByWalk(tree, steps.binned, rows, bagSize, matrix.rows, scores);
    grown.push(tree.trees);
    if (held?.stopsAfter(tree, round)) break;
  }
  const kept = held === null ? grown : grown.slice(0, held.bestRound() + 1);
  return new Boosting(joinTrees(kept), baseLogOdds);
}

interface HeldOut {
  /** Takes one more tree into account; true where patience ran out. */
  stopsAfter(tree: GrownTree, round: number): boolean;
  bestRound(): number;
}

function createHeldOut({ matrix, labels, patience }: EarlyStopping, edges: BinEdges, baseLogOdds: number): HeldOut {
  checkMatrix(matrix, 1);
  lengthOf('earlyStopping.matrix columns', { length: matrix.cols }, edges.length);
  lengthOf('earlyStopping.labels', labels, matrix.rows);
  countPositives('earlyStopping.labels', labels);
  const binned: BinnedMatrix = binMatrix(matrix, edges);
  const rows = Int32Array.from({ length: matrix.rows }, (_, r) => r);
  const scores = new Float64Array(matrix.rows).fill(baseLogOdds);
  let best = Infinity;
  let bestRound = 0;
  return {
    stopsAfter(tree, round) {
      addByWalk(tree, binned, rows, 0, rows.length, scores);
      const loss = meanLogLoss(scores, labels);
      if (loss < best) {
        best = loss;
        bestRound = round;
      }
      return round - bestRound >= patience;
    },
    bestRound: () => bestRound,
  };
}

function weigh(labels: Labels, weights: Float64Array | null): { positive: number; total: number } {
  let positive = 0;
  let total = 0;
  for (let r = 0; r < labels.length; r++) {
    const weight = weights === null ? 1 : weights[r];
    total += weight;
    positive += weight * labels[r];
  }
  if (!(positive > 0 && positive < total)) throw new MlError('ML_BAD_WEIGHT', { name: 'weights', found: 'a class of weight 0' });
  return { positive, total };
}

/** Fills `into` with its own indices: `count` drawn ones first, then the rest, both ascending (Knuth's algorithm S). */
function sample(into: Int32Array, count: number, random: Random): void {
  const all = into.length;
  let drawn = 0;
  for (let i = 0; i < all; i++) {
    const takes = count === all || random.nextFloat() * (all - i) < count - drawn;
    if (takes) into[drawn++] = i;
    else into[count + i - drawn] = i;
  }
}
