import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { sortNumbers } from './sort.ts';

function sorted(values: Float64Array): Float64Array {
  sortNumbers(values, new Uint32Array(2 * values.length));
  return values;
}

/** As many as are sorted by their bits. */
function repeated(values: readonly number[], count: number): Float64Array {
  const random = createRandom('order');
  return random.shuffle(Float64Array.from({ length: count }, (_, i) => values[i % values.length]));
}

describe('sortNumbers', () => {
  it('puts infinities at the ends and -0 before 0', () => {
    const ascending = [-Infinity, -Number.MAX_VALUE, -2, -1, -5e-324, -0, 0, 5e-324, 1, 2, Number.MAX_VALUE, Infinity];
    const found = sorted(repeated([...ascending].reverse(), 12 * 500));
    expect([...found].filter((_, i) => i % 500 === 0)).toEqual(ascending);
    expect([...sorted(Float64Array.from([3, -0, 1, 0]))]).toEqual([-0, 0, 1, 3]);
  });

  it('sorts as the engine does, few values and many', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.constantFrom(300, 4096, 5001),
        (values, count) => {
          const many = repeated(values, count);
          expect(sorted(many.slice())).toEqual(many.sort());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves the values beside a view alone', () => {
    const whole = Float64Array.from({ length: 5002 }, (_, i) => -i);
    const inner = whole.subarray(1, 5001);
    sorted(inner);
    expect([whole[0], whole[1], whole[5000], whole[5001]]).toEqual([-0, -5000, -1, -5001]);
  });
});
