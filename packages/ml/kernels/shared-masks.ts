// Dropout masks from random words, 128 units a block. The rule is written down, and worked in plain TypeScript, in src/lstm/plain/masks.ts.

/** Four xoshiro128++ 1.0 generators (Blackman & Vigna 2021) side by side: state words a, b, c, d of lane l. */
let a: v128 = i32x4.splat(0);
let b: v128 = i32x4.splat(0);
let c: v128 = i32x4.splat(0);
let d: v128 = i32x4.splat(0);
/** The rest of the current block, and how many vectors it still gives. */
let block: v128 = i32x4.splat(0);
let left: i32 = 0;
let hash: u64 = 0;

/** Begins the hash of a seed. */
export function beginSeed(): void {
  hash = 0xcbf29ce484222325;
}

/** 64-bit FNV-1a over the next bytes of the seed. */
export function addToSeed(bytes: usize, count: i32): void {
  let h = hash;
  for (let i = 0; i < count; i++) h = (h ^ (<u64>load<u8>(bytes + i))) * 0x100000001b3;
  hash = h;
}

/** The states of the four generators: the first eight outputs of splitmix64 (Steele et al. 2014) from the hash, lane by lane. */
export function endSeed(): void {
  const w0 = splitmix(1), w1 = splitmix(2), w2 = splitmix(3), w3 = splitmix(4);
  const w4 = splitmix(5), w5 = splitmix(6), w6 = splitmix(7), w7 = splitmix(8);
  a = lanes(<i32>w0, <i32>w2, <i32>w4, <i32>w6);
  b = lanes(<i32>(w0 >> 32), <i32>(w2 >> 32), <i32>(w4 >> 32), <i32>(w6 >> 32));
  c = lanes(<i32>w1, <i32>w3, <i32>w5, <i32>w7);
  d = lanes(<i32>(w1 >> 32), <i32>(w3 >> 32), <i32>(w5 >> 32), <i32>(w7 >> 32));
  left = 0;
}

// @ts-ignore: decorator
@inline
function lanes(x: i32, y: i32, z: i32, w: i32): v128 {
  return i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(x), 1, y), 2, z), 3, w);
}

function splitmix(n: u64): u64 {
  let z = hash + n * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// @ts-ignore: decorator
@inline
function rotl(x: v128, k: i32): v128 {
  return v128.or(i32x4.shl(x, k), i32x4.shr_u(x, 32 - k));
}

function nextBlock(share: i32): v128 {
  let s0 = a, s1 = b, s2 = c, s3 = d;
  let bits = i32x4.splat(0);
  for (let i = ctz(share); i < 8; i++) {
    const word = i32x4.add(rotl(i32x4.add(s0, s3), 7), s0);
    const t = i32x4.shl(s1, 9);
    s2 = v128.xor(s2, s0);
    s3 = v128.xor(s3, s1);
    s1 = v128.xor(s1, s2);
    s0 = v128.xor(s0, s3);
    s2 = v128.xor(s2, t);
    s3 = rotl(s3, 11);
    // The first word is halved towards the share's lowest set bit: 0 OR word.
    bits = (share >> i) & 1 ? v128.or(bits, word) : v128.and(bits, word);
  }
  a = s0;
  b = s1;
  c = s2;
  d = s3;
  return bits;
}

/**
 * The factors of one row: 0 for a unit left out, with probability share / 256, else 256 / (256 − share). `panels` of 8 units, `stride` bytes
 * apart.
 */
export function drawFactors(share: i32, panels: i32, to: usize, stride: usize): void {
  const kept = f32x4.splat(<f32>256 / (256 - <f32>share));
  let bits = block;
  let count = left;
  for (let p = 0; p < panels; p++) {
    if (count == 0) {
      bits = nextBlock(share);
      count = 32;
    }
    v128.store(to, v128.andnot(kept, i32x4.shr_s(bits, 31)));
    v128.store(to, v128.andnot(kept, i32x4.shr_s(i32x4.shl(bits, 1), 31)), 16);
    bits = i32x4.shl(bits, 2);
    count -= 2;
    to += stride;
  }
  block = bits;
  left = count;
}
