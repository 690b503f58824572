/**
 * Fits the bases of an ensemble and their out-of-fold margins: rows of a unit (an agent, or a (model, suite) pair) are never on both sides.
 * Out-of-fold raw scores give each base its mean and spread; the final bases are fitted on all samples.
 */
import { type BaseScorer, groupedFolds } from '@optikal/ml';
import type { BaseModel } from '../detection/ensemble/bundle.ts';
import { baseScore, judge } from '../detection/ensemble/judge.ts';
import { BASE_SPECS, type BaseSpec } from './bases.ts';
import type { WindowSample } from './dataset.ts';

export interface StackOptions {
  readonly unitOf: (sample: WindowSample) => string;
  readonly folds: number;
  readonly seed: string;
  readonly specs?: readonly BaseSpec[];
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Stack {
  readonly bases: readonly BaseModel[];
  /** Out-of-fold ensemble margin of each sample. */
  readonly margins: Float64Array;
}

export function fitStack(samples: readonly WindowSample[], options: StackOptions): Stack {
  const specs = options.specs ?? BASE_SPECS;
  const total = specs.length * (options.folds + 1);
  let done = 0;
  const fold = groupedFolds(samples.map(options.unitOf), options.folds, options.seed);
  const fitted = specs.map((spec) => {
    const scores = new Float64Array(samples.length).fill(Number.NaN);
    for (let k = 0; k < options.folds; k++) {
      const scorer = spec.fit(
        samples.filter((_, i) => fold[i] !== k),
        `${options.seed}:${spec.name}:${k}`,
      );
      scoreInto(scores, samples, (i) => fold[i] === k, { on: spec.on, scorer });
      options.onProgress?.(++done, total);
    }
    const scorer = spec.fit(samples, `${options.seed}:${spec.name}`);
    options.onProgress?.(++done, total);
    return { base: { name: spec.name, on: spec.on, scorer, ...spreadOf(scores) }, scores };
  });
  const margins = Float64Array.from(samples, (_, i) => meanMargin(fitted.map(({ base, scores }) => (scores[i]! - base.mean) / base.sd)));
  return { bases: fitted.map(({ base }) => base), margins };
}

/** Ensemble margins of other samples. */
export function marginsOf(bases: readonly BaseModel[], samples: readonly WindowSample[]): Float64Array {
  return Float64Array.from(samples, (sample) => judge(bases, sample).margin);
}

/** Raw scores of one base; NaN where it has nothing to score. */
export function scoresOf(
  base: { readonly on: 'window' | 'call'; readonly scorer: BaseScorer },
  samples: readonly WindowSample[],
): Float64Array {
  const scores = new Float64Array(samples.length);
  scoreInto(scores, samples, () => true, base);
  return scores;
}

function scoreInto(
  scores: Float64Array,
  samples: readonly WindowSample[],
  take: (i: number) => boolean,
  base: { on: 'window' | 'call'; scorer: BaseScorer },
): void {
  for (let i = 0; i < samples.length; i++) if (take(i)) scores[i] = baseScore(base, samples[i]!).score;
}

function meanMargin(margins: readonly number[]): number {
  const known = margins.filter((margin) => !Number.isNaN(margin));
  return known.length === 0 ? Number.NEGATIVE_INFINITY : known.reduce((sum, margin) => sum + margin, 0) / known.length;
}

/** Mean and standard deviation of the known scores. */
export function spreadOf(scores: ArrayLike<number>): { readonly mean: number; readonly sd: number } {
  const known = Array.from(scores).filter((score) => Number.isFinite(score));
  const mean = known.reduce((sum, score) => sum + score, 0) / Math.max(1, known.length);
  const variance = known.reduce((sum, score) => sum + (score - mean) ** 2, 0) / Math.max(1, known.length);
  return { mean, sd: variance > 0 ? Math.sqrt(variance) : 1 };
}
