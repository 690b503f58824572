import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { descend, type Loss } from './lbfgs.ts';
import { compact, lossOf } from './objective.ts';
import { sparseRowsOf } from './rows.ts';

describe('descend', () => {
  it('finds the least of a bowl whose axes differ a thousandfold', () => {
    const bowl: Loss = (at, gradient) => {
      gradient[0] = at[0] - 3;
      gradient[1] = 1000 * (at[1] + 2);
      return 0.5 * (at[0] - 3) ** 2 + 500 * (at[1] + 2) ** 2;
    };
    const { at, value, converged } = descend(2, bowl, 1e-9, 100);
    expect(converged).toBe(true);
    expect(value).toBeLessThan(1e-15);
    expect(at[0]).toBeCloseTo(3, 8);
    expect(at[1]).toBeCloseTo(-2, 8);
  });

  it('says that it has not converged where steps run out, and that it has where it starts at the least', () => {
    const steep: Loss = (at, gradient) => {
      gradient[0] = 4 * (at[0] - 5) ** 3;
      return (at[0] - 5) ** 4;
    };
    expect(descend(1, steep, 1e-12, 3)).toMatchObject({ converged: false, iterations: 3 });
    expect(descend(1, () => 7, 1e-6, 10)).toMatchObject({ converged: true, iterations: 0, value: 7 });
  });

  it('stops where no step helps', () => {
    const lying: Loss = (at, gradient) => {
      gradient[0] = -1;
      return at[0];
    };
    expect(descend(1, lying, 1e-6, 1000)).toMatchObject({ converged: false, value: 0, iterations: 0 });
  });
});

describe('lossOf', () => {
  const random = createRandom('objective');
  const rows = sparseRowsOf(
    Array.from({ length: 30 }, () => {
      const indices = Int32Array.from([3, 8, 100, 900].filter(() => random.nextFloat() < 0.6));
      return { indices, values: Float64Array.from(indices, () => random.nextGaussian()) };
    }),
    1000,
  );
  const labels = Uint8Array.from({ length: 30 }, () => random.nextInt(2));
  const shares = Float64Array.from({ length: 30 }, () => random.nextFloat());

  it('works over the columns that occur', () => {
    expect(compact(rows).used).toEqual(Int32Array.of(3, 8, 100, 900));
  });
  it('numbers columns alike by a table and, of more columns than a table may have, by sorting', () => {
    expect(compact({ ...rows, cols: 2 ** 30 })).toEqual(compact(rows));
  });

  it.each([true, false])('has the gradient of its central differences, intercept %s', (intercept) => {
    const size = intercept ? 5 : 4;
    const loss = lossOf(compact(rows), labels, shares, 0.3, intercept);
    const at = Float64Array.from({ length: size }, () => random.nextGaussian());
    const gradient = new Float64Array(size);
    const unused = new Float64Array(size);
    loss(at, gradient);
    for (let i = 0; i < size; i++) {
      const [up, down] = [1e-5, -1e-5].map((step) => loss(at.with(i, at[i] + step), unused));
      expect(gradient[i]).toBeCloseTo((up - down) / 2e-5, 8);
    }
  });
});
