/**
 * The tree-structured Parzen estimator (Bergstra et al. 2011, multivariate as Falkner et al. 2018): the trials are split into the best γ(n) and
 * the rest, candidates are drawn from the estimator of the good ones, and the one that is likeliest under it and unlikeliest under the other is
 * tried next. Splits, kernels and defaults as in Optuna 5.
 */
import type { Random } from '../random.ts';
import type { ResolvedStudyOptions } from './options.ts';
import { fitParzen } from './parzen.ts';
import { type Distribution, fromLine, isSingle, lineOf, sameDistribution } from './space.ts';
import { lastStep, type TrialRecord } from './trial.ts';

export type SearchSpace = ReadonlyMap<string, Distribution>;

/** How many of n trials count as good. */
export function goodCount(n: number): number {
  return Math.min(Math.ceil(0.1 * n), 25);
}

const isOver = ({ state }: TrialRecord) => state === 'complete' || state === 'pruned';

/** Whether the estimators have enough to go on. */
export function knowsEnough(trials: readonly TrialRecord[], startupTrials: number): boolean {
  return trials.reduce((count, trial) => count + (isOver(trial) ? 1 : 0), 0) >= startupTrials;
}

/** The parameters that every finished trial has had with the same range, and that leave a choice, by name. */
export function sharedSpace(trials: readonly TrialRecord[]): SearchSpace {
  let shared: Map<string, Distribution> | null = null;
  for (const trial of trials) {
    if (!isOver(trial)) continue;
    if (shared === null) {
      shared = new Map([...trial.parameters].map(([name, { distribution }]) => [name, distribution]));
      continue;
    }
    for (const [name, distribution] of shared) {
      const other = trial.parameters.get(name)?.distribution;
      if (other === undefined || !sameDistribution(distribution, other)) shared.delete(name);
    }
  }
  return new Map([...(shared ?? [])].filter(([, distribution]) => !isSingle(distribution)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A value without regard to any trial. */
export function randomValue(distribution: Distribution, random: Random): number {
  if (distribution.kind === 'categorical') return random.nextInt(distribution.choices.length);
  const { low, high } = lineOf(distribution);
  return fromLine(distribution, low + (high - low) * random.nextFloat());
}

/** Internal values of one point of the space. */
export function suggest(
  space: SearchSpace,
  trials: readonly TrialRecord[],
  own: TrialRecord,
  random: Random,
  { candidates, constantLiar, direction }: ResolvedStudyOptions,
): ReadonlyMap<string, number> {
  const sign = direction === 'minimize' ? 1 : -1;
  const { good, rest } = split(trials, sign);
  const running = constantLiar ? trials.filter((trial) => trial.state === 'running' && trial !== own) : [];
  const bad = [...rest, ...running].sort((a, b) => a.number - b.number);
  const names = [...space.keys()];
  const distributions = [...space.values()];
  const above = fitParzen(distributions, observed(names, bad));
  const below = fitParzen(distributions, observed(names, good));
  const points = below.sample(random, candidates);
  const likely = below.logDensity(points);
  const unlikely = above.logDensity(points);
  let best = 0;
  for (let p = 1; p < candidates; p++) if (likely[p]! - unlikely[p]! > likely[best]! - unlikely[best]!) best = p;
  return new Map(names.map((name, d) => [name, points[d]![best]!]));
}

/** Complete trials by value, then pruned ones: those that came further first. Both parts in the order of their numbers. */
function split(trials: readonly TrialRecord[], sign: 1 | -1): { readonly good: TrialRecord[]; readonly rest: TrialRecord[] } {
  const value = (trial: TrialRecord) => sign * (trial.value ?? Number.POSITIVE_INFINITY);
  const complete = trials.filter(({ state }) => state === 'complete').sort((a, b) => value(a) - value(b) || a.number - b.number);
  const pruned = trials.filter(({ state }) => state === 'pruned').sort((a, b) => comparePruned(a, b, sign) || a.number - b.number);
  const ranked = [...complete, ...pruned];
  const count = goodCount(ranked.length);
  const byNumber = (a: TrialRecord, b: TrialRecord) => a.number - b.number;
  return { good: ranked.slice(0, count).sort(byNumber), rest: ranked.slice(count).sort(byNumber) };
}

function comparePruned(a: TrialRecord, b: TrialRecord, sign: 1 | -1): number {
  const stepA = lastStep(a) ?? -1;
  const stepB = lastStep(b) ?? -1;
  if (stepA !== stepB) return stepB - stepA;
  const value = ({ reports }: TrialRecord, step: number) => {
    const reported = reports.get(step) ?? 0;
    return Number.isNaN(reported) ? Number.MAX_VALUE : sign * reported;
  };
  return value(a, stepA) - value(b, stepB);
}

/** Of each parameter the values of the trials that have all of them. */
function observed(names: readonly string[], trials: readonly TrialRecord[]): Float64Array[] {
  const whole = trials.filter(({ parameters }) => names.every((name) => parameters.has(name)));
  return names.map((name) => {
    const values = new Float64Array(whole.length);
    for (let t = 0; t < whole.length; t++) values[t] = whole[t]!.parameters.get(name)!.internal;
    return values;
  });
}
