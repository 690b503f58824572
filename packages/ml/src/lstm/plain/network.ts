/**
 * The network forwards and backwards, one sequence at a time, in plain doubles: the reference that faster kernels are held against.
 *
 *   LSTM (Hochreiter & Schmidhuber 1997, with forget gates)     i, f, o = σ(·), g = tanh(·) of W_x x_t + W_h h_{t−1} + b
 *                                                               c_t = f c_{t−1} + i g,  h_t = o tanh(c_t)
 *   additive attention (Bahdanau, Cho & Bengio 2015)            e_t = v · tanh(K h_t + Q h_T + a),  α = softmax(e),  context = Σ α_t h_t
 *   head                                                        margin = w · (m₂ ⊙ relu(W (m₁ ⊙ context) + d)) + bias
 *
 * m₁ and m₂ are inverted dropout masks (0, or 1/(1 − p)); all ones in the deterministic pass. A workspace is made once and holds all that the
 * way back needs: nothing is allocated per sequence.
 */
import { exp } from '../../math.ts';
import type { Layout } from '../parameters.ts';

export interface Workspace {
  /** Channels of each step, filled by the caller. */
  readonly inputs: Float64Array;
  /** Gates after their functions, 4H a step; cells, tanh of cells, and states, H a step. */
  readonly gates: Float64Array;
  readonly cells: Float64Array;
  readonly squashed: Float64Array;
  readonly states: Float64Array;
  /** tanh(K h_t + Q h_T + a), H a step; weights of the steps. */
  readonly keys: Float64Array;
  readonly query: Float64Array;
  readonly attention: Float64Array;
  readonly context: Float64Array;
  readonly dense: Float64Array;
  /** Dropout masks of the context and of the dense layer. */
  readonly contextMask: Float64Array;
  readonly denseMask: Float64Array;
  readonly stateGradients: Float64Array;
  readonly inputGradients: Float64Array;
  readonly scratch: Float64Array;
}

export function newWorkspace({ channels, hidden, dense }: Layout, steps: number): Workspace {
  return {
    inputs: new Float64Array(steps * channels),
    gates: new Float64Array(steps * 4 * hidden),
    cells: new Float64Array(steps * hidden),
    squashed: new Float64Array(steps * hidden),
    states: new Float64Array(steps * hidden),
    keys: new Float64Array(steps * hidden),
    query: new Float64Array(hidden),
    attention: new Float64Array(steps),
    context: new Float64Array(hidden),
    dense: new Float64Array(dense),
    contextMask: new Float64Array(hidden).fill(1),
    denseMask: new Float64Array(dense).fill(1),
    stateGradients: new Float64Array(steps * hidden),
    inputGradients: new Float64Array(steps * channels),
    scratch: new Float64Array(8 * Math.max(hidden, dense)),
  };
}

/** Margin of the first `steps` steps of `inputs`. Leaves attention, context and everything for `backward` in the workspace. */
export function forward(layout: Layout, weights: Float64Array, work: Workspace, steps: number): number {
  for (let t = 0; t < steps; t++) stepForward(layout, weights, work, t);
  attend(layout, weights, work, steps);
  return head(layout, weights, work);
}

function stepForward({ channels, hidden, wx, wh, b }: Layout, weights: Float64Array, work: Workspace, t: number): void {
  const { inputs, gates, cells, squashed, states } = work;
  const x = t * channels;
  const before = (t - 1) * hidden;
  const g = t * 4 * hidden;
  for (let row = 0; row < 4 * hidden; row++) {
    let sum = weights[b + row]!;
    const wxRow = wx + row * channels;
    for (let c = 0; c < channels; c++) sum += weights[wxRow + c]! * inputs[x + c]!;
    if (t > 0) {
      const whRow = wh + row * hidden;
      for (let j = 0; j < hidden; j++) sum += weights[whRow + j]! * states[before + j]!;
    }
    gates[g + row] = row >= 2 * hidden && row < 3 * hidden ? tanh(sum) : sigmoid(sum);
  }
  const at = t * hidden;
  for (let j = 0; j < hidden; j++) {
    const kept = t > 0 ? gates[g + hidden + j]! * cells[before + j]! : 0;
    const cell = kept + gates[g + j]! * gates[g + 2 * hidden + j]!;
    cells[at + j] = cell;
    squashed[at + j] = tanh(cell);
    states[at + j] = gates[g + 3 * hidden + j]! * squashed[at + j]!;
  }
}

function attend({ hidden, ak, aq, ab, av }: Layout, weights: Float64Array, work: Workspace, steps: number): void {
  const { states, keys, query, attention, context } = work;
  const last = (steps - 1) * hidden;
  for (let i = 0; i < hidden; i++) {
    let sum = weights[ab + i]!;
    for (let j = 0; j < hidden; j++) sum += weights[aq + i * hidden + j]! * states[last + j]!;
    query[i] = sum;
  }
  let largest = Number.NEGATIVE_INFINITY;
  for (let t = 0; t < steps; t++) {
    const at = t * hidden;
    let energy = 0;
    for (let i = 0; i < hidden; i++) {
      let sum = query[i]!;
      for (let j = 0; j < hidden; j++) sum += weights[ak + i * hidden + j]! * states[at + j]!;
      keys[at + i] = tanh(sum);
      energy += weights[av + i]! * keys[at + i]!;
    }
    attention[t] = energy;
    if (energy > largest) largest = energy;
  }
  let total = 0;
  for (let t = 0; t < steps; t++) {
    attention[t] = exp(attention[t]! - largest);
    total += attention[t]!;
  }
  context.fill(0);
  for (let t = 0; t < steps; t++) {
    attention[t] = attention[t]! / total;
    for (let j = 0; j < hidden; j++) context[j] = context[j]! + attention[t]! * states[t * hidden + j]!;
  }
}

/** The head alone, on the context in the workspace: what a dropout pass repeats. */
export function head({ hidden, dense: width, dw, db, ow, ob }: Layout, weights: Float64Array, work: Workspace): number {
  const { context, contextMask, dense, denseMask } = work;
  let margin = weights[ob]!;
  for (let e = 0; e < width; e++) {
    let sum = weights[db + e]!;
    for (let j = 0; j < hidden; j++) sum += weights[dw + e * hidden + j]! * contextMask[j]! * context[j]!;
    dense[e] = sum > 0 ? sum : 0;
    margin += weights[ow + e]! * denseMask[e]! * dense[e]!;
  }
  return margin;
}

/**
 * Adds `scale` × the gradient of the last `forward`'s margin to `gradients`, and writes scale × its gradient by the inputs into the workspace
 * where `wantInputs`.
 */
export function backward(
  layout: Layout,
  weights: Float64Array,
  work: Workspace,
  steps: number,
  scale: number,
  gradients: Float64Array,
  wantInputs = false,
): void {
  const { hidden } = layout;
  const { stateGradients } = work;
  stateGradients.fill(0, 0, steps * hidden);
  headBackward(layout, weights, work, scale, gradients);
  attentionBackward(layout, weights, work, steps, gradients);
  if (wantInputs) work.inputGradients.fill(0, 0, steps * layout.channels);
  const cellGradient = work.scratch.subarray(0, hidden).fill(0);
  for (let t = steps - 1; t >= 0; t--) stepBackward(layout, weights, work, t, cellGradient, gradients, wantInputs);
}

/** Leaves the gradient by the context in scratch[0 … H). */
function headBackward(layout: Layout, weights: Float64Array, work: Workspace, scale: number, gradients: Float64Array): void {
  const { hidden, dense: width, dw, db, ow, ob } = layout;
  const { context, contextMask, dense, denseMask, scratch } = work;
  scratch.fill(0, 0, hidden);
  gradients[ob] = gradients[ob]! + scale;
  for (let e = 0; e < width; e++) {
    gradients[ow + e] = gradients[ow + e]! + scale * denseMask[e]! * dense[e]!;
    if (dense[e] === 0) continue;
    const by = scale * denseMask[e]! * weights[ow + e]!;
    gradients[db + e] = gradients[db + e]! + by;
    for (let j = 0; j < hidden; j++) {
      const at = dw + e * hidden + j;
      gradients[at] = gradients[at]! + by * contextMask[j]! * context[j]!;
      scratch[j] = scratch[j]! + by * contextMask[j]! * weights[at]!;
    }
  }
}

/** Takes the gradient by the context from scratch[0 … H), adds to that by the states. */
function attentionBackward(layout: Layout, weights: Float64Array, work: Workspace, steps: number, gradients: Float64Array): void {
  const { hidden, ak, aq, ab, av } = layout;
  const { states, keys, attention, stateGradients, scratch } = work;
  const last = (steps - 1) * hidden;
  // Softmax: dE/de_t = α_t (c·h_t − Σ α_s c·h_s).
  let mean = 0;
  for (let t = 0; t < steps; t++) mean += attention[t]! * dot(scratch, 0, states, t * hidden, hidden);
  const queryGradient = scratch.subarray(hidden, 2 * hidden).fill(0);
  for (let t = 0; t < steps; t++) {
    const at = t * hidden;
    const byEnergy = attention[t]! * (dot(scratch, 0, states, at, hidden) - mean);
    for (let j = 0; j < hidden; j++) stateGradients[at + j] = stateGradients[at + j]! + attention[t]! * scratch[j]!;
    for (let i = 0; i < hidden; i++) {
      const key = keys[at + i]!;
      gradients[av + i] = gradients[av + i]! + byEnergy * key;
      const by = byEnergy * weights[av + i]! * (1 - key * key);
      queryGradient[i] = queryGradient[i]! + by;
      for (let j = 0; j < hidden; j++) {
        const k = ak + i * hidden + j;
        gradients[k] = gradients[k]! + by * states[at + j]!;
        stateGradients[at + j] = stateGradients[at + j]! + by * weights[k]!;
      }
    }
  }
  for (let i = 0; i < hidden; i++) {
    const by = queryGradient[i]!;
    gradients[ab + i] = gradients[ab + i]! + by;
    for (let j = 0; j < hidden; j++) {
      const q = aq + i * hidden + j;
      gradients[q] = gradients[q]! + by * states[last + j]!;
      stateGradients[last + j] = stateGradients[last + j]! + by * weights[q]!;
    }
  }
}

/** `cellGradient` carries the gradient by c_t from the step after; it leaves with that by c_{t−1}. */
function stepBackward(
  { channels, hidden, wx, wh, b }: Layout,
  weights: Float64Array,
  work: Workspace,
  t: number,
  cellGradient: Float64Array,
  gradients: Float64Array,
  wantInputs: boolean,
): void {
  const { inputs, gates, cells, squashed, states, stateGradients, inputGradients, scratch } = work;
  const at = t * hidden;
  const before = at - hidden;
  const g = t * 4 * hidden;
  const raw = scratch.subarray(2 * hidden, 6 * hidden);
  for (let j = 0; j < hidden; j++) {
    const [input, forget, candidate, output] = [
      gates[g + j]!,
      gates[g + hidden + j]!,
      gates[g + 2 * hidden + j]!,
      gates[g + 3 * hidden + j]!,
    ];
    const byState = stateGradients[at + j]!;
    const byCell = cellGradient[j]! + byState * output * (1 - squashed[at + j]! ** 2);
    const cellBefore = t > 0 ? cells[before + j]! : 0;
    raw[j] = byCell * candidate * input * (1 - input);
    raw[hidden + j] = byCell * cellBefore * forget * (1 - forget);
    raw[2 * hidden + j] = byCell * input * (1 - candidate * candidate);
    raw[3 * hidden + j] = byState * squashed[at + j]! * output * (1 - output);
    cellGradient[j] = byCell * forget;
  }
  for (let row = 0; row < 4 * hidden; row++) {
    const by = raw[row]!;
    if (by === 0) continue;
    gradients[b + row] = gradients[b + row]! + by;
    const wxRow = wx + row * channels;
    for (let c = 0; c < channels; c++) gradients[wxRow + c] = gradients[wxRow + c]! + by * inputs[t * channels + c]!;
    if (wantInputs)
      for (let c = 0; c < channels; c++) {
        const x = t * channels + c;
        inputGradients[x] = inputGradients[x]! + by * weights[wxRow + c]!;
      }
    if (t === 0) continue;
    const whRow = wh + row * hidden;
    for (let j = 0; j < hidden; j++) {
      gradients[whRow + j] = gradients[whRow + j]! + by * states[before + j]!;
      stateGradients[before + j] = stateGradients[before + j]! + by * weights[whRow + j]!;
    }
  }
}

function dot(a: Float64Array, i: number, b: Float64Array, j: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += a[i + k]! * b[j + k]!;
  return sum;
}

function sigmoid(x: number): number {
  return 1 / (1 + exp(-x));
}

/** 1 − 2/(1 + e^2x); exp overflows to Infinity, and the value to 1, as it should. */
function tanh(x: number): number {
  return 1 - 2 / (1 + exp(2 * x));
}
