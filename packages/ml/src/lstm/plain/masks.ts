/**
 * The dropout masks of a seed, in plain TypeScript: the rule, and the oracle of packages/ml/kernels/shared-masks.ts.
 *
 *   hash     64-bit FNV-1a over the UTF-8 bytes of the seed's text
 *   state    four xoshiro128++ 1.0 generators (Blackman & Vigna 2021); generator l has the four 32-bit halves, low before high, of the outputs
 *            2l + 1 and 2l + 2 of splitmix64 (Steele et al. 2014) that starts from the hash
 *   block    128 bits, 32 from each generator: words are drawn from the lowest set bit i of the share k up to bit 7, and bits ← bits OR word
 *            where bit i of k is set, bits AND word where it is not; each bit is then set with probability k / 256
 *   units    taken by rows; a row's width is rounded up to 8. Units 4v … 4v + 3 of a block are bit 31 − v of generators 0 … 3; a set bit leaves out
 *   factor   0 where left out, else 256 / (256 − k): inverted dropout (Srivastava et al. 2014), the mean stays where it was
 */
import { fnv1a } from '../../random.ts';

const FNV_OFFSET = 0xcbf29ce484222325n;
const GOLDEN = 0x9e3779b97f4a7c15n;
const MASK_64 = 0xffffffffffffffffn;

export interface MaskStream {
  /** The factors of the next row, for the share k of 256; its length is rounded up to 8 in what is drawn. Share 0 draws nothing: all 1. */
  draw(factors: Float64Array, share: number): void;
}

export function maskStream(seed: number | string): MaskStream {
  const hash = fnv1a(String(seed), FNV_OFFSET);
  const generators = [0n, 1n, 2n, 3n].map((lane) =>
    xoshiro(splitmix64(hash + (2n * lane + 1n) * GOLDEN), splitmix64(hash + (2n * lane + 2n) * GOLDEN)),
  );
  const block = new Uint32Array(4);
  let vector = 32;
  return {
    draw(factors, share) {
      if (share === 0) {
        factors.fill(1);
        return;
      }
      const kept = 256 / (256 - share);
      for (let unit = 0; unit < factors.length; unit += 4) {
        if (vector === 32) {
          vector = 0;
          generators.forEach((next, lane) => {
            block[lane] = bitsOf(share, next);
          });
        }
        for (let lane = 0; lane < 4 && unit + lane < factors.length; lane++)
          factors[unit + lane] = (block[lane] >>> (31 - vector)) & 1 ? 0 : kept;
        vector++;
      }
      // Rounded up to 8: two vectors at a time.
      vector += vector % 2;
    },
  };
}

function bitsOf(share: number, next: () => number): number {
  let bits = 0;
  for (let i = 31 - Math.clz32(share & -share); i < 8; i++) {
    const word = next();
    bits = (share >>> i) & 1 ? bits | word : bits & word;
  }
  return bits;
}

function xoshiro(first: bigint, second: bigint): () => number {
  const halves = [first, first >> 32n, second, second >> 32n];
  let [a, b, c, d] = halves.map((half) => Number(half & 0xffffffffn) | 0) as [number, number, number, number]; // one of each half
  return () => {
    const result = (rotated((a + d) | 0, 7) + a) | 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 11);
    return result;
  };
}

function rotated(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

function splitmix64(state: bigint): bigint {
  let z = state & MASK_64;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK_64;
  return z ^ (z >> 31n);
}
