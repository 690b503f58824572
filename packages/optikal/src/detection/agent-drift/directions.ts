/**
 * How likely two sets of tasks are the work of one model, against two: each task is projected on the directions in which models differ most,
 * measured by how much one model's own tasks differ, and the ratio of the two likelihoods is in closed form (probabilistic linear
 * discriminant analysis, Ioffe 2006; two-covariance model of Brümmer & de Villiers 2010). As speakers are told apart, so are models.
 */
import { exp, log } from '@optikal/ml';
import { DRIFT_FEATURES } from './tally.ts';

/** Tasks on either side of a change at least: below it a spread is chance. */
export const LEAST_SIDE = 4;
/** A value further from the usual than so many spreads says no more than one at it: a task that ran in circles must not be another model. */
const FURTHEST = 2.5;
/** Tasks of one model are more alike within a run of them than over all; of 1 to 1.5, about the same figures (docs/agent-drift.md). */
const WITHIN = 1.3;
/** No change is surer than this; e^500 is still a number. */
const SUREST = 500;

/** Indices of the features that stand for their values. */
export const DIRECTED: readonly number[] = DRIFT_FEATURES.flatMap((feature, i) => (feature.directed ? [i] : []));

export interface Directions {
  /** Mean and standard deviation of each directed feature over the training tasks. */
  readonly center: Float64Array;
  readonly scale: Float64Array;
  /** count × directed features; on them tasks of one model have unit covariance, and models the variances `between`. */
  readonly weights: Float64Array;
  readonly between: Float64Array;
}

export interface Change {
  /** First task after the likeliest change. */
  readonly at: number;
  /** ln of the likelihood ratio there, and of its mean over all points. */
  readonly best: number;
  readonly mixture: number;
  /** ln of the tasks' variance around the means of their sides, in units of what is usual. */
  readonly scatter: number;
}

export function project({ center, scale, weights, between }: Directions, values: ArrayLike<number>): Float64Array {
  const cols = DIRECTED.length;
  const projected = new Float64Array(between.length);
  for (let j = 0; j < cols; j++) {
    const value = values[DIRECTED[j]!]!;
    // Not observed = as usual: it moves nothing.
    if (Number.isNaN(value)) continue;
    const z = Math.min(FURTHEST, Math.max(-FURTHEST, (value - center[j]!) / scale[j]!));
    for (let k = 0; k < projected.length; k++) projected[k]! += weights[k * cols + j]! * z;
  }
  return projected;
}

/** null where there are fewer tasks than two sides. `projected`: oldest first. */
export function likeliestChange({ between }: Directions, projected: readonly Float64Array[]): Change | null {
  const count = projected.length;
  if (count < 2 * LEAST_SIDE) return null;
  const total = new Float64Array(between.length);
  for (const y of projected) for (let k = 0; k < total.length; k++) total[k]! += y[k]!;
  const before = new Float64Array(between.length);
  let [at, best, sum] = [0, Number.NEGATIVE_INFINITY, 0];
  for (let i = 1; i + LEAST_SIDE <= count; i++) {
    for (let k = 0; k < before.length; k++) before[k]! += projected[i - 1]![k]!;
    if (i < LEAST_SIDE) continue;
    const ratio = Math.min(SUREST, ratioAt(between, before, total, i, count - i));
    sum += exp(ratio);
    if (ratio > best) [at, best] = [i, ratio];
  }
  return { at, best, mixture: log(sum / (count - 2 * LEAST_SIDE + 1)), scatter: scatterAround(projected, at) };
}

/** N(δ; 0, W(1/n₁ + 1/n₂) + 2B) against N(δ; 0, W(1/n₁ + 1/n₂)) with W the unit matrix and B diagonal: one term a direction. */
function ratioAt(between: Float64Array, before: Float64Array, total: Float64Array, n1: number, n2: number): number {
  const own = WITHIN * (1 / n1 + 1 / n2);
  let ratio = 0;
  for (let k = 0; k < between.length; k++) ratio += termOf((total[k]! - before[k]!) / n2 - before[k]! / n1, own, between[k]!);
  return ratio;
}

function termOf(delta: number, own: number, between: number): number {
  const both = own + 2 * between;
  return (log(own / both) + delta * delta * (1 / own - 1 / both)) / 2;
}

/** What one direction says of a change. */
export interface DirectionSides {
  /** Mean of the tasks on each side, in standard deviations of one model's tasks. */
  readonly before: number;
  readonly after: number;
  /** Its term of the logarithm of the ratio. */
  readonly logRatio: number;
}

/** Of each direction at a change; the terms sum to `best` where that is below SUREST. */
export function sidesOfDirections({ between }: Directions, projected: readonly Float64Array[], at: number): DirectionSides[] {
  const own = WITHIN * (1 / at + 1 / (projected.length - at));
  return Array.from(between, (variance, k) => {
    const meanOf = (tasks: readonly Float64Array[]) => tasks.reduce((sum, task) => sum + task[k]!, 0) / tasks.length;
    const [before, after] = [meanOf(projected.slice(0, at)), meanOf(projected.slice(at))];
    return { before, after, logRatio: termOf(after - before, own, variance) };
  });
}

/** Directed features by how much they weigh in a direction, heaviest first. */
export function heaviestOf({ weights }: Directions, direction: number): number[] {
  const cols = DIRECTED.length;
  const own = weights.subarray(direction * cols, (direction + 1) * cols);
  return DIRECTED.map((feature, j) => ({ feature, weight: Math.abs(own[j]!) }))
    .sort((a, b) => b.weight - a.weight || a.feature - b.feature)
    .map(({ feature }) => feature);
}

function scatterAround(projected: readonly Float64Array[], at: number): number {
  const cols = projected[0]!.length;
  let squares = 0;
  for (const [from, to] of [[0, at] as const, [at, projected.length] as const])
    for (let k = 0; k < cols; k++) {
      let sum = 0;
      for (let i = from; i < to; i++) sum += projected[i]![k]!;
      const mean = sum / (to - from);
      let own = 0;
      for (let i = from; i < to; i++) own += (projected[i]![k]! - mean) ** 2;
      squares += own;
    }
  // Some spread is always there: tasks that are equal to the last level would give −∞.
  return log(Math.max(1e-3, squares / ((projected.length - 2) * Math.max(1, cols))));
}
