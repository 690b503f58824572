/** MurmurHash3, 32 bit (Austin Appleby, public domain, MurmurHash3.cpp of smhasher): spreads tokens evenly, and is no secret. */

const BLOCK_FACTOR = 0xcc9e2d51;
const TAIL_FACTOR = 0x1b873593;
const encoder = new TextEncoder();
/** Reused for every token; grows to the longest one. */
let buffer = new Uint8Array(256);

/**
 * The hash of a text's UTF-8 bytes, 0 to 2^32 − 1; a lone surrogate counts as U+FFFD. `seed` is taken modulo 2^32.
 *
 * @example
 * murmurHash3('test', 0); // 0xba6bd213
 */
export function murmurHash3(text: string, seed = 0): number {
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (3 * text.length > buffer.length) buffer = new Uint8Array(6 * text.length);
  const { written: length } = encoder.encodeInto(text, buffer);
  let hash = seed | 0;
  const blocks = length & ~3;
  for (let i = 0; i < blocks; i += 4) {
    hash ^= mixed(buffer[i] | (buffer[i + 1] << 8) | (buffer[i + 2] << 16) | (buffer[i + 3] << 24));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let i = length - 1; i >= blocks; i--) tail = (tail << 8) | buffer[i];
  if (blocks < length) hash ^= mixed(tail);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mixed(block: number): number {
  const k = Math.imul(block, BLOCK_FACTOR);
  return Math.imul((k << 15) | (k >>> 17), TAIL_FACTOR);
}
