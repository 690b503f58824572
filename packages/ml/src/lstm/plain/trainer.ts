/** Training in plain doubles, one sequence at a time: slow, obvious, and what the kernels' training is held against. */
import { logistic } from '../../math.ts';
import { sharesOf } from '../dropout.ts';
import { decayedOf } from '../parameters.ts';
import { dropoutSeed, type NewTrainer } from '../trainer.ts';
import { newAdam } from './adam.ts';
import { maskStream } from './masks.ts';
import { backward, forward, newWorkspace } from './network.ts';

export const newPlainTrainer: NewTrainer = (layout, initial, { scaled, labels, rowWeights }, options) => {
  const weights = Float64Array.from(initial);
  const gradients = new Float64Array(layout.length);
  const work = newWorkspace(layout, options.steps);
  const adam = newAdam({ ...options, decayed: decayedOf(layout) });
  const masks = maskStream(dropoutSeed(options));
  const shares = sharesOf(options.dropout, options.dropoutAt);
  const { channels, starts, values } = scaled;
  return {
    step(batch, total) {
      gradients.fill(0);
      for (const s of batch) {
        masks.draw(work.contextMask, shares.context);
        masks.draw(work.denseMask, shares.dense);
        const count = starts[s + 1]! - starts[s]!;
        work.inputs.set(values.subarray(starts[s]! * channels, starts[s + 1]! * channels));
        const margin = forward(layout, weights, work, count);
        backward(layout, weights, work, count, (rowWeights[s]! / total) * (logistic(margin) - labels[s]!), gradients);
      }
      adam.step(weights, gradients);
    },
    weights: () => Float32Array.from(weights),
  };
};
