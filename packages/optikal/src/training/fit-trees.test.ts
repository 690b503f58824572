import { createRandom, decodeScorer, fitBoosting, matrixOf } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { fitTrees } from './fit-trees.ts';

const random = createRandom('fit-trees');
const dense = Array.from({ length: 300 }, () => Float64Array.of(random.nextGaussian(), random.nextGaussian()));
const labels = Uint8Array.from(dense, (row) => (row[0]! + 0.5 * row[1]! > 0.5 ? 1 : 0));
/** The same columns with constant ones around them. */
const wide = dense.map((row) => Float64Array.of(7, row[0]!, Number.NaN, row[1]!, Number.NaN));
const options = { rounds: 20, leaves: 4, minDataInLeaf: 5, seed: 's' };

describe('boosting on the columns that vary', () => {
  const fitted = fitTrees(wide, labels, Int8Array.of(0, 1, 0, -1, 0), options)!;

  it('gives what boosting on those columns alone gives, for whole rows', () => {
    const plain = fitBoosting(matrixOf(dense), labels, { ...options, monotone: Int8Array.of(1, -1) });
    for (let i = 0; i < 50; i++) expect(fitted.score(wide[i]!)).toBe(plain.score(dense[i]!));
    expect(fitted.featureCount).toBe(5);
  });

  it('explains whole rows, and gives constant columns nothing', () => {
    const { attributions, baseValue } = fitted.explain(wide[3]!);
    expect(attributions).toHaveLength(5);
    expect([attributions[0], attributions[2], attributions[4]]).toEqual([0, 0, 0]);
    expect(baseValue + attributions.reduce((sum, value) => sum + value, 0)).toBeCloseTo(fitted.score(wide[3]!), 9);
  });

  it('keeps its scores through its file', () => {
    expect(decodeScorer(fitted.encode()).score(wide[9]!)).toBe(fitted.score(wide[9]!));
  });

  it('is null where there is nothing to learn', () => {
    const free = new Int8Array(5);
    expect(fitTrees([], new Uint8Array(0), free, options)).toBeNull();
    expect(fitTrees(wide, new Uint8Array(300), free, options)).toBeNull();
    expect(fitTrees(wide, new Uint8Array(300).fill(1), free, options)).toBeNull();
    const same = dense.map(() => new Float64Array(5));
    expect(fitTrees(same, labels, free, options)).toBeNull();
  });
});
