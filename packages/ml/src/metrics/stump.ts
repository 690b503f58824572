/** The honest floor: how far one feature and one threshold get. A model that does not beat it has learnt nothing. */
import { checkMatrix, type Matrix } from '../matrix.ts';
import { bothClasses, lengthOf } from '../options.ts';
import { balancedAccuracy } from './probability.ts';
import { auroc, orderOf } from './ranking.ts';

/** The best rule of one feature. NaN is never on the alarming side. */
export interface Stump {
  readonly feature: number;
  readonly threshold: number;
  /** 1: label 1 where x > threshold; -1: label 1 where x <= threshold. */
  readonly direction: 1 | -1;
  /** Of that rule on the evaluation rows (the fitted ones where none are given), in [0, 1]. */
  readonly balancedAccuracy: number;
  /** The feature with the best AUROC on the fitted rows, its direction, and its AUROC on the evaluation rows. */
  readonly best: { readonly feature: number; readonly direction: 1 | -1; readonly auroc: number };
}

/**
 * Finds feature, threshold and direction by balanced accuracy on `matrix`, and judges them on the evaluation
 * rows. Errors: those of the matrix and labels, of either set (ML_EMPTY_INPUT, ML_SHAPE_MISMATCH,
 * ML_INFINITE_VALUE, ML_BAD_LABEL, ML_SINGLE_CLASS).
 */
export function bestStump(
  matrix: Matrix,
  labels: ArrayLike<number>,
  evalMatrix: Matrix = matrix,
  evalLabels: ArrayLike<number> = labels,
): Stump {
  checkPair(matrix, labels);
  checkPair(evalMatrix, evalLabels);
  lengthOf('evalMatrix columns', { length: evalMatrix.cols }, matrix.cols);
  let rule: Rule = { feature: 0, threshold: 0, direction: 1, accuracy: 0 };
  let ranking = { feature: 0, direction: 1 as 1 | -1, fitted: 0 }; // a literal 1 would be widened to number
  for (let feature = 0; feature < matrix.cols; feature++) {
    const found = bestThreshold(columnOf(matrix, feature), labels, feature);
    if (found.accuracy > rule.accuracy) rule = found;
    for (const direction of [1, -1] as const) {
      const fitted = auroc(rankable(columnOf(matrix, feature), direction), labels);
      if (fitted > ranking.fitted) ranking = { feature, direction, fitted };
    }
  }
  const { feature, threshold, direction } = rule;
  const decisions = columnOf(evalMatrix, feature).map((x) => ((direction === 1 ? x > threshold : x <= threshold) ? 1 : 0));
  const held = auroc(rankable(columnOf(evalMatrix, ranking.feature), ranking.direction), evalLabels);
  return {
    feature,
    threshold,
    direction,
    balancedAccuracy: balancedAccuracy(decisions, evalLabels),
    best: { feature: ranking.feature, direction: ranking.direction, auroc: held },
  };
}

interface Rule {
  readonly feature: number;
  readonly threshold: number;
  readonly direction: 1 | -1;
  readonly accuracy: number;
}

function bestThreshold(column: Float64Array, labels: ArrayLike<number>, feature: number): Rule {
  const known = orderOf(column.map((x) => (Number.isNaN(x) ? Infinity : x))).filter((i) => !Number.isNaN(column[i]));
  const totals = [0, 0];
  for (let i = 0; i < labels.length; i++) totals[labels[i]]++;
  const knownTotals = [0, 0];
  for (const i of known) knownTotals[labels[i]]++;
  const below = [0, 0];
  let best: Rule = { feature, threshold: 0, direction: 1, accuracy: 0 };
  const offer = (threshold: number, direction: 1 | -1, hits: number, alarms: number): void => {
    const accuracy = (hits / totals[1] + 1 - alarms / totals[0]) / 2;
    if (accuracy > best.accuracy) best = { feature, threshold, direction, accuracy };
  };
  for (let k = 0; k < known.length; k++) {
    below[labels[known[k]]]++;
    const x = column[known[k]];
    const next = k + 1 < known.length ? column[known[k + 1]] : x + 1;
    if (next === x) continue;
    const middle = x / 2 + next / 2;
    const threshold = middle >= x && middle < next ? middle : x;
    offer(threshold, 1, knownTotals[1] - below[1], knownTotals[0] - below[0]);
    offer(threshold, -1, below[1], below[0]);
  }
  return best;
}

function checkPair(matrix: Matrix, labels: ArrayLike<number>): void {
  checkMatrix(matrix, 2);
  lengthOf('labels', labels, matrix.rows);
  bothClasses('labels', labels);
}

function columnOf(matrix: Matrix, c: number): Float64Array {
  return Float64Array.from({ length: matrix.rows }, (_, r) => matrix.values[r * matrix.cols + c]);
}

/** The column with its sign turned, NaN below everything. */
function rankable(column: Float64Array, direction: 1 | -1): Float64Array {
  return column.map((x) => (Number.isNaN(x) ? -Number.MAX_VALUE : direction * x));
}
