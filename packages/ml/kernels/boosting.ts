// The inner loops of boosting (src/boosting/kernel-steps.ts). Each does the same f64 operations in the same order as its plain TypeScript
// twin, so the bits are the same; what is gained is two numbers an instruction and no bounds checks.

const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;
const INV_LN2: f64 = 1.4426950408889634;
const EXP_MIN: f64 = -745.1332191019411;
const TWO_TO_MINUS_1000: f64 = 9.332636185032189e-302;

// e^x of two x of at most 0: src/math.ts, whose scale in two halves is exact wherever one would do.
@inline
function exp(x: v128): v128 {
  const one = f64x2.splat(1);
  const k = f64x2.floor(f64x2.add(f64x2.mul(f64x2.splat(INV_LN2), x), f64x2.splat(0.5)));
  const high = f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HIGH)));
  const low = f64x2.mul(k, f64x2.splat(LN2_LOW));
  const r = f64x2.sub(high, low);
  const t = f64x2.mul(r, r);
  let c = f64x2.add(f64x2.splat(-0.0000016533902205465252), f64x2.mul(t, f64x2.splat(4.1381367970572385e-8)));
  c = f64x2.add(f64x2.splat(0.00006613756321437934), f64x2.mul(t, c));
  c = f64x2.add(f64x2.splat(-0.0027777777777015593), f64x2.mul(t, c));
  c = f64x2.add(f64x2.splat(0.16666666666666602), f64x2.mul(t, c));
  c = f64x2.sub(r, f64x2.mul(t, c));
  const ratio = f64x2.div(f64x2.mul(r, c), f64x2.sub(f64x2.splat(2), c));
  const y = f64x2.sub(one, f64x2.sub(f64x2.sub(low, ratio), high));
  const exponent = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(f64x2.add(k, f64x2.splat(2023)))); // k + 1000 + 1023
  const scaled = f64x2.mul(f64x2.mul(y, i64x2.shl(exponent, 52)), f64x2.splat(TWO_TO_MINUS_1000));
  return v128.and(scaled, f64x2.ge(x, f64x2.splat(EXP_MIN)));
}

// g and packed h of `count` rows; `weights` 0 = all 1. Scores, labels and weights have room for an even number of rows, gradients too.
export function computeGradients(
  count: i32,
  scores: usize,
  labels: usize,
  weights: usize,
  unit: f64,
  rounder: f64,
  gradients: usize,
): void {
  const one = f64x2.splat(1);
  const zero = f64x2.splat(0);
  const units = f64x2.splat(unit);
  const rounders = f64x2.splat(rounder);
  let w = one;
  for (let r = 0; r < count; r += 2) {
    const s = v128.load(scores);
    const e = exp(f64x2.neg(f64x2.abs(s)));
    const q = f64x2.div(one, f64x2.add(one, e));
    const p = f64x2.mul(v128.bitselect(e, one, f64x2.lt(s, zero)), q);
    if (weights != 0) {
      w = v128.load(weights);
      weights += 16;
    }
    const g = f64x2.mul(w, f64x2.sub(p, v128.load(labels)));
    const h = f64x2.mul(f64x2.mul(f64x2.mul(w, e), q), q);
    const packed = f64x2.add(f64x2.sub(f64x2.add(h, rounders), rounders), units);
    v128.store(gradients, i64x2.shuffle(g, packed, 0, 2));
    v128.store(gradients, i64x2.shuffle(g, packed, 1, 3), 16);
    scores += 16;
    labels += 16;
    gradients += 32;
  }
}

// Σg and Σh of `rows[0 … count - 1]`, to `into`.
export function sumGradients(rows: usize, count: i32, gradients: usize, into: usize): void {
  let sum = f64x2.splat(0);
  for (let i = 0; i < count; i++) {
    sum = f64x2.add(sum, v128.load(gradients + ((<usize>load<u32>(rows)) << 4)));
    rows += 4;
  }
  v128.store(into, sum);
}

// The histogram of `rows[0 … count - 1]`: 4096 bytes a feature, 16 a bin. Bins are bytes, `stride` of them a row.
export function buildHistogram(
  into: usize,
  rows: usize,
  count: i32,
  bins: usize,
  stride: usize,
  featureCount: i32,
  gradients: usize,
): void {
  memory.fill(into, 0, (<usize>featureCount) << 12);
  const full = featureCount >> 2;
  const rest = featureCount & 3;
  for (let i = 0; i < count; i++) {
    const row = <usize>load<u32>(rows);
    rows += 4;
    const gradient = v128.load(gradients + (row << 4));
    let at = bins + row * stride;
    let base = into;
    for (let w = 0; w < full; w++) {
      const a = base + (<usize>load<u8>(at) << 4);
      const b = base + (<usize>load<u8>(at, 1) << 4);
      const c = base + (<usize>load<u8>(at, 2) << 4);
      const d = base + (<usize>load<u8>(at, 3) << 4);
      v128.store(a, f64x2.add(v128.load(a), gradient));
      v128.store(b, f64x2.add(v128.load(b, 4096), gradient), 4096);
      v128.store(c, f64x2.add(v128.load(c, 8192), gradient), 8192);
      v128.store(d, f64x2.add(v128.load(d, 12288), gradient), 12288);
      base += 16384;
      at += 4;
    }
    for (let k = 0; k < rest; k++) {
      const a = base + (<usize>load<u8>(at) << 4);
      v128.store(a, f64x2.add(v128.load(a), gradient));
      base += 4096;
      at += 1;
    }
  }
}

// parent ← parent - child, both of `featureCount` features.
export function subtractHistogram(parent: usize, child: usize, featureCount: i32): void {
  const end = parent + ((<usize>featureCount) << 12);
  while (parent < end) {
    v128.store(parent, f64x2.sub(v128.load(parent), v128.load(child)));
    parent += 16;
    child += 16;
  }
}

// Moves left rows to the front, both sides in their old order; returns how many they are. `column` has the rows' bins.
export function partition(rows: usize, scratch: usize, count: i32, column: usize, limit: u32, missingLeft: u32): i32 {
  let left = rows;
  let right = scratch;
  for (let i = 0; i < count; i++) {
    const row = load<u32>(rows + ((<usize>i) << 2));
    const bin = <u32>load<u8>(column + <usize>row);
    const goesLeft = <usize>(u32(bin <= limit) | (missingLeft & u32(bin == 255)));
    store<u32>(left, row);
    store<u32>(right, row);
    left += goesLeft << 2;
    right += (1 - goesLeft) << 2;
  }
  memory.copy(left, scratch, right - scratch);
  return i32((left - rows) >> 2);
}

// Adds `value` to the scores of `rows[0 … count - 1]`.
export function addToScores(rows: usize, count: i32, value: f64, scores: usize): void {
  for (let i = 0; i < count; i++) {
    const at = scores + ((<usize>load<u32>(rows)) << 3);
    store<f64>(at, load<f64>(at) + value);
    rows += 4;
  }
}

// Shrinks towards 0 by l1.
@inline
function soft(g: v128, l1: v128): v128 {
  const up = f64x2.add(g, l1);
  const least = f64x2.neg(l1);
  const inner = v128.and(up, f64x2.lt(g, least));
  return v128.bitselect(f64x2.sub(g, l1), inner, f64x2.gt(g, l1));
}

// The best split without monotone bounds: src/boosting/splitting.ts. Writes gain, g, h and count of the left side (f64), then feature, bin
// and side of the missing (i32) to `found`; returns 0 where there is none. `bestGain` is what a split must exceed.
export function findSplit(
  histogram: usize,
  featureCount: i32,
  binCounts: usize,
  count: f64,
  gradient: f64,
  hessian: f64,
  minData: f64,
  minHessian: f64,
  l1: f64,
  l2: f64,
  unit: f64,
  bestGain: f64,
  found: usize,
): i32 {
  const mostData = count - minData;
  const inverseUnit = 1 / unit;
  const l1s = f64x2.splat(l1);
  const l2s = f64x2.splat(l2);
  const gradients = f64x2.splat(gradient);
  const hessians = f64x2.splat(hessian);
  const fewest = f64x2.splat(minData);
  const most = f64x2.splat(mostData);
  const least = f64x2.splat(minHessian);
  let bestFeature = -1;
  for (let k = 0; k < featureCount; k++) {
    const missingPacked = load<f64>(histogram, 4088);
    const missingCount = Math.floor(missingPacked * inverseUnit);
    const bins = load<i32>(binCounts);
    binCounts += 4;
    if (missingCount > 0) {
      // Lane 0: missing right, lane 1: missing left. The last bin is a split too: all values left, missing right.
      const missingG = f64x2.replace_lane(f64x2.splat(0), 1, load<f64>(histogram, 4080));
      const missingH = f64x2.replace_lane(f64x2.splat(0), 1, missingPacked - missingCount * unit);
      const missingCounts = f64x2.replace_lane(f64x2.splat(0), 1, missingCount);
      let sum = f64x2.splat(0); // of g and packed h
      for (let bin = 0; bin < bins; bin++) {
        const at = histogram + ((<usize>bin) << 4);
        const pair = v128.load(at);
        if (f64x2.extract_lane(pair, 1) == 0) continue;
        sum = f64x2.add(sum, pair);
        const packed = f64x2.extract_lane(sum, 1);
        const floor = Math.floor(packed * inverseUnit);
        if (floor > mostData) break;
        const counts = f64x2.add(f64x2.splat(floor), missingCounts);
        const leftG = f64x2.add(i64x2.shuffle(sum, sum, 0, 0), missingG);
        const leftH = f64x2.add(f64x2.splat(packed - floor * unit), missingH);
        const rightH = f64x2.sub(hessians, leftH);
        let sumL = leftG;
        let sumR = f64x2.sub(gradients, leftG);
        if (l1 != 0) {
          sumL = soft(sumL, l1s);
          sumR = soft(sumR, l1s);
        }
        const gain = f64x2.add(
          f64x2.div(f64x2.mul(sumL, sumL), f64x2.add(leftH, l2s)),
          f64x2.div(f64x2.mul(sumR, sumR), f64x2.add(rightH, l2s)),
        );
        // What is not better needs no other test: few are.
        let better = f64x2.gt(gain, f64x2.splat(bestGain));
        if (!v128.any_true(better)) continue;
        const enough = v128.and(f64x2.ge(counts, fewest), f64x2.le(counts, most));
        better = v128.and(better, v128.and(enough, v128.and(f64x2.ge(leftH, least), f64x2.ge(rightH, least))));
        if (i64x2.extract_lane(better, 0) != 0) {
          bestGain = f64x2.extract_lane(gain, 0);
          bestFeature = k;
          note(found, f64x2.extract_lane(leftG, 0), f64x2.extract_lane(leftH, 0), floor, bin, 0);
        }
        if (i64x2.extract_lane(better, 1) != 0 && f64x2.extract_lane(gain, 1) > bestGain) {
          bestGain = f64x2.extract_lane(gain, 1);
          bestFeature = k;
          note(found, f64x2.extract_lane(leftG, 1), f64x2.extract_lane(leftH, 1), f64x2.extract_lane(counts, 1), bin, 1);
        }
      }
    } else {
      // Lane 0: left, lane 1: right.
      let g: f64 = 0;
      let packed: f64 = 0;
      for (let bin = 0; bin < bins - 1; bin++) {
        const at = histogram + ((<usize>bin) << 4);
        const binPacked = load<f64>(at, 8);
        if (binPacked == 0) continue;
        g += load<f64>(at);
        packed += binPacked;
        const leftCount = Math.floor(packed * inverseUnit);
        if (leftCount > mostData) break;
        if (leftCount < minData) continue;
        const leftH = packed - leftCount * unit;
        const rightH = hessian - leftH;
        let sides = f64x2.replace_lane(f64x2.splat(g), 1, gradient - g);
        if (l1 != 0) sides = soft(sides, l1s);
        const gains = f64x2.div(f64x2.mul(sides, sides), f64x2.add(f64x2.replace_lane(f64x2.splat(leftH), 1, rightH), l2s));
        const gain = f64x2.extract_lane(gains, 0) + f64x2.extract_lane(gains, 1);
        if (!(gain > bestGain) || leftH < minHessian || rightH < minHessian) continue;
        bestGain = gain;
        bestFeature = k;
        note(found, g, leftH, leftCount, bin, i32(leftCount * 2 >= count));
      }
    }
    histogram += 4096;
  }
  if (bestFeature < 0) return 0;
  store<f64>(found, bestGain);
  store<i32>(found, bestFeature, 32);
  return 1;
}

@inline
function note(found: usize, g: f64, h: f64, count: f64, bin: i32, missingLeft: i32): void {
  store<f64>(found, g, 8);
  store<f64>(found, h, 16);
  store<f64>(found, count, 24);
  store<i32>(found, bin, 36);
  store<i32>(found, missingLeft, 40);
}
