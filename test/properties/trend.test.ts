/** The slope that the soak quotes: right on a line, wider where neighbours are alike, and honest about noise. */
import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { trendOf } from '../../bench/support/trend.ts';

describe('a trend', () => {
  it('of a line is its slope, without an interval', () => {
    const { slope, low, high } = trendOf([1, 3, 5, 7, 9], 0.5);
    expect(slope).toBeCloseTo(4, 12);
    expect([low, high].map((end) => Math.abs(end - 4))).toEqual([expect.closeTo(0, 9), expect.closeTo(0, 9)]);
  });

  it('of 1, 2, 2, 3 is 0.6 a step, with the residuals’ own error', () => {
    // By hand: Σ(x−1.5)(y−2) / 5 = 3/5; residuals −0.1, 0.3, −0.3, 0.1, neighbours not alike, so all four count: √(0.2 / 2 / 5).
    const { slope, low, high } = trendOf([1, 2, 2, 3], 1);
    expect(slope).toBeCloseTo(0.6, 12);
    expect((low + high) / 2).toBeCloseTo(0.6, 12);
    expect((high - low) / 2 / Math.sqrt(0.02)).toBeGreaterThan(3.5); // Student's t of 2 degrees of freedom is 4.30, here by its expansion
  });

  it('of noise without a slope has 0 in its interval about 95 times of 100, also where neighbours are alike', () => {
    const random = createRandom('trend');
    const noise = () => Array.from({ length: 12 }, () => random.nextFloat()).reduce((sum, u) => sum + u - 0.5, 0);
    for (const memory of [0, 0.6]) {
      let covered = 0;
      for (let run = 0; run < 400; run++) {
        let value = 0;
        const ys = Array.from({ length: 40 }, () => {
          value = memory * value + noise();
          return value;
        });
        const { low, high } = trendOf(ys, 1);
        if (low <= 0 && 0 <= high) covered++;
      }
      expect(covered / 400, `memory ${memory}`).toBeGreaterThan(0.88);
      expect(covered / 400, `memory ${memory}`).toBeLessThan(0.995);
    }
  });

  it('needs four values', () => {
    expect(() => trendOf([1, 2, 3], 1)).toThrow('expected 4 values or more');
  });
});
