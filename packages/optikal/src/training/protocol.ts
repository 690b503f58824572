/**
 * The learning protocol (DESIGN 7): leave one group out, fit everything on the rest, score what was left out once, pool. The unit of splitting
 * inside the rest is (model, suite); no recorded run and, leaving a suite out, no injected text may stand on both sides, and that is checked.
 */
import { createRandom } from '@optikal/ml';
import { judge } from '../detection/ensemble/judge.ts';
import type { BaseSpec } from './bases.ts';
import type { WindowSample } from './dataset.ts';
import type { NamedMargins } from './ensemble-figures.ts';
import { type Baselines, baselines, headline, type Measured, measure } from './measure.ts';
import { priorLogOdds } from './meta.ts';
import { everyRow, finite, rankingOf } from './ranking.ts';
import { fitStack } from './stack.ts';

/** What is known of an agent's data beside its events; never a feature. */
export interface SessionMeta {
  readonly model: string;
  readonly suite: string;
  readonly defence: string;
  readonly runIds: readonly string[];
  readonly injectedOutputs: readonly number[];
}

export interface ProtocolOptions {
  readonly samples: readonly WindowSample[];
  readonly metaOf: (key: string) => SessionMeta;
  /** What is left out: 'model' (the easy half) or 'suite' (by name over all sources; the honest figure). */
  readonly leave: 'model' | 'suite';
  readonly seed: string;
  /** Folds of the out-of-fold margins inside the rest: they scale the bases and choose among them. Default 2. */
  readonly folds?: number;
  /** Default: the ensemble's own. */
  readonly specs?: readonly BaseSpec[];
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ProtocolResult {
  readonly leave: 'model' | 'suite';
  readonly groups: readonly {
    readonly name: string;
    readonly windows: number;
    readonly positives: number;
    readonly auroc: number | null;
  }[];
  readonly pooled: Measured;
  readonly baselines: Baselines;
  /** Largest number of run ids, and of injected outputs, found on both sides of any split. */
  readonly sharedRuns: number;
  readonly sharedInjectedOutputs: number;
}

/** The windows that count, and what they were given when their group was left out. */
export interface LeftOut extends ProtocolResult {
  readonly kept: readonly WindowSample[];
  readonly margins: Float64Array;
  /** Of all samples, those outside the headline too, in their order; NaN or −Infinity where nothing could be scored. */
  readonly everyMargin: Float64Array;
  /** The same of each base alone. */
  readonly baseMargins: readonly NamedMargins[];
}

const DEFAULT_FOLDS = 2;

/** Margins of left-out windows are pooled as log-odds without their prior; bases are standardised on their own out-of-fold margins. */
export function leaveOneOut(options: ProtocolOptions): LeftOut {
  const { samples, metaOf, leave, seed } = options;
  const groupOf = (sample: WindowSample) => metaOf(sample.key)[leave];
  const { names, margins, baseMargins, sharedRuns, sharedInjectedOutputs } = scoreLeftOut(options);
  const kept = samples.flatMap((sample, i) => (headline(sample) ? [i] : []));
  const of = (indices: readonly number[]) => ({
    samples: indices.map((i) => samples[i]!),
    margins: finite(Float64Array.from(indices, (i) => margins[i]!)),
  });
  const pooled = of(kept);
  return {
    leave,
    groups: names.map((name) => {
      const own = of(kept.filter((i) => groupOf(samples[i]!) === name));
      const labels = Uint8Array.from(own.samples, (sample) => (sample.label === 2 ? 1 : 0));
      const found = rankingOf(own.margins, labels).auroc(everyRow(labels.length));
      return {
        name,
        windows: labels.length,
        positives: own.samples.filter((sample) => sample.label === 2).length,
        auroc: Number.isNaN(found) ? null : found,
      };
    }),
    pooled: measure(pooled.samples, pooled.margins, (sample) => cellOf(metaOf(sample.key)), seed),
    baselines: baselines(pooled.samples),
    sharedRuns,
    sharedInjectedOutputs,
    kept: pooled.samples,
    margins: pooled.margins,
    everyMargin: margins,
    baseMargins: [...baseMargins].map(([name, own]) => ({ name, margins: own })),
  };
}

function scoreLeftOut({ samples, metaOf, leave, seed, folds, specs, onProgress }: ProtocolOptions) {
  const names = [...new Set(samples.map((sample) => metaOf(sample.key)[leave]))].sort();
  const margins = new Float64Array(samples.length).fill(Number.NaN);
  const baseMargins = new Map<string, Float64Array>();
  let sharedRuns = 0;
  let sharedInjectedOutputs = 0;
  names.forEach((name, at) => {
    const left = samples.flatMap((sample, i) => (metaOf(sample.key)[leave] === name ? [i] : []));
    const test = left.map((i) => samples[i]!);
    const train = samples.filter((sample) => metaOf(sample.key)[leave] !== name);
    sharedRuns = Math.max(
      sharedRuns,
      shared(train, test, (key) => metaOf(key).runIds),
    );
    sharedInjectedOutputs = Math.max(
      sharedInjectedOutputs,
      shared(train, test, (key) => metaOf(key).injectedOutputs),
    );
    const stack = fitStack(train, {
      unitOf: ({ key }) => `${metaOf(key).model}|${metaOf(key).suite}`,
      folds: folds ?? DEFAULT_FOLDS,
      seed: `${seed}:${name}`,
      ...(specs === undefined ? {} : { specs }),
    });
    // Log-odds of a fit hold the share of attacks that it saw, which is low where that of the group left out is high: pooled as they are, they
    // would rank groups against their labels.
    const prior = stack.meta === null ? 0 : priorLogOdds(train);
    left.forEach((i) => {
      const judged = judge(stack, samples[i]!);
      margins[i] = judged.margin - prior;
      for (const { name, margin } of judged.bases) {
        const own = baseMargins.get(name) ?? new Float64Array(samples.length).fill(Number.NaN);
        baseMargins.set(name, own);
        own[i] = margin ?? Number.NaN;
      }
    });
    onProgress?.(at + 1, names.length);
  });
  return { names, margins, baseMargins, sharedRuns, sharedInjectedOutputs };
}

/** The cell of the data's design: windows of one are not independent of each other. */
export function cellOf({ model, suite, defence }: SessionMeta): string {
  return `${model}|${suite}|${defence}`;
}

/**
 * AUROC with labels permuted within (model, suite, defence): what this protocol finds where there is nothing to find. The same splits, bases
 * and pooling; `thinning` fits each permutation on every n-th benign window only, as a chance figure needs no strong model.
 */
export function permutedAuroc(options: ProtocolOptions, permutations: number, thinning = 1): readonly number[] {
  const kept = options.samples.filter(headline);
  return Array.from({ length: permutations }, (_, i) => {
    const seed = `${options.seed}:permuted:${i}`;
    const permuted = permuteLabels(kept, (sample) => cellOf(options.metaOf(sample.key)), seed);
    const samples = permuted.filter((sample, at) => sample.label === 2 || at % thinning === 0);
    const { margins } = scoreLeftOut({ ...options, samples, seed });
    const labels = Uint8Array.from(samples, (sample) => (sample.label === 2 ? 1 : 0));
    return rankingOf(finite(margins), labels).auroc(everyRow(labels.length));
  });
}

/** Labels move between windows of one group, features stay. Exported for its test. */
export function permuteLabels(
  samples: readonly WindowSample[],
  groupOf: (sample: WindowSample) => string,
  seed: string,
): readonly WindowSample[] {
  const random = createRandom(seed);
  const permuted = [...samples];
  for (const indices of Map.groupBy(samples.keys(), (i) => groupOf(samples[i]!)).values()) {
    const from = random.shuffle([...indices]);
    indices.forEach((to, j) => {
      const { label, threat } = samples[from[j]!]!;
      const sample = samples[to]!;
      // One random call of a window that now counts as an attack serves it, as one or two do in real ones.
      const hit = label === 2 && sample.callRows.length > 0 ? random.nextInt(sample.callRows.length) : -1;
      permuted[to] = { ...sample, label, threat, callLabels: sample.callRows.map((_, k) => (k === hit ? 1 : 0)) };
    });
  }
  return permuted;
}

function shared<T>(train: readonly WindowSample[], test: readonly WindowSample[], of: (key: string) => readonly T[]): number {
  const keys = (samples: readonly WindowSample[]) => [...new Set(samples.map((sample) => sample.key))];
  const inTrain = new Set(keys(train).flatMap((key) => [...of(key)]));
  return new Set(keys(test).flatMap((key) => of(key).filter((id) => inTrain.has(id)))).size;
}
