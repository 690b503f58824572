import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import golden from '../../goldens/sparse-logistic.golden.json' with { type: 'json' };
import { logistic } from '../math.ts';
import { readModelFile, writeModelFile } from '../model-file.ts';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { hashFeatures } from './hash-features.ts';
import { sparseLogisticOf } from './model.ts';
import { type SparseRow, sparseRowOf, sparseRowsOf } from './rows.ts';
import { fitSparseLogistic } from './sparse-logistic.ts';

const EMPTY: SparseRow = { indices: new Int32Array(0), values: new Float64Array(0) };
const one = (index: number, value = 1): SparseRow => ({ indices: Int32Array.of(index), values: Float64Array.of(value) });

const HASHING = { bits: golden.bits };
const TEXTS = sparseRowsOf(
  golden.tokens.map((tokens) => hashFeatures(tokens, HASHING)),
  2 ** golden.bits,
);
const MODEL = fitSparseLogistic(TEXTS, golden.labels, { l2: 0.01, hashing: HASHING });

describe('fitSparseLogistic', () => {
  it('says the log-odds of the labels where rows say nothing', () => {
    const model = fitSparseLogistic(sparseRowsOf([EMPTY, EMPTY, EMPTY, EMPTY], 9), [1, 1, 1, 0], { tolerance: 1e-9 });
    expect(model.score(EMPTY)).toBeCloseTo(Math.log(3), 6);
    expect(model.weightCount).toBe(0);
  });

  it('solves one column by hand: 3 of 4 with it, 1 of 4 without, next to no penalty', () => {
    const rows = sparseRowsOf([one(2), one(2), one(2), one(2), EMPTY, EMPTY, EMPTY, EMPTY], 3);
    const model = fitSparseLogistic(rows, [1, 1, 1, 0, 1, 0, 0, 0], { l2: 1e-12, tolerance: 1e-10 });
    expect(model.intercept).toBeCloseTo(-Math.log(3), 6);
    expect(model.score(one(2))).toBeCloseTo(Math.log(3), 6);
    const dense = model.denseWeights();
    expect(Array.from(dense, (weight, column) => (column === 2 ? 0 : weight))).toEqual([0, 0, 0]);
    expect(model.intercept + dense[2]).toBe(model.score(one(2)));
    // Balanced classes: 4 of 8 rows are positive already; with weights 3 and 1 the odds of both groups triple.
    const tripled = fitSparseLogistic(rows, [1, 1, 1, 0, 1, 0, 0, 0], {
      l2: 1e-12,
      tolerance: 1e-10,
      classWeights: { negative: 1, positive: 3 },
    });
    expect(tripled.intercept).toBeCloseTo(0, 6);
    expect(tripled.score(one(2))).toBeCloseTo(Math.log(9), 6);
  });

  it.each(golden.fits)('scores as scikit-learn: $solver, l2 $l2, intercept $intercept, balanced $balanced', (fit) => {
    const options = { l2: fit.l2, intercept: fit.intercept, tolerance: 1e-10, maxIterations: 2000 };
    const model = fitSparseLogistic(TEXTS, golden.labels, fit.balanced ? { ...options, classWeights: 'balanced' } : options);
    expect(model.convergence.converged).toBe(true);
    expect(model.intercept).toBeCloseTo(fit.free, 4);
    for (const [r, score] of fit.scores.entries()) expect(model.score(sparseRowOf(TEXTS, r)), `row ${r}`).toBeCloseTo(score, 4);
  });

  it('recovers weights that made the labels, and leaves other columns near 0', () => {
    const random = createRandom('recover');
    const rows = sparseRowsOf(
      Array.from({ length: 20_000 }, () => {
        const indices = Int32Array.from([1, 4, 7, 300]).filter(() => random.nextFloat() < 0.5);
        return { indices, values: Float32Array.from(indices, () => 1) };
      }),
      512,
    );
    const labels = Uint8Array.from({ length: 20_000 }, (_, r) => {
      const { indices } = sparseRowOf(rows, r);
      const margin = -1 + (indices.includes(1) ? 2 : 0) - (indices.includes(300) ? 1.5 : 0);
      return random.nextFloat() < logistic(margin) ? 1 : 0;
    });
    const model = fitSparseLogistic(rows, labels, { l2: 1e-6 });
    for (const [index, weight] of [
      [1, 2],
      [4, 0],
      [7, 0],
      [300, -1.5],
    ])
      expect(Math.abs(model.score(one(index)) - model.intercept - weight)).toBeLessThan(0.12);
    expect(Math.abs(model.intercept + 1)).toBeLessThan(0.1);
  });

  it('counts a row of weight 2 as two rows, and one of weight 0 as none', () => {
    const rows = [one(0), one(1), one(0, 2), EMPTY, one(1, 5)];
    const weighted = fitSparseLogistic(sparseRowsOf(rows, 2), [1, 0, 1, 0, 1], {
      weights: Float64Array.of(2, 1, 1, 1, 0),
      l2: 0.1,
      tolerance: 1e-9,
    });
    const twice = fitSparseLogistic(sparseRowsOf([rows[0], ...rows.slice(0, 4)], 2), [1, 1, 0, 1, 0], { l2: 0.1, tolerance: 1e-9 });
    for (const row of rows) expect(weighted.score(row)).toBeCloseTo(twice.score(row), 7);
  });

  it('stays finite where the classes are separated, and tells when it did not converge', () => {
    const rows = sparseRowsOf([one(0, 1e6), one(0, -1e6)], 1);
    expect(fitSparseLogistic(rows, [1, 0]).score(one(0, 1e6))).toSatisfy(Number.isFinite);
    const { convergence } = fitSparseLogistic(TEXTS, golden.labels, { maxIterations: 2 });
    expect(convergence).toMatchObject({ converged: false, iterations: 2 });
    expect(convergence.gradient).toBeGreaterThan(1e-6);
    expect(MODEL.convergence.gradient).toBeLessThanOrEqual(1e-6);
  });

  it('refuses what it cannot use', () => {
    const rows = sparseRowsOf([one(0), one(1)], 2);
    expectRefusal(() => fitSparseLogistic(sparseRowsOf([one(0)], 2), [1]), 'ML_EMPTY_INPUT');
    expectRefusal(() => fitSparseLogistic(rows, [1]), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => fitSparseLogistic(rows, [1, 1]), 'ML_SINGLE_CLASS');
    expectRefusal(() => fitSparseLogistic(rows, [1, 2]), 'ML_BAD_LABEL');
    expectRefusal(() => fitSparseLogistic(rows, [1, 0], { weights: Float64Array.of(1, 0) }), 'ML_SINGLE_CLASS');
    expectRefusal(() => fitSparseLogistic(rows, [1, 0], { weights: Float64Array.of(0, 0) }), 'ML_BAD_WEIGHT');
    expectRefusal(() => fitSparseLogistic(rows, [1, 0], { weights: Float64Array.of(1, -1) }), 'ML_BAD_WEIGHT');
    for (const options of [{ l2: 0 }, { tolerance: 0 }, { maxIterations: 0 }, { hashing: { bits: 2 } }])
      expectRefusal(() => fitSparseLogistic(rows, [1, 0], options), 'ML_BAD_OPTION');
    expectRefusal(() => fitSparseLogistic(rows, [1, 0], { classWeights: { negative: 0, positive: 1 } }), 'ML_BAD_OPTION');
  });
});

describe('a sparse logistic model', () => {
  it('scores tokens as it scores their row', () => {
    for (const tokens of golden.tokens) expect(MODEL.scoreTokens(tokens)).toBe(MODEL.score(hashFeatures(tokens, HASHING)));
    expect(MODEL.scoreTokens([])).toBe(MODEL.intercept);
    expect(MODEL.scoreTokens(['mallory', 'ignore'])).toBeGreaterThan(MODEL.scoreTokens(['budget']));
  });

  it('explains: the intercept and what each column adds make the score, strongest first, under the names of the tokens', () => {
    fc.assert(
      fc.property(fc.constantFrom(...golden.tokens), (tokens) => {
        const { baseValue, contributions } = MODEL.explainTokens(tokens);
        const sum = contributions.reduce((total, { contribution }) => total + contribution, baseValue);
        expect(sum).toBeCloseTo(MODEL.scoreTokens(tokens), 10);
        const sizes = contributions.map(({ contribution }) => Math.abs(contribution));
        expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
        for (const { names } of contributions) expect(tokens).toContain(names[0]);
      }),
      { numRuns: 100, seed: 1 },
    );
    expect(MODEL.explainTokens(['mallory', 'file']).contributions[0].names).toEqual(['mallory']);
    expect(MODEL.explain(hashFeatures(['mallory'], HASHING)).contributions[0].names).toEqual([]);
  });

  it('ignores columns that it never saw', () => {
    const model = fitSparseLogistic(sparseRowsOf([one(5), one(9)], 1000), [1, 0]);
    for (const index of [0, 7, 999]) expect(model.score(one(index, 3))).toBe(model.intercept);
    expect(model.explain(one(7)).contributions).toEqual([]);
  });

  it('reads its file again, with hashing and without', () => {
    const plain = fitSparseLogistic(TEXTS, golden.labels);
    for (const model of [MODEL, plain]) {
      const read = sparseLogisticOf(readModelFile(model.encode()));
      expect(read.encode()).toEqual(model.encode());
      expect(read).toMatchObject({ cols: 256, hashing: model.hashing, convergence: model.convergence });
      for (let r = 0; r < 50; r++) expect(read.score(sparseRowOf(TEXTS, r))).toBe(model.score(sparseRowOf(TEXTS, r)));
    }
    expectRefusal(() => plain.scoreTokens(['a']), 'ML_BAD_OPTION');
    expectRefusal(() => plain.explainTokens(['a']), 'ML_BAD_OPTION');
  });

  it('refuses rows that break their rules', () => {
    expectRefusal(() => MODEL.score(one(256)), 'ML_BAD_OPTION');
    expectRefusal(() => MODEL.score({ indices: Int32Array.of(3, 3), values: Float64Array.of(1, 1) }), 'ML_BAD_OPTION');
    expectRefusal(() => MODEL.score({ indices: Int32Array.of(3), values: new Float64Array(2) }), 'ML_SHAPE_MISMATCH');
    for (const bad of [Number.NaN, Infinity]) expectRefusal(() => MODEL.score(one(3, bad)), 'ML_NOT_FINITE');
    expectRefusal(() => MODEL.explain(one(256)), 'ML_BAD_OPTION');
  });

  it('refuses a file that does not hold one', () => {
    const content = readModelFile(MODEL.encode());
    const { indices, weights } = content.arrays;
    for (const [numbers, arrays] of [
      [{ cols: 0 }, {}],
      [{ cols: 1.5 }, {}],
      [{ bits: 9 }, {}],
      [{ signed: 2 }, {}],
      [{ converged: 2 }, {}],
      [{ intercept: 1e200 }, {}],
      [{}, { weights: weights.subarray(1) }],
      [{}, { weights: Float64Array.from(weights).fill(Number.NaN) }],
      [{}, { weights: Float64Array.from(weights).fill(1e200) }],
      [{}, { indices: Int32Array.from(indices).reverse() }],
      [{}, { indices: Int32Array.from(indices, (index) => index + 256) }],
    ]) {
      const altered = { ...content, numbers: { ...content.numbers, ...numbers }, arrays: { ...content.arrays, ...arrays } };
      expectRefusal(() => sparseLogisticOf(readModelFile(writeModelFile(altered))), 'ML_FILE_CORRUPT');
    }
    expectRefusal(() => sparseLogisticOf({ ...content, kind: 'lstm' }), 'ML_FILE_KIND');
  });
});
