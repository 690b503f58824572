/** The options of a study, resolved and checked once. */
import { MlError } from '../errors.ts';
import { integerWithin, numberWithin, refuseUnknownKeys, seedOf } from '../options.ts';

/** Stops a trial whose best value so far is worse than the median of the complete trials at the same step (Golovin et al. 2017). */
export interface MedianPruning {
  readonly kind: 'median';
  /** Complete trials before any is stopped. Default 5. */
  readonly startupTrials?: number;
  /** Steps of a trial before it may be stopped. Default 0. */
  readonly warmupSteps?: number;
}

/** Asynchronous successive halving (Li et al. 2020): of those that reach a rung the best 1/factor go on. */
export interface HalvingPruning {
  readonly kind: 'successive_halving';
  /** Steps to the first rung. Default 1. */
  readonly leastSteps?: number;
  /** Default 4; 2 to 1,000. */
  readonly factor?: number;
}

/** Options of `createStudy`. */
export interface StudyOptions {
  /** Default `minimize`. */
  readonly direction?: 'minimize' | 'maximize';
  /** Name in the journal. Default `study`. */
  readonly name?: string;
  /** Suggestions are a function of it and of the trials before. Default 0. */
  readonly seed?: number | string;
  /** Trials of random values before the estimators are asked. Default 10. */
  readonly startupTrials?: number;
  /** Points drawn from the estimator of the good trials. Default 24; 1 to 10,000. */
  readonly candidates?: number;
  /** One estimator over all parameters that every trial has had, not one a parameter. Default true. */
  readonly multivariate?: boolean;
  /** Trials that still run count as bad ones, so that parallel workers spread out. Default true. */
  readonly constantLiar?: boolean;
  /** Default null: none is stopped. */
  readonly pruning?: MedianPruning | HalvingPruning | null;
  /** Gets each line of the journal, in the order in which it must stand. Default: nobody keeps them. */
  readonly onLine?: (line: string) => void;
  /** Date and time in the journal, ISO 8601 with microseconds. Default: always 1970-01-01; this package reads no clock. */
  readonly now?: () => string;
}

export type ResolvedPruning = Required<MedianPruning> | Required<HalvingPruning> | null;

export interface ResolvedStudyOptions extends Required<Omit<StudyOptions, 'pruning'>> {
  readonly pruning: ResolvedPruning;
}

const KEYS = ['direction', 'name', 'seed', 'startupTrials', 'candidates', 'multivariate', 'constantLiar', 'pruning', 'onLine', 'now'];

/** Resolves and checks. ML_UNKNOWN_OPTION, ML_BAD_OPTION. */
export function resolveStudyOptions(options: StudyOptions): ResolvedStudyOptions {
  refuseUnknownKeys(options, KEYS);
  const { direction = 'minimize' } = options;
  if (direction !== 'minimize' && direction !== 'maximize')
    throw new MlError('ML_BAD_OPTION', { name: 'direction', expected: 'minimize or maximize', found: String(direction) });
  return {
    direction,
    name: options.name ?? 'study',
    seed: seedOf(options.seed ?? 0),
    startupTrials: integerWithin('startupTrials', options.startupTrials ?? 10, 0, 1_000_000),
    candidates: integerWithin('candidates', options.candidates ?? 24, 1, 10_000),
    multivariate: options.multivariate ?? true,
    constantLiar: options.constantLiar ?? true,
    pruning: resolvePruning(options.pruning ?? null),
    onLine: options.onLine ?? (() => {}),
    now: options.now ?? (() => '1970-01-01T00:00:00.000000+00:00'),
  };
}

function resolvePruning(pruning: MedianPruning | HalvingPruning | null): ResolvedPruning {
  if (pruning === null) return null;
  const { kind } = pruning;
  switch (pruning.kind) {
    case 'median':
      refuseUnknownKeys(pruning, ['kind', 'startupTrials', 'warmupSteps']);
      return {
        kind: 'median',
        startupTrials: integerWithin('startupTrials', pruning.startupTrials ?? 5, 0, 1_000_000),
        warmupSteps: integerWithin('warmupSteps', pruning.warmupSteps ?? 0, 0, Number.MAX_SAFE_INTEGER),
      };
    case 'successive_halving':
      refuseUnknownKeys(pruning, ['kind', 'leastSteps', 'factor']);
      return {
        kind: 'successive_halving',
        leastSteps: integerWithin('leastSteps', pruning.leastSteps ?? 1, 1, Number.MAX_SAFE_INTEGER),
        factor: numberWithin('factor', pruning.factor ?? 4, 2, 1000),
      };
    default:
      throw new MlError('ML_BAD_OPTION', { name: 'pruning', expected: 'median or successive_halving', found: String(kind) });
  }
}
