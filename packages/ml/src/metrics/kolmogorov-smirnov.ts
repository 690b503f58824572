/** How far two samples lie apart, whatever their shape: the two-sample Kolmogorov–Smirnov distance. */
import { atLeast, finiteOnly } from '../options.ts';

/**
 * Largest vertical gap between the two empirical distribution functions, in [0, 1]: 0 = the same shares at every value, 1 = no overlap. Ties
 * within and across the samples are stepped over together, so counts may be compared; the samples may differ in length and keep their order.
 * ML_EMPTY_INPUT, ML_NOT_FINITE.
 *
 * @example ksDistance([1, 2, 3], [2, 3, 4]); // 1/3
 */
export function ksDistance(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const a = sorted('first', first);
  const b = sorted('second', second);
  let i = 0;
  let j = 0;
  let distance = 0;
  // Behind the end of one sample the gap only shrinks.
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i], b[j]);
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length));
  }
  return distance;
}

function sorted(name: string, values: ArrayLike<number>): Float64Array {
  atLeast(name, values.length, 1);
  finiteOnly(name, values);
  return Float64Array.from(values).sort();
}
