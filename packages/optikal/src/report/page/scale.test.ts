import { describe, expect, it } from 'vitest';
import { limitOf, linear, logarithmic, niceTicks } from './scale.ts';

describe('scales', () => {
  it('carry values to places, straight or by decades', () => {
    const up = linear(0, 10, 200, 0);
    expect([up(0), up(5), up(10)]).toEqual([200, 100, 0]);
    const decades = logarithmic(0.001, 1, 0, 300);
    expect([decades(0.001), decades(0.01), decades(1)].map((x) => Math.round(x))).toEqual([0, 100, 300]);
    expect(decades.ticks).toEqual([0.001, 0.01, 0.1, 1]);
  });

  it('lay on the edge what a log axis cannot show', () => {
    expect(logarithmic(0.01, 1, 10, 20)(0)).toBe(10);
  });

  it('have round ticks inside their range', () => {
    expect(niceTicks(0, 1)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(niceTicks(-2.3, 4.1)).toEqual([-2, 0, 2, 4]);
    expect(niceTicks(3, 3)).toEqual([3]);
  });

  it('do not divide by nothing', () => {
    expect(linear(2, 2, 0, 10)(2)).toBe(0);
  });
});

it('a limit is the first that holds the value', () => {
  expect([0.02, 0.05, 0.3, 2].map((value) => limitOf(value, [0.05, 0.5, 1]))).toEqual([0.05, 0.05, 0.5, 1]);
});
