/**
 * A scan over all points at which an agent may have changed: at each, Welch's t between the tasks before and after; the largest |t| of each
 * feature over the points is its profile (Welch 1947; the scan is that of Hawkins 1977 for one shift of a mean at an unknown point).
 */

/** Tasks on either side of a change at least: below it a variance is chance. */
export const LEAST_SIDE = 4;
/** Added to each side's variance, in units of the variance of all tasks: two equal values must not give an infinite t. */
const VARIANCE_FLOOR = 0.1;

export interface ScanProfile {
  /** Largest |t| over the points, by feature; 0 where no point has enough tasks. */
  readonly peaks: Float64Array;
  /** First task after the change at which the mean of all |t| is largest; −1 = no point has enough tasks. */
  readonly change: number;
}

/** `tasks`: one row of values a task, oldest first, same length each; NaN = not observed. */
export function scan(tasks: readonly ArrayLike<number>[]): ScanProfile {
  const cols = tasks[0]?.length ?? 0;
  const peaks = new Float64Array(cols);
  const sums = new Float64Array(tasks.length);
  for (let c = 0; c < cols; c++) {
    const column = Float64Array.from(tasks, (task) => task[c]!);
    const all = momentsOf(column, 0, column.length);
    for (let at = LEAST_SIDE; at + LEAST_SIDE <= tasks.length; at++) {
      const t = Math.abs(welch(momentsOf(column, 0, at), momentsOf(column, at, column.length), all.variance));
      sums[at]! += t;
      if (t > peaks[c]!) peaks[c] = t;
    }
  }
  let change = -1;
  for (let at = LEAST_SIDE; at + LEAST_SIDE <= tasks.length; at++) if (change < 0 || sums[at]! > sums[change]!) change = at;
  return { peaks, change };
}

interface Moments {
  readonly n: number;
  readonly mean: number;
  /** Unbiased. */
  readonly variance: number;
}

function momentsOf(column: Float64Array, from: number, to: number): Moments {
  let n = 0;
  let sum = 0;
  for (let i = from; i < to; i++)
    if (!Number.isNaN(column[i]!)) {
      n++;
      sum += column[i]!;
    }
  const mean = n === 0 ? 0 : sum / n;
  let squares = 0;
  for (let i = from; i < to; i++) if (!Number.isNaN(column[i]!)) squares += (column[i]! - mean) ** 2;
  return { n, mean, variance: n < 2 ? 0 : squares / (n - 1) };
}

/** Welch's t of b against a; 0 where a side has fewer than two values or nothing varies. */
function welch(a: Moments, b: Moments, overall: number): number {
  if (a.n < 2 || b.n < 2 || overall === 0) return 0;
  const floor = VARIANCE_FLOOR * overall;
  return (b.mean - a.mean) / Math.sqrt((a.variance + floor) / a.n + (b.variance + floor) / b.n);
}
