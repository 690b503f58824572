import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ksDistance } from '../metrics/kolmogorov-smirnov.ts';
import { cellDistance, jensenShannon, populationStability } from './distances.ts';
import { alarmThreshold } from './false-discovery.ts';

const shares = fc
  .array(fc.integer({ min: 0, max: 20 }), { minLength: 4, maxLength: 4 })
  .filter((counts) => counts.some((n) => n > 0))
  .map((counts) => counts.map((n) => n / counts.reduce((sum, m) => sum + m, 0)));

describe('distances', () => {
  it('are what they are by hand', () => {
    // PSI: (0.25 − 0.5) ln ½ + (0.75 − 0.5) ln 1.5. An empty bin counts as the floor, one that both lack adds nothing.
    expect(populationStability([0.5, 0.5], [0.25, 0.75], 0.001)).toBeCloseTo(0.25 * Math.LN2 + 0.25 * Math.log(1.5), 14);
    expect(populationStability([1, 0], [1, 0], 0.001)).toBe(0);
    expect(populationStability([1, 0], [0.9, 0.1], 0.01)).toBeCloseTo(-0.1 * Math.log(0.9) + 0.09 * Math.log(10), 14);
    // The middle is (3, 3, 2)/8: half of log₂ 4/3, and half of ½ log₂ 2/3 + ½ log₂ 2. Nothing in common is 1.
    const bits = Math.log2(4 / 3) / 2 + (Math.log2(2 / 3) / 2 + 1 / 2) / 2;
    expect(jensenShannon([0.5, 0.5, 0], [0.25, 0.25, 0.5])).toBeCloseTo(Math.sqrt(bits), 14);
    expect(jensenShannon([1, 0], [0, 1])).toBe(1);
    expect(cellDistance([0.2, 0.3, 0.5], [0.4, 0.4, 0.2])).toBeCloseTo(0.3, 14);
    expect(cellDistance([0, 0], [1, 0])).toBe(0);
  });

  it('are 0 for equal shares, alike both ways, and never below 0', () => {
    fc.assert(
      fc.property(shares, shares, (p, q) => {
        for (const of of [(a: number[], b: number[]) => populationStability(a, b, 1e-3), jensenShannon, cellDistance]) {
          expect(of(p, p)).toBe(0);
          expect(of(p, q)).toBeCloseTo(of(q, p), 12);
          expect(of(p, q)).toBeGreaterThanOrEqual(0);
        }
        expect(jensenShannon(p, q)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it('over a cell a value are those of the samples', () => {
    const sample = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 30 });
    const counts = (values: number[]) => Array.from({ length: 8 }, (_, cell) => values.filter((value) => value === cell).length);
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        expect(cellDistance(counts(a), counts(b))).toBeCloseTo(ksDistance(a, b), 12);
      }),
      { numRuns: 200, seed: 4 },
    );
  });
});

describe('alarmThreshold', () => {
  it('is that of Benjamini and Hochberg by hand', () => {
    // 0.02 ≤ 0.05 · 2/4 and 0.03 ≤ 0.05 · 3/4, but 0.5 > 0.05: three alarms, though 0.02 > 0.05 / 4.
    expect(alarmThreshold([0.5, 0.03, 0.001, 0.02], 0.05)).toBeCloseTo(0.0375, 15);
    // Nothing is far out: what one feature would need.
    expect(alarmThreshold([0.5, 0.4, 0.9, 0.2], 0.05)).toBeCloseTo(0.0125, 15);
    expect(alarmThreshold([], 0.05)).toBe(0.05);
  });
});
