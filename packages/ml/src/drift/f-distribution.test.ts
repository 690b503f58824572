import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fCritical, fTail } from './f-distribution.ts';

describe('the F distribution', () => {
  it('has its tail by hand where it is elementary', () => {
    // F(1, 1) is the square of a Cauchy: P = 1 − (2/π) arctan √x. F(2, n): (1 + 2x/n)^(−n/2). Both have no median but 1 for equal degrees.
    expect(fTail(1, 1, 1)).toBeCloseTo(0.5, 13);
    expect(fTail(3, 1, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(Math.sqrt(3)), 13);
    expect(fTail(5, 2, 10)).toBeCloseTo(2 ** -5, 13);
    expect(fTail(30, 2, 6)).toBeCloseTo(11 ** -3, 13);
    expect(fTail(1, 7.5, 7.5)).toBeCloseTo(0.5, 13);
  });

  it.each([
    // Tables of the upper 1 % and 5 % points (Abramowitz & Stegun, table 26.9; as printed).
    [0.01, 9, 15, 3.89],
    [0.01, 4, 60, 3.65],
    [0.05, 10, 10, 2.98],
    [0.05, 3, 120, 2.68],
    [0.01, 1, 10, 10.04],
  ])('has the %f point of F(%i, %i) at %f', (p, first, second, x) => {
    expect(Math.abs(fCritical(p, first, second) - x)).toBeLessThan(0.0051);
  });

  it('falls in x, and the critical value is its inverse', () => {
    const degrees = fc.double({ min: 1, max: 400, noNaN: true });
    fc.assert(
      fc.property(degrees, degrees, fc.double({ min: 1e-5, max: 0.9, noNaN: true }), (first, second, p) => {
        const x = fCritical(p, first, second);
        expect(fTail(x, first, second) / p).toBeCloseTo(1, 8);
        expect(fTail(x * 1.1, first, second)).toBeLessThan(p);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('is 1 at nothing and 0 far out', () => {
    expect(fTail(0, 3, 9)).toBe(1);
    expect(fTail(1e12, 10, 100)).toBeLessThan(1e-100);
  });
});
