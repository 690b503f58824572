// Functions of four floats at once. Only additions, multiplications, divisions and integer operations, in a fixed order: the same bits on
// every machine.

/** Adding it to |x| < 2^22 leaves the nearest integer of x in the low bits: 1.5 · 2^23. */
const ROUND: f32 = 12_582_912;

/**
 * Constants, four times each: a load from memory is cheaper than what compilers make of a vector constant. Cut at both ends, 1 / ln 2, ROUND, ln 2 in
 * two parts, the polynomial, the bits of 1, and 2.
 */
const C = memory.data<f32>([
  -87, -87, -87, -87, 88, 88, 88, 88,
  1.44269504088896341, 1.44269504088896341, 1.44269504088896341, 1.44269504088896341, ROUND, ROUND, ROUND, ROUND,
  0.693359375, 0.693359375, 0.693359375, 0.693359375, -2.12194440e-4, -2.12194440e-4, -2.12194440e-4, -2.12194440e-4,
  1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3,
  8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2,
  1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1,
  1, 1, 1, 1, 2, 2, 2, 2,
], 16);

/**
 * e^x, relative error below 2e-7. x = n ln 2 + r with |r| ≤ ln 2 / 2; ln 2 in two parts and the polynomial of degree 5 in r as in Cephes' expf
 * (Moshier). x is cut where floats end, so that neither 0 nor infinity comes out.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const cut = f32x4.pmin(f32x4.pmax(x, v128.load(C)), v128.load(C, 16));
  const round = v128.load(C, 48), one = v128.load(C, 192);
  const shifted = f32x4.add(f32x4.mul(cut, v128.load(C, 32)), round);
  const n = f32x4.sub(shifted, round);
  let r = f32x4.sub(cut, f32x4.mul(n, v128.load(C, 64)));
  r = f32x4.sub(r, f32x4.mul(n, v128.load(C, 80)));
  let p = f32x4.add(f32x4.mul(v128.load(C, 96), r), v128.load(C, 112));
  p = f32x4.add(f32x4.mul(p, r), v128.load(C, 128));
  p = f32x4.add(f32x4.mul(p, r), v128.load(C, 144));
  p = f32x4.add(f32x4.mul(p, r), v128.load(C, 160));
  p = f32x4.add(f32x4.mul(p, r), v128.load(C, 176));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), one);
  return f32x4.mul(p, i32x4.add(i32x4.shl(shifted, 23), one));
}

// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = v128.load(C, 192);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** 1 − 2/(1 + e^2x): absolute error below 2e-7. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const one = v128.load(C, 192);
  return f32x4.sub(one, f32x4.div(v128.load(C, 208), f32x4.add(one, exp4(f32x4.add(x, x)))));
}

/** (lane 0 + lane 2) + (lane 1 + lane 3). */
// @ts-ignore: decorator
@inline
export function sum4(v: v128): f32 {
  const halves = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(halves, 0) + f32x4.extract_lane(halves, 1);
}

/** 1, 2, 0.5, ln 2 in two parts, 2^52, and the polynomials. */
const LOG = memory.data<f64>([
  1, 1, 2, 2, 0.5, 0.5, 0.6931471803691238, 0.6931471803691238, 1.9082149292705877e-10, 1.9082149292705877e-10,
  4503599627370496, 4503599627370496,
  0.15313837699209373, 0.15313837699209373, 0.22222198432149784, 0.22222198432149784, 0.3999999999940942, 0.3999999999940942,
  0.14798198605116586, 0.14798198605116586, 0.1818357216161805, 0.1818357216161805, 0.2857142874366239, 0.2857142874366239,
  0.6666666666666735, 0.6666666666666735,
], 16);
/** Masks and offsets of the words of a double, from e_log.c. */
const WORDS = memory.data<i64>([
  0xffffffff, 0xffffffff, 0xfffff, 0xfffff, 0x95f64, 0x95f64, 0x100000, 0x100000, 0x3ff00000, 0x3ff00000, 1023, 1023,
], 16);

/** ln x of two doubles from 1 up, finite: the operations of src/math.ts in their order (fdlibm's e_log.c), so the same bits. */
// @ts-ignore: decorator
@inline
export function log2(x: v128): v128 {
  const one = v128.load(LOG), two52 = v128.load(LOG, 80);
  const top = i64x2.shr_u(x, 32);
  const mantissa = v128.and(top, v128.load(WORDS, 16));
  const shift = v128.and(i64x2.add(mantissa, v128.load(WORDS, 32)), v128.load(WORDS, 48));
  const high = v128.or(mantissa, v128.xor(shift, v128.load(WORDS, 64)));
  const exponent = i64x2.add(i64x2.sub(i64x2.shr_u(top, 20), v128.load(WORDS, 80)), i64x2.shr_u(shift, 20));
  // A small integer under the bits of 2^52 is 2^52 plus that integer.
  const k = f64x2.sub(v128.or(exponent, two52), two52);
  const f = f64x2.sub(v128.or(v128.and(x, v128.load(WORDS)), i64x2.shl(high, 32)), one);
  const s = f64x2.div(f, f64x2.add(v128.load(LOG, 16), f));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let even = f64x2.add(v128.load(LOG, 112), f64x2.mul(w, v128.load(LOG, 96)));
  even = f64x2.mul(w, f64x2.add(v128.load(LOG, 128), f64x2.mul(w, even)));
  let odd = f64x2.add(v128.load(LOG, 160), f64x2.mul(w, v128.load(LOG, 144)));
  odd = f64x2.add(v128.load(LOG, 176), f64x2.mul(w, odd));
  odd = f64x2.mul(z, f64x2.add(v128.load(LOG, 192), f64x2.mul(w, odd)));
  const half = f64x2.mul(f64x2.mul(v128.load(LOG, 32), f), f);
  const inner = f64x2.add(f64x2.mul(s, f64x2.add(half, f64x2.add(even, odd))), f64x2.mul(k, v128.load(LOG, 64)));
  return f64x2.sub(f64x2.mul(k, v128.load(LOG, 48)), f64x2.sub(f64x2.sub(half, inner), f));
}
