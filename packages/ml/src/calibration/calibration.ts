/** Either calibration behind one name: what a bundle holds, and how a margin becomes a probability at a named prevalence. */
import { MlError } from '../errors.ts';
import { logistic, logit } from '../math.ts';
import { numberWithin } from '../options.ts';
import { type BetaCalibration, betaLogOdds, bounded } from './beta.ts';
import type { PlattCalibration } from './platt.ts';

/** A fitted calibration; one without `kind` is Platt's, as older bundles hold it. */
export type Calibration = PlattCalibration | BetaCalibration;

/** A prevalence lies in (0, 1). */
const ALMOST_ONE = 1 - Number.EPSILON / 2;

/**
 * The probability of label 1 for a margin, in [0, 1]. With `prevalence` (in (0, 1)) the log-odds are shifted
 * from the fitted share of label 1 to that one: logit p' = logit p - logit π + logit π' (Saerens,
 * Latinne & Decaestecker 2002, for two classes). A margin of NaN gives NaN. ML_BAD_OPTION.
 */
export function calibratedProbability(calibration: Calibration, margin: number, prevalence: number = calibration.prevalence): number {
  return logistic(calibratedLogOdds(calibration, margin, prevalence));
}

/** The same before the logistic function: calibrated log-odds at `prevalence`. ML_BAD_OPTION. */
export function calibratedLogOdds(calibration: Calibration, margin: number, prevalence: number = calibration.prevalence): number {
  const logOdds =
    calibration.kind === 'beta' ? betaLogOdds(calibration, margin) : calibration.slope * bounded(margin) + calibration.intercept;
  if (prevalence === calibration.prevalence) return logOdds;
  numberWithin('prevalence', prevalence, Number.MIN_VALUE, ALMOST_ONE);
  return logOdds - logit(calibration.prevalence) + logit(prevalence);
}

/**
 * The calibration that a parsed JSON value holds, with its own fields only: every number is checked, a beta's slopes are at least 0, so a
 * higher margin never gives less there. ML_FILE_CORRUPT.
 */
export function calibrationOf(value: unknown): Calibration {
  if (typeof value !== 'object' || value === null) throw wrong('calibration', 'an object', value === null ? 'null' : typeof value);
  const fields = new Map<string, unknown>(Object.entries(value));
  const number = (name: string, low = -Number.MAX_VALUE, high = Number.MAX_VALUE) => {
    const found = fields.get(name);
    if (typeof found === 'number' && found >= low && found <= high) return found;
    const expected = low === -Number.MAX_VALUE ? 'a finite number' : `a number from ${low} to ${high}`;
    throw wrong(`\`${name}\` of the calibration`, expected, typeof found === 'number' ? found : typeof found);
  };
  const kind = fields.get('kind');
  if (kind !== undefined && kind !== 'platt' && kind !== 'beta') throw wrong('kind of the calibration', 'platt or beta', typeof kind);
  const intercept = number('intercept');
  const prevalence = number('prevalence', Number.MIN_VALUE, ALMOST_ONE);
  if (kind === undefined) return { slope: number('slope'), intercept, prevalence };
  if (kind === 'platt') return { kind, slope: number('slope'), intercept, prevalence };
  return { kind, slope: number('slope', 0), intercept, a: number('a', 0), b: number('b', 0), c: number('c'), prevalence };
}

function wrong(name: string, expected: string, found: string | number): MlError {
  return new MlError('ML_FILE_CORRUPT', { name, expected, found });
}
