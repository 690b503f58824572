import { bestStump, createRandom, matrixOf } from '@optikal/ml';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneFeatureRules } from './one-feature.ts';

const rows = (...values: readonly (readonly number[])[]) => values.map((row) => Float64Array.from(row));

describe('the best rule of one feature', () => {
  it('is the one found by hand: quiet 1 2 3, attacks 4 5 and one missing', () => {
    const rules = oneFeatureRules(rows([0, 1], [0, 2], [0, 3], [0, 4], [0, 5], [0, Number.NaN]));
    const rule = rules.fit(Int8Array.of(0, 0, 0, 1, 1, 1))!;
    // Above 3.5: two of three attacks, none of three quiet rows.
    expect(rule).toEqual({ feature: 1, threshold: 3.5, direction: 1, fitted: (2 / 3 + 1) / 2 });
    expect([3, 4, 5].map((row) => rules.alarms(rule, row))).toEqual([true, true, false]);
  });

  it('looks downwards too, unless told not to', () => {
    const rules = oneFeatureRules(rows([3], [4], [1], [2]));
    const selection = Int8Array.of(0, 0, 1, 1);
    expect(rules.fit(selection)).toMatchObject({ threshold: 2.5, direction: -1, fitted: 1 });
    expect(rules.fit(selection, true)).toMatchObject({ direction: 1, fitted: 0.5 });
  });

  it('leaves out what is not selected, and is none where a side is missing', () => {
    const rules = oneFeatureRules(rows([1], [2], [9], [3]));
    expect(rules.fit(Int8Array.of(0, 0, -1, 1))).toMatchObject({ threshold: 2.5, fitted: 1 });
    expect(rules.fit(Int8Array.of(0, 0, -1, 0))).toBeNull();
    expect(rules.fit(Int8Array.of(1, 1, -1, -1))).toBeNull();
  });

  it('is bestStump of the selected rows', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = createRandom(seed);
        const all = Array.from({ length: 60 }, () =>
          Float64Array.from({ length: 5 }, () => (random.nextFloat() < 0.1 ? Number.NaN : Math.round(random.nextGaussian() * 4))),
        );
        const selection = Int8Array.from({ length: 60 }, () => random.nextInt(3) - 1);
        selection.set([0, 1]);
        const taken = [...selection.keys()].filter((i) => selection[i] >= 0);
        const stump = bestStump(
          matrixOf(taken.map((i) => all[i])),
          taken.map((i) => selection[i]),
        );
        const rules = oneFeatureRules(all);
        const rule = rules.fit(selection)!;
        expect(rule).toMatchObject({ feature: stump.feature, threshold: stump.threshold, direction: stump.direction });
        expect(rule.fitted).toBeCloseTo(stump.balancedAccuracy, 12);
      }),
      { numRuns: 40 },
    );
  });
});
