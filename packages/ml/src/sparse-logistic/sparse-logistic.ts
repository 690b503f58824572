/** Logistic regression over sparse rows, as of hashed tokens: L2 penalty, class weights, L-BFGS from 0. */
import { bothClasses, lengthOf } from '../options.ts';
import { descend } from './lbfgs.ts';
import { SparseLogistic } from './model.ts';
import { compact, lossOf } from './objective.ts';
import { resolveSparseLogisticOptions, type SparseLogisticOptions } from './options.ts';
import { checkSparseRows, type SparseRows } from './rows.ts';

/**
 * Fits to `rows` and their labels (0/1, both present). The same rows, in the same order, give the same bytes on every machine;
 * `convergence` of the model says whether the tolerance was met. Memory beside the rows: 4 bytes an entry and 170 a column that occurs.
 * ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_NOT_FINITE, ML_BAD_LABEL, ML_SINGLE_CLASS, ML_BAD_WEIGHT, ML_UNKNOWN_OPTION, ML_BAD_OPTION.
 *
 * @example
 * const hashing = { bits: 18 };
 * const rows = sparseRowsOf(texts.map((tokens) => hashFeatures(tokens, hashing)), 2 ** 18);
 * const model = fitSparseLogistic(rows, labels, { classWeights: 'balanced', hashing });
 * model.explainTokens(['ignore', 'previous', 'instructions']).contributions[0];
 */
export function fitSparseLogistic(rows: SparseRows, labels: ArrayLike<number>, options: SparseLogisticOptions = {}): SparseLogistic {
  checkSparseRows(rows, 2);
  lengthOf('labels', labels, rows.starts.length - 1);
  bothClasses('labels', labels);
  const { l2, shares, intercept, maxIterations, tolerance, hashing } = resolveSparseLogisticOptions(options, labels, rows.cols);
  const compacted = compact(rows);
  const cols = compacted.used.length;
  const loss = lossOf(compacted, labels, shares, l2, intercept);
  const { at, gradient, iterations, converged } = descend(cols + (intercept ? 1 : 0), loss, tolerance, maxIterations);
  const kept = compacted.used.filter((_, place) => at[place] !== 0);
  return new SparseLogistic({
    cols: rows.cols,
    indices: kept,
    weights: at.subarray(0, cols).filter((weight) => weight !== 0),
    intercept: intercept ? at[cols] : 0,
    convergence: { converged, iterations, gradient },
    hashing,
  });
}
