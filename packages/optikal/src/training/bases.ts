/**
 * Base scorers of the ensemble and how each is fitted: one list, so that a base is added in one place. Each takes the samples whose
 * labels it may see; supervised ones learn acted (2) against neither (0), and leave exposed windows and doubtful labels out.
 */
import { FEATURE_SETS } from '@optikal/contracts';
import { type BaseScorer, createRandom, fitBoosting, fitIsolationForest, matrixOf } from '@optikal/ml';
import type { WindowSample } from './dataset.ts';

export interface BaseSpec {
  readonly name: string;
  readonly on: 'window' | 'call';
  readonly supervised: boolean;
  fit(samples: readonly WindowSample[], seed: string): BaseScorer;
}

const monotone = (set: 'fused1' | 'call1'): Int8Array => Int8Array.from(FEATURE_SETS[set], (feature) => feature.monotone);

/** More benign rows than this teach boosting nothing that a random part of them does not. */
const MAX_BENIGN_WINDOWS = 8000;
const MAX_BENIGN_CALLS = 24_000;

/** All positives and a seeded random part of the rest, in their order. */
function thin<T>(items: readonly T[], isPositive: (item: T) => boolean, limit: number, seed: string): readonly T[] {
  const rest = items.flatMap((item, i) => (isPositive(item) ? [] : [i]));
  if (rest.length <= limit) return items;
  createRandom(`${seed}:thin`).shuffle(rest);
  const dropped = new Set(rest.slice(limit));
  return items.filter((_, i) => !dropped.has(i));
}

/** Weight of the positive class: half way (on the log scale) between its share and balance. */
function classWeights(labels: Uint8Array): Float64Array {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const weight = Math.sqrt((labels.length - positives) / Math.max(1, positives));
  return Float64Array.from(labels, (label) => (label === 1 ? weight : 1));
}

/** An isolation forest finds what is rare, not what is bad: it looks only at features of which more is worse, and at habits. */
const FOREST_COLUMNS = FEATURE_SETS.fused1.map((feature) => feature.monotone !== 0 || feature.name.startsWith('z_'));

const isolationForest: BaseSpec = {
  name: 'isolation-forest',
  on: 'window',
  supervised: false,
  fit: (samples, seed) => {
    const benign = samples.filter((s) => s.label === 0);
    // A column that is missing throughout is never split on, so scoring may see the whole row.
    return fitIsolationForest(matrixOf(benign.map((s) => s.row.map((value, i) => (FOREST_COLUMNS[i] ? value : Number.NaN)))), { seed });
  },
};

const boosting: BaseSpec = {
  name: 'boosting',
  on: 'window',
  supervised: true,
  fit: (samples, seed) => {
    const used = thin(
      samples.filter((s) => s.label !== 1 && !s.exclude),
      (s) => s.label === 2,
      MAX_BENIGN_WINDOWS,
      seed,
    );
    const labels = Uint8Array.from(used, (s) => (s.label === 2 ? 1 : 0));
    return fitBoosting(matrixOf(used.map((s) => s.row)), labels, {
      ...WINDOW_BOOSTING,
      monotone: monotone('fused1'),
      weights: classWeights(labels),
      seed,
    });
  },
};

const callBoosting: BaseSpec = {
  name: 'call-boosting',
  on: 'call',
  supervised: true,
  fit: (samples, seed) => {
    const used = samples.filter((s) => s.label !== 1 && !s.exclude);
    const rows = used.flatMap((s) => s.callRows);
    // A call of an attack window that is not marked may still belong to it (a read that prepares the attack): left out.
    const marked = used.flatMap((s) => s.callLabels.map((label) => (label === 1 ? 1 : s.label === 0 ? 0 : 2)));
    const known = rows.flatMap((row, i) => (marked[i] === 2 ? [] : [{ row, label: marked[i]! }]));
    const kept = thin(known, ({ label }) => label === 1, MAX_BENIGN_CALLS, seed);
    const labels = Uint8Array.from(kept, ({ label }) => label);
    return fitBoosting(matrixOf(kept.map(({ row }) => row)), labels, {
      ...CALL_BOOSTING,
      monotone: monotone('call1'),
      weights: classWeights(labels),
      seed,
    });
  },
};

const WINDOW_BOOSTING = { rounds: 150, leaves: 6, learningRate: 0.06, minDataInLeaf: 15, l2: 5, rowShare: 0.7, columnShare: 0.4 } as const;
const CALL_BOOSTING = { rounds: 100, leaves: 10, learningRate: 0.07, minDataInLeaf: 20, l2: 5, rowShare: 0.7, columnShare: 0.6 } as const;
export const THREAT_BOOSTING = {
  rounds: 60,
  leaves: 6,
  learningRate: 0.1,
  minDataInLeaf: 5,
  l2: 3,
  rowShare: 0.8,
  columnShare: 0.5,
} as const;

export const BASE_SPECS: readonly BaseSpec[] = [isolationForest, boosting, callBoosting];
