import { describe, expect, it } from 'vitest';
import { createRandom, fnv1a } from './random.ts';
import { expectRefusal } from './test-support/refusals.ts';

describe('createRandom', () => {
  it('hashes as the published FNV-1a test vectors', () => {
    expect(fnv1a('', 0xcbf29ce484222325n)).toBe(0xcbf29ce484222325n);
    expect(fnv1a('a', 0xcbf29ce484222325n)).toBe(0xaf63dc4c8601ec8cn);
    expect(fnv1a('foobar', 0xcbf29ce484222325n)).toBe(0x85944171f73967e8n);
  });

  it('steps as xoshiro128** written with big integers', () => {
    const random = createRandom('oracle');
    const slow = slowXoshiro('oracle');
    for (let i = 0; i < 100; i++) expect(random.nextUint32()).toBe(slow());
  });

  it('gives the same numbers for the same seed, as number or text', () => {
    const a = createRandom(7);
    const b = createRandom('7');
    for (let i = 0; i < 10; i++) expect(a.nextFloat()).toBe(b.nextFloat());
    expect(createRandom(8).nextUint32()).not.toBe(createRandom(7).nextUint32());
  });

  it('forks streams that neither advance the parent nor depend on where it stands', () => {
    const untouched = createRandom(1);
    const forked = createRandom(1);
    const early = forked.fork('a').nextUint32();
    expect(forked.nextUint32()).toBe(untouched.nextUint32());
    expect(forked.fork('a').nextUint32()).toBe(early);
    expect(forked.fork('b').nextUint32()).not.toBe(early);
    expect(forked.fork('ab').nextUint32()).not.toBe(forked.fork('a').fork('b').nextUint32());
  });

  it('draws floats in [0, 1) with mean 1/2 and variance 1/12', () => {
    const random = createRandom('floats');
    const values = Array.from({ length: 20_000 }, () => random.nextFloat());
    expect(values.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(mean(values)).toBeCloseTo(0.5, 2);
    expect(mean(values.map((x) => (x - 0.5) ** 2))).toBeCloseTo(1 / 12, 2);
  });

  it('draws each integer equally often', () => {
    const random = createRandom('dice');
    const counts = Array.from({ length: 6 }, () => 0);
    for (let i = 0; i < 60_000; i++) counts[random.nextInt(6)]++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it('draws gaussians and exponentials with their moments', () => {
    const random = createRandom('moments');
    const normal = Array.from({ length: 40_000 }, () => random.nextGaussian());
    expect(Math.abs(mean(normal))).toBeLessThan(0.02);
    expect(Math.abs(mean(normal.map((x) => x * x)) - 1)).toBeLessThan(0.03);
    const waits = Array.from({ length: 40_000 }, () => random.nextExponential(3));
    expect(Math.abs(mean(waits) - 3)).toBeLessThan(0.1);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
  });

  it('shuffles without losing an item', () => {
    const shuffled = createRandom(3).shuffle(Int32Array.from({ length: 50 }, (_, i) => i));
    expect([...shuffled]).not.toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect([...shuffled].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it('refuses a seed, a bound or a mean that makes no sense', () => {
    expectRefusal(() => createRandom(NaN), 'ML_BAD_OPTION');
    expectRefusal(() => createRandom(1).nextInt(0), 'ML_BAD_OPTION');
    expectRefusal(() => createRandom(1).nextExponential(0), 'ML_BAD_OPTION');
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function slowXoshiro(seed: string): () => number {
  const mask = 0xffffffffn;
  const hash = fnv1a(seed, 0xcbf29ce484222325n);
  const words: bigint[] = [];
  for (let i = 1n; i <= 2n; i++) {
    let z = (hash + i * 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & 0xffffffffffffffffn;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & 0xffffffffffffffffn;
    z ^= z >> 31n;
    words.push(z & mask, z >> 32n);
  }
  const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
  return () => {
    const result = (rotate((words[1] * 5n) & mask, 7n) * 9n) & mask;
    const t = (words[1] << 9n) & mask;
    words[2] ^= words[0];
    words[3] ^= words[1];
    words[1] ^= words[2];
    words[0] ^= words[3];
    words[2] ^= t;
    words[3] = rotate(words[3], 11n);
    return Number(result);
  };
}
