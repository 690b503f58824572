/** The options of gradient boosting, resolved and checked once. */
import { MlError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { integerWithin, lengthOf, numberWithin, refuseUnknownKeys, seedOf } from '../options.ts';

/** Labels of rows: 1 = the class whose log-odds are scored, 0 = the rest. */
export type Labels = Uint8Array | Float64Array;

/** Stops when the log loss on these rows has not fallen for `patience` rounds; the best round is kept. */
export interface EarlyStopping {
  /** Rows the model is not fitted on, same columns. They are spent: not out-of-fold for anything later. */
  readonly matrix: Matrix;
  readonly labels: Labels;
  /** Rounds without a better log loss. 1 to 10,000. */
  readonly patience: number;
}

/** Options of `fitBoosting`. */
export interface BoostingOptions {
  /** Trees at most. Default 200; 1 to 10,000. */
  readonly rounds?: number;
  /** Leaves of a tree at most. Default 31; 2 to 1,024. */
  readonly leaves?: number;
  /** Shrinkage of each leaf. Default 0.1; above 0, at most 1. */
  readonly learningRate?: number;
  /** Training rows in a leaf at least. Default 20; 1 to 1,000,000,000. */
  readonly minDataInLeaf?: number;
  /** Sum of hessians in a leaf at least. Default 0.001; 0 to 1e9. */
  readonly minHessianInLeaf?: number;
  /** L1 penalty on leaf values. Default 0; 0 to 1e9. */
  readonly l1?: number;
  /** L2 penalty on leaf values. Default 0; 0 to 1e9. */
  readonly l2?: number;
  /** Share of the rows that each tree sees, drawn anew without replacement. Default 1; above 0, at most 1. */
  readonly rowShare?: number;
  /** Share of the columns that each tree sees, at least one. Default 1; above 0, at most 1. */
  readonly columnShare?: number;
  /** One of -1 (score falls with the feature), 0 (free), 1 (score rises) a column. Default all 0. */
  readonly monotone?: Int8Array;
  /** Weight of each row, at least 0, not all 0. Default all 1. */
  readonly weights?: Float64Array;
  /** Default: none, all rounds are kept. */
  readonly earlyStopping?: EarlyStopping;
  /** Seed of row and column sampling. Default 0. */
  readonly seed?: number | string;
}

/** The same, without optionals. */
export interface ResolvedBoostingOptions {
  readonly rounds: number;
  readonly leaves: number;
  readonly learningRate: number;
  readonly minDataInLeaf: number;
  readonly minHessianInLeaf: number;
  readonly l1: number;
  readonly l2: number;
  readonly rowShare: number;
  readonly columnShare: number;
  readonly monotone: Int8Array;
  readonly weights: Float64Array | null;
  readonly earlyStopping: EarlyStopping | null;
  readonly seed: number | string;
}

const KNOWN: readonly (keyof BoostingOptions)[] = [
  'rounds',
  'leaves',
  'learningRate',
  'minDataInLeaf',
  'minHessianInLeaf',
  'l1',
  'l2',
  'rowShare',
  'columnShare',
  'monotone',
  'weights',
  'earlyStopping',
  'seed',
];

/** Resolves and checks against a matrix of `rows` × `cols`. ML_UNKNOWN_OPTION, ML_BAD_OPTION, ML_SHAPE_MISMATCH, ML_BAD_WEIGHT. */
export function resolveBoostingOptions(options: BoostingOptions, rows: number, cols: number): ResolvedBoostingOptions {
  refuseUnknownKeys(options, KNOWN);
  const monotone = options.monotone ?? new Int8Array(cols);
  lengthOf('monotone', monotone, cols);
  for (let c = 0; c < cols; c++) integerWithin(`monotone[${c}]`, monotone[c], -1, 1);
  if (options.weights !== undefined) checkWeights(options.weights, rows);
  if (options.earlyStopping !== undefined) refuseUnknownKeys(options.earlyStopping, ['matrix', 'labels', 'patience']);
  if (options.earlyStopping !== undefined) integerWithin('earlyStopping.patience', options.earlyStopping.patience, 1, 10_000);
  return {
    rounds: integerWithin('rounds', options.rounds ?? 200, 1, 10_000),
    leaves: integerWithin('leaves', options.leaves ?? 31, 2, 1024),
    learningRate: numberWithin('learningRate', options.learningRate ?? 0.1, 0, 1, true),
    minDataInLeaf: integerWithin('minDataInLeaf', options.minDataInLeaf ?? 20, 1, 1e9),
    minHessianInLeaf: numberWithin('minHessianInLeaf', options.minHessianInLeaf ?? 1e-3, 0, 1e9),
    l1: numberWithin('l1', options.l1 ?? 0, 0, 1e9),
    l2: numberWithin('l2', options.l2 ?? 0, 0, 1e9),
    rowShare: numberWithin('rowShare', options.rowShare ?? 1, 0, 1, true),
    columnShare: numberWithin('columnShare', options.columnShare ?? 1, 0, 1, true),
    monotone,
    weights: options.weights ?? null,
    earlyStopping: options.earlyStopping ?? null,
    seed: seedOf(options.seed ?? 0),
  };
}

function checkWeights(weights: Float64Array, rows: number): void {
  lengthOf('weights', weights, rows);
  let sum = 0;
  for (const weight of weights) {
    if (!(weight >= 0 && weight < Infinity)) throw new MlError('ML_BAD_WEIGHT', { name: 'weights', found: String(weight) });
    sum += weight;
  }
  if (!(sum > 0 && sum < Infinity)) throw new MlError('ML_BAD_WEIGHT', { name: 'weights', found: `a sum of ${sum}` });
}
