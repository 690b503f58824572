/**
 * The slope of a series with its interval: least squares, and a standard error that knows that neighbours are alike. The effective number of
 * values is n (1 − r) / (1 + r), r the lag-1 autocorrelation of the residuals (Santer et al. 2000, J. Geophys. Res. 105, 7337–7356).
 */

export interface Trend {
  /** Per unit of x. */
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95 %; `ys` at 0, step, 2 step … */
export function trendOf(ys: readonly number[], step: number): Trend {
  const n = ys.length;
  if (n < 4) throw new Error(`expected 4 values or more, found ${n}`);
  const middle = (n - 1) / 2;
  const mean = ys.reduce((sum, y) => sum + y, 0) / n;
  let xx = 0;
  let xy = 0;
  for (const [i, y] of ys.entries()) {
    xx += (i - middle) ** 2;
    xy += (i - middle) * (y - mean);
  }
  const perStep = xy / xx;
  const residuals = ys.map((y, i) => y - mean - perStep * (i - middle));
  const squares = residuals.reduce((sum, r) => sum + r * r, 0);
  const neighbours = residuals.slice(1).reduce((sum, r, i) => sum + r * residuals[i], 0);
  const r = squares === 0 ? 0 : Math.min(0.99, Math.max(0, neighbours / squares));
  const effective = Math.max(3, (n * (1 - r)) / (1 + r));
  const error = Math.sqrt(squares / (effective - 2) / xx);
  const reach = studentQuantile(effective - 2) * error;
  return { slope: perStep / step, low: (perStep - reach) / step, high: (perStep + reach) / step };
}

/** 97.5 % quantile of Student's t by its expansion in 1/ν (Abramowitz and Stegun 26.7.5); to 1 % from ν = 3 on, too small below. */
function studentQuantile(freedom: number): number {
  const z = 1.959964;
  const terms = [(z ** 3 + z) / 4, (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96, (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384];
  return terms.reduce((sum, term, k) => sum + term / freedom ** (k + 1), z);
}
