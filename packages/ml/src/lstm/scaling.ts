/**
 * How features enter the network: heavy tails are drawn in (sign(x)·ln(1 + |x|)), then standardised on the training steps and cut at ±CUT. A
 * missing value is 0, the mean, and a second channel says that it is missing; a column that never varies is always 0.
 */
import { log } from '../math.ts';
import type { Sequences } from './sequences.ts';

export interface Scaling {
  /** Of the drawn-in values, one a column. */
  readonly means: Float64Array;
  /** 1 / standard deviation; 0 where a column never varies. */
  readonly inverses: Float64Array;
}

/** Standard deviations from the mean beyond which an input says no more. */
const CUT = 6;

export function fitScaling({ cols, values }: Sequences): Scaling {
  const means = new Float64Array(cols);
  const inverses = new Float64Array(cols);
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
  }
  return { means, inverses };
}

/** Channels of an input: the scaled features, then one mask each. */
export function channelCount(cols: number): number {
  return 2 * cols;
}

/** Writes the channels of the last `steps` steps of a sequence to `inputs`, oldest first, and returns how many there are. */
export function scaleSteps({ means, inverses }: Scaling, sequence: Float64Array, steps: number, inputs: Float64Array): number {
  const cols = means.length;
  const all = sequence.length / cols;
  const count = Math.min(steps, all);
  const from = (all - count) * cols;
  for (let t = 0; t < count; t++) {
    const at = t * 2 * cols;
    for (let c = 0; c < cols; c++) {
      const x = sequence[from + t * cols + c]!;
      const missing = Number.isNaN(x);
      const scaled = missing ? 0 : (drawnIn(x) - means[c]!) * inverses[c]!;
      inputs[at + c] = scaled > CUT ? CUT : scaled < -CUT ? -CUT : scaled;
      inputs[at + cols + c] = missing ? 1 : 0;
    }
  }
  return count;
}

function drawnIn(x: number): number {
  if (x === Infinity || x === -Infinity) return x > 0 ? 1e3 : -1e3; // beyond ln of any double: cut like any large value
  return x < 0 ? -log(1 - x) : log(1 + x);
}
