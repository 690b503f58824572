import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { poisson } from './draw.ts';

describe('poisson', () => {
  it.each([0.3, 4, 30, 31, 200])('has mean and variance %f', (mean) => {
    const random = createRandom(1);
    const counts = Array.from({ length: 4000 }, () => poisson(random, mean));
    const found = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const variance = counts.reduce((sum, count) => sum + (count - found) ** 2, 0) / counts.length;
    // Five standard errors: of a mean √(m/n), of a variance about √(2m²/n + m/n).
    expect(Math.abs(found - mean)).toBeLessThan(5 * Math.sqrt(mean / 4000));
    expect(Math.abs(variance - mean)).toBeLessThan(5 * Math.sqrt((2 * mean * mean + mean) / 4000));
  });

  it('is 0 for a mean of 0 and below, and draws nothing', () => {
    const [random, other] = [createRandom(2), createRandom(2)];
    expect([poisson(random, 0), poisson(random, -1), poisson(random, Number.NaN)]).toEqual([0, 0, 0]);
    expect(random.nextUint32()).toBe(other.nextUint32());
  });
});
