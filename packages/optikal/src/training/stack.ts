/**
 * Fits the bases of an ensemble and their out-of-fold margins: rows of a unit (an agent, or a (model, suite) pair) are never on both sides.
 * Out-of-fold raw scores give each base its mean and spread; the final bases are fitted on all samples. A base on trial stays only where it
 * improves on the others beyond the group interval.
 */
import { groupedFolds, type Interval } from '@optikal/ml';
import type { BaseModel, ScorerOn } from '../detection/ensemble/bundle.ts';
import { baseScore, judge } from '../detection/ensemble/judge.ts';
import { BASE_SPECS, type BaseSpec } from './bases.ts';
import type { WindowSample } from './dataset.ts';
import { type FitJob, type FitPlan, type FittedModels, type OnProgress, runHere } from './jobs.ts';
import { everyRow, finite, intervalOf, rankingOf } from './ranking.ts';

export interface StackOptions {
  readonly unitOf: (sample: WindowSample) => string;
  /** At most; fewer where there are fewer units. At least two units are needed. */
  readonly folds: number;
  readonly seed: string;
  readonly specs?: readonly BaseSpec[];
}

export interface Stack {
  readonly bases: readonly BaseModel[];
  /** Out-of-fold ensemble margin of each sample; −Infinity where no base had anything to score. */
  readonly margins: Float64Array;
  /** The same of each kept base alone, standardised; NaN where it had nothing to score. */
  readonly baseMargins: readonly { readonly name: string; readonly margins: Float64Array }[];
  readonly trials: readonly Trial[];
}

/** What a base on trial adds to the others' out-of-fold average precision, and whether it stayed. */
export interface Trial {
  readonly name: string;
  readonly gain: number;
  readonly interval: Interval | null;
  readonly kept: boolean;
}

const TRIAL_RESAMPLES = 100;

/** The stack, fitted here and at once. */
export function fitStack(samples: readonly WindowSample[], options: StackOptions, onProgress?: OnProgress): Stack {
  const plan = planStack(samples, options);
  return plan.finish(runHere(samples, plan.jobs, onProgress, options.specs));
}

/** Jobs of each base: one a fold, on the other folds, and one on all samples. */
export function planStack(samples: readonly WindowSample[], options: StackOptions): FitPlan<Stack> {
  const specs = options.specs ?? BASE_SPECS;
  const { fold, folds } = foldsOf(samples, options);
  const others = Array.from({ length: folds }, (_, k) => Int32Array.from(samples.keys().filter((i) => fold[i] !== k)));
  const jobs = specs.flatMap(({ name }): FitJob[] => [
    ...others.map((rows, k) => ({ model: { base: name }, rows, seed: `${options.seed}:${name}:${k}` })),
    { model: { base: name }, rows: null, seed: `${options.seed}:${name}` },
  ]);
  return { jobs, finish: (models) => finishStack(samples, options, fold, models) };
}

function finishStack(samples: readonly WindowSample[], options: StackOptions, fold: Int32Array, models: FittedModels): Stack {
  const specs = options.specs ?? BASE_SPECS;
  const perBase = models.length / specs.length;
  const tried = specs.map((spec, s) => {
    const scores = new Float64Array(samples.length).fill(Number.NaN);
    for (let k = 0; k < perBase - 1; k++) {
      const scorer = models[s * perBase + k]!;
      if (scorer !== null) scoreInto(scores, samples, (i) => fold[i] === k, { on: spec.on, scorer });
    }
    return { spec, scores, ...spreadOf(scores), scorer: models[(s + 1) * perBase - 1]! };
  });
  const trials = tryOut(tried, samples, options);
  const kept = tried.flatMap(({ scorer, ...base }) => {
    const failed = trials.some((trial) => trial.name === base.spec.name && !trial.kept);
    return failed || scorer === null || !hasScores(base) ? [] : [{ ...base, scorer }];
  });
  const bases = kept.map(({ spec, scorer, mean, sd }): BaseModel => ({ name: spec.name, on: spec.on, scorer, mean, sd }));
  const baseMargins = kept.map(({ spec, scores, mean, sd }) => ({ name: spec.name, margins: scores.map((score) => (score - mean) / sd) }));
  return { bases, margins: ensembleOf(kept, samples.length), baseMargins, trials };
}

interface OutOfFold {
  readonly spec: BaseSpec;
  readonly scores: Float64Array;
  readonly mean: number;
  readonly sd: number;
}

/** A base that had nothing to learn from, or nothing to score, in any fold is no part of the ensemble. */
function hasScores({ scores }: OutOfFold): boolean {
  return scores.some((score) => !Number.isNaN(score));
}

/** Units with attacks are dealt out first, so that no fold is left without one while another has two. */
function foldsOf(samples: readonly WindowSample[], { unitOf, folds, seed }: StackOptions): { fold: Int32Array; folds: number } {
  const units = samples.map(unitOf);
  const attacked = new Set(units.filter((_, i) => samples[i]!.label === 2));
  const fold = new Int32Array(samples.length);
  const k = Math.min(folds, new Set(units).size);
  for (const side of [true, false]) {
    const rows = units.flatMap((unit, i) => (attacked.has(unit) === side ? [i] : []));
    const own = rows.map((i) => units[i]!);
    const parts = Math.min(k, new Set(own).size);
    if (parts === 0) continue;
    const dealt = parts === 1 ? new Int32Array(rows.length) : groupedFolds(own, parts, seed);
    rows.forEach((i, j) => {
      // The quiet units fill up from the far end: with few of them, fold sizes stay even.
      fold[i] = side ? dealt[j]! : k - 1 - dealt[j]!;
    });
  }
  return { fold, folds: k };
}

/** A trial needs labels, and others to improve on. */
function tryOut(tried: readonly OutOfFold[], samples: readonly WindowSample[], { unitOf, seed }: StackOptions): Trial[] {
  const sure = samples.flatMap((sample, i) => (sample.label !== 1 && !sample.exclude ? [i] : []));
  const labels = Uint8Array.from(sure, (i) => (samples[i]!.label === 2 ? 1 : 0));
  const others = tried.filter((base) => !base.spec.onTrial && hasScores(base));
  if (others.every(({ spec }) => spec.on === 'call') || !labels.includes(1) || !labels.includes(0)) return [];
  const groups = sure.map((i) => unitOf(samples[i]!));
  const rank = (bases: readonly OutOfFold[]) => {
    const margins = ensembleOf(bases, samples.length);
    return rankingOf(finite(Float64Array.from(sure, (i) => margins[i]!)), labels);
  };
  const without = rank(others);
  return tried.flatMap((base) => {
    if (!base.spec.onTrial || !hasScores(base)) return [];
    const ranking = rank([...others, base]);
    const gainOf = (counts: ArrayLike<number>) => ranking.averagePrecision(counts) - without.averagePrecision(counts);
    const interval = intervalOf(groups, gainOf, TRIAL_RESAMPLES, seed);
    const kept = interval !== null && interval.low > 0;
    return [{ name: base.spec.name, gain: gainOf(everyRow(sure.length)), interval, kept }];
  });
}

/** Ensemble margins of other samples. */
export function marginsOf(bases: readonly BaseModel[], samples: readonly WindowSample[]): Float64Array {
  return Float64Array.from(samples, (sample) => judge({ bases, meta: null }, sample).margin);
}

/** Raw scores of one base; NaN where it has nothing to score. */
export function scoresOf(base: ScorerOn, samples: readonly WindowSample[]): Float64Array {
  const scores = new Float64Array(samples.length);
  scoreInto(scores, samples, () => true, base);
  return scores;
}

function scoreInto(scores: Float64Array, samples: readonly WindowSample[], take: (i: number) => boolean, base: ScorerOn): void {
  for (let i = 0; i < samples.length; i++) if (take(i)) scores[i] = baseScore(base, samples[i]!).score;
}

/** The mean over the bases that have a score, as `judge` takes it. */
function ensembleOf(bases: readonly OutOfFold[], rows: number): Float64Array {
  const margins = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    let available = 0;
    for (const { scores, mean, sd } of bases) {
      if (Number.isNaN(scores[i])) continue;
      sum += (scores[i]! - mean) / sd;
      available++;
    }
    margins[i] = available === 0 ? Number.NEGATIVE_INFINITY : sum / available;
  }
  return margins;
}

/** Mean and standard deviation of the known scores. */
export function spreadOf(scores: ArrayLike<number>): { readonly mean: number; readonly sd: number } {
  const known = Array.from(scores).filter((score) => Number.isFinite(score));
  const mean = known.reduce((sum, score) => sum + score, 0) / Math.max(1, known.length);
  const variance = known.reduce((sum, score) => sum + (score - mean) ** 2, 0) / Math.max(1, known.length);
  return { mean, sd: variance > 0 ? Math.sqrt(variance) : 1 };
}
