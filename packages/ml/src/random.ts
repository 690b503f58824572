/**
 * The one source of chance: a stream is a seed and a path of labels, and it gives the same numbers on every
 * machine. Generator: xoshiro128** 1.1 (Blackman & Vigna 2021); its 128-bit state comes from splitmix64
 * (Steele et al. 2014) over the 64-bit FNV-1a hash of the seed.
 */
import { MlError } from './errors.ts';
import { log } from './math.ts';
import { integerWithin, seedOf } from './options.ts';

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const MASK_64 = 0xffffffffffffffffn;
/** 0xff occurs in no UTF-8 text, so that fork('ab') and fork('a').fork('b') differ. */
const FORK_MARK = 0xffn;

/** A seeded stream of random numbers. Not for secrets. */
export interface Random {
  /** Uniform on 0 … 2^32 - 1. */
  nextUint32(): number;
  /** Uniform on [0, 1), in steps of 2^-53. */
  nextFloat(): number;
  /** Uniform on 0 … n - 1 without modulo bias; n from 1 to 2^32. ML_BAD_OPTION. */
  nextInt(n: number): number;
  /** Standard normal: mean 0, variance 1 (Marsaglia's polar method). */
  nextGaussian(): number;
  /** Exponential with the given mean > 0. ML_BAD_OPTION. */
  nextExponential(mean: number): number;
  /** Shuffles in place (Fisher–Yates) and returns the same array. */
  shuffle<T extends { length: number; [index: number]: unknown }>(array: T): T;
  /** An independent stream named by `label`. It depends on the seed and the labels only: the parent is not advanced. */
  fork(label: string): Random;
}

/**
 * A stream for `seed`: a finite number or a string; 7 and '7' are the same seed. ML_BAD_OPTION.
 *
 * @example
 * const random = createRandom('demo'); random.nextInt(6) + 1;
 */
export function createRandom(seed: number | string): Random {
  return streamOf(fnv1a(String(seedOf(seed)), FNV_OFFSET));
}

/** 64-bit FNV-1a of the UTF-8 bytes of `text`, continuing from `hash`. */
export function fnv1a(text: string, hash: bigint): bigint {
  let value = hash;
  for (const byte of new TextEncoder().encode(text)) value = ((value ^ BigInt(byte)) * FNV_PRIME) & MASK_64;
  return value;
}

function streamOf(hash: bigint): Random {
  const first = splitmix64(hash + 0x9e3779b97f4a7c15n);
  const second = splitmix64(hash + 2n * 0x9e3779b97f4a7c15n);
  let a = Number(first & 0xffffffffn) | 0;
  let b = Number(first >> 32n) | 0;
  let c = Number(second & 0xffffffffn) | 0;
  let d = Number(second >> 32n) | 0;
  let spare = Number.NaN;

  function nextUint32(): number {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  }

  function nextFloat(): number {
    const high = nextUint32() >>> 5;
    const low = nextUint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  function nextInt(n: number): number {
    integerWithin('n', n, 1, 4294967296);
    const limit = 4294967296 - (4294967296 % n);
    let value = nextUint32();
    while (value >= limit) value = nextUint32();
    return value % n;
  }

  function nextGaussian(): number {
    if (!Number.isNaN(spare)) {
      const kept = spare;
      spare = Number.NaN;
      return kept;
    }
    for (;;) {
      const u = 2 * nextFloat() - 1;
      const v = 2 * nextFloat() - 1;
      const square = u * u + v * v;
      if (square === 0 || square >= 1) continue;
      const factor = Math.sqrt((-2 * log(square)) / square);
      spare = v * factor;
      return u * factor;
    }
  }

  function nextExponential(mean: number): number {
    if (!(mean > 0)) throw new MlError('ML_BAD_OPTION', { name: 'mean', expected: 'above 0', found: String(mean) });
    return -mean * log(1 - nextFloat());
  }

  function shuffle<T extends { length: number; [index: number]: unknown }>(array: T): T {
    for (let i = array.length - 1; i > 0; i--) {
      const j = nextInt(i + 1);
      const kept = array[i];
      array[i] = array[j];
      array[j] = kept;
    }
    return array;
  }

  function fork(label: string): Random {
    return streamOf(fnv1a(label, ((hash ^ FORK_MARK) * FNV_PRIME) & MASK_64));
  }

  return { nextUint32, nextFloat, nextInt, nextGaussian, nextExponential, shuffle, fork };
}

function splitmix64(state: bigint): bigint {
  let z = state & MASK_64;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK_64;
  return z ^ (z >> 31n);
}
