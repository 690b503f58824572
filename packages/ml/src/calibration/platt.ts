/**
 * Platt scaling: a margin becomes a probability through 1/(1 + e^-(slope · margin + intercept)). Platt 1999,
 * with the targets and the Newton iteration of Lin, Lin & Weng 2007, "A note on Platt's probabilistic outputs
 * for support vector machines". Their A and B are -slope and -intercept.
 */
import { exp, log, logistic } from '../math.ts';
import { smoothTargets, standardise } from './targets.ts';

/** log-odds = slope · margin + intercept. */
export interface PlattCalibration {
  /** Absent in bundles from before there was another kind. */
  readonly kind?: 'platt';
  /** Log-odds per unit of margin. */
  readonly slope: number;
  readonly intercept: number;
  /** Share of label 1 among the rows it was fitted on, in (0, 1). */
  readonly prevalence: number;
}

const MAX_ITERATIONS = 100;
const LEAST_STEP = 1e-10;
/** Keeps the Hessian invertible where all margins are equal. */
const RIDGE = 1e-12;
const GRADIENT_TOLERANCE = 1e-10;

/**
 * Fits on margins of rows that the model was not fitted on and their labels (0/1, both present). Targets are
 * (n₊ + 1)/(n₊ + 2) and 1/(n₋ + 2), so a perfect separation does not give certainty. ML_EMPTY_INPUT,
 * ML_SHAPE_MISMATCH, ML_NOT_FINITE, ML_BAD_LABEL, ML_SINGLE_CLASS.
 *
 * @example
 * calibratedProbability(fitPlatt(margins, labels), model.score(row), 0.001);
 */
export function fitPlatt(margins: ArrayLike<number>, labels: ArrayLike<number>): PlattCalibration {
  const { targets, positives, negatives } = smoothTargets(margins, labels);
  const { centre, spread } = standardise(margins);
  const xs = Float64Array.from(margins, (m) => (m - centre) / spread);
  const { slope, intercept } = newton(xs, targets, log((positives + 1) / (negatives + 1)));
  return {
    kind: 'platt',
    slope: slope / spread,
    intercept: intercept - (slope * centre) / spread,
    prevalence: positives / labels.length,
  };
}

/** Newton with backtracking on the cross-entropy of the targets, from slope 0 (Lin et al., the pseudo-code of their appendix). */
function newton(xs: Float64Array, targets: Float64Array, start: number): { slope: number; intercept: number } {
  let slope = 0;
  let intercept = start;
  let loss = crossEntropy(xs, targets, slope, intercept);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    let h11 = RIDGE;
    let h12 = 0;
    let h22 = RIDGE;
    let g1 = 0;
    let g2 = 0;
    for (let i = 0; i < xs.length; i++) {
      const p = logistic(slope * xs[i] + intercept);
      const d = p * (1 - p);
      const e = p - targets[i];
      h11 += d * xs[i] * xs[i];
      h12 += d * xs[i];
      h22 += d;
      g1 += e * xs[i];
      g2 += e;
    }
    if (Math.abs(g1) < GRADIENT_TOLERANCE * xs.length && Math.abs(g2) < GRADIENT_TOLERANCE * xs.length) break;
    const determinant = h11 * h22 - h12 * h12;
    const dSlope = -(h22 * g1 - h12 * g2) / determinant;
    const dIntercept = -(h11 * g2 - h12 * g1) / determinant;
    const descent = g1 * dSlope + g2 * dIntercept;
    let step = 1;
    let next = crossEntropy(xs, targets, slope + dSlope, intercept + dIntercept);
    while (!(next < loss + 1e-4 * step * descent) && step > LEAST_STEP) {
      step /= 2;
      next = crossEntropy(xs, targets, slope + step * dSlope, intercept + step * dIntercept);
    }
    if (step <= LEAST_STEP) break;
    slope += step * dSlope;
    intercept += step * dIntercept;
    loss = next;
  }
  return { slope, intercept };
}

function crossEntropy(xs: Float64Array, targets: Float64Array, slope: number, intercept: number): number {
  let sum = 0;
  for (let i = 0; i < xs.length; i++) {
    const s = slope * xs[i] + intercept;
    sum += (s > 0 ? s : 0) - targets[i] * s + log(1 + exp(s < 0 ? s : -s));
  }
  return sum;
}
