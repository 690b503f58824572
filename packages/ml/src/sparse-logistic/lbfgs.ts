/**
 * L-BFGS (Liu & Nocedal 1989; the two loops of Nocedal & Wright 2006, algorithm 7.4) with a backtracking line search, for smooth convex losses.
 * No chance and a fixed order of additions: the same loss gives the same bytes.
 */

/** A loss that writes its gradient at `at` into `gradient` and returns its value. */
export type Loss = (at: Float64Array, gradient: Float64Array) => number;

export interface Descent {
  readonly at: Float64Array;
  readonly value: number;
  /** Largest absolute partial derivative there. */
  readonly gradient: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Pairs of steps and gradient changes that are remembered. */
const HISTORY = 8;
/** Sufficient fall of a step, as a share of what the slope promises (Nocedal & Wright 2006, equation 3.4). */
const ARMIJO = 1e-4;
const LEAST_STEP = 1e-12;
/** Rounding of a value, as a share of it: a fall below it cannot be seen. */
const ROUNDING = 1e-15;

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  inverse: number;
}

/** Descends from 0 until no partial derivative is further than `tolerance` from 0, or `maxIterations` steps were taken, or none helps. */
export function descend(size: number, loss: Loss, tolerance: number, maxIterations: number): Descent {
  let at = new Float64Array(size);
  let next = new Float64Array(size);
  let slope = new Float64Array(size);
  let nextSlope = new Float64Array(size);
  const direction = new Float64Array(size);
  const pairs: Pair[] = [];
  let value = loss(at, slope);
  let gradient = largest(slope);
  let iterations = 0;
  while (iterations < maxIterations && gradient > tolerance) {
    direct(slope, pairs, direction);
    const promise = dot(slope, direction);
    // The first step has no curvature to go by: one unit of length.
    let share = pairs.length === 0 ? 1 / Math.max(1, Math.sqrt(-promise)) : 1;
    let found = Number.NaN;
    for (;;) {
      for (let i = 0; i < size; i++) next[i] = at[i] + share * direction[i];
      found = loss(next, nextSlope);
      if (found <= value + ARMIJO * share * promise + ROUNDING * Math.abs(value)) break;
      share *= shorter(found - value, share * promise);
      if (!(share > LEAST_STEP)) return { at, value, gradient, iterations, converged: false };
    }
    remember(pairs, { at, next, slope, nextSlope });
    [at, next] = [next, at];
    [slope, nextSlope] = [nextSlope, slope];
    value = found;
    gradient = largest(slope);
    iterations++;
  }
  return { at, value, gradient, iterations, converged: gradient <= tolerance };
}

/** The least of the parabola through value, slope and the value found, between a tenth and a half of the step. */
function shorter(rise: number, promise: number): number {
  const least = -promise / (2 * (rise - promise));
  return least > 0.1 ? Math.min(0.5, least) : 0.1;
}

interface Move {
  readonly at: Float64Array;
  readonly next: Float64Array;
  readonly slope: Float64Array;
  readonly nextSlope: Float64Array;
}

/** Keeps the step and what it changed, in the arrays of the oldest pair. A pair without curvature would turn the next step round. */
function remember(pairs: Pair[], { at, next, slope, nextSlope }: Move): void {
  const size = at.length;
  const oldest = pairs.length === HISTORY ? pairs.shift() : undefined;
  const pair = oldest ?? { step: new Float64Array(size), change: new Float64Array(size), inverse: 0 };
  let curvature = 0;
  for (let i = 0; i < size; i++) {
    const s = next[i] - at[i];
    const y = nextSlope[i] - slope[i];
    pair.step[i] = s;
    pair.change[i] = y;
    curvature += s * y;
  }
  pair.inverse = 1 / curvature;
  if (curvature > 0 && Number.isFinite(pair.inverse)) pairs.push(pair);
}

/** −H · slope by the two loops. */
function direct(slope: Float64Array, pairs: readonly Pair[], direction: Float64Array): void {
  for (let i = 0; i < slope.length; i++) direction[i] = -slope[i];
  const newest = pairs.at(-1);
  if (newest === undefined) return;
  const shares = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    shares[k] = pairs[k].inverse * dot(pairs[k].step, direction);
    add(direction, -shares[k], pairs[k].change);
  }
  const scale = 1 / (newest.inverse * dot(newest.change, newest.change));
  for (let i = 0; i < direction.length; i++) direction[i] *= scale;
  for (let k = 0; k < pairs.length; k++) add(direction, shares[k] - pairs[k].inverse * dot(pairs[k].change, direction), pairs[k].step);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function add(to: Float64Array, share: number, from: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += share * from[i];
}

function largest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}
