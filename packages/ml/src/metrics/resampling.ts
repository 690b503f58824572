/** Intervals and folds that keep groups whole: rows of one agent, host or day are not independent. */
import { MlError } from '../errors.ts';
import { atLeast, finiteOnly, integerWithin, numberWithin, refuseUnknownKeys, seedOf } from '../options.ts';
import { createRandom } from '../random.ts';
import { quantileOfSorted } from './quantile.ts';

/** A group's name: any text or number. */
export type Group = string | number;

/** Options of `groupBootstrap`. */
export interface GroupBootstrapOptions {
  /** Bootstrap samples. Default 1000; 10 to 1,000,000. */
  readonly resamples?: number;
  /** Default 0. */
  readonly seed?: number | string;
  /** Coverage of the interval. Default 0.95; 0.5 to 0.999. */
  readonly level?: number;
}

/** Ends of an interval, in the units of the statistic. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile interval of `statistic` over samples of whole groups with replacement (cluster bootstrap: Efron &
 * Tibshirani 1993, chapter 8). `statistic` gets row indices, a row as often as its group was drawn; samples
 * for which it gives NaN or throws an MlError of code ML_SINGLE_CLASS are left out. Errors: ML_EMPTY_INPUT (fewer
 * than 2 groups, or no sample that counts), ML_BAD_OPTION, ML_UNKNOWN_OPTION.
 *
 * @example
 * groupBootstrap(agents, (rows) => auroc(pick(scores, rows), pick(labels, rows)), { seed: 1 });
 */
export function groupBootstrap(
  groups: ArrayLike<Group>,
  statistic: (indices: Int32Array) => number,
  options: GroupBootstrapOptions = {},
): Interval {
  refuseUnknownKeys(options, ['resamples', 'seed', 'level']);
  const resamples = integerWithin('resamples', options.resamples ?? 1000, 10, 1_000_000);
  const level = numberWithin('level', options.level ?? 0.95, 0.5, 0.999);
  const random = createRandom(seedOf(options.seed ?? 0)).fork('group-bootstrap');
  const members = Array.from(membersOf(groups).values(), (rows) => Int32Array.from(rows));
  atLeast('groups', members.length, 2);
  const values: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const drawn = Array.from(members, () => members[random.nextInt(members.length)]);
    const value = defined(() => statistic(joined(drawn)));
    if (!Number.isNaN(value)) values.push(value);
  }
  atLeast('bootstrap values', values.length, 1);
  const sorted = Float64Array.from(values).sort();
  return { low: quantileOfSorted(sorted, (1 - level) / 2), high: quantileOfSorted(sorted, (1 + level) / 2) };
}

/**
 * The fold (0 … k - 1) of each row, groups whole, fold sizes as even as greedy placing makes them: groups in
 * seeded order, larger ones first, each to the smallest fold. ML_BAD_OPTION, ML_EMPTY_INPUT (fewer than k groups).
 */
export function groupedFolds(groups: ArrayLike<Group>, k: number, seed: number | string): Int32Array {
  integerWithin('k', k, 2, 1_000_000);
  const members = [...membersOf(groups).values()];
  atLeast('groups', members.length, k);
  createRandom(seed).fork('grouped-folds').shuffle(members);
  members.sort((a, b) => b.length - a.length);
  const sizes = new Int32Array(k);
  const folds = new Int32Array(groups.length);
  for (const rows of members) {
    let smallest = 0;
    for (let fold = 1; fold < k; fold++) if (sizes[fold] < sizes[smallest]) smallest = fold;
    sizes[smallest] += rows.length;
    for (const row of rows) folds[row] = smallest;
  }
  return folds;
}

/** A split by time: fit on what came before, judge what came after. */
export interface TimeSplit {
  /** Row indices in the order of their times. */
  readonly fit: Int32Array;
  readonly judge: Int32Array;
}

/**
 * `k` splits in the order of time: the rows are cut into k + 1 parts of about equal size, and each part but the first is judged by a fit on all
 * parts before it. No moment is on both sides: rows of equal time stay together. `gap` (default 0) leaves rows out of the fit that lie less than so
 * much before the first judged one, in the units of the times. ML_BAD_OPTION, ML_NOT_FINITE, ML_EMPTY_INPUT (fewer than k + 1 different times, or
 * a fit that the gap leaves empty).
 *
 * @example
 * for (const { fit, judge } of timeOrderedSplits(days, 4, 7)) score(fitOn(fit), judge);
 */
export function timeOrderedSplits(times: ArrayLike<number>, k: number, gap = 0): readonly TimeSplit[] {
  integerWithin('k', k, 1, 1_000_000);
  numberWithin('gap', gap, 0, Number.MAX_VALUE);
  finiteOnly('times', times);
  atLeast('different times', new Set(Array.from(times)).size, k + 1);
  const order = Int32Array.from({ length: times.length }, (_, row) => row).sort((a, b) => times[a] - times[b] || a - b);
  const cuts: number[] = [0];
  for (let part = 1; part <= k; part++) {
    // At least one moment a part; enough moments stay for the parts to come.
    let cut = Math.max(cuts[part - 1] + 1, Math.round((part * order.length) / (k + 1)));
    while (cut < order.length && times[order[cut]] === times[order[cut - 1]]) cut++;
    while (momentsFrom(times, order, cut) < k + 1 - part) cut = momentBefore(times, order, cut);
    cuts.push(cut);
  }
  cuts.push(order.length);
  return Array.from({ length: k }, (_, part) => {
    const judge = order.slice(cuts[part + 1], cuts[part + 2]);
    const first = times[judge[0]];
    const fit = order.slice(0, cuts[part + 1]).filter((row) => times[row] <= first - gap);
    atLeast('rows to fit', fit.length, 1);
    return { fit, judge };
  });
}

function momentsFrom(times: ArrayLike<number>, order: Int32Array, from: number): number {
  let count = 0;
  for (let i = from; i < order.length; i++) if (i === from || times[order[i]] !== times[order[i - 1]]) count++;
  return count;
}

/** The start of the moment that ends before `at`. */
function momentBefore(times: ArrayLike<number>, order: Int32Array, at: number): number {
  let start = at - 1;
  while (start > 0 && times[order[start - 1]] === times[order[start]]) start--;
  return start;
}

function membersOf(groups: ArrayLike<Group>): Map<Group, number[]> {
  const members = new Map<Group, number[]>();
  for (let i = 0; i < groups.length; i++) {
    const rows = members.get(groups[i]);
    if (rows === undefined) members.set(groups[i], [i]);
    else rows.push(i);
  }
  return members;
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function defined(work: () => number): number {
  try {
    return work();
  } catch (error) {
    if (error instanceof MlError && error.code === 'ML_SINGLE_CLASS') return NaN;
    throw error;
  }
}
