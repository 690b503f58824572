/** The options of a drift reference and its detector, resolved and checked once. */
import { MlError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { finiteOnly, integerWithin, lengthOf, numberWithin, refuseUnknownKeys } from '../options.ts';

/** What tells the rows of one stream from those of another: an agent's id. */
export type DriftGroup = string | number;

/** Options of `fitDrift`. */
export interface DriftOptions {
  /** Event time of each row, ms since 1970 (UTC). Default: the row's number, and hours are not matched. */
  readonly times?: ArrayLike<number>;
  /** The stream (agent) of each row: rows of one depend on each other, rows of different ones do not. Default: all rows are one stream. */
  readonly groups?: ArrayLike<DriftGroup>;
  /** A name for each column of the matrix, distinct. Default `f0`, `f1`, … */
  readonly names?: readonly string[];
  /** The columns that are compared: leave out what tells the time, which drifts by itself. Ascending. Default: all. */
  readonly columns?: readonly number[];
  /** Bins of PSI, cut on quantiles; that of missing values comes on top, and a frequent value gets one of its own. Default 10; 2 to 50. */
  readonly bins?: number;
  /** PSI from which a feature is in the band `watch`. Default 0.1; above 0, at most 10. */
  readonly watch?: number;
  /** PSI from which a feature is in the band `retrain`. Default 0.2; from `watch` to 10. */
  readonly retrain?: number;
  /** The share of comparisons without drift that may raise an alarm, over all features together. Default 0.01; 0.000001 to 0.5. */
  readonly level?: number;
}

/** The same, without optionals. */
export interface ResolvedDriftOptions {
  readonly times: Float64Array;
  /** Numbers from 0 in the order of first appearance. */
  readonly groups: Int32Array;
  readonly names: readonly string[];
  readonly columns: Int32Array;
  readonly bins: number;
  readonly watch: number;
  readonly retrain: number;
  readonly level: number;
}

/** Options of `DriftReference.detector`. */
export interface DriftDetectorOptions {
  /** Latest rows that are kept and compared. Default 2,000; 1 to 1,000,000. */
  readonly bufferSize?: number;
}

const KNOWN: readonly (keyof DriftOptions)[] = ['times', 'groups', 'names', 'columns', 'bins', 'watch', 'retrain', 'level'];

/** Resolves and checks for a matrix. ML_UNKNOWN_OPTION, ML_BAD_OPTION, ML_SHAPE_MISMATCH, ML_NOT_FINITE. */
export function resolveDriftOptions(options: DriftOptions, { rows, cols }: Matrix): ResolvedDriftOptions {
  refuseUnknownKeys(options, KNOWN);
  const times = options.times ?? Float64Array.from({ length: rows }, (_, i) => i);
  lengthOf('times', times, rows);
  finiteOnly('times', times);
  const groups = options.groups ?? new Int32Array(rows);
  lengthOf('groups', groups, rows);
  const names = options.names ?? Array.from({ length: cols }, (_, c) => `f${c}`);
  lengthOf('names', names, cols);
  if (new Set(names).size !== cols) throw new MlError('ML_BAD_OPTION', { name: 'names', expected: 'distinct', found: 'one twice' });
  const columns = options.columns ?? Array.from({ length: cols }, (_, c) => c);
  if (columns.length === 0) throw new MlError('ML_BAD_OPTION', { name: 'columns', expected: 'at least one column', found: 'none' });
  columns.forEach((column, i) => {
    integerWithin(`columns[${i}]`, column, i === 0 ? 0 : columns[i - 1] + 1, cols - 1);
  });
  const watch = numberWithin('watch', options.watch ?? 0.1, 0, 10, true);
  return {
    times: Float64Array.from(times),
    groups: numberGroups(groups),
    names: columns.map((column) => names[column]),
    columns: Int32Array.from(columns),
    bins: integerWithin('bins', options.bins ?? 10, 2, 50),
    watch,
    retrain: numberWithin('retrain', options.retrain ?? Math.max(0.2, watch), watch, 10),
    level: numberWithin('level', options.level ?? 0.01, 1e-6, 0.5),
  };
}

/** Resolves and checks. ML_UNKNOWN_OPTION, ML_BAD_OPTION. */
export function resolveBufferSize(options: DriftDetectorOptions): number {
  refuseUnknownKeys(options, ['bufferSize']);
  return integerWithin('bufferSize', options.bufferSize ?? 2_000, 1, 1_000_000);
}

function numberGroups(groups: ArrayLike<DriftGroup>): Int32Array {
  const known = new Map<DriftGroup, number>();
  return Int32Array.from(groups, (group) => {
    const number = known.get(group) ?? known.size;
    known.set(group, number);
    return number;
  });
}
