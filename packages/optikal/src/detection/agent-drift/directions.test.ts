import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIRECTED, type Directions, heaviestOf, LEAST_SIDE, likeliestChange, project, sidesOfDirections } from './directions.ts';
import { DRIFT_FEATURES } from './tally.ts';

/** One direction: the first feature, as it is. */
const one: Directions = {
  center: new Float64Array(DIRECTED.length).fill(1),
  scale: new Float64Array(DIRECTED.length).fill(2),
  weights: Float64Array.from(DIRECTED, (_, j) => (j === 0 ? 1 : 0)),
  between: Float64Array.of(4),
};

describe('the likeliest change', () => {
  it('is where two models explain the tasks best: worked by hand', () => {
    // Four tasks at 0, four at 2: own 1.3 · (1/4 + 1/4) = 0.65, both 0.65 + 8 = 8.65, δ = 2.
    const found = likeliestChange(
      one,
      [0, 0, 0, 0, 2, 2, 2, 2].map((x) => Float64Array.of(x)),
    )!;
    expect(found.at).toBe(4);
    expect(found.best).toBeCloseTo((Math.log(0.65 / 8.65) + 4 * (1 / 0.65 - 1 / 8.65)) / 2, 9);
    expect(found.mixture).toBeCloseTo(found.best, 12);
    expect(found.scatter).toBeCloseTo(Math.log(1e-3), 9);
  });

  it('is not asked of fewer tasks than two sides', () => {
    const tasks = Array.from({ length: 2 * LEAST_SIDE - 1 }, () => Float64Array.of(0));
    expect(likeliestChange(one, tasks)).toBeNull();
  });

  it('equals two normal densities evaluated point by point', () => {
    const path = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 8, maxLength: 24 });
    fc.assert(
      fc.property(path, (xs) => {
        const density = (x: number, variance: number) => -0.5 * (Math.log(2 * Math.PI * variance) + (x * x) / variance);
        const ratios: number[] = [];
        for (let at = LEAST_SIDE; at + LEAST_SIDE <= xs.length; at++) {
          const mean = (part: number[]) => part.reduce((a, b) => a + b, 0) / part.length;
          const own = 1.3 * (1 / at + 1 / (xs.length - at));
          const delta = mean(xs.slice(at)) - mean(xs.slice(0, at));
          ratios.push(density(delta, own + 8) - density(delta, own));
        }
        const found = likeliestChange(
          one,
          xs.map((x) => Float64Array.of(x)),
        )!;
        expect(found.best).toBeCloseTo(Math.max(...ratios), 6);
        expect(found.mixture).toBeCloseTo(Math.log(ratios.reduce((sum, ratio) => sum + Math.exp(ratio), 0) / ratios.length), 6);
      }),
    );
  });

  it('takes what was not observed as usual, and no value as further than 2.5 spreads', () => {
    const values = (x: number) => DRIFT_FEATURES.map((_, i) => (i === DIRECTED[0] ? x : 1));
    expect([Number.NaN, 1, 3, 1000, -1000].map((x) => project(one, values(x))[0])).toEqual([0, 0, 1, 2.5, -2.5]);
  });

  it('is what its directions say, each in its own term: worked by hand, and summing to the whole', () => {
    const tasks = [0, 0, 0, 0, 2, 2, 2, 2].map((x) => Float64Array.of(x, 1));
    const two: Directions = { ...one, weights: new Float64Array(2 * DIRECTED.length), between: Float64Array.of(4, 1) };
    const [moved, still] = sidesOfDirections(two, tasks, 4);
    expect(moved).toMatchObject({ before: 0, after: 2 });
    expect(moved!.logRatio).toBeCloseTo((Math.log(0.65 / 8.65) + 4 * (1 / 0.65 - 1 / 8.65)) / 2, 9);
    // What did not move speaks for one model.
    expect(still).toMatchObject({ before: 1, after: 1 });
    expect(still!.logRatio).toBeCloseTo(Math.log(0.65 / 2.65) / 2, 9);
    expect(moved!.logRatio + still!.logRatio).toBeCloseTo(likeliestChange(two, tasks)!.best, 9);
  });

  it('has directions named by what weighs most in them, whatever its sign', () => {
    const weights = Float64Array.from(DIRECTED, (_, j) => (j === 1 ? -3 : j === 2 ? 2 : 0));
    expect(heaviestOf({ ...one, weights }, 0).slice(0, 3)).toEqual([DIRECTED[1], DIRECTED[2], DIRECTED[0]]);
  });
});
