/** What every calibration is fitted to: checked margins, and targets that stop short of certainty (Platt 1999, section 2.2). */
import { atLeast, bothClasses, finiteOnly, lengthOf } from '../options.ts';

export interface SmoothTargets {
  /** (n₊ + 1)/(n₊ + 2) for label 1, 1/(n₋ + 2) for label 0. */
  readonly targets: Float64Array;
  readonly positives: number;
  readonly negatives: number;
}

/** ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_NOT_FINITE, ML_BAD_LABEL, ML_SINGLE_CLASS. */
export function smoothTargets(margins: ArrayLike<number>, labels: ArrayLike<number>): SmoothTargets {
  atLeast('margins', margins.length, 2);
  lengthOf('labels', labels, margins.length);
  finiteOnly('margins', margins);
  const positives = bothClasses('labels', labels);
  const negatives = labels.length - positives;
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (negatives + 2);
  return { targets: Float64Array.from(labels, (y) => (y === 1 ? high : low)), positives, negatives };
}

/** Outside of these, squares of margins overflow or vanish. */
const LEAST_SCALE = 1e-100;
const MOST_SCALE = 1e100;
/** A spread below this counts as none: a slope over it would overflow. */
const LEAST_SPREAD = 1e-300;

/** Mean and standard deviation (1 where all are equal): a solver then starts at the same scale for every model. */
export function standardise(margins: ArrayLike<number>): { centre: number; spread: number } {
  let largest = 0;
  for (let i = 0; i < margins.length; i++) largest = Math.max(largest, Math.abs(margins[i]));
  const scale = largest > LEAST_SCALE && largest < MOST_SCALE ? 1 : Math.max(largest, LEAST_SPREAD);
  let sum = 0;
  for (let i = 0; i < margins.length; i++) sum += margins[i] / scale;
  const mean = sum / margins.length;
  let squares = 0;
  for (let i = 0; i < margins.length; i++) squares += (margins[i] / scale - mean) ** 2;
  const spread = Math.sqrt(squares / margins.length) * scale;
  return { centre: mean * scale, spread: spread >= LEAST_SPREAD ? spread : 1 };
}
