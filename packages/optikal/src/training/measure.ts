/** The figures of a report, each with its group interval, and the baselines that stand beside them (DESIGN 7). */
import { FEATURE_SETS, THREATS } from '@optikal/contracts';
import { auroc, averagePrecision, bestStump, groupBootstrap, type Interval, matrixOf, recallAtFpr } from '@optikal/ml';
import type { WindowSample } from './dataset.ts';

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
  readonly smallestFpr: number;
}

const FPRS = [0.01, 0.001];
/** Bootstrap samples of an interval; more than this many windows get fewer, for the time of a resample grows with them. */
const RESAMPLES = 200;
const RESAMPLED_WINDOWS = 1_000_000;

/** Windows of the headline: acted against neither; exposed windows and doubtful labels left out. */
export function headline(sample: WindowSample): boolean {
  return sample.label !== 1 && !sample.exclude;
}

/** `margins` of `samples`, both of the headline. `unitOf` names the group that is resampled as a whole. */
export function measure(
  samples: readonly WindowSample[],
  margins: ArrayLike<number>,
  unitOf: (sample: WindowSample) => string,
  seed: string,
): Measured {
  const labels = Uint8Array.from(samples, (sample) => (sample.label === 2 ? 1 : 0));
  const scores = finite(margins);
  const groups = samples.map(unitOf);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const interval = (statistic: (s: Float64Array, l: Uint8Array) => number): Interval | null =>
    bootstrap(groups, scores, labels, statistic, seed);
  const benign = samples.length - positives;
  return {
    windows: samples.length,
    positives,
    auroc: { value: auroc(scores, labels), interval: interval(auroc) },
    averagePrecision: averagePrecision(scores, labels),
    recallAtFpr: FPRS.filter((fpr) => fpr * benign >= 1).map((fpr) => ({
      fpr,
      recall: { value: recallAtFpr(scores, labels, fpr).recall, interval: interval((s, l) => recallAtFpr(s, l, fpr).recall) },
    })),
    perThreat: Object.fromEntries(
      THREATS.flatMap((threat) => {
        const kept = samples.flatMap((sample, i) => (sample.label === 0 || sample.threat === threat ? [i] : []));
        const own = Uint8Array.from(kept, (i) => labels[i]!);
        const count = own.reduce((sum, label) => sum + label, 0);
        return count === 0
          ? []
          : [
              [
                threat,
                {
                  positives: count,
                  auroc: auroc(
                    Float64Array.from(kept, (i) => scores[i]!),
                    own,
                  ),
                },
              ],
            ];
      }),
    ),
    smallestFpr: 1 / benign,
  };
}

export interface Baselines {
  readonly callCount: number;
  readonly bestFeature: { readonly name: string; readonly auroc: number };
  readonly bestStump: { readonly name: string; readonly balancedAccuracy: number };
}

/** Number of calls alone, the best single feature and the best stump; the stump's threshold comes from `fitOn`, never from `samples`. */
export function baselines(samples: readonly WindowSample[], fitOn: readonly WindowSample[] = samples): Baselines {
  const labelsOf = (of: readonly WindowSample[]) => Uint8Array.from(of, (sample) => (sample.label === 2 ? 1 : 0));
  const labels = labelsOf(samples);
  const stump = bestStump(matrixOf(fitOn.map((s) => s.row)), labelsOf(fitOn), matrixOf(samples.map((s) => s.row)), labels);
  return {
    callCount: auroc(
      samples.map((sample) => sample.callRows.length),
      labels,
    ),
    bestFeature: { name: FEATURE_SETS.fused1[stump.best.feature]!.name, auroc: stump.best.auroc },
    bestStump: { name: FEATURE_SETS.fused1[stump.feature]!.name, balancedAccuracy: stump.balancedAccuracy },
  };
}

function bootstrap(
  groups: readonly string[],
  scores: Float64Array,
  labels: Uint8Array,
  statistic: (s: Float64Array, l: Uint8Array) => number,
  seed: string,
): Interval | null {
  return groupBootstrap(
    groups,
    (indices) => {
      const own = Uint8Array.from(indices, (i) => labels[i]!);
      const count = own.reduce((sum, label) => sum + label, 0);
      if (count === 0 || count === own.length) return Number.NaN;
      return statistic(
        Float64Array.from(indices, (i) => scores[i]!),
        own,
      );
    },
    { resamples: Math.max(40, Math.min(RESAMPLES, Math.floor(RESAMPLED_WINDOWS / labels.length))), seed },
  );
}

/** Missing and infinite margins rank below everything that was scored. */
function finite(margins: ArrayLike<number>): Float64Array {
  return Float64Array.from(margins, (margin) => (Number.isFinite(margin) ? margin : -1e9));
}
