/**
 * What each base gave to the margin of a window, and when the windows were that a sequence model looked at: from the bundle that judged, for
 * whoever shows an alert. An alert itself holds the scores without the weights.
 */
import { FEATURE_SETS } from '@optikal/contracts';
import type { Bundle } from '../detection/ensemble/bundle.ts';
import type { Step } from '../detection/steps.ts';

export interface MarginPart {
  readonly name: string;
  /** Standardised: 0 = the training mean, 1 = a standard deviation above; null = the base had nothing to score. */
  readonly score: number | null;
  /** What one standard deviation is worth; 0 = the base has no part in the decision. */
  readonly weight: number;
  /** What it adds to the margin: weight × score, or the constant of an absent base. */
  readonly part: number;
}

/** One a base, in the bundle's order. Without a meta-model those that have a score weigh the same. */
export function marginParts(
  { bases, meta }: Pick<Bundle, 'bases' | 'meta'>,
  scores: Readonly<Record<string, number | null>>,
): readonly MarginPart[] {
  const scoreOf = (name: string) => scores[name] ?? null;
  const available = bases.filter(({ name }) => scoreOf(name) !== null).length;
  return bases.map(({ name }, k) => {
    const score = scoreOf(name);
    const weight = meta === null ? (score === null ? 0 : 1 / available) : meta.weights[k]!;
    return { name, score, weight, part: score === null ? (meta?.absent[k] ?? 0) : weight * score };
  });
}

const MINUTE_MS = 60_000;
const GAP_COLUMN = FEATURE_SETS.step1.findIndex(({ name }) => name === 'idle_before');

/**
 * Start of each window of a sequence that ends with the window at `startMs`: each step holds the minutes since the one before. They are held in
 * half precision: exact up to three hours, within two minutes in a hundred hours.
 */
export function windowTimes(sequence: readonly Step[], startMs: number): readonly number[] {
  const times: number[] = [];
  let timeMs = startMs;
  for (const step of [...sequence].reverse()) {
    times.push(timeMs);
    timeMs -= MINUTE_MS * Math.round(Math.expm1(step[GAP_COLUMN]!));
  }
  return times.reverse();
}
