import { describe, expect, it } from 'vitest';
import { pairWeight, stretchOf } from './common.ts';

const HOUR = 3_600_000;

describe('what all streams share', () => {
  it('weighs pairs of different groups in one stretch, by hand', () => {
    const quarter = [0.25, 0.25, 0.25, 0.25];
    // One stretch: 1² less twice 0.5². Two stretches: nothing is shared where each has one group.
    expect(pairWeight([0, 1, 2, 3], [0, 0, 1, 1], quarter, HOUR)).toBeCloseTo(0.5, 15);
    expect(pairWeight([0, 1, HOUR, HOUR + 1], [0, 0, 1, 1], quarter, HOUR)).toBe(0);
    expect(pairWeight([0, HOUR, 0, HOUR], [0, 0, 1, 1], quarter, HOUR)).toBeCloseTo(0.25, 15);
    expect(pairWeight([0, 1, 2], [0, 0, 0], [1 / 3, 1 / 3, 1 / 3], HOUR)).toBeCloseTo(0, 15);
    expect(pairWeight([0, 1], [0, 1], [1, 0], HOUR)).toBe(0);
  });

  it('is looked at in stretches as long as the live part, from an hour to a day', () => {
    expect(stretchOf(0, 60_000)).toBe(HOUR);
    expect(stretchOf(HOUR, 7 * HOUR)).toBe(6 * HOUR);
    expect(stretchOf(0, 100 * HOUR)).toBe(24 * HOUR);
  });
});
