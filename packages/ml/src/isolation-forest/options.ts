/** The options of an isolation forest, resolved and checked once. */
import { integerWithin, numberWithin, refuseUnknownKeys, seedOf } from '../options.ts';

/** Options of `fitIsolationForest`. */
export interface IsolationForestOptions {
  /** Trees. Default 100; 1 to 10,000. */
  readonly treeCount?: number;
  /** Rows a tree is grown from, without replacement; all rows where there are fewer. Default 256; 2 to 1,048,576. */
  readonly subsampleSize?: number;
  /**
   * Expected share of anomalous training rows, above 0 and at most 0.5: sets the threshold, nothing else.
   * Default: none, and the threshold is the paper's 0.5.
   */
  readonly contamination?: number;
  /** Seed of the sampling and the splits. Default 0. */
  readonly seed?: number | string;
}

/** The same, without optionals; `contamination` 0 means none. */
export interface ResolvedIsolationForestOptions {
  readonly treeCount: number;
  readonly subsampleSize: number;
  readonly contamination: number;
  readonly seed: number | string;
}

/** Resolves and checks. ML_UNKNOWN_OPTION, ML_BAD_OPTION. */
export function resolveIsolationForestOptions(options: IsolationForestOptions): ResolvedIsolationForestOptions {
  refuseUnknownKeys(options, ['treeCount', 'subsampleSize', 'contamination', 'seed']);
  return {
    treeCount: integerWithin('treeCount', options.treeCount ?? 100, 1, 10_000),
    subsampleSize: integerWithin('subsampleSize', options.subsampleSize ?? 256, 2, 1_048_576),
    contamination: options.contamination === undefined ? 0 : numberWithin('contamination', options.contamination, 0, 0.5, true),
    seed: seedOf(options.seed ?? 0),
  };
}
