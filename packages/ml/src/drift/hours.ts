/**
 * The same hours: a live part covers some hours of the week, and what is usual then is what the reference had in those hours. Without that,
 * every morning would be a drift from the day.
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Fewer units (days, or groups) than this do not say what is usual in an hour. */
const LEAST_UNITS = 4;
/** Of one or two weeks an hour of the week is known by the same day again and again: what that day had in common would pass for the hour. */
const LEAST_WEEKS = 3;

/** How the reference was matched: by hour of the week, by hour of the day, or not, where it covers too few of the live hours. */
export type HourMatch = 'hour of week' | 'hour of day' | 'none';

/** `least`: the share of live rows whose hour the reference must know; the others are left out, rather than all compared with other hours. */
const LEVELS: readonly { readonly match: HourMatch; readonly hours: number; readonly least: number }[] = [
  { match: 'hour of week', hours: 168, least: 0.95 },
  { match: 'hour of day', hours: 24, least: 0.5 },
];

export interface Matched {
  readonly match: HourMatch;
  /** Slots of the cycle, and the slot of each reference row. */
  readonly slotCount: number;
  readonly slots: Uint8Array;
  /** The share of the compared live rows in each slot, and the reference rows of each. */
  readonly shares: Float64Array;
  readonly counts: Int32Array;
  /** The weight of each reference row; their sum is 1, 0 in hours that the live rows do not cover. */
  readonly weights: Float64Array;
  /** 1 = a live row is compared; how many are. */
  readonly used: Uint8Array;
  readonly usedCount: number;
}

/** The day of an event time, as a unit that is independent of others. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}

/** Matches at the finest level at which the live hours were seen on at least four `units` of the reference. */
export function matchHours(times: Float64Array, units: Int32Array, live: ArrayLike<number>): Matched {
  for (const { match, hours, least } of LEVELS) {
    const known = knownSlots(times, units, hours, LEAST_UNITS);
    if (hours === 168) {
      const weeks = knownSlots(times, Int32Array.from(times, dayOf), hours, LEAST_WEEKS);
      for (let slot = 0; slot < hours; slot++) known[slot] &= weeks[slot];
    }
    const used = Uint8Array.from({ length: live.length }, (_, i) => known[slotOf(live[i], hours)]);
    const count = used.reduce((sum, bit) => sum + bit, 0);
    if (count >= least * live.length) return weigh(match, hours, times, live, used, count);
  }
  return weigh('none', 1, times, live, new Uint8Array(live.length).fill(1), live.length);
}

function weigh(
  match: HourMatch,
  hours: number,
  times: Float64Array,
  live: ArrayLike<number>,
  used: Uint8Array,
  usedCount: number,
): Matched {
  const slots = Uint8Array.from(times, (timeMs) => slotOf(timeMs, hours));
  const shares = new Float64Array(hours);
  for (let i = 0; i < live.length; i++) if (used[i] === 1) shares[slotOf(live[i], hours)]++;
  for (let slot = 0; slot < hours; slot++) shares[slot] /= usedCount;
  const counts = new Int32Array(hours);
  for (const slot of slots) counts[slot]++;
  const weights = Float64Array.from(slots, (slot) => shares[slot] / counts[slot]);
  return { match, slotCount: hours, slots, shares, counts, weights, used, usedCount };
}

/** The weighted shares of `codes` from 0 to `size` − 1, one a reference row; greater ones are left out. Summed slot by slot, so that counts stay whole. */
export function matchedShares({ slots, slotCount, shares, counts }: Matched, codes: Uint8Array, size: number): Float64Array {
  const table = new Float64Array(slotCount * size);
  for (let i = 0; i < codes.length; i++) if (codes[i] < size) table[slots[i] * size + codes[i]]++;
  const total = new Float64Array(size);
  for (let slot = 0; slot < slotCount; slot++) {
    if (shares[slot] === 0) continue;
    for (let code = 0; code < size; code++) total[code] += (shares[slot] * table[slot * size + code]) / counts[slot];
  }
  return total;
}

function slotOf(timeMs: number, hours: number): number {
  return ((Math.floor(timeMs / HOUR_MS) % hours) + hours) % hours;
}

function knownSlots(times: Float64Array, units: Int32Array, hours: number, least: number): Uint8Array {
  const seen = Array.from({ length: hours }, () => new Set<number>());
  for (let i = 0; i < times.length; i++) {
    const set = seen[slotOf(times[i], hours)];
    if (set.size < least) set.add(units[i]);
  }
  return Uint8Array.from(seen, (set) => (set.size >= least ? 1 : 0));
}
