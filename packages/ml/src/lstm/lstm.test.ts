import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MlError } from '../errors.ts';
import { auroc } from '../metrics/ranking.ts';
import { crc32, readModelFile } from '../model-file.ts';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { fitLstm } from './lstm.ts';
import { lstmOf } from './model.ts';
import { backward, forward, newWorkspace, type Workspace } from './network.ts';
import { extentOf, initialWeights, type Layout, layoutOf, TENSORS } from './parameters.ts';
import { fitScaling, scaleSteps } from './scaling.ts';
import { sequenceCount, sequencesOf, stepsOf } from './sequences.ts';

/** Label 1 where a rise comes before a fall: what is in the steps is the same, only their order differs. */
function ordered(count: number, seed: string, steps = 6) {
  const random = createRandom(seed);
  const labels = Uint8Array.from({ length: count }, () => random.nextInt(2));
  const sequences = Array.from(labels, (label) => {
    const length = 4 + random.nextInt(steps - 3);
    const [early, late] = [random.nextInt(length - 2), length - 1 - random.nextInt(2)];
    return Array.from({ length }, (_, t) => {
      const sign = t === Math.min(early, late - 1) ? 1 : t === late ? -1 : 0;
      return [
        3 * (label === 1 ? sign : -sign) + 0.5 * random.nextGaussian(),
        random.nextGaussian(),
        random.nextInt(10) === 0 ? Number.NaN : 1,
      ];
    });
  });
  return { labels, sequences: sequencesOf(sequences), raw: sequences };
}

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
    const weights = initialWeights(layout, random);
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

describe('scaling', () => {
  it('draws in, standardises, cuts, and keeps missing values apart', () => {
    const sequences = sequencesOf([[[0, 7, Number.NaN]], [[Math.E - 1, 7, 1]], [[Math.E ** 2 - 1, 7, 1]]]);
    const scaling = fitScaling(sequences);
    expect(scaling.means[0]).toBeCloseTo(1, 12);
    const inputs = new Float64Array(6);
    expect(scaleSteps(scaling, Float64Array.of(Math.E ** 2 - 1, 99, Number.NaN), 10, inputs)).toBe(1);
    expect(inputs[0]).toBeCloseTo(Math.sqrt(1.5), 12);
    expect([...inputs.subarray(1)]).toEqual([0, 0, 0, 0, 1]);
    for (const x of [Number.POSITIVE_INFINITY, 1e300]) {
      scaleSteps(scaling, Float64Array.of(x, -x, 0), 1, inputs);
      expect(inputs[0]).toBe(6);
    }
  });

  it('takes the latest steps, oldest first', () => {
    const scaling = { means: Float64Array.of(0), inverses: Float64Array.of(1) };
    const inputs = new Float64Array(4);
    expect(scaleSteps(scaling, Float64Array.of(1, 2, 3), 2, inputs)).toBe(2);
    expect(inputs[0]).toBeCloseTo(Math.log(3), 12);
    expect(inputs[2]).toBeCloseTo(Math.log(4), 12);
  });
});

describe('fitLstm', () => {
  const data = ordered(600, 'train');
  const held = ordered(300, 'held');
  const options = { hidden: 8, epochs: 12, learningRate: 0.02, seed: 1 };
  const model = fitLstm(data.sequences, data.labels, options);
  const bytes = model.encode();
  const scores = (of: typeof held) => of.raw.map((steps) => model.score(Float64Array.from(steps.flat())));

  it('learns an order that no single step shows, and loses it where the steps are shuffled', () => {
    expect(auroc(scores(held), held.labels)).toBeGreaterThan(0.95);
    const random = createRandom('shuffle');
    const shuffled = held.raw.map((steps) => random.shuffle([...steps]));
    expect(
      auroc(
        shuffled.map((steps) => model.score(Float64Array.from(steps.flat()))),
        held.labels,
      ),
    ).toBeLessThan(0.75);
  });

  it('gives the same bytes for the same seed, others for another, and leaves its input as it was', () => {
    const [values, labels] = [data.sequences.values.slice(), data.labels.slice()];
    expect(fitLstm(data.sequences, data.labels, options).encode()).toEqual(bytes);
    expect(fitLstm(data.sequences, data.labels, { ...options, seed: 2, epochs: 1 }).encode()).not.toEqual(bytes);
    expect(data.sequences.values).toEqual(values);
    expect(data.labels).toEqual(labels);
  });

  it('keeps the best epoch on held-out sequences, and stops', () => {
    const earlyStopping = { sequences: held.sequences, labels: held.labels, patience: 2 };
    const stopped = fitLstm(data.sequences, data.labels, { ...options, epochs: 40, earlyStopping });
    const long = fitLstm(data.sequences, data.labels, { ...options, epochs: 40 });
    const loss = (of: typeof model) =>
      held.raw.reduce((sum, steps, s) => {
        const margin = of.score(Float64Array.from(steps.flat()));
        return sum + Math.log1p(Math.exp(held.labels[s] === 1 ? -margin : margin));
      }, 0);
    expect(loss(stopped)).toBeLessThan(loss(long));
  });

  it('weighs sequences: those of weight 0 are as if they were not there', () => {
    const weights = Float64Array.from(data.labels, (_, i) => (i < 400 ? 1 : 0));
    const odd = data.labels.map((label, i) => (i < 400 ? label : 1 - label));
    expect(fitLstm(data.sequences, odd, { ...options, epochs: 2, weights }).encode()).toEqual(
      fitLstm(data.sequences, data.labels, { ...options, epochs: 2, weights }).encode(),
    );
  });

  it('says which steps it looked at: weights of a distribution, on the rise and the fall', () => {
    let onEvents = 0;
    for (let s = 0; s < sequenceCount(held.sequences); s++) {
      const { margin, attention } = model.predictWithAttention(stepsOf(held.sequences, s));
      expect(margin).toBe(model.score(stepsOf(held.sequences, s)));
      expect(attention.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      expect(attention).toHaveLength(held.raw[s]!.length);
      if (attention.indexOf(Math.max(...attention)) >= held.raw[s]!.length - 2) onEvents++;
    }
    expect(onEvents).toBeGreaterThan(150);
  });

  it('has a spread that depends on the seed alone, and none without dropout', () => {
    const sequence = stepsOf(held.sequences, 0);
    const first = model.predictWithUncertainty(sequence, { seed: 'agent|1' });
    expect(model.predictWithUncertainty(sequence, { seed: 'agent|1' })).toEqual(first);
    expect(model.predictWithUncertainty(sequence, { seed: 'agent|2' }).spread).not.toBe(first.spread);
    expect(first.margin).toBe(model.score(sequence));
    expect(first.spread).toBeGreaterThan(0);
    expect(first.spread).toBeLessThan(0.5);
    const certain = fitLstm(data.sequences, data.labels, { ...options, epochs: 1, dropout: 0 });
    expect(certain.predictWithUncertainty(sequence, { seed: 1 }).spread).toBe(0);
  });

  it('spreads more where it is wrong than where it is right', () => {
    const spreads = held.raw.map((steps, s) => model.predictWithUncertainty(Float64Array.from(steps.flat()), { seed: s }).spread);
    const wrong = Uint8Array.from(scores(held), (margin, s) => (margin > 0 === (held.labels[s] === 1) ? 0 : 1));
    expect(wrong.includes(1)).toBe(true);
    expect(auroc(spreads, wrong)).toBeGreaterThan(0.7);
  });

  it('attributes its margin to steps and features, with what is left over named', () => {
    const shares = new Float64Array(3);
    for (let s = 0; s < 40; s++) {
      const sequence = stepsOf(held.sequences, s);
      const { baseValue, attributions, residual } = model.explain(sequence);
      const total = attributions.reduce((sum, share) => sum + share, 0);
      expect(baseValue + total + residual).toBeCloseTo(model.score(sequence), 10);
      expect(Math.abs(residual)).toBeLessThan(0.05 * Math.max(1, Math.abs(model.score(sequence) - baseValue)));
      attributions.forEach((share, i) => {
        shares[i % 3] = shares[i % 3]! + Math.abs(share);
      });
    }
    // The first feature is the one that tells.
    expect(shares[0]).toBeGreaterThan(3 * (shares[1]! + shares[2]!));
  });

  it('scores the same after encode and decode, and encodes to the same bytes', () => {
    const read = lstmOf(readModelFile(bytes));
    for (let s = 0; s < 50; s++) expect(read.score(stepsOf(held.sequences, s))).toBe(model.score(stepsOf(held.sequences, s)));
    expect(read.encode()).toEqual(bytes);
  });

  it('gives a finite score to one step, constant, missing and infinite ones', () => {
    for (const x of [0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308])
      for (const steps of [1, 2, 40]) expect(model.score(new Float64Array(3 * steps).fill(x))).toSatisfy(Number.isFinite);
  });

  it('refuses what it cannot use, with a code', () => {
    expectRefusal(() => sequencesOf([]), 'ML_EMPTY_INPUT');
    expectRefusal(() => sequencesOf([[]]), 'ML_EMPTY_INPUT');
    expectRefusal(() => sequencesOf([[[1]], [[1, 2]]]), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => sequencesOf([[[1]], []]), 'ML_EMPTY_INPUT');
    const two = sequencesOf([[[1]], [[2]]]);
    const labels = Uint8Array.of(0, 1);
    expectRefusal(() => fitLstm(two, Uint8Array.of(0)), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => fitLstm(two, Uint8Array.of(1, 1)), 'ML_SINGLE_CLASS');
    expectRefusal(() => fitLstm(two, Uint8Array.of(2, 1)), 'ML_BAD_LABEL');
    expectRefusal(() => fitLstm({ ...two, starts: Int32Array.of(0, 2, 2) }, labels), 'ML_BAD_OPTION');
    expectRefusal(() => fitLstm({ ...two, values: two.values.subarray(1) }, labels), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => fitLstm(sequencesOf([[[Number.POSITIVE_INFINITY]], [[1]]]), labels), 'ML_INFINITE_VALUE');
    for (const bad of [{ hidden: 0 }, { dropout: 1 }, { learningRate: 0 }, { steps: 1.5 }, { clip: 0 }, { epochs: Number.NaN }])
      expectRefusal(() => fitLstm(two, labels, bad), 'ML_BAD_OPTION');
    expectRefusal(() => fitLstm(two, labels, { weights: Float64Array.of(0, 0) }), 'ML_BAD_WEIGHT');
    expectRefusal(() => fitLstm(two, labels, { hiden: 4 } as object), 'ML_UNKNOWN_OPTION'); // a misspelt option
    expectRefusal(() => model.score(new Float64Array(0)), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => model.score(new Float64Array(4)), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => model.predictWithUncertainty(new Float64Array(3), { passes: 1, seed: 1 }), 'ML_BAD_OPTION');
  });

  it('refuses, or reads as a model that answers, bytes that were altered and sealed again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const altered = bytes.slice();
        altered[at] ^= flip;
        new DataView(altered.buffer).setUint32(8, crc32(altered, 12), true);
        try {
          const read = lstmOf(readModelFile(altered));
          expect(read.score(new Float64Array(read.featureCount))).toBeTypeOf('number');
        } catch (error) {
          expect(error).toBeInstanceOf(MlError);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});
