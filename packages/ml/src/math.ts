/**
 * exp, log and the logistic function from additions, multiplications and divisions only. ECMAScript leaves
 * the last bits of Math.exp and Math.log to the engine; IEEE 754 fixes these four operations, so a seed gives
 * the same bytes in every engine. Algorithms and constants: FreeBSD msun (fdlibm) e_exp.c, e_log.c.
 */

/** ln 2, rounded. */
export const LN2 = Math.LN2;
/** Euler–Mascheroni constant. */
export const EULER_GAMMA = 0.5772156649015329;

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const INV_LN2 = Math.LOG2E;
const EXP_MAX = 709.782712893384;
const EXP_MIN = -745.1332191019411;
/** 2^k for k from -1074, at index k + 1074: exact by repeated doubling. */
const POWERS_OF_TWO = powersOfTwo();
const SMALLEST_NORMAL = 2.2250738585072014e-308;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
/** Index of the word with sign and exponent: 1 on a little-endian machine. */
const HIGH = highWordIndex();

/** e^x, within 1 unit in the last place of the true value. NaN gives NaN. */
export function exp(x: number): number {
  if (!(x <= EXP_MAX)) return x > EXP_MAX ? Infinity : NaN;
  if (x < EXP_MIN) return 0;
  const k = Math.floor(INV_LN2 * x + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t * (-0.0027777777777015593 + t * (0.00006613756321437934 + t * (-0.0000016533902205465252 + t * 4.1381367970572385e-8))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  // 2^1024 overflows and 2^-1074 underflows alone, so the scale is applied in two halves at the ends.
  if (k > 1023) return y * 2 * POWERS_OF_TWO[1023 + 1074];
  if (k < -1021) return y * POWERS_OF_TWO[k + 1000 + 1074] * 9.332636185032189e-302;
  return y * POWERS_OF_TWO[k + 1074];
}

/** ln x, within 1 unit in the last place; -Infinity at 0, NaN below it. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return Infinity;
  let k = 0;
  let value = x;
  if (value < SMALLEST_NORMAL) {
    value *= 18014398509481984; // 2^54
    k = -54;
  }
  float[0] = value;
  const top = words[HIGH];
  k += (top >>> 20) - 1023;
  const mantissa = top & 0xfffff;
  // Move the mantissa to [sqrt(1/2), sqrt(2)), as e_log.c does.
  const shift = (mantissa + 0x95f64) & 0x100000;
  words[HIGH] = mantissa | (shift ^ 0x3ff00000);
  k += shift >>> 20;
  const f = float[0] - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + (even + odd)) + k * LN2_LOW) - f);
}

/** 1 / (1 + e^-x), in [0, 1], without overflow at either end. */
export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x));
  const e = exp(x);
  return e / (1 + e);
}

/** ln(p / (1 - p)) for p in (0, 1). */
export function logit(p: number): number {
  return log(p / (1 - p));
}

function powersOfTwo(): Float64Array {
  const table = new Float64Array(2098);
  table[0] = Number.MIN_VALUE;
  for (let i = 1; i < table.length; i++) table[i] = table[i - 1] * 2;
  return table;
}

function highWordIndex(): number {
  float[0] = 1;
  return words[1] === 0x3ff00000 ? 1 : 0;
}
