// Sums of tree ensembles (src/tree/score.ts lays them out): twelve trees of one row, or eight rows of one tree, walk at a time without a
// branch, so that none waits for the memory of another. Twelve and eight were measured: docs/decisions/20261130-tree-scoring.md.
//
// A node has 16 bytes: its threshold (f64), the address of its left child (u32; the right one follows it), and where its value stands in a
// row's copies (u32). A leaf is its own left child and its threshold is +Infinity: whoever has arrived stays.

@inline
function step(at: usize, copies: usize): usize {
  const link = load<u64>(at, 8);
  return (<usize>(<u32>link)) + ((<usize>(load<f64>(copies + <usize>(link >> 32)) > load<f64>(at))) << 4);
}

// Both copies of a row of 2 · `pairs` values: first with NaN as +Infinity (goes right), then with NaN as -Infinity (goes left).
function copy(pairs: i32, row: usize, copies: usize): void {
  const high = f64x2.splat(Infinity);
  const low = f64x2.splat(-Infinity);
  const second = (<usize>pairs) << 4;
  for (let i = 0; i < pairs; i++) {
    const x = v128.load(row);
    const known = f64x2.eq(x, x);
    v128.store(copies, v128.bitselect(x, high, known));
    v128.store(copies + second, v128.bitselect(x, low, known));
    row += 16;
    copies += 16;
  }
}

// The sum for one row, in tree order. A group has 12 roots, 12 addresses that take the leaf values, and its steps (i32 each, padded to 104
// bytes). The value of node n is at `values` + n / 2.
export function scoreOne(
  pairs: i32,
  row: usize,
  copies: usize,
  groupCount: i32,
  groups: usize,
  values: usize,
  treeCount: i32,
  leaves: usize,
): f64 {
  copy(pairs, row, copies);
  for (let group = 0; group < groupCount; group++) {
    let a: usize = load<u32>(groups);
    let b: usize = load<u32>(groups, 4);
    let c: usize = load<u32>(groups, 8);
    let d: usize = load<u32>(groups, 12);
    let e: usize = load<u32>(groups, 16);
    let f: usize = load<u32>(groups, 20);
    let g: usize = load<u32>(groups, 24);
    let h: usize = load<u32>(groups, 28);
    let i: usize = load<u32>(groups, 32);
    let j: usize = load<u32>(groups, 36);
    let k: usize = load<u32>(groups, 40);
    let l: usize = load<u32>(groups, 44);
    for (let left = load<i32>(groups, 96); left > 0; left--) {
      a = step(a, copies);
      b = step(b, copies);
      c = step(c, copies);
      d = step(d, copies);
      e = step(e, copies);
      f = step(f, copies);
      g = step(g, copies);
      h = step(h, copies);
      i = step(i, copies);
      j = step(j, copies);
      k = step(k, copies);
      l = step(l, copies);
    }
    store<f64>(load<u32>(groups, 48), load<f64>(values + (a >> 1)));
    store<f64>(load<u32>(groups, 52), load<f64>(values + (b >> 1)));
    store<f64>(load<u32>(groups, 56), load<f64>(values + (c >> 1)));
    store<f64>(load<u32>(groups, 60), load<f64>(values + (d >> 1)));
    store<f64>(load<u32>(groups, 64), load<f64>(values + (e >> 1)));
    store<f64>(load<u32>(groups, 68), load<f64>(values + (f >> 1)));
    store<f64>(load<u32>(groups, 72), load<f64>(values + (g >> 1)));
    store<f64>(load<u32>(groups, 76), load<f64>(values + (h >> 1)));
    store<f64>(load<u32>(groups, 80), load<f64>(values + (i >> 1)));
    store<f64>(load<u32>(groups, 84), load<f64>(values + (j >> 1)));
    store<f64>(load<u32>(groups, 88), load<f64>(values + (k >> 1)));
    store<f64>(load<u32>(groups, 92), load<f64>(values + (l >> 1)));
    groups += 104;
  }
  let sum: f64 = 0;
  for (let tree = 0; tree < treeCount; tree++) {
    sum += load<f64>(leaves);
    leaves += 8;
  }
  return sum;
}

// The sums for eight rows that stand one behind another, each in tree order. A tree has its root and its steps (i32 each).
export function scoreEight(pairs: i32, rows: usize, copies: usize, treeCount: i32, trees: usize, values: usize, sums: usize): void {
  const size = (<usize>pairs) << 4;
  const stride = size << 1;
  const copies1 = copies + stride;
  const copies2 = copies1 + stride;
  const copies3 = copies2 + stride;
  const copies4 = copies3 + stride;
  const copies5 = copies4 + stride;
  const copies6 = copies5 + stride;
  const copies7 = copies6 + stride;
  for (let r: usize = 0; r < 8; r++) copy(pairs, rows + r * size, copies + r * stride);
  let sum0: f64 = 0;
  let sum1: f64 = 0;
  let sum2: f64 = 0;
  let sum3: f64 = 0;
  let sum4: f64 = 0;
  let sum5: f64 = 0;
  let sum6: f64 = 0;
  let sum7: f64 = 0;
  for (let tree = 0; tree < treeCount; tree++) {
    let a: usize = load<u32>(trees);
    let b = a;
    let c = a;
    let d = a;
    let e = a;
    let f = a;
    let g = a;
    let h = a;
    for (let left = load<i32>(trees, 4); left > 0; left--) {
      a = step(a, copies);
      b = step(b, copies1);
      c = step(c, copies2);
      d = step(d, copies3);
      e = step(e, copies4);
      f = step(f, copies5);
      g = step(g, copies6);
      h = step(h, copies7);
    }
    sum0 += load<f64>(values + (a >> 1));
    sum1 += load<f64>(values + (b >> 1));
    sum2 += load<f64>(values + (c >> 1));
    sum3 += load<f64>(values + (d >> 1));
    sum4 += load<f64>(values + (e >> 1));
    sum5 += load<f64>(values + (f >> 1));
    sum6 += load<f64>(values + (g >> 1));
    sum7 += load<f64>(values + (h >> 1));
    trees += 8;
  }
  store<f64>(sums, sum0);
  store<f64>(sums, sum1, 8);
  store<f64>(sums, sum2, 16);
  store<f64>(sums, sum3, 24);
  store<f64>(sums, sum4, 32);
  store<f64>(sums, sum5, 40);
  store<f64>(sums, sum6, 48);
  store<f64>(sums, sum7, 56);
}
