/** How far each feature moved between the tasks before a point and after it: by its usual spread, by Welch's t, and by ranks. */

export interface Sides {
  /** |difference of the means| in spreads of one model's tasks; Welch's |t| (Welch 1947); |difference of mean ranks|, 0–1. 0 = not observed. */
  readonly shift: number;
  readonly t: number;
  readonly ranks: number;
  readonly before: number;
  readonly after: number;
}

/** Added to each side's variance, in units of the usual one: two equal values must not give an infinite t. */
const VARIANCE_FLOOR = 0.1;

/** `column`: one feature of all tasks, oldest first, NaN = not observed; `spread` > 0: that of one model's tasks. */
export function compareSides(column: Float64Array, at: number, spread: number): Sides {
  const a = observed(column, 0, at);
  const b = observed(column, at, column.length);
  const [before, after] = [meanOf(a), meanOf(b)];
  if (a.length < 2 || b.length < 2) return { shift: 0, t: 0, ranks: 0, before, after };
  const difference = Math.abs(after - before);
  const floor = VARIANCE_FLOOR * spread * spread;
  const error = Math.sqrt((varianceOf(a, before) + floor) / a.length + (varianceOf(b, after) + floor) / b.length);
  return { shift: difference / spread, t: difference / error, ranks: rankDifference(a, b), before, after };
}

function observed(column: Float64Array, from: number, to: number): Float64Array {
  const values = new Float64Array(to - from);
  let count = 0;
  for (let i = from; i < to; i++) if (!Number.isNaN(column[i]!)) values[count++] = column[i]!;
  return values.subarray(0, count);
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return values.length === 0 ? Number.NaN : sum / values.length;
}

function varianceOf(values: Float64Array, mean: number): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return squares / (values.length - 1);
}

/** |P(b > a) − P(a > b)|: the Mann-Whitney statistic, ties counting for neither. */
function rankDifference(a: Float64Array, b: Float64Array): number {
  let wins = 0;
  for (let i = 0; i < a.length; i++) for (let j = 0; j < b.length; j++) wins += b[j]! > a[i]! ? 1 : b[j]! < a[i]! ? -1 : 0;
  return Math.abs(wins) / (a.length * b.length);
}
