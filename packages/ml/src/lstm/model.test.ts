import { describe, expect, it } from 'vitest';
import { logistic } from '../math.ts';
import { readModelFile, writeModelFile } from '../model-file.ts';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { sharesOf } from './dropout.ts';
import { fitLstm } from './lstm.ts';
import { Lstm, lstmOf } from './model.ts';
import { initialWeights, layoutOf } from './parameters.ts';
import { maskStream } from './plain/masks.ts';
import { forward, head, newWorkspace } from './plain/network.ts';
import { scaleSteps } from './scaling.ts';
import { type Sequences, sequencesOf, stepsOf } from './sequences.ts';

const random = createRandom('model');
const scaling = {
  means: Float64Array.of(0.2, -0.1, 1),
  inverses: Float64Array.of(1, 2, 0),
  masked: Int32Array.of(1),
};
const STEPS = 7;

function modelOf(hidden: number, dropoutAt: 'context' | 'dense' | 'both' = 'both', dropout = 0.2) {
  const layout = layoutOf({ channels: 4, hidden, dense: Math.ceil(hidden / 2) });
  const weights = initialWeights(layout, createRandom(`weights ${hidden}`)).map((w) => 2 * w);
  weights.fill(0.4, layout.db, layout.db + layout.dense);
  return { layout, weights, model: new Lstm({ layout, weights, scaling, steps: STEPS, dropout, dropoutAt, trainedWith: 'simd' }) };
}

/** Lengths from 1 beyond what counts; some values missing, some infinite. */
function ragged(count: number): Sequences {
  return sequencesOf(
    Array.from({ length: count }, (_, s) =>
      Array.from({ length: 1 + (s % (STEPS + 3)) }, () => [
        random.nextGaussian(),
        random.nextInt(4) === 0 ? Number.NaN : 5 * random.nextGaussian(),
        random.nextInt(50) === 0 ? Number.POSITIVE_INFINITY : 1,
      ]),
    ),
  );
}

describe('scores', () => {
  it.each([1, 5, 8, 32, 33])('of many sequences are those of one at a time, to the bit, with %i cells', (hidden) => {
    const { model } = modelOf(hidden);
    for (const count of [1, 3, 64, 150]) {
      const sequences = ragged(count);
      const margins = model.scoreMany(sequences);
      expect(margins).toHaveLength(count);
      for (let s = 0; s < count; s++) expect(margins[s]).toBe(model.score(stepsOf(sequences, s)));
    }
  });

  it.each([1, 5, 8, 32, 33])('and attention are those of the network in doubles, with %i cells', (hidden) => {
    const { layout, weights, model } = modelOf(hidden);
    const work = newWorkspace(layout, STEPS);
    const sequences = ragged(20);
    for (let s = 0; s < 20; s++) {
      const count = scaleSteps(scaling, stepsOf(sequences, s), STEPS, work.inputs);
      const margin = forward(layout, Float64Array.from(weights), work, count);
      const scored = model.predictWithAttention(stepsOf(sequences, s));
      expect(scored.margin).toBeCloseTo(margin, 4);
      expect(scored.attention).toHaveLength(count);
      scored.attention.forEach((weight, t) => {
        expect(weight).toBeCloseTo(work.attention[t]!, 5);
      });
    }
  });

  it('do not depend on what was scored before, nor on a second model', () => {
    const [{ model }, other] = [modelOf(8), modelOf(8)];
    const sequences = ragged(12);
    const first = Array.from({ length: 12 }, (_, s) => model.score(stepsOf(sequences, s)));
    for (let s = 11; s >= 0; s--) {
      other.model.score(stepsOf(sequences, (s + 5) % 12));
      model.predictWithUncertainty(stepsOf(sequences, (s + 1) % 12), { seed: s });
      expect(model.score(stepsOf(sequences, s))).toBe(first[s]);
    }
  });

  it('and spread and attention of a sequence asked for again are those of a model that sees it first, missing values and changed ones included', () => {
    const sequence = Float64Array.of(1, Number.NaN, 3, 4, 5, Number.NaN);
    const changed = Float64Array.from(sequence);
    changed[1] = 2;
    const shorter = sequence.slice(3);
    const asked = [sequence, Float64Array.from(sequence), changed, sequence, shorter, shorter, sequence];
    const { model } = modelOf(8);
    for (const [i, values] of asked.entries()) {
      const fresh = modelOf(8).model;
      const say = (of: typeof model) =>
        i % 2 === 0
          ? [of.score(values), of.predictWithUncertainty(values, { seed: i }), of.predictWithAttention(values)]
          : [of.predictWithBoth(values, { seed: i }), of.score(values), of.predictWithAttention(values)];
      expect(say(model)).toEqual(say(fresh));
    }
  });

  it('refuse other columns and none', () => {
    const { model } = modelOf(5);
    expectRefusal(() => model.scoreMany(sequencesOf([[[1, 2]]])), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => model.scoreMany({ cols: 3, values: new Float64Array(0), starts: Int32Array.of(0) }), 'ML_EMPTY_INPUT');
    expectRefusal(() => model.scoreMany({ cols: 3, values: new Float64Array(6), starts: Int32Array.of(0, 0, 2) }), 'ML_BAD_OPTION');
    expectRefusal(() => model.scoreMany({ cols: 3, values: new Float64Array(5), starts: Int32Array.of(0, 2) }), 'ML_SHAPE_MISMATCH');
  });
});

describe('spread', () => {
  it.each(['context', 'dense', 'both'] as const)('is that of the head in doubles under the same masks, dropout at %s', (dropoutAt) => {
    for (const hidden of [1, 5, 32, 33]) {
      const { layout, weights, model } = modelOf(hidden, dropoutAt);
      const doubles = Float64Array.from(weights);
      const work = newWorkspace(layout, STEPS);
      const shares = sharesOf(0.2, dropoutAt);
      const sequences = ragged(6);
      for (const [s, passes] of [2, 7, 50, 64, 65, 200].entries()) {
        const sequence = stepsOf(sequences, s);
        const seed = `agent ${s} | ${hidden} — é`;
        forward(layout, doubles, work, scaleSteps(scaling, sequence, STEPS, work.inputs));
        const masks = maskStream(seed);
        const probabilities = Array.from({ length: passes }, () => {
          masks.draw(work.contextMask, shares.context);
          masks.draw(work.denseMask, shares.dense);
          return logistic(head(layout, doubles, work));
        });
        work.contextMask.fill(1);
        work.denseMask.fill(1);
        const mean = probabilities.reduce((sum, p) => sum + p, 0) / passes;
        const spread = Math.sqrt(probabilities.reduce((sum, p) => sum + (p - mean) ** 2, 0) / (passes - 1));
        const found = model.predictWithUncertainty(sequence, { seed, passes });
        expect(found.mean).toBeCloseTo(mean, 5);
        expect(found.spread).toBeCloseTo(spread, 5);
        expect(found.margin).toBe(model.score(sequence));
      }
    }
  });

  it('fills what it is given', () => {
    const { model } = modelOf(8);
    const into = { margin: 0, mean: 0, spread: 0 };
    const sequence = Float64Array.of(1, 2, 3);
    expect(model.predictWithUncertainty(sequence, { seed: 7 }, into)).toBe(into);
    expect(into).toEqual(model.predictWithUncertainty(sequence, { seed: '7' }));
    expect(into.spread).toBeGreaterThan(0);
  });

  it('is 0 where the share rounds to none', () => {
    const { model } = modelOf(8, 'both', 0.001);
    const { margin, mean, spread } = model.predictWithUncertainty(Float64Array.of(1, 2, 3), { seed: 7 });
    expect(spread).toBe(0);
    expect(mean).toBe(logistic(margin));
  });
});

describe('attributions', () => {
  it('are the path integral of the gradients in doubles, by finite differences', () => {
    const { layout, weights, model } = modelOf(5);
    const doubles = Float64Array.from(weights);
    const work = newWorkspace(layout, STEPS);
    const sequence = Float64Array.of(1, Number.NaN, 3, -2, 0.5, 3);
    const full = new Float64Array(8);
    scaleSteps(scaling, sequence, STEPS, full);
    const at = (share: number, x: number, by: number) => {
      for (let i = 0; i < 8; i++) work.inputs[i] = share * full[i]! + (i === x ? by : 0);
      return forward(layout, doubles, work, 2);
    };
    const path = (x: number) => {
      let sum = 0;
      for (let point = 0; point < 32; point++) sum += (at((point + 0.5) / 32, x, 1e-4) - at((point + 0.5) / 32, x, -1e-4)) / 2e-4 / 32;
      return full[x]! * sum;
    };
    const { attributions, baseValue, residual } = model.explain(sequence);
    // Column 1 has the mask channel 3.
    const expected = [path(0), path(1) + path(3), path(2), path(4), path(5) + path(7), path(6)];
    expect(attributions).toHaveLength(6);
    attributions.forEach((share, i) => {
      expect(share).toBeCloseTo(expected[i]!, 4);
    });
    expect(Math.abs(expected[1]!)).toBeGreaterThan(1e-3);
    expect(baseValue).toBeCloseTo(at(0, -1, 0), 4);
    expect(baseValue + attributions.reduce((sum, share) => sum + share, 0) + residual).toBeCloseTo(model.score(sequence), 12);
  });
});

describe('the model file', () => {
  const { model } = modelOf(5, 'dense', 0.3);
  const content = readModelFile(model.encode());
  const altered = (numbers: Record<string, number>, arrays: object = {}) =>
    readModelFile(writeModelFile({ ...content, numbers: { ...content.numbers, ...numbers }, arrays: { ...content.arrays, ...arrays } }));

  it('says what trained it and where its dropout is', () => {
    const read = lstmOf(content);
    expect([read.trainedWith, read.dropoutAt, read.dropout, read.steps, read.featureCount]).toEqual(['simd', 'dense', 0.3, STEPS, 3]);
    expect(read.encode()).toEqual(model.encode());
  });

  it('is refused where a number or an array cannot be, before anything of its size is made', () => {
    expect(lstmOf(altered({ trainedWith: 2 })).trainedWith).toBe('plain');
    for (const numbers of [
      { trainedWith: 3 },
      { dropoutAt: -1 },
      { dropoutAt: 0.5 },
      { dropout: 0.95 },
      { steps: 0 },
      { steps: 1001 },
      { hidden: 513 },
      { hidden: 6 },
      { dense: 4 },
      { featureCount: 4 },
    ])
      expectRefusal(() => lstmOf(altered(numbers)), 'ML_FILE_CORRUPT');
    for (const arrays of [
      { weights: new Float64Array(10) },
      { weights: new Float32Array(10) },
      { masked: Int32Array.of(3) },
      { masked: Int32Array.of(1, 1) },
      { masked: Int32Array.of(-1) },
      { means: Float64Array.of(0, Number.NaN, 0) },
    ])
      expectRefusal(() => lstmOf(altered({}, arrays)), 'ML_FILE_CORRUPT');
    const cols = 65_536;
    const wide = layoutOf({ channels: cols, hidden: 1, dense: 1 });
    const arrays = { weights: new Float32Array(wide.length), means: new Float64Array(cols), inverses: new Float64Array(cols) };
    const numbers = { featureCount: cols, hidden: 1, dense: 1 };
    const file = (steps: number) => altered({ ...numbers, steps }, { ...arrays, masked: new Int32Array(0) });
    expectRefusal(() => lstmOf(file(1000)), 'ML_FILE_CORRUPT');
    expectRefusal(() => lstmOf(file(100)), 'ML_FILE_CORRUPT');
    expect(lstmOf(file(10)).score(new Float64Array(cols))).toSatisfy(Number.isFinite);
    expectRefusal(
      () =>
        fitLstm(sequencesOf([[new Float64Array(cols)], [new Float64Array(cols)]]), Uint8Array.of(0, 1), {
          hidden: 1,
          dense: 1,
          steps: 100,
        }),
      'ML_BAD_OPTION',
    );
  });
});
