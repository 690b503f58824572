/** Training on the kernels: a batch forwards, backwards, one step of Adam, in one arena. */
import { logistic } from '../../math.ts';
import { sharesOf } from '../dropout.ts';
import { dropoutSeed, type NewTrainer } from '../trainer.ts';
import { gather } from './gather.ts';
import { openKernel, roundedTo8, rowsWithin } from './kernel.ts';
import { pack, packedLength, packedPositions, unpack } from './packing.ts';
import { seedMasks } from './seed.ts';

/** Arenas above it take fewer sequences at once; the sum over a batch is then made of parts. */
const ARENA_LIMIT = 268_435_456;
const BETA_1 = 0.9;
const BETA_2 = 0.999;

export function newKernelTrainer(which: 'simd' | 'relaxed'): NewTrainer {
  return (layout, initial, { scaled, labels, rowWeights }, options) => {
    const { steps } = options;
    const room = { cols: 1, steps, passes: 0, back: true, learn: true };
    const most = Math.min(rowsWithin(layout, room, ARENA_LIMIT), options.batch);
    const kernel = openKernel(which, layout, { ...room, rows: most });
    const { functions } = kernel;
    const positions = packedPositions(layout);
    const weights = kernel.floats('weights', packedLength(layout));
    const inputs = kernel.floats('inputs', steps * most * roundedTo8(layout.channels));
    const lengths = kernel.integers('lengths', most);
    const margins = kernel.floats('margins', most);
    const marginGradients = kernel.floats('marginGradients', most);
    pack(positions, initial, weights);
    functions.turnWeights(0);
    seedMasks(kernel, dropoutSeed(options));
    const { context, dense } = sharesOf(options.dropout, options.dropoutAt);
    const [dropContext, dropDense] = [context > 0 ? 1 : 0, dense > 0 ? 1 : 0] as const;
    // Powers by repeated multiplication: Math.pow's last bits belong to the engine.
    let power1 = 1;
    let power2 = 1;
    return {
      step(batch, total) {
        for (let from = 0; from < batch.length; from += most) {
          const rows = Math.min(most, batch.length - from);
          const longest = gather(scaled, batch, from, rows, inputs, lengths);
          functions.forward(rows, longest);
          functions.drawRows(rows, context, dense);
          functions.head(rows, 0, dropContext, dropDense);
          for (let r = 0; r < rows; r++) {
            const s = batch[from + r]!;
            marginGradients[r] = (rowWeights[s]! / total) * (logistic(margins[r]!) - labels[s]!);
          }
          functions.backward(rows, longest, dropContext, dropDense, 1, 0);
        }
        power1 *= BETA_1;
        power2 *= BETA_2;
        const { learningRate, weightDecay, clip } = options;
        functions.learn(learningRate, learningRate * weightDecay, clip, 1 / (1 - power1), 1 / (1 - power2));
      },
      weights: () => unpack(positions, weights),
    };
  };
}
