/**
 * Points of the ROC and the precision–recall curve: one a distinct score, from the strictest threshold down, no tie cut. Higher score = attack.
 */

export interface RocPoint {
  readonly fpr: number;
  readonly recall: number;
}

export interface PrPoint {
  readonly recall: number;
  readonly precision: number;
}

export interface CurveCounts {
  /** Attacks and quiet windows at or above one score. */
  readonly hits: number;
  readonly alarms: number;
}

/** A picture is a few hundred dots wide: points closer than this cannot be told apart. */
const LEAST_STEP = 1 / 250;
const LEAST_DECADES = 1 / 60;

/** Both classes must be there; scores finite. */
export function countsAbove(scores: ArrayLike<number>, labels: ArrayLike<number>): CurveCounts[] {
  const order = Int32Array.from(labels, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const points: CurveCounts[] = [];
  let hits = 0;
  let alarms = 0;
  order.forEach((row, at) => {
    if (labels[row] === 1) hits++;
    else alarms++;
    const next = order[at + 1];
    if (next === undefined || scores[next] !== scores[row]) points.push({ hits, alarms });
  });
  return points;
}

/** From (0, 0) to (1, 1). */
export function rocPoints(counts: readonly CurveCounts[]): RocPoint[] {
  const last = counts.at(-1)!; // a curve of no rows is never asked for
  return [{ fpr: 0, recall: 0 }, ...counts.map(({ hits, alarms }) => ({ fpr: alarms / last.alarms, recall: hits / last.hits }))];
}

export function prPoints(counts: readonly CurveCounts[]): PrPoint[] {
  const last = counts.at(-1)!; // as above
  return counts.filter(({ hits }) => hits > 0).map(({ hits, alarms }) => ({ recall: hits / last.hits, precision: hits / (hits + alarms) }));
}

/** The same curve with fewer points: a point stays where it lies visibly apart from the last one, also on a log axis of x. */
export function thinned<T>(points: readonly T[], xOf: (point: T) => number, yOf: (point: T) => number): T[] {
  const kept: T[] = [];
  points.forEach((point, i) => {
    const last = kept.at(-1);
    const apart =
      last === undefined ||
      Math.abs(yOf(point) - yOf(last)) >= LEAST_STEP ||
      Math.abs(xOf(point) - xOf(last)) >= LEAST_STEP ||
      Math.abs(Math.log10(Math.max(xOf(point), 1e-9)) - Math.log10(Math.max(xOf(last), 1e-9))) >= LEAST_DECADES;
    if (apart || i === points.length - 1) kept.push(point);
  });
  return kept;
}
