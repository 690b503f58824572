/**
 * Base scorers of the ensemble and how each is fitted: one list, so that a base is added in one place. Each takes the samples whose
 * labels it may see; supervised ones learn acted (2) against neither (0), and leave exposed windows and doubtful labels out.
 */
import { FEATURE_SETS } from '@optikal/contracts';
import { type BaseScorer, fitIsolationForest, type Lstm, matrixOf } from '@optikal/ml';
import type { FitSample } from './dataset.ts';
import { fitTrees, type TreeOptions } from './fit-trees.ts';
import { callWithout, windowWithout, withGaps } from './gaps.ts';
import { classWeights, isSure, type Labelled, thin } from './rows.ts';
import { fitSequences, type SequenceOptions } from './sequence-base.ts';

export type BaseSpec = RowSpec | SequenceSpec;

interface Spec {
  readonly name: string;
  readonly supervised: boolean;
  /** Has a weight in a labelled ensemble only where it improves on the others (DESIGN 6). */
  readonly onTrial: boolean;
  /** Part of its samples is held back, by unit, to say when to stop. */
  readonly stopsEarly: boolean;
}

export interface RowSpec extends Spec {
  readonly on: 'window' | 'call';
  /** null where the samples hold nothing to learn from (one class only, no calls). */
  fit(samples: readonly FitSample[], seed: string, stopping?: readonly FitSample[]): BaseScorer | null;
}

export interface SequenceSpec extends Spec {
  readonly on: 'sequence';
  fit(samples: readonly FitSample[], seed: string, stopping?: readonly FitSample[], options?: SequenceOptions): Lstm | null;
}

const monotone = (set: 'fused1' | 'call1'): Int8Array => Int8Array.from(FEATURE_SETS[set], (feature) => feature.monotone);

/** More benign rows than this teach boosting nothing that a random part of them does not. */
const MAX_BENIGN_WINDOWS = 8000;
const MAX_BENIGN_CALLS = 24_000;

const WINDOW_BOOSTING: TreeOptions = {
  rounds: 160,
  leaves: 6,
  learningRate: 0.1,
  minDataInLeaf: 15,
  l2: 5,
  rowShare: 0.7,
  columnShare: 0.4,
};
/** Slow: half the rate and more rounds found more at few false alarms, on models and on suites left out. */
const CALL_BOOSTING: TreeOptions = {
  rounds: 160,
  leaves: 12,
  learningRate: 0.05,
  minDataInLeaf: 20,
  l2: 5,
  rowShare: 0.7,
  columnShare: 0.6,
};
/** There are hundreds of exposed windows where there are thousands of quiet ones: smaller trees. */
const ACTED_CALL_BOOSTING: TreeOptions = { ...CALL_BOOSTING, rounds: 60, learningRate: 0.1, leaves: 6, minDataInLeaf: 10 };
/** An isolation forest finds what is rare, not what is bad: it looks only at features of which more is worse, and at habits. */
const FOREST_COLUMNS = FEATURE_SETS.fused1.map((feature) => feature.monotone !== 0 || feature.name.startsWith('z_'));
const LEAST_FOREST_ROWS = 2;

const isolationForest: RowSpec = {
  name: 'isolation-forest',
  on: 'window',
  supervised: false,
  onTrial: true,
  stopsEarly: false,
  fit: (samples, seed) => {
    const benign = samples.filter((s) => s.label === 0);
    if (benign.length < LEAST_FOREST_ROWS) return null;
    // A column that is missing throughout is never split on, so scoring may see the whole row.
    return fitIsolationForest(matrixOf(benign.map(({ row }) => row.map((value, i) => (FOREST_COLUMNS[i] ? value : Number.NaN)))), { seed });
  },
};

const boosting: RowSpec = {
  name: 'boosting',
  on: 'window',
  supervised: true,
  onTrial: false,
  stopsEarly: false,
  fit: (samples, seed) => {
    const rows = samples.filter(isSure).map(({ row, label }): Labelled => ({ row, label: label === 2 ? 1 : 0 }));
    return fitLabelled(withGaps(thin(rows, MAX_BENIGN_WINDOWS, seed), windowWithout, seed), 'fused1', WINDOW_BOOSTING, seed);
  },
};

const callBoosting: RowSpec = {
  name: 'call-boosting',
  on: 'call',
  supervised: true,
  onTrial: true,
  stopsEarly: false,
  fit: (samples, seed) => {
    return fitLabelled(withGaps(thin(labelledCalls(samples), MAX_BENIGN_CALLS, seed), callWithout, seed), 'call1', CALL_BOOSTING, seed);
  },
};

const lstm: SequenceSpec = {
  name: 'lstm',
  on: 'sequence',
  supervised: true,
  onTrial: true,
  stopsEarly: true,
  fit: fitSequences,
};

export const BASE_SPECS: readonly BaseSpec[] = [isolationForest, boosting, callBoosting, lstm];

/**
 * The bases of the head that tells acted from ignored. They see exposed windows only; a call in a window that ignored is a good one. What a
 * window sums up of its calls told less on suites that were left out, and blurred what its worst call says.
 */
export const ACTED_SPECS: readonly BaseSpec[] = [
  {
    name: 'acted-call-boosting',
    on: 'call',
    supervised: true,
    onTrial: false,
    stopsEarly: false,
    fit: (samples, seed) => fitLabelled(labelledCalls(exposed(samples)), 'call1', ACTED_CALL_BOOSTING, seed),
  },
];

function exposed(samples: readonly FitSample[]): readonly FitSample[] {
  return samples.filter(({ label, exclude }) => label > 0 && !exclude);
}

/**
 * A call of an attack window that is not marked may still belong to it (a read that prepares the attack): left out. Calls of an agent that read a
 * hostile text and ignored it are good ones.
 */
function labelledCalls(samples: readonly FitSample[]): Labelled[] {
  return samples
    .filter(({ exclude }) => !exclude)
    .flatMap(({ callRows, callLabels, label }) =>
      callRows.flatMap((row, i): Labelled[] => (callLabels[i] === 1 ? [{ row, label: 1 }] : label < 2 ? [{ row, label: 0 }] : [])),
    );
}

function fitLabelled(rows: readonly Labelled[], set: 'fused1' | 'call1', options: TreeOptions, seed: string): BaseScorer | null {
  const labels = Uint8Array.from(rows, ({ label }) => label);
  return fitTrees(
    rows.map(({ row }) => row),
    labels,
    monotone(set),
    { ...options, weights: classWeights(labels).map((weight, i) => weight * (rows[i]!.weight ?? 1)), seed },
  );
}
