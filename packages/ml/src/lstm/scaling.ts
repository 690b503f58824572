/**
 * How features enter the network: heavy tails are drawn in (sign(x)·ln(1 + |x|)), then standardised on the training steps and cut at ±CUT. A
 * missing value is 0, the mean, and a second channel says that it is missing, for the columns where training knew missing values: the weights of
 * a channel that never spoke would be chance. A column that never varies is always 0. Kernels do the same, to the bit (shared-lstm-forward.ts).
 */
import { log } from '../math.ts';
import { type Sequences, sequenceCount, stepsOf } from './sequences.ts';

export interface Scaling {
  /** Of the drawn-in values, one a column. */
  readonly means: Float64Array;
  /** 1 / standard deviation; 0 where a column never varies. */
  readonly inverses: Float64Array;
  /** The columns that have a channel for being missing, ascending. */
  readonly masked: Int32Array;
}

/** The channels of many sequences, scaled once: step i of sequence s is row starts[s] + i; only the latest steps are kept. */
export interface ScaledSequences {
  readonly channels: number;
  readonly values: Float32Array;
  readonly starts: Int32Array;
}

/** Standard deviations from the mean beyond which an input says no more. */
const CUT = 6;
/** What an infinite value is drawn in to: beyond ln of any double, so it is cut like any large value. */
const DRAWN_INFINITY = 1000;

export function fitScaling({ cols, values }: Sequences): Scaling {
  const means = new Float64Array(cols);
  const inverses = new Float64Array(cols);
  const masked: number[] = [];
  const steps = values.length / cols;
  for (let c = 0; c < cols; c++) {
    let count = 0;
    let sum = 0;
    for (let t = 0; t < steps; t++) {
      const x = values[t * cols + c]!;
      if (Number.isNaN(x)) continue;
      count++;
      sum += drawnIn(x);
    }
    const mean = count === 0 ? 0 : sum / count;
    let squares = 0;
    for (let t = 0; t < steps; t++) {
      const x = values[t * cols + c]!;
      if (!Number.isNaN(x)) squares += (drawnIn(x) - mean) ** 2;
    }
    means[c] = mean;
    // A spread that is rounding only is none.
    const spread = Math.sqrt(squares / Math.max(1, count));
    inverses[c] = spread > 1e-9 * Math.max(1, Math.abs(mean)) ? 1 / spread : 0;
    if (count < steps) masked.push(c);
  }
  return { means, inverses, masked: Int32Array.from(masked) };
}

/** Channels of an input: the scaled features, then the masks. */
export function channelCount({ means, masked }: Scaling): number {
  return means.length + masked.length;
}

/**
 * Writes the channels of the last `steps` steps of a sequence to `inputs` from position `at`, oldest first, and returns how many steps there are.
 */
export function scaleSteps(scaling: Scaling, sequence: Float64Array, steps: number, inputs: Float64Array | Float32Array, at = 0): number {
  const { means, inverses, masked } = scaling;
  const cols = means.length;
  const channels = channelCount(scaling);
  const all = sequence.length / cols;
  const count = Math.min(steps, all);
  for (let t = 0; t < count; t++) {
    const from = (all - count + t) * cols;
    const to = at + t * channels;
    for (let c = 0; c < cols; c++) {
      const x = sequence[from + c]!;
      const scaled = Number.isNaN(x) ? 0 : (drawnIn(x) - means[c]!) * inverses[c]!;
      inputs[to + c] = scaled > CUT ? CUT : scaled < -CUT ? -CUT : scaled;
    }
    for (let m = 0; m < masked.length; m++) inputs[to + cols + m] = Number.isNaN(sequence[from + masked[m]!]) ? 1 : 0;
  }
  return count;
}

export function scaleSequences(scaling: Scaling, sequences: Sequences, steps: number): ScaledSequences {
  const channels = channelCount(scaling);
  const count = sequenceCount(sequences);
  const starts = new Int32Array(count + 1);
  for (let s = 0; s < count; s++) starts[s + 1] = starts[s]! + Math.min(steps, sequences.starts[s + 1]! - sequences.starts[s]!);
  const values = new Float32Array(starts[count]! * channels);
  for (let s = 0; s < count; s++) scaleSteps(scaling, stepsOf(sequences, s), steps, values, starts[s]! * channels);
  return { channels, values, starts };
}

function drawnIn(x: number): number {
  if (x === Infinity || x === -Infinity) return x > 0 ? DRAWN_INFINITY : -DRAWN_INFINITY;
  return x < 0 ? -log(1 - x) : log(1 + x);
}
