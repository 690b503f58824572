/** The options of the LSTM, resolved and checked once. */
import { MlError } from '../errors.ts';
import { integerWithin, lengthOf, numberWithin, refuseUnknownKeys, seedOf } from '../options.ts';
import { DROPOUT_PLACES, type DropoutPlace } from './dropout.ts';
import type { Sequences } from './sequences.ts';

/** Stops when the log loss on these sequences (both classes weigh the same) has not fallen for `patience` epochs; the best epoch is kept. */
export interface SequenceEarlyStopping {
  /** Sequences the model is not fitted on, same columns. They are spent: not out-of-fold for anything later. */
  readonly sequences: Sequences;
  readonly labels: Uint8Array;
  /** Epochs without a better log loss. 1 to 1,000. */
  readonly patience: number;
}

export const TRAINING_KERNELS = ['simd', 'relaxed', 'plain'] as const;
/**
 * What trains: `simd`, kernels whose bytes are the same on every machine; `relaxed`, their twin that rounds a multiplication and an addition once
 * where the machine can, faster, and its last bits belong to the machine; `plain`, doubles without kernels, the slow reference of both.
 */
export type TrainingKernel = (typeof TRAINING_KERNELS)[number];

/** Options of `fitLstm`. */
export interface LstmOptions {
  /** Cells of the LSTM, and width of the attention. Default 32; 1 to 512. */
  readonly hidden?: number;
  /** Width of the dense layer behind the attention. Default half of `hidden`; 1 to 512. */
  readonly dense?: number;
  /** Steps that count, the latest ones. Default 10; 1 to 1,000. */
  readonly steps?: number;
  /** Share that a dropout pass leaves out, rounded to a multiple of 1/256. Default 0.2; 0 to 0.9. */
  readonly dropout?: number;
  /** What it leaves out of: the context of the attention, the dense layer behind it, or both. Default `both`. */
  readonly dropoutAt?: DropoutPlace;
  /** Passes over the sequences at most. Default 20; 1 to 1,000. */
  readonly epochs?: number;
  /** Sequences a step of Adam. Default 64; 1 to 65,536. */
  readonly batch?: number;
  /** Adam's step size. Default 0.003; above 0, at most 1. */
  readonly learningRate?: number;
  /** L2 penalty on weights (not on biases), decoupled from the gradient as in AdamW. Default 1e-4; 0 to 1. */
  readonly weightDecay?: number;
  /** Longest gradient, as a Euclidean norm over all parameters; a longer one is scaled down. Default 1; above 0, at most 1e6. */
  readonly clip?: number;
  /** Weight of each sequence, at least 0, not all 0. Default: both classes weigh the same. */
  readonly weights?: Float64Array;
  /** Default: none, all epochs are kept. */
  readonly earlyStopping?: SequenceEarlyStopping;
  /** Seed of the first weights, the order of the batches and the dropout. Default 0. */
  readonly seed?: number | string;
  /** What trains; scores always come from plain SIMD. Default `simd`. */
  readonly kernel?: TrainingKernel;
}

/** The same, without optionals. */
export interface ResolvedLstmOptions {
  readonly hidden: number;
  readonly dense: number;
  readonly steps: number;
  readonly dropout: number;
  readonly dropoutAt: DropoutPlace;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly clip: number;
  readonly weights: Float64Array | null;
  readonly earlyStopping: SequenceEarlyStopping | null;
  readonly seed: number | string;
  readonly kernel: TrainingKernel;
}

const KNOWN: readonly (keyof LstmOptions)[] = [
  'hidden',
  'dense',
  'steps',
  'dropout',
  'dropoutAt',
  'epochs',
  'batch',
  'learningRate',
  'weightDecay',
  'clip',
  'weights',
  'earlyStopping',
  'seed',
  'kernel',
];

/** Resolves and checks for `count` sequences. ML_UNKNOWN_OPTION, ML_BAD_OPTION, ML_SHAPE_MISMATCH, ML_BAD_WEIGHT. */
export function resolveLstmOptions(options: LstmOptions, count: number): ResolvedLstmOptions {
  refuseUnknownKeys(options, KNOWN);
  if (options.weights !== undefined) checkWeights(options.weights, count);
  if (options.earlyStopping !== undefined) {
    refuseUnknownKeys(options.earlyStopping, ['sequences', 'labels', 'patience']);
    integerWithin('earlyStopping.patience', options.earlyStopping.patience, 1, 1000);
  }
  const hidden = integerWithin('hidden', options.hidden ?? 32, 1, 512);
  return {
    hidden,
    dense: integerWithin('dense', options.dense ?? Math.max(1, hidden >> 1), 1, 512),
    steps: integerWithin('steps', options.steps ?? 10, 1, 1000),
    dropout: numberWithin('dropout', options.dropout ?? 0.2, 0, 0.9),
    dropoutAt: oneOf('dropoutAt', options.dropoutAt ?? 'both', DROPOUT_PLACES),
    epochs: integerWithin('epochs', options.epochs ?? 20, 1, 1000),
    batch: integerWithin('batch', options.batch ?? 64, 1, 65_536),
    learningRate: numberWithin('learningRate', options.learningRate ?? 0.003, 0, 1, true),
    weightDecay: numberWithin('weightDecay', options.weightDecay ?? 1e-4, 0, 1),
    clip: numberWithin('clip', options.clip ?? 1, 0, 1e6, true),
    weights: options.weights ?? null,
    earlyStopping: options.earlyStopping ?? null,
    seed: seedOf(options.seed ?? 0),
    kernel: oneOf('kernel', options.kernel ?? 'simd', TRAINING_KERNELS),
  };
}

function oneOf<T extends string>(name: string, value: T, known: readonly T[]): T {
  if (known.includes(value)) return value;
  throw new MlError('ML_BAD_OPTION', { name, expected: `one of ${known.join(', ')}`, found: String(value) });
}

function checkWeights(weights: Float64Array, count: number): void {
  lengthOf('weights', weights, count);
  let sum = 0;
  for (const weight of weights) {
    if (!(weight >= 0 && weight < Infinity)) throw new MlError('ML_BAD_WEIGHT', { name: 'weights', found: String(weight) });
    sum += weight;
  }
  if (!(sum > 0 && sum < Infinity)) throw new MlError('ML_BAD_WEIGHT', { name: 'weights', found: `a sum of ${sum}` });
}
