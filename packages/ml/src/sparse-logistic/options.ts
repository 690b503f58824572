/** The options of sparse logistic regression, resolved and checked once. */
import { MlError } from '../errors.ts';
import { integerWithin, lengthOf, numberWithin, refuseUnknownKeys } from '../options.ts';
import { type Hashing, type HashOptions, resolveHashing } from './hash-features.ts';

/** Options of `fitSparseLogistic`. */
export interface SparseLogisticOptions {
  /** L2 penalty on the weights, halved, per unit of row weight: 1/(C · rows) of scikit-learn. The intercept is free. Default 1e-4; above 0, at most 1e6. */
  readonly l2?: number;
  /** What a row of each class weighs; `balanced`: both classes weigh the same, together as many as the rows. Default 1 and 1; above 0, at most 1e6. */
  readonly classWeights?: 'balanced' | { readonly negative: number; readonly positive: number };
  /** Weight of each row, at least 0, not all 0 in either class; the class's weight multiplies it. Default all 1. */
  readonly weights?: Float64Array;
  /** Default true. */
  readonly intercept?: boolean;
  /** Steps at most. Default 200; 1 to 100,000. */
  readonly maxIterations?: number;
  /** The fit has converged where no partial derivative of the mean loss is further from 0. Default 1e-6; above 0, at most 1. */
  readonly tolerance?: number;
  /** How the rows were hashed, for `scoreTokens`: 2^bits must be their columns. Default: they were not. */
  readonly hashing?: HashOptions;
}

/** The same, without optionals. */
export interface ResolvedSparseLogisticOptions {
  readonly l2: number;
  /** Of each row, its class's weight included, divided by their sum. */
  readonly shares: Float64Array;
  readonly intercept: boolean;
  readonly maxIterations: number;
  readonly tolerance: number;
  readonly hashing: Hashing | null;
}

const KNOWN: readonly (keyof SparseLogisticOptions)[] = [
  'l2',
  'classWeights',
  'weights',
  'intercept',
  'maxIterations',
  'tolerance',
  'hashing',
];

/** Resolves and checks for checked labels and columns. ML_UNKNOWN_OPTION, ML_BAD_OPTION, ML_SHAPE_MISMATCH, ML_BAD_WEIGHT, ML_SINGLE_CLASS. */
export function resolveSparseLogisticOptions(
  options: SparseLogisticOptions,
  labels: ArrayLike<number>,
  cols: number,
): ResolvedSparseLogisticOptions {
  refuseUnknownKeys(options, KNOWN);
  const intercept = options.intercept ?? true;
  if (typeof intercept !== 'boolean')
    throw new MlError('ML_BAD_OPTION', { name: 'intercept', expected: 'true or false', found: String(intercept) });
  const hashing = options.hashing === undefined ? null : resolveHashing(options.hashing);
  if (hashing !== null && 2 ** hashing.bits !== cols)
    throw new MlError('ML_BAD_OPTION', { name: 'hashing.bits', expected: `${cols} columns`, found: 2 ** hashing.bits });
  return {
    l2: numberWithin('l2', options.l2 ?? 1e-4, 0, 1e6, true),
    shares: sharesOf(options, labels),
    intercept,
    maxIterations: integerWithin('maxIterations', options.maxIterations ?? 200, 1, 100_000),
    tolerance: numberWithin('tolerance', options.tolerance ?? 1e-6, 0, 1, true),
    hashing,
  };
}

function sharesOf({ weights, classWeights }: SparseLogisticOptions, labels: ArrayLike<number>): Float64Array {
  const shares = weights?.slice() ?? new Float64Array(labels.length).fill(1);
  lengthOf('weights', shares, labels.length);
  const sums = [0, 0];
  for (let r = 0; r < shares.length; r++) {
    if (!(shares[r] >= 0 && shares[r] <= 1e100)) throw new MlError('ML_BAD_WEIGHT', { name: 'weights', found: String(shares[r]) });
    sums[labels[r]] += shares[r];
  }
  const total = sums[0] + sums[1];
  if (!(total > 0)) throw new MlError('ML_BAD_WEIGHT', { name: 'weights', found: 'a sum of 0' });
  if (sums[0] === 0 || sums[1] === 0)
    throw new MlError('ML_SINGLE_CLASS', { name: 'labels of rows with a weight', found: sums[0] === 0 ? '1' : '0' });
  const factors = classFactors(classWeights, sums);
  const scale = 1 / (sums[0] * factors[0] + sums[1] * factors[1]);
  return shares.map((share, r) => share * factors[labels[r]] * scale);
}

function classFactors(given: SparseLogisticOptions['classWeights'], sums: readonly number[]): readonly [number, number] {
  if (given === undefined) return [1, 1];
  if (given === 'balanced') return [(sums[0] + sums[1]) / (2 * sums[0]), (sums[0] + sums[1]) / (2 * sums[1])];
  refuseUnknownKeys(given, ['negative', 'positive']);
  return [
    numberWithin('classWeights.negative', given.negative, 0, 1e6, true),
    numberWithin('classWeights.positive', given.positive, 0, 1e6, true),
  ];
}
