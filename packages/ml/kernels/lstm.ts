// The LSTM with attention: training and scoring. Parts in shared-lstm-*.ts; what they are held against in src/lstm/plain/.
import { adam, sumOfSquares } from './shared-adam';
import {
  attentionBias, attentionKey, attentionSum, bias, denseBias, firstMoments, gradients, lengths, outputBias, outputWeights, secondMoments,
  weightCount, wx,
} from './shared-lstm-arena';
import { forward, head, scaleInputs } from './shared-lstm-forward';
import { turnWeights } from './shared-lstm-backward';
import { exp4, sigmoid4, tanh4 } from './shared-math';

export { addRowSums, gemm, gemmTransposed, transposeWeights } from './shared-gemm';
export { layOut } from './shared-lstm-arena';
export { backward } from './shared-lstm-backward';
export { drawRows, forward, head, scaleInputs, squashMargins } from './shared-lstm-forward';
export { addToSeed, beginSeed, endSeed } from './shared-masks';
export { turnWeights };

/** From raw rows to the margin of one sequence. */
export function scoreRaw(steps: i32, maskedCount: i32, realCols: i32): void {
  scaleInputs(steps, maskedCount, realCols, 0, 1, steps);
  store<i32>(lengths, steps);
  forward(1, steps);
  head(1, false, false, false);
}

/** One step of Adam on all tensors; their gradients are scaled down to the length `clip`, used, and set to 0. */
export function learn(rate: f32, decay: f32, clip: f64, unbias1: f32, unbias2: f32): void {
  const norm = Math.sqrt(sumOfSquares(weightCount, gradients));
  const scale = <f32>(norm > clip ? clip / norm : 1);
  const end = wx + (<usize>weightCount << 2);
  // Biases do not decay.
  range(wx, bias, rate, decay, scale, unbias1, unbias2);
  range(bias, attentionKey, rate, 0, scale, unbias1, unbias2);
  range(attentionKey, attentionBias, rate, decay, scale, unbias1, unbias2);
  range(attentionBias, attentionSum, rate, 0, scale, unbias1, unbias2);
  range(attentionSum, denseBias, rate, decay, scale, unbias1, unbias2);
  range(denseBias, outputWeights, rate, 0, scale, unbias1, unbias2);
  range(outputWeights, outputBias, rate, decay, scale, unbias1, unbias2);
  range(outputBias, end, rate, 0, scale, unbias1, unbias2);
  memory.fill(gradients, 0, <usize>weightCount << 2);
  turnWeights(false);
}

function range(from: usize, to: usize, rate: f32, decay: f32, scale: f32, unbias1: f32, unbias2: f32): void {
  const at = from - wx;
  adam(<i32>((to - from) >> 2), from, gradients + at, firstMoments + at, secondMoments + at, rate, decay, scale, unbias1, unbias2);
}

/** Functions of `count` floats, a multiple of 4, each on its own: for the tests. */
export function mapExp(count: i32, x: usize, y: usize): void {
  for (let at: usize = 0; at < <usize>count << 2; at += 16) v128.store(y + at, exp4(v128.load(x + at)));
}

export function mapSigmoid(count: i32, x: usize, y: usize): void {
  for (let at: usize = 0; at < <usize>count << 2; at += 16) v128.store(y + at, sigmoid4(v128.load(x + at)));
}

export function mapTanh(count: i32, x: usize, y: usize): void {
  for (let at: usize = 0; at < <usize>count << 2; at += 16) v128.store(y + at, tanh4(v128.load(x + at)));
}
