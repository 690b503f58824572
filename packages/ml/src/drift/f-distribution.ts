/** The upper tail of the F distribution, from the regularised incomplete beta function (Abramowitz & Stegun 26.5, 26.6). */
import { exp, log } from '../math.ts';

/** Lanczos's approximation of ln Γ with g = 7, nine terms (Godfrey 2001): 15 digits. */
const LANCZOS = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
] as const;
const LN_SQRT_2PI = 0.9189385332046728;
const MAX_TERMS = 2_000;
const TOLERANCE = 1e-14;
const TINY = 1e-300;
/** Halvings of a bracket: a double has no more bits. */
const BISECTIONS = 80;

/** P(F > x) for F with `first` and `second` degrees of freedom, both above 0, fractions allowed; in [0, 1]; 1 at x ≤ 0. */
export function fTail(x: number, first: number, second: number): number {
  if (!(x > 0)) return 1;
  return incompleteBeta(second / (second + first * x), second / 2, first / 2);
}

/** The x with P(F > x) = p, for p in (0, 1). */
export function fCritical(p: number, first: number, second: number): number {
  let high = 1;
  while (fTail(high, first, second) > p && high < 1e300) high *= 2;
  let low = high === 1 ? 0 : high / 2;
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if (fTail(middle, first, second) > p) low = middle;
    else high = middle;
  }
  return high;
}

/** I_x(a, b): the continued fraction of Numerical Recipes 6.4, evaluated by Lentz's method on the side where it converges. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log(1 - x));
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b;
}

function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < TOLERANCE) break;
  }
  return value;
}

function away(x: number): number {
  return Math.abs(x) < TINY ? TINY : x;
}

function logGamma(x: number): number {
  // The reflection is not needed: half degrees of freedom are positive, and small ones are moved up by one.
  if (x < 0.5) return logGamma(x + 1) - log(x);
  let sum: number = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (x - 1 + i);
  const t = x + 6.5;
  return LN_SQRT_2PI + (x - 0.5) * log(t) - t + log(sum);
}
