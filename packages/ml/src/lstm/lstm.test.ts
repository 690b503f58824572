import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MlError } from '../errors.ts';
import { auroc } from '../metrics/ranking.ts';
import { crc32, readModelFile } from '../model-file.ts';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { fitLstm } from './lstm.ts';
import { lstmOf } from './model.ts';
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

  it.each(['context', 'dense', 'both'] as const)('learns the same with every kernel but for rounding, dropout at %s', (dropoutAt) => {
    // 200 sequences a batch: the kernels take them in parts.
    const settings = { ...options, batch: 200, epochs: 2, dropoutAt };
    const [plain, simd, relaxed] = (['plain', 'simd', 'relaxed'] as const).map((kernel) => {
      const fitted = fitLstm(data.sequences, data.labels, { ...settings, kernel });
      expect(fitted.trainedWith).toBe(kernel);
      expect(lstmOf(readModelFile(fitted.encode())).trainedWith).toBe(kernel);
      return fitted.scoreMany(held.sequences);
    });
    const before = fitLstm(data.sequences, data.labels, { ...settings, epochs: 1 }).scoreMany(held.sequences);
    const away = (a: Float64Array, b: Float64Array) => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
    expect(away(simd!, plain!)).toBeLessThan(1e-3);
    expect(away(relaxed!, plain!)).toBeLessThan(1e-3);
    expect(away(simd!, before)).toBeGreaterThan(0.05);
  });

  it('learns otherwise where dropout is elsewhere', () => {
    const files = (['context', 'dense', 'both'] as const).map((dropoutAt) =>
      fitLstm(data.sequences, data.labels, { ...options, epochs: 1, dropoutAt }).score(stepsOf(held.sequences, 0)),
    );
    expect(new Set(files).size).toBe(3);
  });

  it('keeps the best epoch on held-out sequences, and stops', () => {
    // Few sequences, and every fourth label wrong: after the order comes what is learnt by heart.
    const few = ordered(80, 'few');
    const noisy = few.labels.map((label, i) => (i % 4 === 0 ? 1 - label : label));
    const earlyStopping = { sequences: held.sequences, labels: held.labels, patience: 10 };
    const stopped = fitLstm(few.sequences, noisy, { ...options, batch: 16, epochs: 100, earlyStopping });
    const long = fitLstm(few.sequences, noisy, { ...options, batch: 16, epochs: 100 });
    const loss = (of: typeof model) =>
      of
        .scoreMany(held.sequences)
        .reduce((sum, margin, s) => sum + Math.log1p(Math.exp(held.labels[s] === 1 ? -margin : margin)) / held.labels.length, 0);
    expect(loss(stopped)).toBeLessThan(0.8 * loss(long));
  });

  it('weighs sequences: those of weight 0 are as if they were not there', () => {
    const weights = Float64Array.from(data.labels, (_, i) => (i < 400 ? 1 : 0));
    const odd = data.labels.map((label, i) => (i < 400 ? label : 1 - label));
    expect(fitLstm(data.sequences, odd, { ...options, epochs: 2, weights }).encode()).toEqual(
      fitLstm(data.sequences, data.labels, { ...options, epochs: 2, weights }).encode(),
    );
  });

  it('says which steps it looked at: weights of a distribution, and not of the uniform one', () => {
    let sharpness = 0;
    for (let s = 0; s < sequenceCount(held.sequences); s++) {
      const { margin, attention } = model.predictWithAttention(stepsOf(held.sequences, s));
      expect(margin).toBe(model.score(stepsOf(held.sequences, s)));
      expect(attention.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      expect(attention).toHaveLength(held.raw[s]!.length);
      sharpness += (Math.max(...attention) * attention.length) / held.raw.length;
    }
    expect(sharpness).toBeGreaterThan(1.3);
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

  it('gives spread and attention in one pass as it does in two', () => {
    for (let s = 0; s < 20; s++) {
      const sequence = stepsOf(held.sequences, s);
      const { attention, ...spread } = model.predictWithBoth(sequence, { seed: s });
      expect(spread).toEqual(model.predictWithUncertainty(sequence, { seed: s }));
      expect(attention).toEqual(model.predictWithAttention(sequence).attention);
    }
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
    const outside: readonly object[] = [
      { hidden: 0 },
      { dropout: 1 },
      { dropoutAt: 'head' },
      { kernel: 'gpu' },
      { learningRate: 0 },
      { steps: 1.5 },
      { clip: 0 },
      { epochs: Number.NaN },
    ];
    for (const bad of outside) expectRefusal(() => fitLstm(two, labels, bad), 'ML_BAD_OPTION');
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
