/** Draws that the simulator needs beyond the stream itself: skewed, heavy-tailed and weighted ones. Built on ml's own exp, so that bytes do not depend on the engine. */
import { exp, log, type Random } from '@optikal/ml';

export function chance(random: Random, probability: number): boolean {
  return random.nextFloat() < probability;
}

export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.nextFloat();
}

/** Whole number from low to high, both included. */
export function wholeBetween(random: Random, low: number, high: number): number {
  return low + random.nextInt(high - low + 1);
}

export function logNormal(random: Random, median: number, sigma: number): number {
  return median * exp(sigma * random.nextGaussian());
}

/** Lognormal body; one draw in fifty is stretched by a Pareto factor (tail index 1.4), as real latencies and page sizes are. */
export function heavyTailed(random: Random, median: number, sigma: number, limit: number): number {
  const body = logNormal(random, median, sigma);
  const stretched = random.nextFloat() < 0.02 ? body * exp(-log(1 - random.nextFloat()) / 1.4) : body;
  return Math.min(limit, stretched);
}

/** Knuth's product of uniforms must not fall out of the range of numbers; counts of parts add up to a count of the whole. */
const POISSON_PART = 30;

/** Poisson by Knuth's product of uniforms; takes a uniform a count, so it is meant for means of tens. */
export function poisson(random: Random, mean: number): number {
  let count = 0;
  let left = mean;
  for (; left > POISSON_PART; left -= POISSON_PART) count += knuth(random, POISSON_PART);
  return left > 0 ? count + knuth(random, left) : count;
}

function knuth(random: Random, mean: number): number {
  const limit = exp(-mean);
  let count = 0;
  for (let product = random.nextFloat(); product > limit; product *= random.nextFloat()) count++;
  return count;
}

/** Index 0 … size − 1, the first ones far more often (u^2.5). */
export function skewedIndex(random: Random, size: number): number {
  const u = random.nextFloat();
  return Math.min(size - 1, Math.floor(size * u * u * Math.sqrt(u)));
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.nextInt(items.length)];
}

export function pickWeighted<T extends { readonly weight: number }>(random: Random, items: readonly T[]): T {
  let total = 0;
  for (const item of items) total += item.weight;
  let rest = random.nextFloat() * total;
  for (const item of items) {
    rest -= item.weight;
    if (rest < 0) return item;
  }
  return items[items.length - 1];
}

/** A 32-bit mix of three numbers (the finaliser of MurmurHash3): identity of an argument or a page, not a source of chance. */
export function mix(a: number, b: number, c: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b ^ 0x7f4a7c15, 0xc2b2ae35) ^ Math.imul(c ^ 0x165667b1, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
