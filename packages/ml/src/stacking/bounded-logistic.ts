/**
 * Logistic regression with an L2 penalty and, for chosen columns, weights of at least 0: Newton's method on the loss, each quadratic step
 * solved by cyclic coordinate descent inside the bounds (Friedman, Hastie & Tibshirani 2010), with a step that is halved until the loss falls.
 */
import { exp, log, logistic } from '../math.ts';

export interface BoundedLogisticProblem {
  readonly rows: number;
  readonly cols: number;
  /** Row-major, finite. */
  readonly values: Float64Array;
  /** 0 to 1: a label, or a target between. */
  readonly labels: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
  /** 1 = this column's weight is at least 0. */
  readonly bounded: Uint8Array;
  /** Penalty on the squared weights, halved; the intercept is free. */
  readonly l2: number;
}

export interface BoundedLogisticFit {
  readonly weights: Float64Array;
  readonly intercept: number;
}

const NEWTON_STEPS = 100;
const SWEEPS = 1000;
const TOLERANCE = 1e-10;
/** A curvature below this is flat: certain rows do not move the fit. */
const LEAST_CURVATURE = 1e-12;

/** The one minimum: the loss is strictly convex in the weights. */
export function solveBoundedLogistic(problem: BoundedLogisticProblem): BoundedLogisticFit {
  const { rows, cols } = problem;
  // The intercept is the last coefficient.
  let at: Float64Array = new Float64Array(cols + 1);
  const margins = new Float64Array(rows);
  let loss = lossAt(problem, at, margins);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    // INVARIANT: the margins are those of `at`, the last that a loss was computed of.
    const target = quadraticMinimum(problem, at, margins);
    let share = 1;
    let next = between(at, target, share);
    let found = lossAt(problem, next, margins);
    // A full step may overshoot where the curvature is far from constant.
    while (found > loss && share > 1e-6) {
      share /= 2;
      next = between(at, target, share);
      found = lossAt(problem, next, margins);
    }
    if (!(found <= loss)) break;
    const fall = loss - found;
    at = next;
    loss = found;
    if (fall <= TOLERANCE * (1 + Math.abs(loss)) * 1e-3) break;
  }
  return { weights: at.slice(0, cols), intercept: at[cols]! };
}

function between(from: Float64Array, to: Float64Array, share: number): Float64Array {
  return from.map((x, i) => x + share * (to[i]! - x));
}

function marginsAt({ rows, cols, values }: BoundedLogisticProblem, at: Float64Array, margins: Float64Array): void {
  for (let r = 0; r < rows; r++) {
    let sum = at[cols]!;
    for (let c = 0; c < cols; c++) sum += at[c]! * values[r * cols + c]!;
    margins[r] = sum;
  }
}

/** Leaves the margins of `at` in `margins`. */
function lossAt(problem: BoundedLogisticProblem, at: Float64Array, margins: Float64Array): number {
  const { rows, cols, labels, weights, l2 } = problem;
  marginsAt(problem, at, margins);
  let loss = 0;
  for (let r = 0; r < rows; r++) {
    const margin = margins[r]!;
    const wrong = margin > 0 ? (1 - labels[r]!) * margin : -labels[r]! * margin;
    loss += weights[r]! * (wrong + log(1 + exp(margin > 0 ? -margin : margin)));
  }
  for (let c = 0; c < cols; c++) loss += 0.5 * l2 * at[c]! ** 2;
  return loss;
}

/** Where the quadratic that touches the loss at `at` is smallest within the bounds. */
function quadraticMinimum(problem: BoundedLogisticProblem, at: Float64Array, margins: Float64Array): Float64Array {
  const { rows, cols, values, labels, weights, bounded, l2 } = problem;
  const size = cols + 1;
  const gradient = new Float64Array(size);
  const curvature = new Float64Array(size * size);
  const row = new Float64Array(size).fill(1);
  for (let r = 0; r < rows; r++) {
    const p = logistic(margins[r]!);
    const g = weights[r]! * (p - labels[r]!);
    const h = weights[r]! * p * (1 - p);
    for (let c = 0; c < cols; c++) row[c] = values[r * cols + c]!;
    for (let i = 0; i < size; i++) {
      const x = row[i]!;
      if (x === 0) continue;
      gradient[i] = gradient[i]! + g * x;
      const hx = h * x;
      for (let j = 0; j <= i; j++) curvature[i * size + j] = curvature[i * size + j]! + hx * row[j]!;
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) curvature[j * size + i] = curvature[i * size + j]!;
  for (let c = 0; c < cols; c++) {
    gradient[c] = gradient[c]! + l2 * at[c]!;
    curvature[c * size + c] = curvature[c * size + c]! + l2;
  }
  const to = at.slice();
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let moved = 0;
    for (let i = 0; i < size; i++) {
      const own = curvature[i * size + i]!;
      if (own < LEAST_CURVATURE) continue;
      let slope = gradient[i]!;
      for (let j = 0; j < size; j++) slope += curvature[i * size + j]! * (to[j]! - at[j]!);
      const free = to[i]! - slope / own;
      const next = i < cols && bounded[i] === 1 && free < 0 ? 0 : free;
      moved = Math.max(moved, Math.abs(next - to[i]!) * Math.sqrt(own));
      to[i] = next;
    }
    if (moved < TOLERANCE) break;
  }
  return to;
}
