import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { createDistributions } from './distributions.ts';

describe('distributions', () => {
  it('have the number of their first addition, and are kept once', () => {
    const distributions = createDistributions(2);
    const given = [
      [0.25, 0.75],
      [1, 0],
      [0.25, 0.75],
      [0.75, 0.25],
      [1, 0],
    ];
    expect(given.map((shares) => distributions.numberOf(Float64Array.from(shares)))).toEqual([0, 1, 0, 2, 1]);
    expect([...distributions.shares()]).toEqual([0.25, 0.75, 1, 0, 0.75, 0.25]);
  });

  it('keep their numbers while the table grows, as a map of their text does', () => {
    const random = createRandom('shares');
    const distributions = createDistributions(3);
    const plain = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const shares = Float64Array.from({ length: 3 }, () => random.nextInt(20) / 20);
      const key = shares.join();
      if (!plain.has(key)) plain.set(key, plain.size);
      expect(distributions.numberOf(shares)).toBe(plain.get(key));
    }
    expect(distributions.shares().length).toBe(3 * plain.size);
    for (const [key, number] of plain)
      expect(
        distributions
          .shares()
          .subarray(3 * number, 3 * number + 3)
          .join(),
      ).toBe(key);
  });
});
