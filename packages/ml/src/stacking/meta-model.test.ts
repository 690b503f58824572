import { describe, expect, it } from 'vitest';
import golden from '../../goldens/stacking.golden.json' with { type: 'json' };
import { fitBoosting } from '../boosting/boosting.ts';
import { logistic } from '../math.ts';
import { matrixOf, rowOf, takeRows } from '../matrix.ts';
import { readModelFile } from '../model-file.ts';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { type BoundedLogisticProblem, solveBoundedLogistic } from './bounded-logistic.ts';
import { contributions, encodeMetaModel, fitMetaModel, metaModelOf, metaScore } from './meta-model.ts';

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

  it('gives a base that learnt a random id by heart no weight: out-of-fold it guesses', () => {
    // Boosting of one column, a random id, may give each row a leaf of its own; the other base is honest.
    const random = createRandom('memory');
    const few = labels.subarray(0, 600);
    const ids = matrixOf(Array.from(few, () => [random.nextFloat()]));
    const options = { rounds: 60, leaves: 300, learningRate: 0.3, minDataInLeaf: 1, seed: 1 };
    const all = Array.from(few, (_, r) => r);
    const outOfFold = new Float64Array(600);
    for (let fold = 0; fold < 5; fold++) {
      const kept = all.filter((r) => r % 5 !== fold);
      const base = fitBoosting(
        takeRows(ids, kept),
        Uint8Array.from(kept, (r) => few[r]!),
        options,
      );
      for (let r = fold; r < 600; r += 5) outOfFold[r] = base.score(rowOf(ids, r));
    }
    const whole = fitBoosting(ids, few, options);
    const stackedOn = (memory: (r: number) => number) =>
      fitMetaModel(matrixOf(all.map((r) => [margins[r]![0]!, memory(r) / 8])), few).weights;
    const [honest, memorised] = stackedOn((r) => outOfFold[r]!);
    expect(honest).toBeGreaterThan(1);
    expect(memorised).toBeLessThan(0.05);
    // Stacked on the rows it was fitted on, the same base would have been believed.
    expect(stackedOn((r) => whole.score(rowOf(ids, r)))[1]).toBeGreaterThan(1);
  });

  it('has the weights of a bounded optimiser of others', () => {
    for (const { name, l2, margins: rows, labels: ys, weights, found } of golden.cases) {
      const matrix = matrixOf(rows.map((row) => row.map((margin) => margin ?? Number.NaN)));
      const mine = fitMetaModel(matrix, ys, { l2, baseDropout: 0, weights: Float64Array.from(weights) });
      for (const [k, weight] of found.weights.entries()) expect(mine.weights[k], `${name}, weight ${k}`).toBeCloseTo(weight, 5);
      for (const [k, constant] of found.absent.entries()) expect(mine.absent[k], `${name}, absent ${k}`).toBeCloseTo(constant, 5);
      expect(mine.intercept, name).toBeCloseTo(found.intercept, 5);
    }
    expect(golden.cases.flatMap(({ found }) => found.weights).filter((weight) => weight === 0).length).toBeGreaterThan(1);
  });

  it('has a score for every subset of its bases: intercept, votes of the present and constants of the absent', () => {
    const row = margins[0]!;
    for (let subset = 0; subset < 16; subset++) {
      const present = row.map((margin, k) => ((subset >> k) & 1 ? margin : Number.NaN));
      const votes = contributions(model, present);
      expect(Array.from(votes)).toEqual(row.map((margin, k) => ((subset >> k) & 1 ? model.weights[k]! * margin : model.absent[k]!)));
      expect(votes.reduce((sum, vote) => sum + vote, model.intercept)).toBe(metaScore(model, present));
      expect(metaScore(model, present)).toSatisfy(Number.isFinite);
      for (let k = 0; k < 4; k++) {
        const more = present.map((margin, j) => (j === k ? margin + 1 : margin));
        expect(metaScore(model, more)).toBeGreaterThanOrEqual(metaScore(model, present));
      }
    }
  });

  it('ranks rows of any subset of bases better than chance, and those of more bases better', () => {
    const separation = (bases: readonly number[]) => {
      const scores = margins.map((row) =>
        metaScore(
          model,
          row.map((margin, k) => (bases.includes(k) ? margin : Number.NaN)),
        ),
      );
      const mean = (label: number) => {
        const own = scores.filter((_, r) => labels[r] === label);
        return own.reduce((sum, score) => sum + score, 0) / own.length;
      };
      return mean(1) - mean(0);
    };
    expect(separation([])).toBeCloseTo(0, 9);
    expect(separation([1])).toBeGreaterThan(0.3);
    expect(separation([0])).toBeGreaterThan(separation([1]));
    expect(separation([0, 1])).toBeGreaterThan(separation([0]));
  });

  it('counts an infinite margin as a very large or very small one, also where the weight is 0', () => {
    const mute = { ...model, weights: new Float64Array(4) };
    for (const margin of [Infinity, -Infinity]) {
      expect(metaScore(mute, [margin, margin, margin, margin])).toBe(model.intercept);
      expect(metaScore(model, [margin, -margin, 0, 0])).toSatisfy(Number.isFinite);
    }
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
    expectRefusal(() => fitMetaModel(matrixOf([[1], [2], [3]]), [0, 0, 1], { weights: Float64Array.of(1, 1, 0) }), 'ML_SINGLE_CLASS');
    expectRefusal(() => fitMetaModel(matrixOf([[1], [1e200]]), [0, 1]), 'ML_BAD_OPTION');
    expectRefusal(() => metaScore(model, [1]), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => contributions(model, [1, 2, 3, 4, 5]), 'ML_SHAPE_MISMATCH');
  });
});
