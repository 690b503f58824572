/**
 * The hashing trick (Weinberger et al. 2009): tokens become columns without a vocabulary. Index and sign are those of scikit-learn's
 * FeatureHasher for the seed 0: |h| mod 2^bits and the sign of h, where h is the hash as a signed integer.
 */

import { MlError } from '../errors.ts';
import { integerWithin, refuseUnknownKeys } from '../options.ts';
import { murmurHash3 } from './murmur3.ts';
import type { SparseRow } from './rows.ts';

/** Options of `hashFeatures`. */
export interface HashOptions {
  /** 2^bits columns. Default 18; 1 to 22. */
  readonly bits?: number;
  /** Half of the tokens count −1, so that tokens that share a column cancel on average and do not add up. Default true. */
  readonly signed?: boolean;
  /** Of the hash. Default 0; 0 to 2^32 − 1. */
  readonly seed?: number;
}

/** The same, without optionals. */
export interface Hashing {
  readonly bits: number;
  readonly signed: boolean;
  readonly seed: number;
}

/** ML_UNKNOWN_OPTION, ML_BAD_OPTION. */
export function resolveHashing(options: HashOptions): Hashing {
  refuseUnknownKeys(options, ['bits', 'signed', 'seed']);
  const signed = options.signed ?? true;
  if (typeof signed !== 'boolean') throw new MlError('ML_BAD_OPTION', { name: 'signed', expected: 'true or false', found: String(signed) });
  return {
    bits: integerWithin('bits', options.bits ?? 18, 1, 22),
    signed,
    seed: integerWithin('seed', options.seed ?? 0, 0, 0xffffffff),
  };
}

/**
 * The row of `tokens`: each counts 1 (or −1, by its sign) as often as it occurs; a column in which they cancel is left out.
 * ML_UNKNOWN_OPTION, ML_BAD_OPTION.
 *
 * @example
 * model.score(hashFeatures(['ignore', 'previous', 'ignore previous'], { bits: 18 }));
 */
export function hashFeatures(tokens: Iterable<string>, options: HashOptions = {}): SparseRow {
  return hashedRow(tokens, resolveHashing(options));
}

/** The same with resolved options. */
export function hashedRow(tokens: Iterable<string>, hashing: Hashing): SparseRow {
  const counts = new Map<number, number>();
  for (const token of tokens) {
    const hash = murmurHash3(token, hashing.seed) | 0;
    const index = columnOf(hash, hashing.bits);
    counts.set(index, (counts.get(index) ?? 0) + (hashing.signed && hash < 0 ? -1 : 1));
  }
  const indices = Int32Array.from([...counts].flatMap(([index, count]) => (count === 0 ? [] : [index]))).sort();
  return { indices, values: Float64Array.from(indices, (index) => counts.get(index) ?? 0) };
}

/** The tokens that meet in each column, in the order in which they first occur: names for `explain`. ML_UNKNOWN_OPTION, ML_BAD_OPTION. */
export function hashedNames(tokens: Iterable<string>, options: HashOptions = {}): Map<number, string[]> {
  const { bits, seed } = resolveHashing(options);
  const names = new Map<number, string[]>();
  for (const token of new Set(tokens)) {
    const index = columnOf(murmurHash3(token, seed) | 0, bits);
    names.set(index, [...(names.get(index) ?? []), token]);
  }
  return names;
}

function columnOf(hash: number, bits: number): number {
  // |−2^31| is 2^31, which is 0 modulo every 2^bits here, and so is −2^31 & mask.
  return Math.abs(hash) & (2 ** bits - 1);
}
