/** Benjamini & Hochberg 1995: many features are tested at once, and one of them is always far out. */

/**
 * The largest p-value that is an alarm: level · k / m with the largest k for which k of m p-values are at most that; level / m where none is.
 * Without any drift, the chance of an alarm at all is at most `level`.
 */
export function alarmThreshold(pValues: readonly number[], level: number): number {
  const sorted = pValues.toSorted((a, b) => a - b);
  for (let k = sorted.length; k > 0; k--) if (sorted[k - 1] <= (level * k) / sorted.length) return (level * k) / sorted.length;
  return level / Math.max(1, sorted.length);
}
