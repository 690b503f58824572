import { describe, expect, it } from 'vitest';
import { logistic } from '../math.ts';
import { matrixOf } from '../matrix.ts';
import { readModelFile } from '../model-file.ts';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { type BoundedLogisticProblem, solveBoundedLogistic } from './bounded-logistic.ts';
import { encodeMetaModel, fitMetaModel, metaModelOf, metaScore } from './meta-model.ts';

function drawn(rows: number, seed: string) {
  const random = createRandom(seed);
  const labels = Uint8Array.from({ length: rows }, () => (random.nextFloat() < 0.3 ? 1 : 0));
  // A strong base, a weak one, noise, and one that is wrong throughout.
  const margins = Array.from(labels, (label) => {
    const side = label === 1 ? 1 : -1;
    return [1.5 * side + random.nextGaussian(), 0.5 * side + random.nextGaussian(), random.nextGaussian(), -side + random.nextGaussian()];
  });
  return { labels, margins };
}

describe('solveBoundedLogistic', () => {
  it('finds log-odds where there is only an intercept', () => {
    const problem = {
      rows: 4,
      cols: 1,
      values: new Float64Array(4),
      labels: [1, 1, 1, 0],
      weights: [1, 1, 1, 1],
      bounded: Uint8Array.of(0),
      l2: 1,
    };
    const { weights, intercept } = solveBoundedLogistic(problem);
    expect(intercept).toBeCloseTo(Math.log(3), 8);
    expect(weights[0]).toBe(0);
  });

  it('is flat where it is free, and slopes upwards where it is held at 0', () => {
    const { labels, margins } = drawn(400, 'kkt');
    const matrix = matrixOf(margins);
    const problem: BoundedLogisticProblem = {
      ...matrix,
      labels,
      weights: new Float64Array(400).fill(1),
      bounded: new Uint8Array(4).fill(1),
      l2: 3,
    };
    const { weights, intercept } = solveBoundedLogistic(problem);
    expect(weights[3]).toBe(0);
    const slopes = [0, 1, 2, 3, 4].map((c) =>
      margins.reduce(
        (sum, row, r) => {
          const p = logistic(row.reduce((s, x, k) => s + x * weights[k]!, intercept));
          return sum + (p - labels[r]!) * (c === 4 ? 1 : row[c]!);
        },
        c === 4 ? 0 : 3 * weights[c]!,
      ),
    );
    for (const c of [0, 1, 2, 4]) if (c === 4 || weights[c]! > 0) expect(Math.abs(slopes[c]!), `${c}`).toBeLessThan(1e-5);
    expect(slopes[3]).toBeGreaterThan(0);
  });

  it('ends where a line separates the classes', () => {
    const problem = {
      rows: 4,
      cols: 1,
      values: Float64Array.of(-2, -1, 1, 2),
      labels: [0, 0, 1, 1],
      weights: [1, 1, 1, 1],
      bounded: Uint8Array.of(1),
      l2: 1e-6,
    };
    expect(solveBoundedLogistic(problem).weights[0]).toSatisfy((weight: number) => weight > 3 && weight < 1e3);
  });
});

describe('fitMetaModel', () => {
  const { labels, margins } = drawn(2000, 'fit');
  const model = fitMetaModel(matrixOf(margins), labels);

  it('trusts a base by what it is worth, and one that is wrong or noise not at all', () => {
    const [strong, weak, noise, wrong] = model.weights;
    expect(strong).toBeGreaterThan(1.5 * weak!);
    expect(weak).toBeGreaterThan(0.4);
    expect(noise).toBeLessThan(0.1);
    expect(wrong).toBe(0);
  });

  it('gives a memorised base no weight where its margins are out-of-fold', () => {
    const random = createRandom('memory');
    // In its own fold it knew the labels by heart; out of it, it guesses.
    const withMemory = margins.map((row) => [row[0]!, 4 * random.nextGaussian()]);
    expect(fitMetaModel(matrixOf(withMemory), labels).weights[1]).toBeLessThan(0.05);
  });

  it('is defined where bases are absent: closer to the base rate, never NaN', () => {
    const all = metaScore(model, [2, 1, 0, 0]);
    const one = metaScore(model, [2, Number.NaN, Number.NaN, Number.NaN]);
    const none = metaScore(model, [Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    expect(all).toBeGreaterThan(one - 0.5);
    expect(one).toBeGreaterThan(none);
    const prior = Math.log(labels.filter((label) => label === 1).length / labels.filter((label) => label === 0).length);
    expect(Math.abs(none - prior)).toBeLessThan(1);
  });

  it('learns what the absence of a base says', () => {
    const random = createRandom('absence');
    const rows = Array.from(labels, (label) => [label === 1 && random.nextFloat() < 0.8 ? Number.NaN : random.nextGaussian()]);
    const said = fitMetaModel(matrixOf(rows), labels, { baseDropout: 0 });
    expect(metaScore(said, [Number.NaN])).toBeGreaterThan(2);
  });

  it('gives the same for the same seed, and leaves its input as it was', () => {
    const matrix = matrixOf(margins);
    const copy = matrix.values.slice();
    expect(encodeMetaModel(fitMetaModel(matrix, labels))).toEqual(encodeMetaModel(model));
    expect(matrix.values).toEqual(copy);
    expect(fitMetaModel(matrix, labels, { seed: 9 }).weights).not.toEqual(model.weights);
  });

  it('weighs rows', () => {
    const weights = Float64Array.from(labels, (_, i) => (i < 1000 ? 1 : 0));
    const half = fitMetaModel(matrixOf(margins.slice(0, 1000)), labels.subarray(0, 1000), { baseDropout: 0 });
    const weighted = fitMetaModel(matrixOf(margins), labels, { baseDropout: 0, weights });
    for (const [c, weight] of weighted.weights.entries()) expect(weight).toBeCloseTo(half.weights[c]!, 6);
  });

  it('reads its file again, and refuses one that does not hold a meta-model', () => {
    const read = metaModelOf(readModelFile(encodeMetaModel(model)));
    expect(read).toEqual(model);
    const content = readModelFile(encodeMetaModel(model));
    for (const arrays of [
      { ...content.arrays, weights: Float64Array.of(-1, 0, 0, 0) },
      { ...content.arrays, absent: new Float64Array(3) },
      { ...content.arrays, absent: new Float64Array(4).fill(Number.NaN) },
      { weights: new Float64Array(0), absent: new Float64Array(0) },
    ])
      expectRefusal(() => metaModelOf({ ...content, arrays }), 'ML_FILE_CORRUPT');
    expectRefusal(() => metaModelOf({ ...content, kind: 'lstm' }), 'ML_FILE_KIND');
  });

  it('refuses what it cannot use', () => {
    const matrix = matrixOf([[1], [2]]);
    expectRefusal(() => fitMetaModel(matrixOf([[1]]), [1]), 'ML_EMPTY_INPUT');
    expectRefusal(() => fitMetaModel(matrix, [1]), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => fitMetaModel(matrix, [1, 1]), 'ML_SINGLE_CLASS');
    expectRefusal(() => fitMetaModel(matrixOf([[1], [Infinity]]), [0, 1]), 'ML_INFINITE_VALUE');
    expectRefusal(() => fitMetaModel(matrix, [0, 1], { l2: 0 }), 'ML_BAD_OPTION');
    expectRefusal(() => fitMetaModel(matrix, [0, 1], { weights: Float64Array.of(0, 0) }), 'ML_BAD_WEIGHT');
    expectRefusal(() => metaScore(model, [1]), 'ML_SHAPE_MISMATCH');
  });
});
