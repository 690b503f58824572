import { describe, expect, it } from 'vitest';
import { averagePathLength } from './path-length.ts';

describe('averagePathLength', () => {
  it('is 0, 0, 1 for 0, 1, 2 rows', () => {
    expect([0, 1, 2].map(averagePathLength)).toEqual([0, 0, 1]);
  });

  it('follows equation 1 by hand', () => {
    // 2(ln 2 + 0.5772156649) - 4/3 and 2(ln 255 + 0.5772156649) - 510/256
    expect(averagePathLength(3)).toBeCloseTo(1.2073923578, 9);
    expect(averagePathLength(256)).toBeCloseTo(10.2447709331, 6);
  });

  it('is close to the exact harmonic form for large n', () => {
    let harmonic = 0;
    for (let i = 1; i < 1000; i++) harmonic += 1 / i;
    expect(averagePathLength(1000)).toBeCloseTo(2 * harmonic - (2 * 999) / 1000, 2);
  });
});
