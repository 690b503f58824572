import { calibratedProbability, log } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { evenOdds, exceededBy, operatingPoint } from './calibrate.ts';

describe('exceededBy', () => {
  it('worked by hand: 0 … 999 have 950 at 5 % and 975 at 2.5 %; each halving of the rate is 25 more', () => {
    const margins = Float64Array.from({ length: 1000 }, (_, i) => i);
    expect(exceededBy(margins, 0.05)).toBe(950);
    expect(exceededBy(margins, 0.025)).toBeCloseTo(975, 9);
    expect(exceededBy(margins, 0.0125)).toBeCloseTo(1000, 9);
  });

  it('knows the quantile of an exponential tail, whatever its few largest margins are', () => {
    const margins = Float64Array.from({ length: 2000 }, (_, i) => -log((i + 0.5) / 2000));
    const wild = margins.map((margin, i) => (i < 5 ? 50 : margin));
    for (const sample of [margins, wild]) expect(exceededBy(sample, 0.01)).toBeCloseTo(-log(0.01), 1);
  });

  it('is the largest of a few', () => {
    expect(exceededBy(Float64Array.of(3, 9, 4), 0.01)).toBe(9);
  });
});

describe('operatingPoint', () => {
  it('puts ½ there, and keeps the slope', () => {
    const calibration = operatingPoint({ kind: 'platt', slope: 2, intercept: 7, prevalence: 0.5 }, Float64Array.of(1, 3), 0.01);
    expect(calibratedProbability(calibration, 3)).toBe(0.5);
    expect(calibration.slope).toBe(2);
  });
});

describe('evenOdds', () => {
  it('worked by hand: with three hostile texts to a clean one ½ moves up by log 3, and down by log 1.25', () => {
    const calibration = evenOdds({ kind: 'platt', slope: 1, intercept: 0, prevalence: 0.75 });
    expect(calibratedProbability(calibration, log(3 / 1.25))).toBeCloseTo(0.5, 12);
    expect(calibratedProbability(calibration, 0)).toBeCloseTo(1.25 / 4.25, 12);
  });
});
