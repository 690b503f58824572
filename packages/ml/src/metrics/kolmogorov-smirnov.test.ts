import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectRefusal } from '../test-support/refusals.ts';
import { ksDistance } from './kolmogorov-smirnov.ts';

const sample = fc.array(fc.integer({ min: -3, max: 6 }), { minLength: 1, maxLength: 30 });

/** By the definition: the gap at every value that occurs. */
function plainly(a: readonly number[], b: readonly number[]): number {
  const share = (values: readonly number[], at: number) => values.filter((value) => value <= at).length / values.length;
  return Math.max(...[...a, ...b].map((at) => Math.abs(share(a, at) - share(b, at))));
}

describe('ksDistance', () => {
  it('is the largest gap by hand', () => {
    // At 1 one third against none, at 2 two against one, at 3 all against two.
    expect(ksDistance([1, 2, 3], [2, 3, 4])).toBeCloseTo(1 / 3, 15);
    // At 0 three quarters against a fifth.
    expect(ksDistance([0, 0, 0, 1], [0, 1, 1, 1, 1])).toBeCloseTo(0.55, 15);
    expect(ksDistance([5, 5, 5], [5])).toBe(0);
    expect(ksDistance([1, 2], [3, 4, 5])).toBe(1);
    // Longer tails on both sides of the other sample: a gap of one half on either side.
    expect(ksDistance([0, 9], [4, 5])).toBe(0.5);
  });

  it('equals the definition, whatever the order and the ties', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        expect(ksDistance(a, b)).toBeCloseTo(plainly(a, b), 12);
        expect(ksDistance(b.toReversed(), a)).toBe(ksDistance(a, b));
        expect(ksDistance(a, a.toReversed())).toBe(0);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it.each([
    // scipy 1.17.1, stats.ks_2samp(a, b).statistic; samples by `draws` below.
    { a: [1, 50, 20], b: [2, 80, 25], distance: 0.25 },
    { a: [3, 200, 1000], b: [4, 37, 1000], distance: 0.1445945945945946 },
    { a: [5, 500, 6], b: [6, 500, 5], distance: 0.168 },
    { a: [7, 13, 1_000_000], b: [8, 1000, 500_000], distance: 0.46153846153846156 },
    { a: [9, 300, 40], b: [10, 300, 40], distance: 0.07333333333333333 },
  ] as const)('equals scipy on $a against $b', ({ a, b, distance }) => {
    expect(ksDistance(draws(a), draws(b))).toBeCloseTo(distance, 14);
  });

  it('leaves its samples as they are', () => {
    const values = [3, 1, 2];
    ksDistance(values, [2]);
    expect(values).toEqual([3, 1, 2]);
  });

  it('refuses an empty sample and what is not finite', () => {
    expectRefusal(() => ksDistance([], [1]), 'ML_EMPTY_INPUT');
    expectRefusal(() => ksDistance([1], []), 'ML_EMPTY_INPUT');
    expectRefusal(() => ksDistance([1, NaN], [1]), 'ML_NOT_FINITE');
    expectRefusal(() => ksDistance([1], [Infinity]), 'ML_NOT_FINITE');
  });
});

/** A linear congruential generator modulo 2³² (Numerical Recipes), its upper 24 bits reduced: the same numbers in any language. */
function draws([seed, count, modulus]: readonly [number, number, number]): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % modulus;
  });
}
