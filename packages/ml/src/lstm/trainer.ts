/** What the loop of `fitLstm` needs of a way to train: plain doubles or kernels. */
import type { ResolvedLstmOptions } from './options.ts';
import type { Layout } from './parameters.ts';
import type { ScaledSequences } from './scaling.ts';

export interface TrainingData {
  readonly scaled: ScaledSequences;
  readonly labels: Uint8Array;
  readonly rowWeights: Float64Array;
}

export interface Trainer {
  /** One step of Adam on the weighted mean log loss of the sequences `batch`, whose weights are above 0 and sum to `total`. */
  step(batch: Int32Array, total: number): void;
  /** The weights as they are now, in the layout of parameters.ts. */
  weights(): Float32Array;
}

/** Begins from `weights`, which it leaves as they are. */
export type NewTrainer = (layout: Layout, weights: Float32Array, data: TrainingData, options: ResolvedLstmOptions) => Trainer;

/** The seed of the dropout masks of a training run. */
export function dropoutSeed({ seed }: ResolvedLstmOptions): string {
  return `${seed}|dropout`;
}
