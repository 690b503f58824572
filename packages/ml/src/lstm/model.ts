/** A fitted LSTM with attention. */
import { MlError } from '../errors.ts';
import type { ModelContent } from '../model-file.ts';
import { integerWithin } from '../options.ts';
import { type DropoutPlace, type DropoutShares, sharesOf } from './dropout.ts';
import { encodeLstm, lstmPartsOf } from './file.ts';
import { BatchScorer } from './kernel/batch.ts';
import { SingleScorer, type Spread } from './kernel/single.ts';
import type { TrainingKernel } from './options.ts';
import type { Layout } from './parameters.ts';
import { type Scaling, scaleSteps } from './scaling.ts';
import { checkShape, type Sequences } from './sequences.ts';

/** The kind in the header of a model file. */
export const LSTM_KIND = 'lstm';
/** Points of the path of integrated gradients. */
const PATH_POINTS = 32;

export interface AttendedScore {
  readonly margin: number;
  /** One weight a step that counted, oldest first; they sum to 1. */
  readonly attention: Float64Array;
}

export interface UncertainScore {
  /** Of the deterministic pass. */
  readonly margin: number;
  /** Mean and standard deviation of the probability over the dropout passes. */
  readonly mean: number;
  readonly spread: number;
}

export interface SequenceAttribution {
  /** The margin of a sequence of the same length in which every feature is at its mean. */
  readonly baseValue: number;
  /** One a step and feature, row-major, oldest first. */
  readonly attributions: Float64Array;
  /** margin − baseValue − Σ attributions: what the path's points missed. */
  readonly residual: number;
}

/** What a model is made of. */
export interface LstmParts {
  readonly layout: Layout;
  readonly weights: Float32Array;
  readonly scaling: Scaling;
  readonly steps: number;
  readonly dropout: number;
  readonly dropoutAt: DropoutPlace;
  readonly trainedWith: TrainingKernel;
}

/**
 * Made by `fitLstm` or `lstmOf`. Scores come from plain SIMD kernels: the same bits on every machine, whatever trained it. Not to be used by two
 * threads at once: it has one arena.
 */
export class Lstm {
  readonly kind = LSTM_KIND;
  readonly featureCount: number;
  /** Steps that count, the latest ones. */
  readonly steps: number;
  readonly dropout: number;
  readonly dropoutAt: DropoutPlace;
  readonly trainedWith: TrainingKernel;
  readonly #parts: LstmParts;
  readonly #shares: DropoutShares;
  readonly #single: SingleScorer;
  #batch: BatchScorer | null = null;

  constructor(parts: LstmParts) {
    const { layout, weights, scaling, steps } = parts;
    this.#parts = parts;
    this.#shares = sharesOf(parts.dropout, parts.dropoutAt);
    this.#single = new SingleScorer(layout, weights, scaling, steps);
    this.featureCount = scaling.means.length;
    this.steps = steps;
    this.dropout = parts.dropout;
    this.dropoutAt = parts.dropoutAt;
    this.trainedWith = parts.trainedWith;
  }

  /**
   * Log-odds of label 1, before calibration, by the deterministic pass. `sequence`: at least one step, row-major, oldest first; NaN is missing,
   * an infinite value a very large one. Allocates nothing. ML_SHAPE_MISMATCH.
   */
  score(sequence: Float64Array): number {
    this.#check(sequence);
    return this.#single.score(sequence);
  }

  /** The score of each sequence, in batches: the bits of `score`. ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_BAD_OPTION. */
  scoreMany(sequences: Sequences): Float64Array {
    checkShape(sequences, 1);
    if (sequences.cols !== this.featureCount)
      throw new MlError('ML_SHAPE_MISMATCH', { name: 'sequences', expected: this.featureCount, found: sequences.cols });
    return this.#batches().score(sequences);
  }

  /** The score with the weight of each step. ML_SHAPE_MISMATCH. */
  predictWithAttention(sequence: Float64Array): AttendedScore {
    const margin = this.score(sequence);
    return { margin, attention: this.#single.attention(this.#single.count(sequence)) };
  }

  /**
   * The score with its spread over dropout passes (Gal & Ghahramani 2016), whose masks depend on `seed` only: name the agent and the window
   * in it. `passes` 2 to 10,000, default 50. Where `into` is given it is filled and returned, and nothing is allocated. ML_SHAPE_MISMATCH,
   * ML_BAD_OPTION.
   *
   * @example
   * model.predictWithUncertainty(latest, { seed: `${agent}|${windowStartMs}` }).spread;
   */
  predictWithUncertainty(
    sequence: Float64Array,
    { passes = 50, seed }: { readonly passes?: number; readonly seed: number | string },
    into: Spread = { margin: 0, mean: 0, spread: 0 },
  ): UncertainScore {
    integerWithin('passes', passes, 2, 10_000);
    this.#check(sequence);
    this.#single.spread(sequence, passes, seed, this.#shares, into);
    return into;
  }

  /**
   * `predictWithUncertainty` and `predictWithAttention` in one pass over the sequence, with the same bits. ML_SHAPE_MISMATCH, ML_BAD_OPTION.
   *
   * @example
   * const { spread, attention } = model.predictWithBoth(latest, { seed: `${agent}|${windowStartMs}` });
   */
  predictWithBoth(
    sequence: Float64Array,
    options: { readonly passes?: number; readonly seed: number | string },
  ): UncertainScore & AttendedScore {
    const { margin, mean, spread } = this.predictWithUncertainty(sequence, options);
    return { margin, mean, spread, attention: this.#single.attention(this.#single.count(sequence)) };
  }

  /** Integrated gradients (Sundararajan et al. 2017) of the score, by the midpoint rule, from a sequence of means. ML_SHAPE_MISMATCH. */
  explain(sequence: Float64Array): SequenceAttribution {
    const margin = this.score(sequence);
    const { layout, scaling } = this.#parts;
    const { channels } = layout;
    const cols = this.featureCount;
    const count = this.#single.count(sequence);
    const full = new Float32Array(count * channels);
    scaleSteps(scaling, sequence, this.steps, full);
    const { sums, baseValue } = this.#batches().alongPath(full, count, PATH_POINTS);
    const attributions = new Float64Array(count * cols);
    for (let t = 0; t < count; t++) {
      for (let c = 0; c < cols; c++) attributions[t * cols + c] = (full[t * channels + c]! * sums[t * channels + c]!) / PATH_POINTS;
      // A feature answers for its value and for being missing.
      scaling.masked.forEach((c, m) => {
        const x = t * channels + cols + m;
        attributions[t * cols + c] = attributions[t * cols + c]! + (full[x]! * sums[x]!) / PATH_POINTS;
      });
    }
    const total = attributions.reduce((sum, share) => sum + share, 0);
    return { baseValue, attributions, residual: margin - baseValue - total };
  }

  encode(): Uint8Array {
    return encodeLstm(LSTM_KIND, this.#parts);
  }

  #batches(): BatchScorer {
    const { layout, weights, scaling, steps } = this.#parts;
    this.#batch ??= new BatchScorer(layout, weights, scaling, steps);
    return this.#batch;
  }

  #check(sequence: Float64Array): void {
    if (sequence.length > 0 && sequence.length % this.featureCount === 0) return;
    throw new MlError('ML_SHAPE_MISMATCH', {
      name: 'sequence',
      expected: `a multiple of ${this.featureCount}, not 0`,
      found: sequence.length,
    });
  }
}

/** The model of a model file. ML_FILE_KIND, ML_FILE_CORRUPT, ML_KERNEL_REFUSED. */
export function lstmOf(content: ModelContent): Lstm {
  if (content.kind !== LSTM_KIND) throw new MlError('ML_FILE_KIND', { expected: LSTM_KIND, found: `\`${content.kind}\`` });
  return new Lstm(lstmPartsOf(content));
}
