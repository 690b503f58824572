import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAST_SIDE, scan } from './scan.ts';

describe('the scan for a change', () => {
  it('finds the t of the best point: worked by hand', () => {
    // Four tasks at 0, 0, 1, 1 and four at 2, 2, 3, 3: means 0.5 and 2.5, variances 1/3 each; all eight: variance 10/7, a tenth of it added.
    const { peaks, change } = scan([0, 1, 0, 1, 2, 3, 2, 3].map((x) => [x]));
    expect(change).toBe(4);
    expect(peaks[0]).toBeCloseTo(2 / Math.sqrt((2 * (1 / 3 + 1 / 7)) / 4), 12);
  });

  it('says nothing of fewer tasks than two sides, and 0 of what never varies or was not observed', () => {
    expect(scan(Array.from({ length: 2 * LEAST_SIDE - 1 }, (_, i) => [i])).change).toBe(-1);
    expect(scan(Array.from({ length: 20 }, () => [3, Number.NaN])).peaks).toEqual(Float64Array.of(0, 0));
    expect(scan([])).toEqual({ peaks: new Float64Array(0), change: -1 });
  });

  it('does not depend on the scale or the sign of a feature', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 8, maxLength: 20 });
    fc.assert(
      fc.property(values, (xs) => {
        const { peaks } = scan(xs.map((x) => [x, -4 * x + 8]));
        expect(peaks[1]).toBeCloseTo(peaks[0]!, 9);
      }),
    );
  });
});
