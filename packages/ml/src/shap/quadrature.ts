/**
 * Gauss–Legendre quadrature on [0, 1]: n points that integrate polynomials up to degree 2n − 1 exactly. Roots of the Legendre polynomial by
 * Newton's method from Tricomi's estimate, with sums, products and square roots only: the same bits on every machine.
 */

export interface Quadrature {
  readonly points: Float64Array;
  readonly weights: Float64Array;
}

const known = new Map<number, Quadrature>();

/** `n` from 1. */
export function gaussLegendre(n: number): Quadrature {
  const before = known.get(n);
  if (before !== undefined) return before;
  const points = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    // On [−1, 1], largest first.
    let x = (1 - (n - 1) / (8 * n ** 3)) * cosine((Math.PI * (4 * k + 3)) / (4 * n + 2));
    let slope = 1;
    for (let step = 0; step < 8; step++) {
      const [value, derivative] = legendre(n, x);
      slope = derivative;
      x -= value / derivative;
    }
    [, slope] = legendre(n, x);
    points[n - 1 - k] = (1 + x) / 2;
    weights[n - 1 - k] = 1 / ((1 - x * x) * slope * slope);
  }
  const rule = { points, weights };
  known.set(n, rule);
  return rule;
}

/** P_n(x) and its derivative, by the three-term recurrence. */
function legendre(n: number, x: number): readonly [value: number, derivative: number] {
  let before = 1;
  let value = x;
  for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
  return [value, (n * (x * value - before)) / (x * x - 1)];
}

/** cos x on [0, π], near enough for a start: Newton does the rest. */
function cosine(x: number): number {
  const y = Math.PI / 2 - x;
  const z = y * y;
  return y * (1 - (z / 6) * (1 - (z / 20) * (1 - (z / 42) * (1 - (z / 72) * (1 - z / 110)))));
}
