/**
 * Ranking figures of resampled rows: the scores are sorted once, and a resample is how often each row was drawn. So a bootstrap sample costs
 * one walk and no sort. Equal to `auroc`, `averagePrecision` and `recallAtFpr` of the drawn rows (their oracles in the tests).
 */
import { groupBootstrap, type Interval } from '@optikal/ml';

export interface Ranking {
  readonly rows: number;
  /** Each takes how often every row counts; NaN where only one class is left. */
  auroc(counts: ArrayLike<number>): number;
  averagePrecision(counts: ArrayLike<number>): number;
  recallAtFpr(counts: ArrayLike<number>, fpr: number): number;
}

/** Higher score = label 1. Scores must be finite. */
export function rankingOf(scores: Float64Array, labels: Uint8Array): Ranking {
  const order = Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const isOne = Uint8Array.from(order, (row) => (labels[row] === 1 ? 1 : 0));
  /** 1 = the next score is another one. */
  const ends = Uint8Array.from(order, (row, i) => (i + 1 < order.length && scores[order[i + 1]!] === scores[row] ? 0 : 1));
  /** Runs of equal scores, from the highest down: `visit` gets the counts of label 1 and 0 in each. */
  const walk = (counts: ArrayLike<number>, visit: (ones: number, zeros: number) => void): void => {
    let ones = 0;
    let zeros = 0;
    for (let i = 0; i < order.length; i++) {
      const count = counts[order[i]!]!;
      if (isOne[i] === 1) ones += count;
      else zeros += count;
      if (ends[i] === 0) continue;
      if (ones + zeros > 0) visit(ones, zeros);
      ones = zeros = 0;
    }
  };
  const totalsOf = (counts: ArrayLike<number>) => {
    let ones = 0;
    let zeros = 0;
    for (let i = 0; i < labels.length; i++)
      if (labels[i] === 1) ones += counts[i]!;
      else zeros += counts[i]!;
    return { ones, zeros, both: ones > 0 && zeros > 0 };
  };
  return {
    rows: scores.length,
    auroc(counts) {
      const total = totalsOf(counts);
      if (!total.both) return Number.NaN;
      let above = 0;
      let pairs = 0;
      walk(counts, (ones, zeros) => {
        above += ones;
        pairs += zeros * (above - ones / 2);
      });
      return pairs / (total.ones * total.zeros);
    },
    averagePrecision(counts) {
      const total = totalsOf(counts);
      if (!total.both) return Number.NaN;
      let found = 0;
      let seen = 0;
      let sum = 0;
      walk(counts, (ones, zeros) => {
        found += ones;
        seen += ones + zeros;
        sum += (ones / total.ones) * (found / seen);
      });
      return sum;
    },
    recallAtFpr(counts, fpr) {
      const total = totalsOf(counts);
      if (!total.both) return Number.NaN;
      let hits = 0;
      let alarms = 0;
      let best = 0;
      walk(counts, (ones, zeros) => {
        hits += ones;
        alarms += zeros;
        if (alarms <= fpr * total.zeros) best = hits;
      });
      return best / total.ones;
    },
  };
}

/** Counts under which every row counts once: the figure itself. */
export function everyRow(rows: number): Uint8Array {
  return new Uint8Array(rows).fill(1);
}

/** Percentile interval over samples of whole groups; null where there are fewer than two groups, or no sample with both classes. */
export function intervalOf(
  groups: readonly string[],
  statistic: (counts: Uint16Array) => number,
  resamples: number,
  seed: string,
): Interval | null {
  if (new Set(groups).size < 2) return null;
  const counts = new Uint16Array(groups.length);
  let defined = false;
  const values = (indices: Int32Array): number => {
    counts.fill(0);
    for (let i = 0; i < indices.length; i++) counts[indices[i]!]!++;
    const value = statistic(counts);
    defined ||= !Number.isNaN(value);
    return value;
  };
  try {
    return groupBootstrap(groups, values, { resamples, seed });
  } catch (error) {
    if (!defined) return null;
    throw error;
  }
}

/** Missing and infinite margins rank below everything that was scored. */
export function finite(margins: ArrayLike<number>): Float64Array {
  return Float64Array.from(margins, (margin) => (Number.isFinite(margin) ? margin : -1e9));
}
