/**
 * Beta calibration: log-odds = c + a · ln s − b · ln(1 − s) with a, b ≥ 0, where s is a first probability. Kull, Silva Filho & Flach 2017,
 * "Beta calibration: a well-founded and easily implemented improvement on logistic calibration for binary classifiers", equation 3.
 *
 * On a margin it reads: s = logistic(u) with u = slope · margin + intercept, so ln s = −softplus(−u) and −ln(1 − s) = softplus(u). The
 * calibrated log-odds rise by a per unit of u far below u = 0 and by b far above it, with a smooth bend between; a = b is Platt's straight line.
 */
import { exp, log, logit } from '../math.ts';
import { finiteOnly } from '../options.ts';
import { solveBoundedLogistic } from '../stacking/bounded-logistic.ts';
import { fitPlatt } from './platt.ts';
import { smoothTargets, standardise } from './targets.ts';

/** The line from a margin to the log-odds of the first probability. */
export interface FirstLogistic {
  readonly slope: number;
  readonly intercept: number;
}

/** log-odds = c − a · softplus(−u) + b · softplus(u), u = slope · margin + intercept. Rises with the margin, or is flat. */
export interface BetaCalibration extends FirstLogistic {
  readonly kind: 'beta';
  /** Slopes over u far below 0 and far above it, at least 0. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Share of label 1 among the rows it was fitted on, in (0, 1). */
  readonly prevalence: number;
}

/** Penalty per row on a² and b², halved: decides between equal fits where margins say nothing, and is lost in rounding elsewhere. */
const RIDGE = 1e-9;

/**
 * Fits on margins of rows that the model was not fitted on and their labels (0/1, both present), with Platt's targets, so that a perfect
 * separation does not give certainty. `first` defaults to the Platt fit of these margins, shifted to even odds so that the bend lies where
 * a row speaks for neither class, or, where that falls with the margin, to the standardised margin; `{ slope: 1, intercept: 0 }` takes the
 * margins as log-odds and is the form of the paper. ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_NOT_FINITE, ML_BAD_LABEL, ML_SINGLE_CLASS.
 *
 * @example
 * calibratedProbability(fitBeta(margins, labels), model.score(row), 0.001);
 */
export function fitBeta(margins: ArrayLike<number>, labels: ArrayLike<number>, first?: FirstLogistic): BetaCalibration {
  const { targets, positives } = smoothTargets(margins, labels);
  const { slope, intercept } = first ?? firstOf(margins, labels);
  finiteOnly('first', [slope, intercept]);
  const rows = margins.length;
  const values = new Float64Array(2 * rows);
  for (let i = 0; i < rows; i++) {
    const u = bounded(slope * margins[i] + intercept);
    values[2 * i] = -softplus(-u);
    values[2 * i + 1] = softplus(u);
  }
  const problem = { rows, cols: 2, values, labels: targets, weights: new Float64Array(rows).fill(1), bounded: Uint8Array.of(1, 1) };
  const fit = solveBoundedLogistic({ ...problem, l2: RIDGE * rows });
  return { kind: 'beta', slope, intercept, a: fit.weights[0], b: fit.weights[1], c: fit.intercept, prevalence: positives / rows };
}

/** Calibrated log-odds at the fitted prevalence; an infinite margin counts as a very large or very small one. */
export function betaLogOdds({ slope, intercept, a, b, c }: BetaCalibration, margin: number): number {
  const u = bounded(slope * bounded(margin) + intercept);
  return c - a * softplus(-u) + b * softplus(u);
}

/** The number itself, or the largest one of its sign in place of an infinity: 0 · ∞ is not a number. */
export function bounded(x: number): number {
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, x));
}

function firstOf(margins: ArrayLike<number>, labels: ArrayLike<number>): FirstLogistic {
  const { slope, intercept, prevalence } = fitPlatt(margins, labels);
  if (slope > 0) return { slope, intercept: intercept - logit(prevalence) };
  const { centre, spread } = standardise(margins);
  return { slope: 1 / spread, intercept: -centre / spread };
}

/** ln(1 + e^x), without overflow at either end. */
function softplus(x: number): number {
  return x > 0 ? x + log(1 + exp(-x)) : log(1 + exp(x));
}
