import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exp, log, logistic, logit } from './math.ts';

describe('math', () => {
  it('knows the exact points', () => {
    expect([exp(0), log(1), logistic(0), logit(0.5)]).toEqual([1, 0, 0.5, 0]);
    expect([exp(Infinity), exp(-Infinity), exp(800), exp(-800)]).toEqual([Infinity, 0, Infinity, 0]);
    expect([log(0), log(Infinity)]).toEqual([-Infinity, Infinity]);
    expect([exp(NaN), log(-1), log(NaN)]).toEqual([NaN, NaN, NaN]);
    expect([logistic(800), logistic(-800)]).toEqual([1, 0]);
  });

  it('agrees with the engine to 3e-16 of the value', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(3e-16);
      }),
      { numRuns: 2000, seed: 1 },
    );
    fc.assert(
      fc.property(fc.double({ min: 5e-324, max: 1e308, noNaN: true }), (x) => {
        expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(3e-16 * Math.abs(Math.log(x)) + 1e-300);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('reaches both ends of the range', () => {
    expect(exp(709.7)).toBeCloseTo(Math.exp(709.7), -295);
    expect(exp(-740) / Math.exp(-740)).toBeCloseTo(1, 1);
    expect(log(5e-324)).toBeCloseTo(Math.log(5e-324), 10);
  });
});
