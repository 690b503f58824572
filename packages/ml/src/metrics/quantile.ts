/** Quantiles by linear interpolation: Hyndman & Fan 1996, type 7, the default of numpy and R. */
import { atLeast, finiteOnly, numberWithin } from '../options.ts';

/** The p-quantile (p in [0, 1]) of finite values in any order; the values stay as they are. ML_EMPTY_INPUT, ML_NOT_FINITE, ML_BAD_OPTION. */
export function quantile(values: ArrayLike<number>, p: number): number {
  atLeast('values', values.length, 1);
  finiteOnly('values', values);
  numberWithin('p', p, 0, 1);
  return quantileOfSorted(Float64Array.from(values).sort(), p);
}

/** The same for values in ascending order, unchecked. */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number): number {
  const at = (sorted.length - 1) * p;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}
