import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import golden from '../../goldens/calibration.golden.json' with { type: 'json' };
import { logistic } from '../math.ts';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { type BetaCalibration, betaLogOdds, fitBeta } from './beta.ts';
import { calibratedLogOdds, calibratedProbability } from './calibration.ts';
import { fitPlatt } from './platt.ts';

const AS_LOG_ODDS = { slope: 1, intercept: 0 };
const GRID = [-3, -2, -1, 0, 1, 2, 3];

/** Labels drawn from a beta calibration of their margins. */
function drawn(truth: BetaCalibration, count: number): { margins: number[]; labels: number[] } {
  const random = createRandom('beta');
  const margins = Array.from({ length: count }, () => 2 * random.nextGaussian());
  return { margins, labels: margins.map((m) => (random.nextFloat() < logistic(betaLogOdds(truth, m)) ? 1 : 0)) };
}

const beta = (a: number, b: number, c: number): BetaCalibration => ({ kind: 'beta', ...AS_LOG_ODDS, a, b, c, prevalence: 0.5 });

describe('betaLogOdds', () => {
  it('is c + a ln s − b ln(1 − s) for the first probability s', () => {
    const s = 0.8;
    expect(betaLogOdds(beta(2, 3, 1), Math.log(s / (1 - s)))).toBeCloseTo(1 + 2 * Math.log(0.8) - 3 * Math.log(0.2), 12);
    expect(betaLogOdds(beta(1, 2, 0.5), 0)).toBeCloseTo(0.5 + Math.LN2, 12);
  });

  it('is the line of the first logistic where a = b = 1 and c = 0', () => {
    for (const m of GRID) expect(betaLogOdds({ ...beta(1, 1, 0), slope: 0.7, intercept: -2 }, m)).toBeCloseTo(0.7 * m - 2, 12);
  });

  it('has a defined value at every margin, also where a slope is 0', () => {
    for (const margin of [-Infinity, -1e308, 1e308, Infinity])
      for (const model of [beta(0, 1, 0), beta(1, 0, 0), beta(0, 0, 2), { ...beta(1, 1, 0), slope: 1e9 }])
        expect(calibratedProbability(model, margin, 0.01)).toSatisfy((p: number) => p >= 0 && p <= 1);
    expect(betaLogOdds(beta(1, 1, 0), Number.NaN)).toBeNaN();
  });
});

describe('fitBeta', () => {
  it('is symmetric where the rows are: a = b and c = 0', () => {
    const { a, b, c } = fitBeta([-3, -1, -1, 1, 1, 3], [0, 0, 1, 0, 1, 1], AS_LOG_ODDS);
    expect(a).toBeCloseTo(b, 6);
    expect(c).toBeCloseTo(0, 6);
  });

  it('says the smoothed prevalence where margins say nothing', () => {
    expect(calibratedProbability(fitBeta([5, 5, 5, 5], [1, 0, 0, 0]), 5)).toBeCloseTo((2 / 3 + 3 / 5) / 4, 6);
  });

  it.each([
    [0.5, 2, -1],
    [2, 0.4, 0.5],
    [1, 1, 0],
  ])('recovers the distortion a = %f, b = %f, c = %f', (a, b, c) => {
    const { margins, labels } = drawn(beta(a, b, c), 40_000);
    const found = fitBeta(margins, labels, AS_LOG_ODDS);
    expect(Math.abs(found.a - a)).toBeLessThan(0.08);
    expect(Math.abs(found.b - b)).toBeLessThan(0.08);
    expect(Math.abs(found.c - c)).toBeLessThan(0.08);
  });

  it('follows a bend that Platt cannot, from margins of any scale and offset', () => {
    const truth = beta(0.3, 2, -1);
    const { margins, labels } = drawn(truth, 20_000);
    const moved = fitBeta(
      margins.map((m) => 50 * m - 7),
      labels,
    );
    const away = (at: (m: number) => number) => Math.max(...GRID.map((m) => Math.abs(at(m) - logistic(betaLogOdds(truth, m)))));
    expect(away((m) => calibratedProbability(moved, 50 * m - 7))).toBeLessThan(0.03);
    const platt = fitPlatt(margins, labels);
    expect(away((m) => calibratedProbability(platt, m))).toBeGreaterThan(0.05);
  });

  it('never falls: slopes of at least 0, also where a higher margin means less', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: -3, max: 3, noNaN: true }), (seed, slope) => {
        const random = createRandom(seed);
        const margins = Array.from({ length: 40 }, () => random.nextGaussian());
        const labels = margins.map((m, i) => (i < 2 ? i : random.nextFloat() < logistic(slope * m) ? 1 : 0));
        const model = fitBeta(margins, labels);
        expect(Math.min(model.a, model.b, model.slope)).toBeGreaterThanOrEqual(0);
        for (let m = -20; m < 20; m++) expect(calibratedLogOdds(model, m + 1)).toBeGreaterThanOrEqual(calibratedLogOdds(model, m) - 1e-12);
      }),
      { numRuns: 60, seed: 1 },
    );
    const falling = fitBeta([-2, -1, 1, 2], [1, 1, 0, 0]);
    expect(calibratedProbability(falling, 100)).toBeCloseTo(0.5, 6);
  });

  it('stays short of certainty where the classes are separated, at any scale of the margins', () => {
    for (const scale of [1e-280, 1e-6, 1, 1e6, 1e300]) {
      const margins = [-2 * scale, -scale, scale, 2 * scale];
      for (const model of [fitBeta(margins, [0, 0, 1, 1]), fitPlatt(margins, [0, 0, 1, 1])])
        expect(calibratedProbability(model, 2 * scale)).toSatisfy((p: number) => p > 0.7 && p < 0.9);
    }
  });

  it('gives the same for the same rows, leaves them as they were, and forgets their order', () => {
    const { margins, labels } = drawn(beta(1, 2, 0), 200);
    const copy = margins.slice();
    const model = fitBeta(margins, labels);
    expect(fitBeta(margins, labels)).toEqual(model);
    expect(margins).toEqual(copy);
    const back = fitBeta(margins.toReversed(), labels.toReversed());
    for (const m of GRID) expect(calibratedLogOdds(back, m)).toBeCloseTo(calibratedLogOdds(model, m), 5);
  });

  it.each(golden.cases)('finds what a bounded optimiser of others finds: $name', ({ margins, labels, bounded, betacal }) => {
    const model = fitBeta(margins, labels, AS_LOG_ODDS);
    for (const [i, name] of (['a', 'b', 'c'] as const).entries()) expect(model[name]).toBeCloseTo(bounded[i], 5);
    // The authors' own code fits plain labels, ours stops short of certainty: 300 rows are then up to 0.015 apart.
    for (const [i, margin] of golden.grid.entries()) expect(Math.abs(calibratedProbability(model, margin) - betacal[i])).toBeLessThan(0.02);
  });

  it('refuses one class, lengths that differ, and numbers that make no sense', () => {
    expectRefusal(() => fitBeta([1, 2], [1, 1]), 'ML_SINGLE_CLASS');
    expectRefusal(() => fitBeta([1, 2], [1]), 'ML_SHAPE_MISMATCH');
    expectRefusal(() => fitBeta([1, Infinity], [1, 0]), 'ML_NOT_FINITE');
    expectRefusal(() => fitBeta([1, 2], [1, 0.5]), 'ML_BAD_LABEL');
    expectRefusal(() => fitBeta([], []), 'ML_EMPTY_INPUT');
    expectRefusal(() => fitBeta([1, 2], [1, 0], { slope: Number.NaN, intercept: 0 }), 'ML_NOT_FINITE');
  });
});
