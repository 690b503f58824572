import { describe, expect, it } from 'vitest';
import golden from '../../goldens/sparse-logistic.golden.json' with { type: 'json' };
import { murmurHash3 } from './murmur3.ts';

describe('murmurHash3', () => {
  it.each([
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['test', 0, 0xba6bd213],
    ['test', 0x9747b28c, 0x704b81dc],
    ['Hello, world!', 0, 0xc0363e43],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['aaaa', 0x9747b28c, 0x5a97808a],
    ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
  ])('has the published value of %j with the seed %i', (text, seed, hash) => {
    expect(murmurHash3(text, seed)).toBe(hash);
  });

  it('has the values of scikit-learn, also of texts beyond ASCII', () => {
    for (const [text, seed, hash] of golden.hashes) expect(murmurHash3(String(text), Number(seed)), String(text)).toBe(hash);
  });

  it('hashes long texts and lone surrogates, each by itself', () => {
    const long = 'x'.repeat(5000);
    const first = murmurHash3(long);
    expect(murmurHash3('test')).toBe(0xba6bd213);
    expect(murmurHash3(long)).toBe(first);
    expect(murmurHash3('\ud800')).toBe(murmurHash3('\ufffd'));
  });
});
