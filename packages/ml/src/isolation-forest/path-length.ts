/** The normaliser of path lengths: Liu, Ting & Zhou 2008, "Isolation Forest", equation 1. */
import { EULER_GAMMA, log } from '../math.ts';

/**
 * c(n): the mean path length of an unsuccessful search in a binary search tree of n rows,
 * 2H(n - 1) - 2(n - 1)/n with H(i) ≈ ln i + 0.5772156649; c(2) = 1 and c(n) = 0 below 2 (Liu et al. 2012).
 */
export function averagePathLength(n: number): number {
  if (n > 2) return 2 * (log(n - 1) + EULER_GAMMA) - (2 * (n - 1)) / n;
  return n === 2 ? 1 : 0;
}
