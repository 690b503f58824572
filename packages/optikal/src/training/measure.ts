/** The figures of a report, each with its group interval, and the baselines that stand beside them (DESIGN 7). */
import { FEATURE_SETS, THREATS } from '@optikal/contracts';
import { auroc, bestStump, type Interval, matrixOf } from '@optikal/ml';
import type { WindowSample } from './dataset.ts';
import { everyRow, finite, intervalOf, rankingOf } from './ranking.ts';

export interface Figure {
  readonly value: number;
  readonly interval: Interval | null;
}

export interface Measured {
  readonly windows: number;
  readonly positives: number;
  readonly auroc: Figure;
  readonly averagePrecision: number;
  readonly recallAtFpr: readonly { readonly fpr: number; readonly recall: Figure }[];
  readonly perThreat: Readonly<Record<string, { readonly positives: number; readonly auroc: number }>>;
  /** One benign window in all of them: no rate below it can be measured, and none is printed. */
  readonly smallestFpr: number;
}

const FPRS = [0.01, 0.001];
const RESAMPLES = 200;

/** Windows of the headline: acted against neither; exposed windows and doubtful labels left out. */
export function headline(sample: WindowSample): boolean {
  return sample.label !== 1 && !sample.exclude;
}

/**
 * `margins` of `samples`, both of the headline; both classes must be there. `unitOf` names the group that is resampled as a whole; an interval
 * is null where there is one group only.
 */
export function measure(
  samples: readonly WindowSample[],
  margins: ArrayLike<number>,
  unitOf: (sample: WindowSample) => string,
  seed: string,
): Measured {
  const labels = labelsOf(samples);
  const scores = finite(margins);
  const ranking = rankingOf(scores, labels);
  const groups = samples.map(unitOf);
  const all = everyRow(samples.length);
  const figure = (statistic: (counts: ArrayLike<number>) => number): Figure => ({
    value: statistic(all),
    interval: intervalOf(groups, statistic, RESAMPLES, seed),
  });
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const benign = samples.length - positives;
  const perThreat: Record<string, { positives: number; auroc: number }> = {};
  for (const threat of THREATS) {
    const counts = Uint8Array.from(samples, (sample) => (sample.label === 0 || sample.threat === threat ? 1 : 0));
    const own = samples.filter((sample) => sample.label === 2 && sample.threat === threat).length;
    if (own > 0) perThreat[threat] = { positives: own, auroc: ranking.auroc(counts) };
  }
  return {
    windows: samples.length,
    positives,
    auroc: figure((counts) => ranking.auroc(counts)),
    averagePrecision: ranking.averagePrecision(all),
    recallAtFpr: FPRS.filter((fpr) => fpr * benign >= 1).map((fpr) => ({
      fpr,
      recall: figure((counts) => ranking.recallAtFpr(counts, fpr)),
    })),
    perThreat,
    smallestFpr: 1 / benign,
  };
}

export interface Baselines {
  readonly callCount: number;
  /** direction 1: more of it is the sign of an attack; −1: less. */
  readonly bestFeature: { readonly name: string; readonly direction: 1 | -1; readonly auroc: number };
  /** direction 1: above the threshold is an attack; −1: at or below it. */
  readonly bestStump: { readonly name: string; readonly direction: 1 | -1; readonly threshold: number; readonly balancedAccuracy: number };
}

/** More windows than this move a baseline by less than its interval: of the quiet ones every n-th is taken. */
const BASELINE_WINDOWS = 5000;

/**
 * Number of calls alone, the best single feature and the best stump, chosen on `fitOn`. Without `fitOn` they are chosen on the very windows
 * they are judged on: stronger than any honest rule of one feature, so a model that beats them has learnt more than that.
 */
export function baselines(all: readonly WindowSample[], fitOn: readonly WindowSample[] = all): Baselines {
  const samples = thinned(all);
  const fitted = fitOn === all ? samples : thinned(fitOn);
  const labels = labelsOf(samples);
  const stump = bestStump(matrixOf(fitted.map((s) => s.row)), labelsOf(fitted), matrixOf(samples.map((s) => s.row)), labels);
  return {
    callCount: auroc(
      samples.map((sample) => sample.callRows.length),
      labels,
    ),
    bestFeature: { name: FEATURE_SETS.fused1[stump.best.feature]!.name, direction: stump.best.direction, auroc: stump.best.auroc },
    bestStump: {
      name: FEATURE_SETS.fused1[stump.feature]!.name,
      direction: stump.direction,
      threshold: stump.threshold,
      balancedAccuracy: stump.balancedAccuracy,
    },
  };
}

function thinned(samples: readonly WindowSample[]): readonly WindowSample[] {
  return samples.length <= BASELINE_WINDOWS ? samples : thinnedRows(samples, BASELINE_WINDOWS).map((i) => samples[i]!);
}

/** Positions of all attacks, and of every n-th other window, so that about `most` are left. */
export function thinnedRows(samples: readonly WindowSample[], most: number): number[] {
  const stride = Math.ceil(samples.length / most);
  return samples.flatMap((sample, i) => (sample.label === 2 || i % stride === 0 ? [i] : []));
}

function labelsOf(samples: readonly WindowSample[]): Uint8Array {
  return Uint8Array.from(samples, (sample) => (sample.label === 2 ? 1 : 0));
}
