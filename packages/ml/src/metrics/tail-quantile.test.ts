import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { quantile } from './quantile.ts';
import { fitPareto, tailQuantile } from './tail-quantile.ts';

describe('fitPareto', () => {
  it('recovers shape and scale from exact quantiles', () => {
    for (const [shape, scale] of [
      [0, 2],
      [0.2, 1],
      [-0.3, 5],
    ]) {
      const n = 4000;
      const excesses = Float64Array.from({ length: n }, (_, j) => {
        const p = (j + 0.65) / n;
        return shape === 0 ? -scale * Math.log(1 - p) : (scale * ((1 - p) ** -shape - 1)) / shape;
      });
      const fitted = fitPareto(excesses);
      expect(Math.abs(fitted.shape - shape)).toBeLessThan(0.02);
      expect(Math.abs(fitted.scale / scale - 1)).toBeLessThan(0.02);
    }
  });
});

describe('tailQuantile', () => {
  const random = createRandom('tail');
  const exponential = Array.from({ length: 5000 }, () => random.nextExponential(1));

  it('is the empirical quantile where the data resolve the rate', () => {
    const { value, method, interval, shape } = tailQuantile(exponential, 0.01);
    expect(method).toBe('empirical');
    expect(shape).toBeNull();
    expect(value).toBe(quantile(exponential, 0.99));
    expect(interval.low).toBeLessThan(value);
    expect(interval.high).toBeGreaterThan(value);
  });

  it('goes on beyond the data: 1 in 100,000 of an exponential is ln 100,000', () => {
    const { value, method, interval } = tailQuantile(exponential, 1e-5, { seed: 1 });
    expect(method).toBe('pareto');
    expect(Math.abs(value / Math.log(1e5) - 1)).toBeLessThan(0.25);
    expect(interval.low).toBeLessThan(Math.log(1e5));
    expect(interval.high).toBeGreaterThan(Math.log(1e5));
  });

  it('knows a bounded tail: far beyond the data it stays near the end of a uniform', () => {
    const uniform = Array.from({ length: 3000 }, () => random.nextFloat());
    const { value, shape } = tailQuantile(uniform, 1e-6);
    expect(shape).toBeLessThan(-0.7);
    expect(Math.abs(value - 1)).toBeLessThan(0.02);
  });

  it('rises as the rate falls', () => {
    const values = [1e-3, 1e-4, 1e-5, 1e-6].map((rate) => tailQuantile(exponential, rate, { resamples: 20 }).value);
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThan(values[i - 1]);
  });

  it('gives the one value where all scores are equal, and the same interval for the same seed', () => {
    expect(tailQuantile(new Float64Array(200).fill(3), 1e-4).value).toBe(3);
    expect(tailQuantile(exponential, 1e-4, { seed: 9 })).toEqual(tailQuantile(exponential, 1e-4, { seed: 9 }));
  });

  it('refuses too few scores and rates that are no tail', () => {
    expectRefusal(() => tailQuantile([1, 2, 3], 0.01), 'ML_EMPTY_INPUT');
    expectRefusal(() => tailQuantile(exponential, 0), 'ML_BAD_OPTION');
    expectRefusal(() => tailQuantile(exponential, 0.2), 'ML_BAD_OPTION');
    expectRefusal(() => tailQuantile([...exponential, NaN], 0.01), 'ML_NOT_FINITE');
  });
});
