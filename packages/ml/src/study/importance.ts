/**
 * How much each parameter decides whether a trial is among the best: PED-ANOVA (Watanabe, Bansal and Hutter 2023), the Pearson divergence of the
 * best trials' density from all trials' density, along one parameter.
 */

import { exp } from '../math.ts';
import { numberWithin, refuseUnknownKeys } from '../options.ts';
import { fitParzen } from './parzen.ts';
import { type Distribution, fromLine, internalOf, lineOf, sameDistribution } from './space.ts';
import type { Study, TrialView } from './study.ts';

/** Options of `parameterImportances`. */
export interface ImportanceOptions {
  /** Share of the complete trials that counts as best. Default 0.1; above 0 and below 1. */
  readonly best?: number;
}

export interface ParameterImportance {
  readonly name: string;
  /** Share of the sum over all parameters, 0–1; of one with no choice 0. */
  readonly importance: number;
  /** Complete trials that had it. */
  readonly trials: number;
}

/** Points along a numeric range. */
const GRID = 64;

/**
 * Largest first. Each parameter is looked at alone, in the trials that had it with its latest range; with fewer than two trials, or where all
 * parameters decide nothing, every importance is 0. ML_UNKNOWN_OPTION, ML_BAD_OPTION.
 */
export function parameterImportances(study: Pick<Study, 'trials' | 'direction'>, options: ImportanceOptions = {}): ParameterImportance[] {
  refuseUnknownKeys(options, ['best']);
  const best = numberWithin('best', options.best ?? 0.1, 0, 1 - 1e-9, true);
  const sign = study.direction === 'minimize' ? 1 : -1;
  const value = ({ value: own }: TrialView) => sign * (own ?? Number.POSITIVE_INFINITY);
  const complete = study.trials.filter(({ state }) => state === 'complete').sort((a, b) => value(a) - value(b) || a.number - b.number);
  const latest = new Map<string, Distribution>();
  for (const { distributions } of study.trials)
    for (const [name, distribution] of Object.entries(distributions)) latest.set(name, distribution);
  const raw = [...latest].map(([name, distribution]) => {
    const having = complete.filter(
      ({ distributions }) => Object.hasOwn(distributions, name) && sameDistribution(distributions[name]!, distribution),
    );
    return { name, trials: having.length, divergence: divergence(name, distribution, having, best) };
  });
  const sum = raw.reduce((total, { divergence: own }) => total + own, 0);
  return raw
    .map(({ name, trials, divergence: own }) => ({ name, trials, importance: sum > 0 ? own / sum : 0 }))
    .sort((a, b) => b.importance - a.importance || (a.name < b.name ? -1 : 1));
}

/** Σ q (p/q − 1)² over the grid, p of the best trials and q of all, both made to sum to 1. */
function divergence(name: string, distribution: Distribution, ranked: readonly TrialView[], best: number): number {
  const points = gridOf(distribution);
  const count = Math.max(1, Math.ceil(best * ranked.length));
  if (ranked.length < 2 || count === ranked.length || points.length < 2) return 0;
  const values = ranked.map(({ parameters }) => internalOf(distribution, parameters[name]!)); // each of them had it
  const shares = (observed: readonly number[]) => {
    const density = fitParzen([distribution], [Float64Array.from(observed)])
      .logDensity([points])
      .map(exp);
    const total = density.reduce((sum, own) => sum + own, 0);
    return density.map((own) => own / total);
  };
  const p = shares(values.slice(0, count));
  const q = shares(values);
  return p.reduce((sum, own, i) => sum + (own - q[i]!) ** 2 / q[i]!, 0);
}

function gridOf(distribution: Distribution): Float64Array {
  if (distribution.kind === 'categorical') return Float64Array.from(distribution.choices.keys());
  const { low, high } = lineOf(distribution);
  const places = Float64Array.from({ length: GRID }, (_, i) => fromLine(distribution, low + ((high - low) * (i + 0.5)) / GRID));
  return distribution.step === null ? places : Float64Array.from(new Set(places));
}
