/** A fitted LSTM with attention, and its model file. */
import { MlError } from '../errors.ts';
import { logistic } from '../math.ts';
import { arrayOf, type ModelContent, numberOf, writeModelFile } from '../model-file.ts';
import { integerWithin } from '../options.ts';
import { createRandom } from '../random.ts';
import { drawMask } from './dropout.ts';
import { backward, forward, head, newWorkspace, type Workspace } from './network.ts';
import { type Layout, layoutOf } from './parameters.ts';
import { channelCount, type Scaling, scaleSteps } from './scaling.ts';

/** The kind in the header of a model file. */
export const LSTM_KIND = 'lstm';
/** Points of the path of integrated gradients. */
const PATH_POINTS = 32;
const MAX_SIZE = 512;

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

/** Made by `fitLstm` or `decodeLstm`. Not to be used by two threads at once: it has one workspace. */
export class Lstm {
  readonly kind = LSTM_KIND;
  readonly featureCount: number;
  /** Steps that count, the latest ones. */
  readonly steps: number;
  readonly dropout: number;
  readonly #layout: Layout;
  readonly #weights: Float64Array;
  readonly #scaling: Scaling;
  readonly #work: Workspace;

  constructor(layout: Layout, weights: Float64Array, scaling: Scaling, steps: number, dropout: number) {
    this.#layout = layout;
    this.#weights = weights;
    this.#scaling = scaling;
    this.#work = newWorkspace(layout, steps);
    this.featureCount = scaling.means.length;
    this.steps = steps;
    this.dropout = dropout;
  }

  /**
   * Log-odds of label 1, before calibration, by the deterministic pass. `sequence`: at least one step, row-major, oldest first; NaN is missing,
   * an infinite value a very large one. ML_SHAPE_MISMATCH.
   */
  score(sequence: Float64Array): number {
    return this.#pass(sequence).margin;
  }

  /** The score with the weight of each step. ML_SHAPE_MISMATCH. */
  predictWithAttention(sequence: Float64Array): AttendedScore {
    const { margin, count } = this.#pass(sequence);
    return { margin, attention: this.#work.attention.slice(0, count) };
  }

  /**
   * The score with its spread over dropout passes (Gal & Ghahramani 2016), whose masks depend on `seed` only: name the agent and the window
   * in it. `passes` 2 to 10,000. ML_SHAPE_MISMATCH, ML_BAD_OPTION.
   */
  predictWithUncertainty(sequence: Float64Array, { passes = 50, seed }: { passes?: number; seed: number | string }): UncertainScore {
    integerWithin('passes', passes, 2, 10_000);
    const random = createRandom(seed);
    const { margin } = this.#pass(sequence);
    const work = this.#work;
    // Welford's recurrence: the spread of nearly equal numbers does not drown in rounding.
    let mean = 0;
    let squares = 0;
    for (let pass = 1; pass <= passes; pass++) {
      drawMask(work.contextMask, this.dropout, random);
      drawMask(work.denseMask, this.dropout, random);
      const p = logistic(head(this.#layout, this.#weights, work));
      const away = p - mean;
      mean += away / pass;
      squares += away * (p - mean);
    }
    work.contextMask.fill(1);
    work.denseMask.fill(1);
    return { margin, mean, spread: Math.sqrt(squares / (passes - 1)) };
  }

  /** Integrated gradients (Sundararajan et al. 2017) of the score, by the midpoint rule, from a sequence of means. ML_SHAPE_MISMATCH. */
  explain(sequence: Float64Array): SequenceAttribution {
    const { margin, count } = this.#pass(sequence);
    const work = this.#work;
    const cols = this.featureCount;
    const full = work.inputs.slice(0, count * channelCount(cols));
    const sums = new Float64Array(full.length);
    const unused = new Float64Array(this.#layout.length);
    for (let point = 0; point < PATH_POINTS; point++) {
      const at = (point + 0.5) / PATH_POINTS;
      for (let i = 0; i < full.length; i++) work.inputs[i] = at * full[i]!;
      forward(this.#layout, this.#weights, work, count);
      backward(this.#layout, this.#weights, work, count, 1, unused, true);
      for (let i = 0; i < full.length; i++) sums[i] = sums[i]! + work.inputGradients[i]!;
    }
    work.inputs.fill(0);
    const baseValue = forward(this.#layout, this.#weights, work, count);
    const attributions = new Float64Array(count * cols);
    let total = 0;
    for (let t = 0; t < count; t++)
      for (let c = 0; c < cols; c++) {
        const x = t * 2 * cols + c;
        // A feature answers for its value and for being missing.
        const share = (full[x]! * sums[x]! + full[x + cols]! * sums[x + cols]!) / PATH_POINTS;
        attributions[t * cols + c] = share;
        total += share;
      }
    return { baseValue, attributions, residual: margin - baseValue - total };
  }

  encode(): Uint8Array {
    const { hidden, dense } = this.#layout;
    const numbers = { featureCount: this.featureCount, hidden, dense, steps: this.steps, dropout: this.dropout };
    return writeModelFile({ kind: LSTM_KIND, numbers, arrays: { ...this.#scaling, weights: this.#weights } });
  }

  #pass(sequence: Float64Array): { readonly margin: number; readonly count: number } {
    if (sequence.length === 0 || sequence.length % this.featureCount !== 0)
      throw new MlError('ML_SHAPE_MISMATCH', {
        name: 'sequence',
        expected: `a multiple of ${this.featureCount}, not 0`,
        found: sequence.length,
      });
    const count = scaleSteps(this.#scaling, sequence, this.steps, this.#work.inputs);
    return { margin: forward(this.#layout, this.#weights, this.#work, count), count };
  }
}

/** The model of a model file. ML_FILE_KIND, ML_FILE_CORRUPT. */
export function lstmOf(content: ModelContent): Lstm {
  const whole = (name: string, high: number) => {
    const value = numberOf(content, name);
    if (Number.isInteger(value) && value >= 1 && value <= high) return value;
    throw new MlError('ML_FILE_CORRUPT', { name, expected: `an integer from 1 to ${high}`, found: value });
  };
  const cols = whole('featureCount', 65_536);
  const layout = layoutOf({ channels: channelCount(cols), hidden: whole('hidden', MAX_SIZE), dense: whole('dense', MAX_SIZE) });
  const steps = whole('steps', 1000);
  const dropout = numberOf(content, 'dropout');
  if (!(dropout >= 0 && dropout <= 0.9))
    throw new MlError('ML_FILE_CORRUPT', { name: 'dropout', expected: 'from 0 to 0.9', found: dropout });
  const finite = (name: string, length: number) => {
    const array = arrayOf(content, name, Float64Array);
    if (array.length === length && array.every((x) => Number.isFinite(x))) return array;
    throw new MlError('ML_FILE_CORRUPT', { name: `array \`${name}\``, expected: `${length} finite numbers`, found: array.length });
  };
  // Lengths are checked before anything of that size is made.
  const weights = finite('weights', layout.length);
  const scaling = { means: finite('means', cols), inverses: finite('inverses', cols) };
  return new Lstm(layout, weights, scaling, steps, dropout);
}
