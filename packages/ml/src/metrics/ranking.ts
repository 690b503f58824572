/** How well scores rank: AUROC, average precision, recall at a false-positive rate. Higher score = label 1. */
import { atLeast, bothClasses, finiteOnly, lengthOf, numberWithin } from '../options.ts';

/** An operating point as it turned out. */
export interface RecallAtFpr {
  /** Share of label 1 at or above the threshold, in [0, 1]. */
  readonly recall: number;
  /** Alert where score >= threshold; Infinity where not one alert fits the rate. */
  readonly threshold: number;
  /** Share of label 0 at or above the threshold: at most the rate asked for. */
  readonly realisedFpr: number;
}

/**
 * Area under the ROC curve in [0, 1], 0.5 = chance: the share of (1, 0) pairs in the right order, ties half
 * (Mann–Whitney U by midranks). ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_NOT_FINITE, ML_BAD_LABEL, ML_SINGLE_CLASS.
 */
export function auroc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const { order, positives } = checkedOrder(scores, labels);
  const negatives = labels.length - positives;
  let rankSum = 0;
  forEachTie(scores, order, (from, to) => {
    const midrank = (from + 1 + to) / 2; // ranks from + 1 … to
    for (let i = from; i < to; i++) if (labels[order[i]] === 1) rankSum += midrank;
  });
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/**
 * Average precision in [0, 1], chance = the share of label 1: Σ (Rₖ - Rₖ₋₁) Pₖ over distinct thresholds, without
 * interpolation, as scikit-learn defines it. Errors as `auroc`.
 */
export function averagePrecision(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const { order, positives } = checkedOrder(scores, labels);
  order.reverse();
  let found = 0;
  let sum = 0;
  forEachTie(scores, order, (from, to) => {
    let here = 0;
    for (let i = from; i < to; i++) here += labels[order[i]];
    found += here;
    sum += (here / positives) * (found / to);
  });
  return sum;
}

/**
 * The largest recall whose false-positive rate is at most `fpr` (in [0, 1]): no tie is cut, so the realised
 * rate may be lower. Errors as `auroc`, and ML_BAD_OPTION.
 */
export function recallAtFpr(scores: ArrayLike<number>, labels: ArrayLike<number>, fpr: number): RecallAtFpr {
  numberWithin('fpr', fpr, 0, 1);
  const { order, positives } = checkedOrder(scores, labels);
  order.reverse();
  const negatives = labels.length - positives;
  let hits = 0;
  let alarms = 0;
  let best: RecallAtFpr = { recall: 0, threshold: Infinity, realisedFpr: 0 };
  let within = true;
  forEachTie(scores, order, (from, to) => {
    for (let i = from; i < to; i++) {
      if (labels[order[i]] === 1) hits++;
      else alarms++;
    }
    within &&= alarms <= fpr * negatives;
    // A lower threshold that finds nothing more would only add false alarms.
    if (within && hits / positives > best.recall)
      best = { recall: hits / positives, threshold: scores[order[from]], realisedFpr: alarms / negatives };
  });
  return best;
}

/**
 * Area under the part of the ROC curve with false-positive rates up to `maxFpr` (above 0, at most 1), made to run from 0.5 = chance to 1 as McClish
 * 1989 does and scikit-learn after him; ties are straight lines. Below chance it is below 0.5. Errors as `auroc`, and ML_BAD_OPTION.
 */
export function partialAuroc(scores: ArrayLike<number>, labels: ArrayLike<number>, maxFpr: number): number {
  numberWithin('maxFpr', maxFpr, 0, 1, true);
  const { order, positives } = checkedOrder(scores, labels);
  order.reverse();
  const negatives = labels.length - positives;
  let recall = 0;
  let fpr = 0;
  let area = 0;
  forEachTie(scores, order, (from, to) => {
    let hits = 0;
    for (let i = from; i < to; i++) hits += labels[order[i]];
    const nextRecall = recall + hits / positives;
    const nextFpr = fpr + (to - from - hits) / negatives;
    const end = Math.min(nextFpr, maxFpr);
    if (end > fpr) {
      const atEnd = recall + ((nextRecall - recall) * (end - fpr)) / (nextFpr - fpr);
      area += ((recall + atEnd) / 2) * (end - fpr);
    }
    recall = nextRecall;
    fpr = nextFpr;
  });
  const chance = maxFpr ** 2 / 2;
  return 0.5 * (1 + (area - chance) / (maxFpr - chance));
}

/** Indices by ascending score; equal scores by index. */
export function orderOf(scores: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a] - scores[b] || a - b);
}

function checkedOrder(scores: ArrayLike<number>, labels: ArrayLike<number>): { order: Int32Array; positives: number } {
  atLeast('scores', scores.length, 2);
  lengthOf('labels', labels, scores.length);
  finiteOnly('scores', scores);
  const positives = bothClasses('labels', labels);
  return { order: orderOf(scores), positives };
}

/** Calls back with each run of equal scores in `order`, as [from, to). */
function forEachTie(scores: ArrayLike<number>, order: Int32Array, visit: (from: number, to: number) => void): void {
  let from = 0;
  for (let to = 1; to <= order.length; to++) {
    if (to < order.length && scores[order[to]] === scores[order[from]]) continue;
    visit(from, to);
    from = to;
  }
}
