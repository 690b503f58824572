/** Which calibration to keep: the one that says better what it has not seen. */
import { exp, log } from '../math.ts';
import { type Group, groupedFolds } from '../metrics/resampling.ts';
import { integerWithin, lengthOf, refuseUnknownKeys, seedOf } from '../options.ts';
import { type BetaCalibration, fitBeta } from './beta.ts';
import { type Calibration, calibratedLogOdds } from './calibration.ts';
import { fitPlatt, type PlattCalibration } from './platt.ts';
import { smoothTargets } from './targets.ts';

/** Options of `fitCalibration`. */
export interface CalibrationOptions {
  /** Group of each row (agent, host): its rows are never on both sides of a fold. Default: each row is its own group. */
  readonly groups?: ArrayLike<Group>;
  /** Folds of the comparison. Default 5; 2 to 100, at most the number of groups. */
  readonly folds?: number;
  /** Seed of the folds. Default 0. */
  readonly seed?: number | string;
}

/** What was kept, and what it was kept for. */
export interface ChosenCalibration {
  /** Fitted on all rows. */
  readonly calibration: Calibration;
  readonly chosen: 'platt' | 'beta';
  /** Mean log loss in nats a row, each row judged by fits that did not see its group; null where no fold left both classes to fit on. */
  readonly logLoss: { readonly platt: number; readonly beta: number } | null;
  /** Nats a row by which the chosen one is better, at least 0; 0 where none was compared. */
  readonly gain: number;
  /** Rows that were judged: folds whose other side holds one class only are left out. */
  readonly judgedCount: number;
}

/**
 * Fits Platt's and the beta calibration and takes the one with the lower cross-validated log loss; Platt's where they are equal or cannot
 * be compared. Arguments as for `fitPlatt`. ML_EMPTY_INPUT (also fewer groups than folds), ML_SHAPE_MISMATCH, ML_NOT_FINITE, ML_BAD_LABEL,
 * ML_SINGLE_CLASS, ML_UNKNOWN_OPTION, ML_BAD_OPTION.
 *
 * @example
 * const { calibration, chosen, gain } = fitCalibration(margins, labels, { groups: agents, seed: 1 });
 */
export function fitCalibration(margins: ArrayLike<number>, labels: ArrayLike<number>, options: CalibrationOptions = {}): ChosenCalibration {
  refuseUnknownKeys(options, ['groups', 'folds', 'seed']);
  smoothTargets(margins, labels);
  const rows = margins.length;
  const groups = options.groups ?? Int32Array.from({ length: rows }, (_, i) => i);
  lengthOf('groups', groups, rows);
  const folds = integerWithin('folds', options.folds ?? 5, 2, 100);
  const foldOf = groupedFolds(groups, folds, seedOf(options.seed ?? 0));
  let platt = 0;
  let beta = 0;
  let judgedCount = 0;
  for (let fold = 0; fold < folds; fold++) {
    const fits = fitWithout(fold, foldOf, margins, labels);
    if (fits === null) continue;
    for (let i = 0; i < rows; i++) {
      if (foldOf[i] !== fold) continue;
      platt += logLoss(calibratedLogOdds(fits.platt, margins[i]), labels[i]);
      beta += logLoss(calibratedLogOdds(fits.beta, margins[i]), labels[i]);
      judgedCount++;
    }
  }
  const chosen = judgedCount > 0 && beta < platt ? 'beta' : 'platt';
  return {
    calibration: chosen === 'beta' ? fitBeta(margins, labels) : fitPlatt(margins, labels),
    chosen,
    logLoss: judgedCount === 0 ? null : { platt: platt / judgedCount, beta: beta / judgedCount },
    gain: judgedCount === 0 ? 0 : Math.abs(platt - beta) / judgedCount,
    judgedCount,
  };
}

/** Both fits on the rows of the other folds; null where those are of one class. */
function fitWithout(
  fold: number,
  foldOf: Int32Array,
  margins: ArrayLike<number>,
  labels: ArrayLike<number>,
): { readonly platt: PlattCalibration; readonly beta: BetaCalibration } | null {
  const kept = Array.from(foldOf.keys()).filter((i) => foldOf[i] !== fold);
  const positives = kept.reduce((sum, i) => sum + labels[i], 0);
  if (positives === 0 || positives === kept.length) return null;
  const x = Float64Array.from(kept, (i) => margins[i]);
  const y = Uint8Array.from(kept, (i) => labels[i]);
  return { platt: fitPlatt(x, y), beta: fitBeta(x, y) };
}

function logLoss(logOdds: number, label: number): number {
  return Math.max(logOdds, 0) - label * logOdds + log(1 + exp(-Math.abs(logOdds)));
}
