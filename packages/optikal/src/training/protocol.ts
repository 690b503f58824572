/**
 * The learning protocol (DESIGN 7): leave one group out, fit everything on the rest, score what was left out once, pool. The unit of splitting
 * inside the rest is (model, suite); no recorded run and, leaving a suite out, no injected text may stand on both sides, and that is checked.
 */
import { auroc, createRandom } from '@optikal/ml';
import type { WindowSample } from './dataset.ts';
import { type Baselines, baselines, headline, type Measured, measure } from './measure.ts';
import { fitStack, marginsOf } from './stack.ts';

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
  readonly folds?: number;
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

/** Margins of left-out windows are pooled as they are: each fold's ensemble is standardised on its own out-of-fold margins. */
export function leaveOneOut(
  options: ProtocolOptions,
): ProtocolResult & { readonly kept: readonly WindowSample[]; readonly margins: Float64Array } {
  const { samples, metaOf, leave, seed } = options;
  const groupOf = (sample: WindowSample) => metaOf(sample.key)[leave];
  const unitOf = (sample: WindowSample) => `${metaOf(sample.key).model}|${metaOf(sample.key).suite}`;
  const names = [...new Set(samples.map(groupOf))].sort();
  const margins = new Float64Array(samples.length).fill(Number.NaN);
  let sharedRuns = 0;
  let sharedInjectedOutputs = 0;
  names.forEach((name, at) => {
    const test = samples.flatMap((sample, i) => (groupOf(sample) === name ? [i] : []));
    const train = samples.filter((sample) => groupOf(sample) !== name);
    sharedRuns = Math.max(
      sharedRuns,
      shared(
        train,
        test.map((i) => samples[i]!),
        (key) => metaOf(key).runIds,
      ),
    );
    sharedInjectedOutputs = Math.max(
      sharedInjectedOutputs,
      shared(
        train,
        test.map((i) => samples[i]!),
        (key) => metaOf(key).injectedOutputs,
      ),
    );
    const { bases } = fitStack(train, { unitOf, folds: options.folds ?? 3, seed: `${seed}:${name}` });
    marginsOf(
      bases,
      test.map((i) => samples[i]!),
    ).forEach((margin, j) => {
      margins[test[j]!] = margin;
    });
    options.onProgress?.(at + 1, names.length);
  });
  const kept = samples.flatMap((sample, i) => (headline(sample) ? [i] : []));
  const of = (indices: readonly number[]) => ({
    samples: indices.map((i) => samples[i]!),
    margins: Float64Array.from(indices, (i) => margins[i]!),
  });
  const pooled = of(kept);
  return {
    leave,
    groups: names.map((name) => {
      const own = of(kept.filter((i) => groupOf(samples[i]!) === name));
      const labels = own.samples.map((sample): number => (sample.label === 2 ? 1 : 0));
      const positives = labels.reduce((sum, label) => sum + label, 0);
      const both = positives > 0 && positives < labels.length;
      return { name, windows: labels.length, positives, auroc: both ? auroc(own.margins, labels) : null };
    }),
    pooled: measure(pooled.samples, pooled.margins, (sample) => `${unitOf(sample)}|${metaOf(sample.key).defence}`, seed),
    baselines: baselines(pooled.samples),
    sharedRuns,
    sharedInjectedOutputs,
    kept: pooled.samples,
    margins: pooled.margins,
  };
}

/** AUROC with labels permuted within (model, suite, defence): what this protocol finds where there is nothing to find. */
export function permutedAuroc(options: ProtocolOptions, permutations: number): readonly number[] {
  const kept = options.samples.filter(headline);
  const groupOf = (sample: WindowSample) => {
    const { model, suite, defence } = options.metaOf(sample.key);
    return `${model}|${suite}|${defence}`;
  };
  return Array.from({ length: permutations }, (_, i) => {
    const samples = permuteLabels(kept, groupOf, `${options.seed}:permuted:${i}`);
    const { margins, kept: scored } = leaveOneOut({ ...options, samples, seed: `${options.seed}:permuted:${i}`, folds: 2 });
    return auroc(
      margins,
      scored.map((sample) => (sample.label === 2 ? 1 : 0)),
    );
  });
}

/** Labels (with their call labels' counts) move between windows of one group; features stay. */
function permuteLabels(samples: readonly WindowSample[], groupOf: (sample: WindowSample) => string, seed: string): WindowSample[] {
  const members = new Map<string, number[]>();
  samples.forEach((sample, i) => members.set(groupOf(sample), [...(members.get(groupOf(sample)) ?? []), i]));
  const random = createRandom(seed);
  const permuted = [...samples];
  for (const indices of members.values()) {
    const from = [...indices];
    random.shuffle(from);
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
