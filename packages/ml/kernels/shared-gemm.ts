// Matrix products over f32. A matrix of R rows and N columns lies in panels of 8 columns, [N / 8][R][8], N a multiple of 8 (the columns added
// are 0); weights of N outputs and K inputs as [N / 8][K][8]. One row is then a plain vector. Strides are in bytes, so that the same product
// serves one sequence with its steps as rows and a batch with its sequences as rows.
//
// INVARIANT: each element is its start plus its K products one after the other, whatever the tile: a row has the same bits alone and in a batch.

// @ts-ignore: decorator
@inline
function madd(a: v128, b: v128, sum: v128): v128 {
  // One rounding where the machine has it: for training only.
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum);
  return f32x4.add(f32x4.mul(a, b), sum);
}

/** C = start + A · B. A: rows × depth; B: weights of 8 · panels outputs. A start with row stride 0 is a bias; C itself adds to C. */
export function gemm(
  rows: i32, panels: i32, depth: i32,
  a: usize, aRow: usize, aPanel: usize, b: usize,
  start: usize, startRow: usize, startPanel: usize,
  c: usize, cRow: usize, cPanel: usize,
): void {
  const inTiles = rows & ~3;
  const bPanel = (<usize>depth) << 5;
  if (inTiles > 0) {
    for (let p: usize = 0; p < <usize>panels; p++) {
      for (let r: usize = 0; r < <usize>inTiles; r += 4) {
        tile(depth, a + r * aRow, aRow, aPanel, b + p * bPanel, start + r * startRow + p * startPanel, startRow, c + r * cRow + p * cPanel, cRow);
      }
    }
  }
  for (let r: usize = inTiles; r < <usize>rows; r++) {
    oneRow(panels, depth, a + r * aRow, aPanel, b, start + r * startRow, startPanel, c + r * cRow, cPanel);
  }
}

/** Four rows × one panel: eight sums in registers. */
// @ts-ignore: decorator
@inline
function tile(depth: i32, a: usize, aRow: usize, aPanel: usize, b: usize, start: usize, startRow: usize, c: usize, cRow: usize): void {
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startRow;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startRow;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start += startRow;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  for (let k = 0; k < depth; k += 8) {
    let a0 = a, a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
    const end = b + 256;
    while (b < end) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(a0);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(a1);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a2);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a3);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
      b += 32;
    }
    a += aPanel;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += cRow;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += cRow;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += cRow;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}

/** One row × four panels, then × one: enough independent sums to hide the latency of an addition. */
// @ts-ignore: decorator
@inline
function oneRow(panels: i32, depth: i32, a: usize, aPanel: usize, b: usize, start: usize, startPanel: usize, c: usize, cPanel: usize): void {
  const bPanel = (<usize>depth) << 5;
  let p = 0;
  for (; p + 4 <= panels; p += 4) {
    let c00 = v128.load(start), c01 = v128.load(start, 16);
    start += startPanel;
    let c10 = v128.load(start), c11 = v128.load(start, 16);
    start += startPanel;
    let c20 = v128.load(start), c21 = v128.load(start, 16);
    start += startPanel;
    let c30 = v128.load(start), c31 = v128.load(start, 16);
    start += startPanel;
    let b0 = b, b1 = b + bPanel, b2 = b1 + bPanel, b3 = b2 + bPanel;
    let row = a;
    for (let k = 0; k < depth; k += 8) {
      const end = b0 + 256;
      let ak = row;
      while (b0 < end) {
        const x = v128.load32_splat(ak);
        c00 = madd(x, v128.load(b0), c00);
        c01 = madd(x, v128.load(b0, 16), c01);
        c10 = madd(x, v128.load(b1), c10);
        c11 = madd(x, v128.load(b1, 16), c11);
        c20 = madd(x, v128.load(b2), c20);
        c21 = madd(x, v128.load(b2, 16), c21);
        c30 = madd(x, v128.load(b3), c30);
        c31 = madd(x, v128.load(b3, 16), c31);
        ak += 4;
        b0 += 32;
        b1 += 32;
        b2 += 32;
        b3 += 32;
      }
      row += aPanel;
    }
    b = b3;
    v128.store(c, c00);
    v128.store(c, c01, 16);
    c += cPanel;
    v128.store(c, c10);
    v128.store(c, c11, 16);
    c += cPanel;
    v128.store(c, c20);
    v128.store(c, c21, 16);
    c += cPanel;
    v128.store(c, c30);
    v128.store(c, c31, 16);
    c += cPanel;
  }
  for (; p < panels; p++) {
    let c0 = v128.load(start), c1 = v128.load(start, 16);
    let row = a;
    for (let k = 0; k < depth; k += 8) {
      const end = b + 256;
      let ak = row;
      while (b < end) {
        const x = v128.load32_splat(ak);
        c0 = madd(x, v128.load(b), c0);
        c1 = madd(x, v128.load(b, 16), c1);
        ak += 4;
        b += 32;
      }
      row += aPanel;
    }
    v128.store(c, c0);
    v128.store(c, c1, 16);
    start += startPanel;
    c += cPanel;
  }
}

/** C += Aᵀ · D over the rows of a batch, C as weights of 8 · panels outputs and `depth` inputs: the gradient of the weights. */
export function gemmTransposed(rows: i32, panels: i32, depth: i32, a: usize, d: usize, c: usize): void {
  const panel = (<usize>rows) << 5;
  for (let p: usize = 0; p < <usize>panels; p++) {
    for (let k: usize = 0; k < <usize>depth; k += 4) {
      let c00 = v128.load(c), c01 = v128.load(c, 16);
      let c10 = v128.load(c, 32), c11 = v128.load(c, 48);
      let c20 = v128.load(c, 64), c21 = v128.load(c, 80);
      let c30 = v128.load(c, 96), c31 = v128.load(c, 112);
      let ar = a + (k >> 3) * panel + ((k & 7) << 2);
      let dr = d + p * panel;
      const end = dr + panel;
      while (dr < end) {
        const d0 = v128.load(dr), d1 = v128.load(dr, 16);
        let x = v128.load32_splat(ar);
        c00 = madd(x, d0, c00);
        c01 = madd(x, d1, c01);
        x = v128.load32_splat(ar, 4);
        c10 = madd(x, d0, c10);
        c11 = madd(x, d1, c11);
        x = v128.load32_splat(ar, 8);
        c20 = madd(x, d0, c20);
        c21 = madd(x, d1, c21);
        x = v128.load32_splat(ar, 12);
        c30 = madd(x, d0, c30);
        c31 = madd(x, d1, c31);
        ar += 32;
        dr += 32;
      }
      v128.store(c, c00);
      v128.store(c, c01, 16);
      v128.store(c, c10, 32);
      v128.store(c, c11, 48);
      v128.store(c, c20, 64);
      v128.store(c, c21, 80);
      v128.store(c, c30, 96);
      v128.store(c, c31, 112);
      c += 128;
    }
  }
}

/** Weights of `outputs` outputs and `inputs` inputs → the same as weights of `inputs` outputs: what the way back multiplies by. */
export function transposeWeights(outputs: i32, inputs: i32, from: usize, to: usize): void {
  for (let n = 0; n < outputs; n++) {
    for (let k = 0; k < inputs; k++) {
      const source = from + (<usize>((n & ~7) * inputs + (k << 3) + (n & 7)) << 2);
      store<f32>(to + (<usize>((k & ~7) * outputs + (n << 3) + (k & 7)) << 2), load<f32>(source));
    }
  }
}

/** sums += the sum over the rows of a batch: the gradient of a bias. */
export function addRowSums(rows: i32, panels: i32, d: usize, sums: usize): void {
  for (let p = 0; p < panels; p++) {
    let s0 = v128.load(sums), s1 = v128.load(sums, 16);
    for (let r = 0; r < rows; r++) {
      s0 = f32x4.add(s0, v128.load(d));
      s1 = f32x4.add(s1, v128.load(d, 16));
      d += 32;
    }
    v128.store(sums, s0);
    v128.store(sums, s1, 16);
    sums += 32;
  }
}
