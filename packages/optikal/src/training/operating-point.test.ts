import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { solveOperatingPoint } from './operating-point.ts';

const random = createRandom('margins');
const margins = Array.from({ length: 20_000 }, () => random.nextGaussian());
const fresh = Array.from({ length: 200_000 }, () => random.nextGaussian());
const rateOf = (threshold: number) => fresh.filter((margin) => margin >= threshold).length / fresh.length;

describe('the operating point', () => {
  it('holds a false-positive rate on windows it has not seen', () => {
    for (const value of [0.2, 0.01, 0.002]) {
      const point = solveOperatingPoint({ kind: 'fpr', value }, margins, 1000, 's');
      expect(rateOf(point.threshold) / value).toBeCloseTo(1, 0);
      expect(point.realisedFpr).toBeCloseTo(value, 3);
      expect(point.low).toBeLessThanOrEqual(point.threshold);
      expect(point.high).toBeGreaterThanOrEqual(point.threshold);
    }
  });

  it('turns alerts a day into a rate by the windows a day', () => {
    const byDay = solveOperatingPoint({ kind: 'alerts_per_day', value: 10 }, margins, 5000, 's');
    expect(byDay).toMatchObject({ kind: 'alerts_per_day', value: 10, fpr: 0.002 });
    expect(byDay.threshold).toBe(solveOperatingPoint({ kind: 'fpr', value: 0.002 }, margins, 1, 's').threshold);
    expect(solveOperatingPoint({ kind: 'alerts_per_day', value: 10_000 }, margins, 100, 's').fpr).toBe(0.5);
  });

  it('reaches beyond the data, and says what the data resolve', () => {
    const point = solveOperatingPoint({ kind: 'fpr', value: 1e-5 }, margins.slice(0, 2000), 1000, 's');
    expect(point.smallestFpr).toBe(1 / 2000);
    expect(point.threshold).toBeGreaterThan(3.2);
    expect(point.threshold).toBeLessThan(6);
  });

  it('does not count windows that nothing scored', () => {
    const some = margins.slice(0, 500);
    expect(solveOperatingPoint({ kind: 'fpr', value: 0.05 }, [...some, Number.NEGATIVE_INFINITY], 1, 's')).toEqual(
      solveOperatingPoint({ kind: 'fpr', value: 0.05 }, some, 1, 's'),
    );
  });

  it('refuses fewer margins than a tail needs', () => {
    expect(() => solveOperatingPoint({ kind: 'fpr', value: 0.01 }, margins.slice(0, 50), 1, 's')).toThrow('scores');
  });
});

describe('margins of which many are equal', () => {
  const margins = (low: number, high: number) => [...Array<number>(low).fill(0), ...Array<number>(high).fill(1)];
  const solve = (all: readonly number[]) => solveOperatingPoint({ kind: 'fpr', value: 0.05 }, all, 100, 's');

  it('do not all alert: the threshold is the next margin above them', () => {
    expect(solve(margins(960, 40))).toMatchObject({ threshold: 1, realisedFpr: 0.04 });
  });

  it('or lies just above the largest', () => {
    const { threshold, realisedFpr } = solve(margins(500, 500));
    expect(realisedFpr).toBe(0);
    expect(threshold).toBeGreaterThan(1);
    expect(threshold).toBeLessThan(1.000001);
  });
});
