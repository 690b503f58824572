/** Fits an LSTM with additive attention to labelled sequences: mini-batches, Adam, dropout, early stopping. */
import { MlError } from '../errors.ts';
import { exp, log } from '../math.ts';
import { bothClasses, lengthOf } from '../options.ts';
import { createRandom } from '../random.ts';
import { fitsArena } from './file.ts';
import { BatchScorer } from './kernel/batch.ts';
import { newKernelTrainer } from './kernel/trainer.ts';
import { Lstm } from './model.ts';
import { type LstmOptions, type ResolvedLstmOptions, resolveLstmOptions } from './options.ts';
import { initialWeights, type Layout, layoutOf } from './parameters.ts';
import { newPlainTrainer } from './plain/trainer.ts';
import { channelCount, fitScaling, type Scaling, scaleSequences } from './scaling.ts';
import { checkSequences, type Sequences, sequenceCount } from './sequences.ts';

/**
 * Fits to `sequences` whose latest step has the label 1 (attack) or 0. The same data, options and seed give the same bytes on every machine,
 * except with the kernel `relaxed`. ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_INFINITE_VALUE, ML_BAD_LABEL, ML_SINGLE_CLASS, ML_BAD_WEIGHT,
 * ML_UNKNOWN_OPTION, ML_BAD_OPTION, ML_KERNEL_REFUSED.
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
  const { hidden, dense, steps, batch, dropout, dropoutAt, kernel, seed } = resolved;
  const scaling = fitScaling(sequences);
  const layout = layoutOf({ channels: channelCount(scaling), hidden, dense });
  if (!fitsArena(layout, sequences.cols, steps))
    throw new MlError('ML_BAD_OPTION', { name: 'steps', expected: `fewer for ${sequences.cols} columns`, found: String(steps) });
  const random = createRandom(seed);
  const initial = initialWeights(layout, random.fork('weights'));
  const judge = judgeOf(layout, initial, scaling, sequences.cols, resolved);
  const rowWeights = resolved.weights ?? balanced(labels, positives);
  const newTrainer = kernel === 'plain' ? newPlainTrainer : newKernelTrainer(kernel);
  const trainer = newTrainer(layout, initial, { scaled: scaleSequences(scaling, sequences, steps), labels, rowWeights }, resolved);
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const shuffling = random.fork('batches');
  let best = { loss: Number.POSITIVE_INFINITY, epoch: 0, weights: initial };
  for (let epoch = 1; epoch <= resolved.epochs; epoch++) {
    shuffling.shuffle(order);
    for (let from = 0; from < count; from += batch) {
      const members = order.subarray(from, Math.min(count, from + batch)).filter((s) => rowWeights[s]! > 0);
      if (members.length > 0)
        trainer.step(
          members,
          members.reduce((sum, s) => sum + rowWeights[s]!, 0),
        );
    }
    if (judge === null) continue;
    const weights = trainer.weights();
    const loss = judge.loss(weights);
    if (loss < best.loss) best = { loss, epoch, weights };
    else if (epoch - best.epoch >= judge.patience) break;
  }
  const weights = judge === null ? trainer.weights() : best.weights;
  return new Lstm({ layout, weights, scaling, steps, dropout, dropoutAt, trainedWith: kernel });
}

/** Both classes weigh the same, and all sequences together as many as they are. */
function balanced(labels: Uint8Array, positives: number): Float64Array {
  const [one, zero] = [labels.length / (2 * positives), labels.length / (2 * (labels.length - positives))];
  return Float64Array.from(labels, (label) => (label === 1 ? one : zero));
}

/** The log loss of held-out sequences, both classes weighing the same. */
function judgeOf(layout: Layout, initial: Float32Array, scaling: Scaling, cols: number, { earlyStopping, steps }: ResolvedLstmOptions) {
  if (earlyStopping === null) return null;
  const { sequences, labels, patience } = earlyStopping;
  checkSequences(sequences, 2);
  if (sequences.cols !== cols)
    throw new MlError('ML_SHAPE_MISMATCH', { name: 'earlyStopping.sequences', expected: cols, found: sequences.cols });
  lengthOf('earlyStopping.labels', labels, sequenceCount(sequences));
  const weights = balanced(labels, bothClasses('earlyStopping.labels', labels));
  const scorer = new BatchScorer(layout, initial, scaling, steps);
  return {
    patience,
    loss: (of: Float32Array) => {
      scorer.load(of);
      return scorer.score(sequences).reduce((sum, margin, s) => {
        const wrong = labels[s] === 1 ? -margin : margin;
        return sum + weights[s]! * (wrong > 0 ? wrong + log(1 + exp(-wrong)) : log(1 + exp(wrong)));
      }, 0);
    },
  };
}
