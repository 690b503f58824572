import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logistic } from '../math.ts';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { calibratedLogOdds, calibratedProbability } from './calibration.ts';
import { fitPlatt } from './platt.ts';

function drawn(slope: number, intercept: number, count: number): { margins: number[]; labels: number[] } {
  const random = createRandom('platt');
  const margins = Array.from({ length: count }, () => 2 * random.nextGaussian());
  return { margins, labels: margins.map((m) => (random.nextFloat() < logistic(slope * m + intercept) ? 1 : 0)) };
}

describe('fitPlatt', () => {
  it('solves the two-point problem by hand', () => {
    // One margin a class: the fit passes through both targets, 2/3 at 1 and 1/3 at -1: slope ln 2, intercept 0.
    const { slope, intercept, prevalence } = fitPlatt([-1, 1], [0, 1]);
    expect(slope).toBeCloseTo(Math.LN2, 8);
    expect(intercept).toBeCloseTo(0, 8);
    expect(prevalence).toBe(0.5);
  });

  it('says the smoothed prevalence where margins say nothing', () => {
    // All margins equal, one label of four is 1: the mean target, (2/3 + 3 · 1/5)/4.
    const model = fitPlatt([5, 5, 5, 5], [1, 0, 0, 0]);
    expect(calibratedProbability(model, 5)).toBeCloseTo((2 / 3 + 3 / 5) / 4, 8);
  });

  it('recovers the slope and intercept that made the labels', () => {
    const { margins, labels } = drawn(1.7, -0.8, 20_000);
    const { slope, intercept } = fitPlatt(margins, labels);
    expect(Math.abs(slope - 1.7)).toBeLessThan(0.06);
    expect(Math.abs(intercept + 0.8)).toBeLessThan(0.05);
  });

  it('is at the optimum: the cross-entropy rises in every direction', () => {
    const { margins, labels } = drawn(0.5, 1, 300);
    const { slope, intercept } = fitPlatt(margins, labels);
    const positives = labels.reduce((a, b) => a + b, 0);
    const loss = (a: number, b: number): number =>
      margins.reduce((sum, m, i) => {
        const t = labels[i] === 1 ? (positives + 1) / (positives + 2) : 1 / (labels.length - positives + 2);
        const p = logistic(a * m + b);
        return sum - t * Math.log(p) - (1 - t) * Math.log(1 - p);
      }, 0);
    const best = loss(slope, intercept);
    for (const [a, b] of [
      [1e-3, 0],
      [-1e-3, 0],
      [0, 1e-3],
      [0, -1e-3],
    ]) {
      expect(loss(slope + a, intercept + b)).toBeGreaterThan(best);
    }
  });

  it('stays short of certainty where the classes are separated, at any scale of the margins', () => {
    for (const scale of [1e-6, 1, 1e6]) {
      const model = fitPlatt([-2 * scale, -scale, scale, 2 * scale], [0, 0, 1, 1]);
      expect(calibratedProbability(model, 2 * scale)).toBeLessThan(1);
      expect(calibratedProbability(model, 2 * scale)).toBeGreaterThan(0.7);
    }
  });

  it('shifts to a prevalence by log-odds, and back', () => {
    const model = { slope: 1, intercept: 0, prevalence: 0.5 };
    // Even odds in a balanced sample are the prevalence itself in the field.
    expect(calibratedProbability(model, 0, 0.001)).toBeCloseTo(0.001, 12);
    fc.assert(
      fc.property(fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: 0.001, max: 0.999, noNaN: true }), (margin, prevalence) => {
        const there = calibratedLogOdds(model, margin, prevalence);
        expect(there - Math.log(prevalence / (1 - prevalence))).toBeCloseTo(calibratedLogOdds(model, margin), 9);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('refuses one class, lengths that differ, margins and prevalences that make no sense', () => {
    expectRefusal(() => fitPlatt([1, 2], [1, 1]), 'ML_SINGLE_CLASS');
    expectRefusal(() => fitPlatt([1, 2], [1]), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => fitPlatt([1, NaN], [1, 0]), 'ML_NOT_FINITE');
    expectRefusal(() => fitPlatt([1, 2], [1, 2]), 'ML_BAD_LABEL');
    expectRefusal(() => fitPlatt([], []), 'ML_EMPTY_INPUT');
    const model = { slope: 1, intercept: 0, prevalence: 0.5 };
    for (const prevalence of [0, 1, NaN]) expectRefusal(() => calibratedProbability(model, 0, prevalence), 'ML_BAD_OPTION');
  });
});
