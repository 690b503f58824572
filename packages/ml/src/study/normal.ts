/** The normal distribution: its integral, the mass of an interval, and the inverse, from `exp` and `log` of this package only. */
import { exp, log } from '../math.ts';

const SQRT_2_PI_LOG = 0.9189385332046728;
const ERX = 0.8450629115104675;
// FreeBSD msun s_erf.c: erf and erfc, within 1 unit in the last place but for the missing split of x² (1e-14 relative).
const PP = [0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -2.3763016656650163e-5];
const QQ = [1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164, -3.960228278775368e-6];
const PA = [
  -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668, 0.035478304325618236,
  -0.002166375594868791,
];
const QA = [1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905, 0.011984499846799107];
const RA = [
  -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347, -184.60509290671104,
  -81.2874355063066, -9.814329344169145,
];
const SA = [
  1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783, 108.63500554177944,
  6.570249770319282, -0.0604244152148581,
];
const RB = [
  -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896, -1025.0951316110772,
  -483.5191916086514,
];
const SB = [
  1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644, 474.52854120695537,
  -22.44095244658582,
];

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!;
  return sum;
}

/** erfc x, the complement of the error function. */
export function erfc(x: number): number {
  const a = Math.abs(x);
  if (a < 0.84375) {
    const z = x * x;
    return 1 - x * (1 + polynomial(PP, z) / polynomial(QQ, z));
  }
  if (a < 1.25) {
    const part = polynomial(PA, a - 1) / polynomial(QA, a - 1);
    return x > 0 ? 1 - ERX - part : 1 + ERX + part;
  }
  const upper = a < 28 ? exp(logErfcOver(a)) : 0;
  return x > 0 ? upper : 2 - upper;
}

/** ln erfc x for x ≥ 1.25. */
function logErfcOver(x: number): number {
  const s = 1 / (x * x);
  const ratio = x < 1 / 0.35 ? polynomial(RA, s) / polynomial(SA, s) : polynomial(RB, s) / polynomial(SB, s);
  return -x * x - 0.5625 + ratio - log(x);
}

/** Φ(x). */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2);
}

/** ln Φ(x), exact far into the left tail, where Φ itself is 0. */
export function logNormalCdf(x: number): number {
  const t = -x * Math.SQRT1_2;
  return t >= 1.25 ? logErfcOver(t) - Math.LN2 : log(0.5 * erfc(t));
}

/** ln (Φ(b) − Φ(a)), a < b. */
export function logMass(a: number, b: number): number {
  // The right tail is the left one, mirrored: there small differences are exact.
  if (a > 0) return logMass(-b, -a);
  if (b > 0) return log(1 - 0.5 * (erfc(-a * Math.SQRT1_2) + erfc(b * Math.SQRT1_2)));
  const right = logNormalCdf(b);
  const difference = logNormalCdf(a) - right;
  return difference > -1e-9 ? logDensity(b) + log(b - a) : right + log(1 - exp(difference));
}

/** ln φ(x). */
export function logDensity(x: number): number {
  return -0.5 * x * x - SQRT_2_PI_LOG;
}

/** The x with Φ(x) = p, 0 < p < 1: a rational start (Acklam), then two steps of Halley. */
export function normalQuantile(p: number): number {
  const flip = p > 0.5;
  const q = flip ? 1 - p : p;
  let x = q < 0.02425 ? tailStart(q) : centreStart(q - 0.5);
  for (let i = 0; i < 2; i++) {
    const u = (normalCdf(x) - q) / exp(logDensity(x));
    x -= u / (1 + 0.5 * x * u);
  }
  return flip ? -x : x;
}

function tailStart(p: number): number {
  const q = Math.sqrt(-2 * log(p));
  const above =
    ((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968) * q +
    2.938163982698783;
  return above / ((((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);
}

function centreStart(q: number): number {
  const r = q * q;
  const above =
    (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r - 30.66479806614716) * r +
      2.506628277459239) *
    q;
  const below =
    ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r - 13.28068155288572) * r + 1;
  return above / below;
}
