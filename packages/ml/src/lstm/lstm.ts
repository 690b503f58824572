/** Fits an LSTM with additive attention to labelled sequences: mini-batches, Adam, dropout, early stopping. */
import { MlError } from '../errors.ts';
import { exp, log, logistic } from '../math.ts';
import { bothClasses, lengthOf } from '../options.ts';
import { createRandom, type Random } from '../random.ts';
import { newAdam } from './adam.ts';
import { drawMask } from './dropout.ts';
import { Lstm } from './model.ts';
import { backward, forward, newWorkspace } from './network.ts';
import { type LstmOptions, type ResolvedLstmOptions, resolveLstmOptions } from './options.ts';
import { decayedOf, initialWeights, layoutOf } from './parameters.ts';
import { channelCount, fitScaling, scaleSteps } from './scaling.ts';
import { checkSequences, type Sequences, sequenceCount, stepsOf } from './sequences.ts';

/**
 * Fits to `sequences` whose latest step has the label 1 (attack) or 0. The same data, options and seed give the same bytes on every machine.
 * ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_INFINITE_VALUE, ML_BAD_LABEL, ML_SINGLE_CLASS, ML_BAD_WEIGHT, ML_UNKNOWN_OPTION, ML_BAD_OPTION.
 *
 * @example
 * const model = fitLstm(sequencesOf(windows), labels, { hidden: 32, seed: 1 });
 * model.predictWithAttention(latest).attention;
 */
export function fitLstm(sequences: Sequences, labels: Uint8Array, options: LstmOptions = {}): Lstm {
  checkSequences(sequences, 2);
  const count = sequenceCount(sequences);
  lengthOf('labels', labels, count);
  const positives = bothClasses('labels', labels);
  const resolved = resolveLstmOptions(options, count);
  const { hidden, dense, steps, seed } = resolved;
  const scaling = fitScaling(sequences);
  const layout = layoutOf({ channels: channelCount(sequences.cols), hidden, dense });
  const random = createRandom(seed);
  const weights = initialWeights(layout, random.fork('weights'));
  const model = new Lstm(layout, weights, scaling, steps, resolved.dropout);
  const judge = judgeOf(model, sequences.cols, resolved);
  const adam = newAdam({ ...resolved, decayed: decayedOf(layout) });
  const work = newWorkspace(layout, steps);
  const gradients = new Float64Array(layout.length);
  const rowWeights = resolved.weights ?? balanced(labels, positives);
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const shuffling = random.fork('batches');
  const dropping = random.fork('dropout');
  let best = { loss: Number.POSITIVE_INFINITY, epoch: 0, weights: weights.slice() };
  for (let epoch = 1; epoch <= resolved.epochs; epoch++) {
    shuffling.shuffle(order);
    for (let from = 0; from < count; from += resolved.batch) {
      const batch = order.subarray(from, Math.min(count, from + resolved.batch));
      const total = batch.reduce((sum, s) => sum + rowWeights[s]!, 0);
      if (total === 0) continue;
      gradients.fill(0);
      for (const s of batch) {
        if (rowWeights[s] === 0) continue;
        dropOut(resolved.dropout, work, dropping);
        const length = scaleSteps(scaling, stepsOf(sequences, s), steps, work.inputs);
        const margin = forward(layout, weights, work, length);
        backward(layout, weights, work, length, (rowWeights[s]! / total) * (logistic(margin) - labels[s]!), gradients);
      }
      adam.step(weights, gradients);
    }
    if (judge === null) continue;
    const loss = judge.loss();
    if (loss < best.loss) best = { loss, epoch, weights: weights.slice() };
    else if (epoch - best.epoch >= judge.patience) break;
  }
  // The model holds these weights: the best epoch's are written over them.
  if (judge !== null) weights.set(best.weights);
  return model;
}

function dropOut(
  dropout: number,
  { contextMask, denseMask }: { contextMask: Float64Array; denseMask: Float64Array },
  random: Random,
): void {
  if (dropout === 0) return;
  drawMask(contextMask, dropout, random);
  drawMask(denseMask, dropout, random);
}

/** Both classes weigh the same, and all sequences together as many as they are. */
function balanced(labels: Uint8Array, positives: number): Float64Array {
  const [one, zero] = [labels.length / (2 * positives), labels.length / (2 * (labels.length - positives))];
  return Float64Array.from(labels, (label) => (label === 1 ? one : zero));
}

/** The log loss of held-out sequences, both classes weighing the same. */
function judgeOf(model: Lstm, cols: number, { earlyStopping }: ResolvedLstmOptions) {
  if (earlyStopping === null) return null;
  const { sequences, labels, patience } = earlyStopping;
  checkSequences(sequences, 2);
  if (sequences.cols !== cols)
    throw new MlError('ML_SHAPE_MISMATCH', { name: 'earlyStopping.sequences', expected: cols, found: sequences.cols });
  lengthOf('earlyStopping.labels', labels, sequenceCount(sequences));
  const weights = balanced(labels, bothClasses('earlyStopping.labels', labels));
  return {
    patience,
    loss: () => {
      let sum = 0;
      for (let s = 0; s < labels.length; s++) {
        const margin = model.score(stepsOf(sequences, s));
        const wrong = labels[s] === 1 ? -margin : margin;
        sum += weights[s]! * (wrong > 0 ? wrong + log(1 + exp(-wrong)) : log(1 + exp(wrong)));
      }
      return sum / labels.length;
    },
  };
}
