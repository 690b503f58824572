import { describe, expect, it } from 'vitest';
import { expectRefusal } from '../test-support/refusals.ts';
import { type Calibration, calibratedLogOdds, calibratedProbability, calibrationOf } from './calibration.ts';

const PLATT: Calibration = { kind: 'platt', slope: 2, intercept: -1, prevalence: 0.2 };
const BETA: Calibration = { kind: 'beta', slope: 1, intercept: 0, a: 1, b: 1, c: 0, prevalence: 0.2 };

describe('calibratedProbability', () => {
  it('shifts both kinds to a prevalence, by hand: even odds at 1 in 5 are 1 to 4 · 999 at 1 in 1,000', () => {
    const expected = 1 / (1 + 999 / 4);
    expect(calibratedProbability(PLATT, 0.5, 0.001)).toBeCloseTo(expected, 12);
    expect(calibratedProbability(BETA, 0, 0.001)).toBeCloseTo(expected, 12);
    expect(calibratedLogOdds(BETA, 3, 0.2)).toBe(calibratedLogOdds(BETA, 3));
  });

  it('takes a calibration without a kind as Platt scaling, as older bundles hold it', () => {
    const old = { slope: 2, intercept: -1, prevalence: 0.2 };
    for (const margin of [-3, 0, 0.5]) expect(calibratedLogOdds(old, margin, 0.01)).toBe(calibratedLogOdds(PLATT, margin, 0.01));
  });

  it('counts an infinite margin as very large or very small, also where the slope is 0', () => {
    expect(calibratedProbability(PLATT, Infinity)).toBe(1);
    expect(calibratedProbability(PLATT, -Infinity)).toBe(0);
    expect(calibratedProbability({ slope: 0, intercept: 0, prevalence: 0.5 }, Infinity)).toBe(0.5);
    expect(calibratedProbability(PLATT, Number.NaN)).toBeNaN();
  });

  it('refuses a prevalence outside of (0, 1)', () => {
    for (const prevalence of [0, 1, -1, Number.NaN]) expectRefusal(() => calibratedProbability(BETA, 0, prevalence), 'ML_BAD_OPTION');
  });
});

describe('calibrationOf', () => {
  it('reads back what JSON kept', () => {
    for (const value of [PLATT, BETA, { slope: 2, intercept: -1, prevalence: 0.2 }])
      expect(calibrationOf(JSON.parse(JSON.stringify(value)))).toEqual(value);
    expect(calibrationOf({ ...PLATT, more: 1 })).toEqual(PLATT);
  });

  it('refuses numbers that are absent, no numbers, or outside of what they mean', () => {
    for (const value of [
      null,
      'platt',
      [],
      {},
      { ...PLATT, kind: 'isotonic' },
      { ...PLATT, slope: '2' },
      { ...PLATT, intercept: Infinity },
      { ...PLATT, prevalence: 0 },
      { ...PLATT, prevalence: 1 },
      { ...BETA, a: -0.1 },
      { ...BETA, slope: -1 },
      { ...BETA, c: undefined },
      Object.create(PLATT),
    ])
      expectRefusal(() => calibrationOf(value), 'ML_FILE_CORRUPT');
  });
});
