import { describe, expect, it } from 'vitest';
import { createRandom } from '../../random.ts';
import { extentOf, initialWeights, type Layout, layoutOf, TENSORS } from '../parameters.ts';
import { backward, forward, newWorkspace, type Workspace } from './network.ts';

function inputsOf(layout: Layout, steps: number, seed: string): Workspace {
  const work = newWorkspace(layout, steps);
  const random = createRandom(seed);
  for (let i = 0; i < work.inputs.length; i++) work.inputs[i] = random.nextGaussian();
  return work;
}

describe('the network', () => {
  it('is what the equations say, worked by hand', () => {
    // One channel, one cell, one dense unit, two steps; every weight 0.5, every bias 0.
    const layout = layoutOf({ channels: 1, hidden: 1, dense: 1 });
    const weights = new Float64Array(layout.length).fill(0.5);
    for (const name of ['b', 'ab', 'db', 'ob'] as const) weights.fill(0, extentOf(layout, name).from, extentOf(layout, name).to);
    const work = newWorkspace(layout, 2);
    work.inputs.set([1, -1]);
    const sigma = (x: number) => 1 / (1 + Math.exp(-x));
    const cell1 = sigma(0.5) * Math.tanh(0.5);
    const h1 = sigma(0.5) * Math.tanh(cell1);
    const a2 = -0.5 + 0.5 * h1;
    const cell2 = sigma(a2) * cell1 + sigma(a2) * Math.tanh(a2);
    const h2 = sigma(a2) * Math.tanh(cell2);
    const e1 = Math.exp(0.5 * Math.tanh(0.5 * h1 + 0.5 * h2));
    const e2 = Math.exp(0.5 * Math.tanh(0.5 * h2 + 0.5 * h2));
    const context = (e1 * h1 + e2 * h2) / (e1 + e2);
    expect(forward(layout, weights, work, 2)).toBeCloseTo(0.5 * Math.max(0, 0.5 * context), 12);
    expect(work.attention[0]! / work.attention[1]!).toBeCloseTo(e1 / e2, 12);
  });

  it.each([
    [1, 1],
    [4, 4],
    [5, 3],
  ])('has the gradients of central differences in every tensor, with %i steps of which %i count, and by its inputs', (room, steps) => {
    const layout = layoutOf({ channels: 3, hidden: 4, dense: 3 });
    const work = inputsOf(layout, room, `inputs ${steps}`);
    const random = createRandom('weights');
    const weights = Float64Array.from(initialWeights(layout, random));
    for (let i = 0; i < weights.length; i++) weights[i] = weights[i]! + 0.1 * random.nextGaussian();
    // Dropout masks are a part of what is differentiated; the dense bias keeps most units alive.
    work.contextMask.set([0, 1.25, 1.25, 1.25]);
    work.denseMask.set([1.25, 1.25, 0]);
    weights.fill(0.3, layout.db, layout.db + 3);
    const gradients = new Float64Array(layout.length);
    forward(layout, weights, work, steps);
    backward(layout, weights, work, steps, 0.7, gradients, true);
    const byInputs = work.inputGradients.slice(0, steps * 3);
    const difference = (values: Float64Array, i: number) => {
      const [kept, step] = [values[i]!, 1e-5];
      values[i] = kept + step;
      const up = forward(layout, weights, work, steps);
      values[i] = kept - step;
      const down = forward(layout, weights, work, steps);
      values[i] = kept;
      return (0.7 * (up - down)) / (2 * step);
    };
    for (const name of TENSORS) {
      const { from, to } = extentOf(layout, name);
      let largest = 0;
      for (let i = from; i < to; i++) {
        const expected = difference(weights, i);
        expect(Math.abs(gradients[i]! - expected), `${name}[${i - from}]`).toBeLessThan(1e-8 + 1e-6 * Math.abs(expected));
        largest = Math.max(largest, Math.abs(expected));
      }
      // A tensor without any influence would prove nothing; one step has no past and nothing to weigh.
      if (steps > 1 || !['wh', 'ak', 'aq', 'ab', 'av'].includes(name)) expect(largest, name).toBeGreaterThan(1e-4);
    }
    for (const [i, gradient] of byInputs.entries())
      expect(Math.abs(gradient - difference(work.inputs, i)), `input ${i}`).toBeLessThan(1e-8);
  });
});
