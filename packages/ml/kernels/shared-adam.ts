// Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019): src/lstm/plain/adam.ts over f32.

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;
/** Moments below it become 0: numbers too small for normal floats are slow and say nothing. */
const SMALLEST: f32 = 1e-30;

/** Σ x², in doubles. `count` a multiple of 4. */
export function sumOfSquares(count: i32, x: usize): f64 {
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0);
  const end = x + (<usize>count << 2);
  for (; x < end; x += 16) {
    const v = v128.load(x);
    const low = f64x2.promote_low_f32x4(v), high = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
    s0 = f64x2.add(s0, f64x2.mul(low, low));
    s1 = f64x2.add(s1, f64x2.mul(high, high));
  }
  s0 = f64x2.add(s0, s1);
  return f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
}

/**
 * One step of `count` weights, a multiple of 4. Gradients are taken times `scale`; `unbias1` and `unbias2` are 1 / (1 − βᵗ); `decay` is the share
 * of a weight that goes.
 */
export function adam(
  count: i32, weights: usize, gradients: usize, first: usize, second: usize,
  rate: f32, decay: f32, scale: f32, unbias1: f32, unbias2: f32,
): void {
  const end = <usize>count << 2;
  const smallest = f32x4.splat(SMALLEST);
  for (let at: usize = 0; at < end; at += 16) {
    const g = f32x4.mul(f32x4.splat(scale), v128.load(gradients + at));
    let m = f32x4.add(f32x4.mul(f32x4.splat(BETA_1), v128.load(first + at)), f32x4.mul(f32x4.splat(1 - BETA_1), g));
    let v = f32x4.add(f32x4.mul(f32x4.splat(BETA_2), v128.load(second + at)), f32x4.mul(f32x4.splat(1 - BETA_2), f32x4.mul(g, g)));
    m = v128.and(m, f32x4.ge(f32x4.abs(m), smallest));
    v = v128.and(v, f32x4.ge(v, smallest));
    v128.store(first + at, m);
    v128.store(second + at, v);
    const length = f32x4.add(f32x4.sqrt(f32x4.mul(v, f32x4.splat(unbias2))), f32x4.splat(EPSILON));
    const step = f32x4.div(f32x4.mul(m, f32x4.splat(unbias1)), length);
    const w = v128.load(weights + at);
    v128.store(weights + at, f32x4.sub(f32x4.sub(w, f32x4.mul(f32x4.splat(rate), step)), f32x4.mul(f32x4.splat(decay), w)));
  }
}
