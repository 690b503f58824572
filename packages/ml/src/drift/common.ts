/**
 * What moves all streams at once: a day on which a provider is slow is shared by every agent, and so are rows of a day no independent witnesses.
 * The covariance of rows of different groups within a stretch of time, as in two-way clustering (Cameron, Gelbach & Miller 2011).
 */
import type { Plan } from './judge.ts';
import { type Expectation, traces } from './null-law.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Where a row's own stretch makes up more of what it is compared with, what stretches share cannot be seen: a reference of two days. */
const LEAST_SEEN = 0.4;

/** Stretches as long as the live part, from an hour to a day. */
export function stretchOf(fromMs: number, toMs: number): number {
  return Math.min(DAY_MS, Math.max(HOUR_MS, toMs - fromMs));
}

/** Σ over stretches of (Σ w)² less the same within groups: the weight that pairs of different groups in one stretch have. `groups` in runs. */
export function pairWeight(times: ArrayLike<number>, groups: ArrayLike<number>, weights: ArrayLike<number>, stretchMs: number): number {
  const whole = new Map<number, number>();
  const within = new Map<string, number>();
  for (let i = 0; i < times.length; i++) {
    if (weights[i] === 0) continue;
    const stretch = Math.floor(times[i] / stretchMs);
    whole.set(stretch, (whole.get(stretch) ?? 0) + weights[i]);
    const key = `${stretch} ${groups[i]}`;
    within.set(key, (within.get(key) ?? 0) + weights[i]);
  }
  let sum = 0;
  for (const weight of whole.values()) sum += weight * weight;
  for (const weight of within.values()) sum -= weight * weight;
  return Math.max(0, sum);
}

export interface Common {
  /** Covariance of the bins of two rows of different groups in one stretch, bins × bins. */
  readonly covariance: Float64Array;
  readonly scatter: (w: Float64Array) => Scatter;
}

export interface Scatter {
  /** Squared error of the trace of W times the covariance, relative to it. */
  readonly error: number;
  /** How much more one stretch scatters than a Gaussian one would, in the same terms. */
  readonly excess: number;
}

/** null where the reference cannot tell. */
export function commonCovariance(plan: Plan, bins: Uint8Array, binCount: number, { shares, offsets }: Expectation): Common | null {
  const { matched, times, groups, stretchMs } = plan;
  const stretches = numbered(times, stretchMs);
  const count = stretches.reduce((most, stretch) => Math.max(most, stretch), 0) + 1;
  const seen = seenShare(stretches, matched.slots, matched.counts);
  if (seen < LEAST_SEEN || count < 3) return null;
  const whole = new Float64Array(count * binCount);
  const rows = new Float64Array(count);
  const products = new Float64Array(count * binCount * binCount);
  const own = new Float64Array(binCount);
  let pairs = 0;
  for (let from = 0; from < bins.length; ) {
    const stretch = stretches[from];
    own.fill(0);
    let to = from;
    for (; to < bins.length && groups[to] === groups[from] && stretches[to] === stretch; to++) {
      if (offsets[to] < 0) continue;
      own[bins[to]]++;
      for (let b = 0; b < binCount; b++) own[b] -= shares[offsets[to] + b];
    }
    add(products, stretch, own, -1);
    for (let b = 0; b < binCount; b++) whole[stretch * binCount + b] += own[b];
    rows[stretch] += to - from;
    pairs -= (to - from) ** 2;
    from = to;
  }
  for (let stretch = 0; stretch < count; stretch++) {
    add(products, stretch, whole.subarray(stretch * binCount, (stretch + 1) * binCount), 1);
    pairs += rows[stretch] ** 2;
  }
  if (!(pairs > 0)) return null;
  const size = binCount * binCount;
  const covariance = new Float64Array(size);
  for (let at = 0; at < products.length; at++) covariance[at % size] += products[at] / pairs / seen;
  return { covariance, scatter: (w) => scatterOf(products, covariance, w) };
}

/** How much of a stretch's own shift is left once rows were compared with their slot, which the stretch is part of. */
function seenShare(stretches: Int32Array, slots: Uint8Array, counts: Int32Array): number {
  const own = new Map<number, number>();
  const key = (i: number): number => stretches[i] * counts.length + slots[i];
  for (let i = 0; i < stretches.length; i++) own.set(key(i), (own.get(key(i)) ?? 0) + 1);
  let sum = 0;
  for (let i = 0; i < stretches.length; i++) sum += (1 - (own.get(key(i)) ?? 0) / counts[slots[i]]) ** 2;
  return sum / stretches.length;
}

function numbered(times: Float64Array, stretchMs: number): Int32Array {
  const known = new Map<number, number>();
  return Int32Array.from(times, (time) => {
    const stretch = Math.floor(time / stretchMs);
    const number = known.get(stretch) ?? known.size;
    known.set(stretch, number);
    return number;
  });
}

function add(products: Float64Array, stretch: number, sums: Float64Array, sign: number): void {
  const k = sums.length;
  const at = stretch * k * k;
  for (let b = 0; b < k; b++) for (let c = 0; c < k; c++) products[at + b * k + c] += sign * sums[b] * sums[c];
}

function scatterOf(products: Float64Array, covariance: Float64Array, w: Float64Array): Scatter {
  const size = covariance.length;
  const count = products.length / size;
  const parts = Array.from({ length: count }, (_, i) => traces(products.subarray(i * size, (i + 1) * size), w).one);
  const mean = parts.reduce((sum, part) => sum + part, 0) / count;
  if (!(mean > 0)) return { error: 0, excess: 0 };
  const spread = parts.reduce((sum, part) => sum + (part - mean) ** 2, 0) / (count - 1) / (mean * mean);
  const { one, two } = traces(covariance, w);
  return { error: spread / count, excess: Math.max(0, spread - (2 * two) / (one * one)) };
}
