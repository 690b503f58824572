// The way back of shared-lstm-forward.ts: `backward` of src/lstm/plain/network.ts for a whole batch. Steps before a history begins get a
// gradient of exactly 0.
import { addRowSums, gemm, gemmTransposed, transposeWeights } from './shared-gemm';
import {
  attention, attentionBias, attentionKey, attentionQuery, attentionSum, bias, cellGradients, cells, channels, context, contextFactors,
  contextGradients, counts, dense, denseBack, denseBias, denseFactors, denseUnits, denseWeights, droppedContext, energyGradients, gates,
  gradients, hidden, inputGradients, inputs, keyBack, keys, marginGradients, outputBias, outputWeights, queryBack, queryGradients, roundedTo4,
  squashed, stateGradients, states, wh, whBack, wx, wxBack, zeros,
} from './shared-lstm-arena';

/** Where the gradient of a tensor lies. */
// @ts-ignore: decorator
@inline
function gradientOf(tensor: usize): usize {
  return gradients + (tensor - wx);
}

/** Turns the weights for the way back: after each change of the weights. */
export function turnWeights(byInputs: bool): void {
  if (byInputs) transposeWeights(4 * hidden, channels, wx, wxBack);
  transposeWeights(4 * hidden, hidden, wh, whBack);
  transposeWeights(hidden, hidden, attentionKey, keyBack);
  transposeWeights(hidden, hidden, attentionQuery, queryBack);
  transposeWeights(dense, hidden, denseWeights, denseBack);
}

/**
 * From the gradients by the margins of the last `forward` and `head`: adds to the gradients of the weights where `byWeights`, writes those by the
 * inputs where `byInputs`.
 */
export function backward(rows: i32, steps: i32, dropContext: bool, dropDense: bool, byWeights: bool, byInputs: bool): void {
  headBackward(rows, dropContext, dropDense, byWeights);
  attentionBackward(rows, steps, byWeights);
  const panel = <usize>rows << 5, wide = hidden >> 1;
  const span = (<usize>(rows * hidden)) << 2, inputSpan = (<usize>(rows * channels)) << 2;
  memory.fill(cellGradients, 0, span);
  for (let t = <usize>steps - 1; ; t--) {
    const g = gates + (t * span << 2);
    cellBackward(t, rows);
    if (byWeights) {
      addRowSums(rows, wide, g, gradientOf(bias));
      gemmTransposed(rows, wide, channels, inputs + t * inputSpan, g, gradientOf(wx));
      if (t > 0) gemmTransposed(rows, wide, hidden, states + (t - 1) * span, g, gradientOf(wh));
    }
    if (byInputs) gemm(rows, channels >> 3, 4 * hidden, g, 32, panel, wxBack, zeros, 0, 0, inputGradients + t * inputSpan, 32, panel);
    if (t == 0) break;
    const before = stateGradients + (t - 1) * span;
    gemm(rows, hidden >> 3, 4 * hidden, g, 32, panel, whBack, before, 32, panel, before, 32, panel);
  }
}

/** Leaves the gradient by the context. The dense units become their own gradients. */
function headBackward(rows: i32, dropContext: bool, dropDense: bool, byWeights: bool): void {
  const panel = <usize>rows << 5, width = <usize>dense >> 3;
  const zero = f32x4.splat(0);
  for (let p: usize = 0; p < width; p++) {
    const weights0 = v128.load(outputWeights + (p << 5)), weights1 = v128.load(outputWeights + (p << 5), 16);
    let sum0 = zero, sum1 = zero;
    for (let r: usize = 0; r < <usize>rows; r++) {
      const at = p * panel + (r << 5);
      const unit0 = v128.load(denseUnits + at), unit1 = v128.load(denseUnits + at, 16);
      let by0 = v128.load32_splat(marginGradients + (r << 2)), by1 = by0;
      if (dropDense) {
        by0 = f32x4.mul(by0, v128.load(denseFactors + at));
        by1 = f32x4.mul(by1, v128.load(denseFactors + at, 16));
      }
      sum0 = f32x4.add(sum0, f32x4.mul(by0, unit0));
      sum1 = f32x4.add(sum1, f32x4.mul(by1, unit1));
      v128.store(denseUnits + at, v128.and(f32x4.mul(by0, weights0), f32x4.gt(unit0, zero)));
      v128.store(denseUnits + at, v128.and(f32x4.mul(by1, weights1), f32x4.gt(unit1, zero)), 16);
    }
    if (byWeights) {
      const to = gradientOf(outputWeights) + (p << 5);
      v128.store(to, f32x4.add(v128.load(to), sum0));
      v128.store(to, f32x4.add(v128.load(to, 16), sum1), 16);
    }
  }
  if (byWeights) {
    let sum: f32 = load<f32>(gradientOf(outputBias));
    for (let r: usize = 0; r < <usize>rows; r++) sum += load<f32>(marginGradients + (r << 2));
    store<f32>(gradientOf(outputBias), sum);
    addRowSums(rows, <i32>width, denseUnits, gradientOf(denseBias));
    gemmTransposed(rows, <i32>width, hidden, dropContext ? droppedContext : context, denseUnits, gradientOf(denseWeights));
  }
  gemm(rows, hidden >> 3, dense, denseUnits, 32, panel, denseBack, zeros, 0, 0, contextGradients, 32, panel);
  if (!dropContext) return;
  const end = (<usize>(rows * hidden)) << 2;
  for (let at: usize = 0; at < end; at += 16)
    v128.store(contextGradients + at, f32x4.mul(v128.load(contextGradients + at), v128.load(contextFactors + at)));
}

/** Leaves the gradients by the states, but for what comes through later cells. The keys become their own gradients before tanh. */
function attentionBackward(rows: i32, steps: i32, byWeights: bool): void {
  const panel = <usize>rows << 5, width = hidden >> 3, lanes = <usize>roundedTo4(rows);
  const span = (<usize>(rows * hidden)) << 2;
  // Softmax: dE/de_t = α_t (c · h_t − Σ α_s c · h_s); the last row of energyGradients holds the sum.
  const mean = energyGradients + ((<usize>steps * lanes) << 2);
  for (let r: usize = 0; r < <usize>rows; r++) {
    let sum: f32 = 0;
    for (let t: usize = 0; t < <usize>steps; t++) {
      let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
      let c = contextGradients + (r << 5), s = states + t * span + (r << 5);
      for (let p = 0; p < width; p++) {
        s0 = f32x4.add(s0, f32x4.mul(v128.load(c), v128.load(s)));
        s1 = f32x4.add(s1, f32x4.mul(v128.load(c, 16), v128.load(s, 16)));
        c += panel;
        s += panel;
      }
      s0 = f32x4.add(s0, s1);
      const along = f32x4.extract_lane(s0, 0) + f32x4.extract_lane(s0, 1) + (f32x4.extract_lane(s0, 2) + f32x4.extract_lane(s0, 3));
      const at = (t * lanes + r) << 2;
      store<f32>(energyGradients + at, along);
      sum += load<f32>(attention + at) * along;
    }
    store<f32>(mean + (r << 2), sum);
  }
  memory.fill(queryGradients, 0, span);
  const one = f32x4.splat(1);
  for (let t: usize = 0; t < <usize>steps; t++) {
    for (let p: usize = 0; p < <usize>width; p++) {
      const v0 = v128.load(attentionSum + (p << 5)), v1 = v128.load(attentionSum + (p << 5), 16);
      let sum0 = f32x4.splat(0), sum1 = f32x4.splat(0);
      for (let r: usize = 0; r < <usize>rows; r++) {
        const at = p * panel + (r << 5), to = t * span + at, scalar = (t * lanes + r) << 2;
        const weight = v128.load32_splat(attention + scalar);
        const energy = f32x4.mul(weight, f32x4.sub(v128.load32_splat(energyGradients + scalar), v128.load32_splat(mean + (r << 2))));
        v128.store(stateGradients + to, f32x4.mul(weight, v128.load(contextGradients + at)));
        v128.store(stateGradients + to, f32x4.mul(weight, v128.load(contextGradients + at, 16)), 16);
        const k0 = v128.load(keys + to), k1 = v128.load(keys + to, 16);
        sum0 = f32x4.add(sum0, f32x4.mul(energy, k0));
        sum1 = f32x4.add(sum1, f32x4.mul(energy, k1));
        const by0 = f32x4.mul(f32x4.mul(energy, v0), f32x4.sub(one, f32x4.mul(k0, k0)));
        const by1 = f32x4.mul(f32x4.mul(energy, v1), f32x4.sub(one, f32x4.mul(k1, k1)));
        v128.store(keys + to, by0);
        v128.store(keys + to, by1, 16);
        v128.store(queryGradients + at, f32x4.add(v128.load(queryGradients + at), by0));
        v128.store(queryGradients + at, f32x4.add(v128.load(queryGradients + at, 16), by1), 16);
      }
      if (byWeights) {
        const to = gradientOf(attentionSum) + (p << 5);
        v128.store(to, f32x4.add(v128.load(to), sum0));
        v128.store(to, f32x4.add(v128.load(to, 16), sum1), 16);
      }
    }
    const k = keys + t * span, s = stateGradients + t * span;
    if (byWeights) gemmTransposed(rows, width, hidden, states + t * span, k, gradientOf(attentionKey));
    gemm(rows, width, hidden, k, 32, panel, keyBack, s, 32, panel, s, 32, panel);
  }
  const last = (<usize>steps - 1) * span;
  if (byWeights) {
    addRowSums(rows, width, queryGradients, gradientOf(attentionBias));
    gemmTransposed(rows, width, hidden, states + last, queryGradients, gradientOf(attentionQuery));
  }
  const s = stateGradients + last;
  gemm(rows, width, hidden, queryGradients, 32, panel, queryBack, s, 32, panel, s, 32, panel);
}

/** Gates → their gradients; carries the gradient by the cells from step t to the one before. */
function cellBackward(t: usize, rows: i32): void {
  const span = (<usize>(rows * hidden)) << 2;
  const g = gates + (t * span << 2);
  const before = t == 0 ? zeros : cells + (t - 1) * span;
  const from = t * span;
  const count = counts + ((t * <usize>roundedTo4(rows)) << 2);
  const one = f32x4.splat(1);
  let at: usize = 0;
  while (at < span) {
    for (let r: usize = 0; r < <usize>rows; r++) {
      const counted = v128.load32_splat(count + (r << 2));
      for (let half = 0; half < 2; half++) {
        const i = v128.load(g + at), f = v128.load(g + span + at), candidate = v128.load(g + 2 * span + at), o = v128.load(g + 3 * span + at);
        const s = v128.load(squashed + from + at);
        const byState = v128.and(v128.load(stateGradients + from + at), counted);
        const through = f32x4.mul(f32x4.mul(byState, o), f32x4.sub(one, f32x4.mul(s, s)));
        const byCell = f32x4.add(v128.and(v128.load(cellGradients + at), counted), through);
        v128.store(g + at, f32x4.mul(f32x4.mul(byCell, candidate), f32x4.mul(i, f32x4.sub(one, i))));
        v128.store(g + span + at, f32x4.mul(f32x4.mul(byCell, v128.load(before + at)), f32x4.mul(f, f32x4.sub(one, f))));
        v128.store(g + 2 * span + at, f32x4.mul(f32x4.mul(byCell, i), f32x4.sub(one, f32x4.mul(candidate, candidate))));
        v128.store(g + 3 * span + at, f32x4.mul(f32x4.mul(byState, s), f32x4.mul(o, f32x4.sub(one, o))));
        v128.store(cellGradients + at, f32x4.mul(byCell, f));
        at += 16;
      }
    }
  }
}
