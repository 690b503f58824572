// The network forwards, over `rows` sequences of at most `steps` steps at once: the equations of src/lstm/plain/network.ts. Histories are
// right-aligned: their latest step is the last; before it begins a row's cells and states are exactly 0, so its result is that of the row alone.
import { exp4, log2, sigmoid4, sum4, tanh4 } from './shared-math';
import { gemm } from './shared-gemm';
import { drawFactors } from './shared-masks';
import {
  attention, attentionBias, attentionKey, attentionQuery, attentionSum, bias, cells, channels, cols, context, contextFactors, counts, dense,
  denseBias, denseFactors, denseUnits, denseWeights, droppedContext, gates, hidden, inputs, inverses, keys, lengths, margins, masked, means,
  outputBias, outputWeights, probabilities, query, raw, roundedTo4, squashed, states, wh, wx, zeros,
} from './shared-lstm-arena';

/** Raw values beyond which an input says no more, in standard deviations: CUT of src/lstm/scaling.ts. */
const CUT: f64 = 6;

/**
 * Raw rows → channels of sequence `row` of `rows`, whose longest has `longest` steps, as scaleSteps of src/lstm/scaling.ts, to the bit. What lies
 * before its first step is left as it was: any finite number.
 */
export function scaleInputs(steps: i32, maskedCount: i32, realCols: i32, row: i32, rows: i32, longest: i32): void {
  const one = f64x2.splat(1), infinite = f64x2.splat(Infinity), high = f64x2.splat(CUT), low = f64x2.splat(-CUT);
  const panel = <usize>rows << 5;
  for (let t = 0; t < steps; t++) {
    const from = raw + (<usize>(t * cols) << 3);
    const out = inputs + (<usize>((longest - steps + t) * rows * channels) << 2) + (<usize>row << 5);
    for (let col: usize = 0; col < <usize>cols; col += 2) {
      const x = v128.load(from + (col << 3));
      const size = f64x2.abs(x);
      let drawn = v128.bitselect(f64x2.splat(1000), log2(f64x2.add(one, size)), f64x2.eq(size, infinite));
      drawn = v128.or(drawn, v128.and(x, f64x2.splat(-0.0)));
      let scaled = f64x2.mul(f64x2.sub(drawn, v128.load(means + (col << 3))), v128.load(inverses + (col << 3)));
      scaled = f64x2.pmin(f64x2.pmax(scaled, low), high);
      // An odd last column takes its neighbour along: a mask, written below, or nothing.
      v128.store64_lane(out + (col >> 3) * panel + ((col & 7) << 2), f32x4.demote_f64x2_zero(v128.and(scaled, f64x2.eq(x, x))), 0);
    }
    for (let m = 0; m < maskedCount; m++) {
      const x = load<f64>(from + (<usize>load<i32>(masked + (<usize>m << 2)) << 3));
      const channel = <usize>(realCols + m);
      store<f32>(out + (channel >> 3) * panel + ((channel & 7) << 2), x != x ? 1 : 0);
    }
  }
}

export function forward(rows: i32, steps: i32): void {
  countSteps(rows, steps);
  const h = <usize>hidden, panel = <usize>rows << 5;
  const inputSpan = (<usize>(rows * channels)) << 2;
  const stateSpan = (<usize>rows * h) << 2;
  const wide = hidden >> 1;
  if (rows == 1) gemm(steps, wide, channels, inputs, inputSpan, 32, wx, bias, 0, 32, gates, stateSpan << 2, 32);
  for (let t: usize = 0; t < <usize>steps; t++) {
    const g = gates + (t * stateSpan << 2);
    if (rows > 1) gemm(rows, wide, channels, inputs + t * inputSpan, 32, panel, wx, bias, 0, 32, g, 32, panel);
    if (t > 0) gemm(rows, wide, hidden, states + (t - 1) * stateSpan, 32, panel, wh, g, 32, panel, g, 32, panel);
    cellForward(t, rows);
  }
  attend(rows, steps);
}

/** Which steps of which rows count. */
function countSteps(rows: i32, steps: i32): void {
  const lanes = roundedTo4(rows);
  for (let t = 0; t < steps; t++) {
    for (let r = 0; r < lanes; r++) {
      const yes = r < rows && t >= steps - load<i32>(lengths + (<usize>r << 2));
      store<i32>(counts + (<usize>(t * lanes + r) << 2), yes ? -1 : 0);
    }
  }
}

function cellForward(t: usize, rows: i32): void {
  const span = (<usize>(rows * hidden)) << 2;
  const g = gates + (t * span << 2);
  const before = t == 0 ? zeros : cells + (t - 1) * span;
  const to = t * span;
  const count = counts + ((t * <usize>roundedTo4(rows)) << 2);
  let at: usize = 0;
  while (at < span) {
    for (let r: usize = 0; r < <usize>rows; r++) {
      const counted = v128.load32_splat(count + (r << 2));
      for (let half = 0; half < 2; half++) {
        const i = sigmoid4(v128.load(g + at));
        const f = sigmoid4(v128.load(g + span + at));
        const candidate = tanh4(v128.load(g + 2 * span + at));
        const o = sigmoid4(v128.load(g + 3 * span + at));
        const cell = v128.and(f32x4.add(f32x4.mul(f, v128.load(before + at)), f32x4.mul(i, candidate)), counted);
        const s = tanh4(cell);
        v128.store(g + at, i);
        v128.store(g + span + at, f);
        v128.store(g + 2 * span + at, candidate);
        v128.store(g + 3 * span + at, o);
        v128.store(cells + to + at, cell);
        v128.store(squashed + to + at, s);
        v128.store(states + to + at, f32x4.mul(o, s)); // tanh 0 is exactly 0, so a state that does not count is too
        at += 16;
      }
    }
  }
}

function attend(rows: i32, steps: i32): void {
  const h = <usize>hidden, panel = <usize>rows << 5, lanes = <usize>roundedTo4(rows), width = <i32>(h >> 3);
  const span = (<usize>rows * h) << 2;
  const last = states + (<usize>steps - 1) * span;
  gemm(rows, width, hidden, last, 32, panel, attentionQuery, attentionBias, 0, 32, query, 32, panel);
  if (rows == 1) gemm(steps, width, hidden, states, span, 32, attentionKey, query, 0, 32, keys, span, 32);
  for (let t: usize = 0; t < <usize>steps; t++) {
    const k = keys + t * span;
    if (rows > 1) gemm(rows, width, hidden, states + t * span, 32, panel, attentionKey, query, 32, panel, k, 32, panel);
    for (let at: usize = 0; at < span; at += 16) v128.store(k + at, tanh4(v128.load(k + at)));
    for (let r: usize = 0; r < <usize>rows; r++) store<f32>(attention + ((t * lanes + r) << 2), dot(width, k + (r << 5), panel, attentionSum));
  }
  softmax(<i32>lanes, steps);
  for (let r: usize = 0; r < <usize>rows; r++) {
    for (let p: usize = 0; p < <usize>width; p++) {
      const at = p * panel + (r << 5);
      let c0 = f32x4.splat(0), c1 = f32x4.splat(0);
      for (let t: usize = 0; t < <usize>steps; t++) {
        const weight = v128.load32_splat(attention + ((t * lanes + r) << 2));
        const s = states + t * span + at;
        c0 = f32x4.add(c0, f32x4.mul(weight, v128.load(s)));
        c1 = f32x4.add(c1, f32x4.mul(weight, v128.load(s, 16)));
      }
      v128.store(context + at, c0);
      v128.store(context + at, c1, 16);
    }
  }
}

/** Of a row in panels and a vector. */
// @ts-ignore: decorator
@inline
export function dot(panels: i32, row: usize, panel: usize, vector: usize): f32 {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
  for (let p = 0; p < panels; p++) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(row), v128.load(vector)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(row, 16), v128.load(vector, 16)));
    row += panel;
    vector += 32;
  }
  return sum4(f32x4.add(s0, s1));
}

/** Over the steps that count; the others weigh exactly 0. */
function softmax(lanes: i32, steps: i32): void {
  const step = <usize>lanes << 2;
  for (let r: usize = 0; r < step; r += 16) {
    const end = r + <usize>steps * step;
    let largest = f32x4.splat(-3.4e38);
    for (let at = r; at < end; at += step)
      largest = f32x4.pmax(largest, v128.bitselect(v128.load(attention + at), f32x4.splat(-3.4e38), v128.load(counts + at)));
    let total = f32x4.splat(0);
    for (let at = r; at < end; at += step) {
      const e = v128.and(exp4(f32x4.sub(v128.load(attention + at), largest)), v128.load(counts + at));
      total = f32x4.add(total, e);
      v128.store(attention + at, e);
    }
    for (let at = r; at < end; at += step) v128.store(attention + at, f32x4.div(v128.load(attention + at), total));
  }
}

/** Draws the dropout factors of `rows` rows: those of the context, then those of the dense layer, row by row. Share 0 draws none. */
export function drawRows(rows: i32, contextShare: i32, denseShare: i32): void {
  const panel = <usize>rows << 5;
  for (let r: usize = 0; r < <usize>rows; r++) {
    if (contextShare) drawFactors(contextShare, hidden >> 3, contextFactors + (r << 5), panel);
    if (denseShare) drawFactors(denseShare, dense >> 3, denseFactors + (r << 5), panel);
  }
}

/**
 * Margins of `rows` rows of the head. They share the context of row 0 where `shared` (dropout passes of one sequence), else row r has its own.
 * Factors apply where their flag is set.
 */
export function head(rows: i32, shared: bool, dropContext: bool, dropDense: bool): void {
  const panel = <usize>rows << 5, width = dense >> 3;
  // Passes over one context that is whole have one dense layer.
  const denseRows = shared && !dropContext ? 1 : rows;
  const densePanel = <usize>denseRows << 5;
  let from = context;
  if (dropContext) {
    from = droppedContext;
    let at: usize = 0;
    for (let p = 0; p < hidden; p += 8) {
      for (let r = 0; r < rows; r++) {
        const c = context + (shared ? <usize>p << 2 : at);
        v128.store(droppedContext + at, f32x4.mul(v128.load(c), v128.load(contextFactors + at)));
        v128.store(droppedContext + at, f32x4.mul(v128.load(c, 16), v128.load(contextFactors + at, 16)), 16);
        at += 32;
      }
    }
  }
  gemm(denseRows, width, hidden, from, 32, densePanel, denseWeights, denseBias, 0, 32, denseUnits, 32, densePanel);
  const zero = f32x4.splat(0);
  for (let at: usize = 0; at < <usize>width * densePanel; at += 16) v128.store(denseUnits + at, f32x4.pmax(zero, v128.load(denseUnits + at)));
  const start = load<f32>(outputBias);
  for (let r: usize = 0; r < <usize>rows; r++) {
    let unit = denseUnits + (denseRows == 1 ? 0 : r << 5);
    let factor = denseFactors + (r << 5);
    let s0 = zero, s1 = zero;
    for (let p: usize = 0; p < <usize>width; p++) {
      let d0 = v128.load(unit), d1 = v128.load(unit, 16);
      if (dropDense) {
        d0 = f32x4.mul(d0, v128.load(factor));
        d1 = f32x4.mul(d1, v128.load(factor, 16));
      }
      s0 = f32x4.add(s0, f32x4.mul(d0, v128.load(outputWeights + (p << 5))));
      s1 = f32x4.add(s1, f32x4.mul(d1, v128.load(outputWeights + (p << 5), 16)));
      unit += densePanel;
      factor += panel;
    }
    store<f32>(margins + (r << 2), start + sum4(f32x4.add(s0, s1)));
  }
}

/** Probabilities of the margins. */
export function squashMargins(rows: i32): void {
  for (let at: usize = 0; at < <usize>rows << 2; at += 16) v128.store(probabilities + at, sigmoid4(v128.load(margins + at)));
}
