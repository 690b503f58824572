/**
 * The base that judges an agent's last windows: an LSTM with attention (DESIGN 6). What one window hides, several in a row may show: small steps
 * of one attack, a tool that is new for the third time. The label is that of the latest window.
 */
import { fitLstm, type Lstm, type LstmOptions, type Sequences } from '@optikal/ml';
import { type Step, sequenceValues } from '../detection/steps.ts';
import type { FitSample } from './dataset.ts';
import { classWeights, isSure, thin } from './rows.ts';

/** A fit costs in proportion to its sequences: these bounds keep the demo's under two seconds a fold on one core. */
const MAX_BENIGN = 3000;
const MAX_STOPPING_BENIGN = 1500;
/** Steps of an epoch at least, with batches of 8 to 64: few sequences in large batches end before they have learnt anything. */
const EPOCH_STEPS = 64;

/** What a plan may ask of the sequence model. */
export interface SequenceOptions {
  /** Default 32; others as `LstmOptions`. */
  readonly hidden?: number;
  /** Passes at most. Default 10. */
  readonly epochs?: number;
  /** Epochs without a better log loss on agents that it is not fitted on. Default 4. */
  readonly patience?: number;
  readonly dropoutAt?: NonNullable<LstmOptions['dropoutAt']>;
}

const DEFAULTS = { hidden: 32, epochs: 10, patience: 4 } as const;
const LSTM = { dropout: 0.2, learningRate: 0.003, weightDecay: 1e-4 };

/** null where the samples are of one class. Without `stopping` of both classes all epochs are run. */
export function fitSequences(
  samples: readonly FitSample[],
  seed: string,
  stopping: readonly FitSample[] = [],
  options: SequenceOptions = {},
): Lstm | null {
  const rows = labelledOf(samples, MAX_BENIGN, seed, true);
  if (!bothClasses(rows.labels)) return null;
  const { patience, ...asked } = { ...DEFAULTS, ...options };
  const held = labelledOf(stopping, MAX_STOPPING_BENIGN, seed, false);
  return fitLstm(rows.sequences, rows.labels, {
    ...LSTM,
    ...asked,
    weights: classWeights(rows.labels),
    batch: Math.min(64, Math.max(8, Math.floor(rows.labels.length / EPOCH_STEPS))),
    seed,
    ...(bothClasses(held.labels) ? { earlyStopping: { ...held, patience } } : {}),
  });
}

/**
 * `alone`: each sequence once more with its latest window alone. Attacks are few, and what came before one is learnt by heart; so the latest window
 * keeps the say that it has (docs/decisions/20261130-the-whole-ensemble.md).
 */
function labelledOf(samples: readonly FitSample[], most: number, seed: string, alone: boolean) {
  const whole = thin(
    samples.filter(isSure).map(({ sequence, label }) => ({ sequence, label: label === 2 ? (1 as const) : (0 as const) })),
    most,
    seed,
  );
  const rows = alone ? [...whole, ...whole.map(({ sequence, label }) => ({ sequence: sequence.slice(-1), label }))] : whole;
  return { sequences: packed(rows.map(({ sequence }) => sequence)), labels: Uint8Array.from(rows, ({ label }) => label) };
}

function packed(all: readonly (readonly Step[])[]): Sequences {
  const starts = new Int32Array(all.length + 1);
  all.forEach((sequence, s) => {
    starts[s + 1] = starts[s]! + sequence.length;
  });
  const cols = all[0]?.[0]?.length ?? 0;
  const values = new Float64Array(starts.at(-1)! * cols);
  all.forEach((sequence, s) => {
    values.set(sequenceValues(sequence), starts[s]! * cols);
  });
  return { cols, values, starts };
}

function bothClasses(labels: Uint8Array): boolean {
  return labels.includes(0) && labels.includes(1);
}
