import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSides } from './sides.ts';

describe('two sides of a point', () => {
  it('are compared by spread, by t and by ranks: worked by hand', () => {
    // 0, 0, 1, 1 against 2, 2, 3, 3: means 0.5 and 2.5, variances 1/3 and a tenth of 2² added; every later value is larger.
    const { shift, t, ranks, before, after } = compareSides(Float64Array.of(0, 0, 1, 1, 2, 2, 3, 3), 4, 2);
    expect([shift, ranks, before, after]).toEqual([1, 1, 0.5, 2.5]);
    expect(t).toBeCloseTo(2 / Math.sqrt((2 * (1 / 3 + 0.4)) / 4), 12);
  });

  it('leave out what was not observed, and say nothing of fewer than two values', () => {
    const holes = compareSides(Float64Array.of(0, Number.NaN, 1, 1, Number.NaN, 3, 3, 4), 4, 1);
    expect(holes).toEqual(compareSides(Float64Array.of(0, 1, 1, 3, 3, 4), 3, 1));
    expect(compareSides(Float64Array.of(0, 0, Number.NaN, 5), 2, 1)).toMatchObject({ shift: 0, t: 0, ranks: 0 });
  });

  it('do not depend on the order within a side, nor on which side is larger', () => {
    const side = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(side, side, (a, b) => {
        const { shift, t, ranks } = compareSides(Float64Array.from([...a, ...b]), a.length, 3);
        const turned = compareSides(Float64Array.from([...a.toReversed(), ...b].map((x) => -x)), a.length, 3);
        expect([turned.shift, turned.ranks]).toEqual([shift, ranks]);
        expect(turned.t).toBeCloseTo(t, 9);
      }),
    );
  });
});
