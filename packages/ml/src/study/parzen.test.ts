import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import golden from '../../goldens/parzen.golden.json' with { type: 'json' };
import { createRandom } from '../random.ts';
import { erfc, logMass, logNormalCdf, normalCdf, normalQuantile } from './normal.ts';
import { fitParzen } from './parzen.ts';
import { choicesOf, type Distribution, floatRange, intRange } from './space.ts';

const SPACE: Readonly<Record<string, Distribution>> = {
  float: floatRange('float', -2, 3),
  log: floatRange('log', 1e-4, 10, { log: true }),
  stepped: floatRange('stepped', 0, 1, { step: 0.25 }),
  int: intRange('int', 3, 40),
  logint: intRange('logint', 1, 512, { log: true }),
  choice: choicesOf('choice', ['a', 'b', 'c']),
};

/** Within 1e-10 of the larger of 1 and the value. */
const near = (found: number, expected: number) =>
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(expected)));

describe('the normal distribution', () => {
  const { x, erfc: complements, logCdf } = golden.normal;

  it('has the integral of Python’s math module, far into the tails', () => {
    x.forEach((at, i) => {
      expect(Math.abs(erfc(at) / complements[i]! - 1)).toBeLessThan(2e-13 * Math.max(1, at * at));
      near(logNormalCdf(at), logCdf[i]!);
    });
  });

  it('has the mass of an interval as Optuna has it, in both tails', () => {
    golden.mass.intervals.forEach(([a, b], i) => {
      expect(Math.abs(logMass(a!, b!) - golden.mass.log[i]!)).toBeLessThan(1e-8);
    });
  });

  it('is inverted', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
    expect(normalQuantile(0.5)).toBeCloseTo(0, 15);
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) => {
        expect(Math.abs(normalCdf(normalQuantile(p)) - p)).toBeLessThan(1e-12 * Math.min(1, p * 1e6) + 1e-15);
      }),
      { seed: 3 },
    );
  });
});

describe('fitParzen', () => {
  it('has Optuna’s densities, for each kind of range and for all of them together', () => {
    for (const { names, observations, points, logDensity } of golden.cases) {
      const of = (values: Record<string, number[] | undefined>) => names.map((name) => Float64Array.from(values[name]!));
      const found = fitParzen(
        names.map((name) => SPACE[name]!),
        of(observations),
      ).logDensity(of(points));
      found.forEach((value, p) => {
        expect(
          Math.abs(value - logDensity[p]!),
          `${names.join()} ${observations[names[0] as keyof typeof observations]?.length}`,
        ).toBeLessThan(1e-7);
      });
    }
  });

  it('is the uniform density without observations, but for the prior’s own shape', () => {
    const point = fitParzen([floatRange('x', 0, 1)], [new Float64Array(0)]).logDensity([Float64Array.of(0.5)]);
    // One kernel, mean ½ and deviation 1, cut to [0, 1]: φ(0) / (Φ(½) − Φ(−½)).
    expect(point[0]).toBeCloseTo(Math.log(0.3989422804014327 / 0.3829249225480262), 12);
  });

  it('draws values that lie in the range and on its steps, the same ones for the same seed', () => {
    const names = Object.keys(SPACE);
    const observations = names.map((name) => {
      const random = createRandom(name);
      const range = SPACE[name]!;
      return Float64Array.from({ length: 30 }, () =>
        range.kind === 'categorical'
          ? random.nextInt(3)
          : range.low + Math.floor(random.nextFloat() * 4) * (range.step ?? (range.high - range.low) / 4),
      );
    });
    const parzen = fitParzen(Object.values(SPACE), observations);
    const drawn = parzen.sample(createRandom(1), 500);
    expect(parzen.sample(createRandom(1), 500)).toEqual(drawn);
    Object.values(SPACE).forEach((range, d) => {
      for (const value of drawn[d]!) {
        if (range.kind === 'categorical') expect([0, 1, 2]).toContain(value);
        else {
          expect(value).toBeGreaterThanOrEqual(range.low);
          expect(value).toBeLessThanOrEqual(range.high);
          if (range.step !== null)
            expect(Math.abs(Math.round((value - range.low) / range.step) * range.step + range.low - value)).toBeLessThan(1e-12);
        }
      }
    });
  });

  it('draws as it says: shares of drawn choices are those of the density', () => {
    const parzen = fitParzen([choicesOf('c', ['a', 'b', 'c'])], [Float64Array.of(0, 0, 0, 1)]);
    const drawn = parzen.sample(createRandom(5), 20_000)[0]!;
    const expected = parzen.logDensity([Float64Array.of(0, 1, 2)]).map(Math.exp);
    for (const choice of [0, 1, 2]) {
      const share = drawn.filter((value) => value === choice).length / drawn.length;
      expect(Math.abs(share - expected[choice]!)).toBeLessThan(0.015);
    }
  });
});
