/** The options of the meta-model, resolved and checked once. */
import { MlError } from '../errors.ts';
import { lengthOf, numberWithin, refuseUnknownKeys, seedOf } from '../options.ts';

/** Options of `fitMetaModel`. */
export interface MetaModelOptions {
  /** L2 penalty on the weights and on what an absent base adds, per unit of row weight. Default 0.001; above 0, at most 1e6. */
  readonly l2?: number;
  /** Share of the present bases that are hidden in a second copy of each row, so that an absent base is defined. Default 0.15; 0 to 0.9. */
  readonly baseDropout?: number;
  /** Weight of each row, at least 0, not all 0. Default all 1. */
  readonly weights?: Float64Array;
  /** Seed of the base-dropout. Default 0. */
  readonly seed?: number | string;
}

/** The same, without optionals. */
export interface ResolvedMetaModelOptions {
  readonly l2: number;
  readonly baseDropout: number;
  readonly weights: Float64Array;
  readonly seed: number | string;
}

const KNOWN: readonly (keyof MetaModelOptions)[] = ['l2', 'baseDropout', 'weights', 'seed'];

/** Resolves and checks for `rows` rows. ML_UNKNOWN_OPTION, ML_BAD_OPTION, ML_SHAPE_MISMATCH, ML_BAD_WEIGHT. */
export function resolveMetaModelOptions(options: MetaModelOptions, rows: number): ResolvedMetaModelOptions {
  refuseUnknownKeys(options, KNOWN);
  const weights = options.weights ?? new Float64Array(rows).fill(1);
  lengthOf('weights', weights, rows);
  let sum = 0;
  for (const weight of weights) {
    if (!(weight >= 0 && weight < Infinity)) throw new MlError('ML_BAD_WEIGHT', { name: 'weights', found: String(weight) });
    sum += weight;
  }
  if (!(sum > 0 && sum < Infinity)) throw new MlError('ML_BAD_WEIGHT', { name: 'weights', found: `a sum of ${sum}` });
  return {
    l2: numberWithin('l2', options.l2 ?? 0.001, 0, 1e6, true),
    baseDropout: numberWithin('baseDropout', options.baseDropout ?? 0.15, 0, 0.9),
    weights,
    seed: seedOf(options.seed ?? 0),
  };
}
