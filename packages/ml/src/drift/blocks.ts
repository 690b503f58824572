/** Which rows of the reference belong together: blocks of consecutive rows of one group, as long as their dependence or the live part asks. */
import type { Blocks } from './null-law.ts';

/** From so many groups on, groups are the independent units; below it, stretches of time are. */
export const MANY_GROUPS = 10;
/** Length of a block in correlation times: batch means are then short of the long-run variance by about an eighth, which is corrected. */
const TIMES_TAU = 4;
/** At least so many blocks, whatever the dependence. */
const LEAST_BLOCKS = 8;

/**
 * The integrated correlation time 1 + 2 Σ ρ(k) of a series in rows, at least 1: Geyer's (1992) initial positive sequence, pair by pair until the
 * sum of a pair is not positive. Lags within `groups` only.
 */
export function correlationTime(series: Float64Array, groups: Int32Array): number {
  const count = series.length;
  let variance = 0;
  for (const value of series) variance += value * value;
  if (!(variance > 0)) return 1;
  const rho = (lag: number): number => {
    let sum = 0;
    for (let i = lag; i < count; i++) if (groups[i] === groups[i - lag]) sum += series[i] * series[i - lag];
    return sum / variance;
  };
  let time = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let lag = 1; lag + 1 < count / LEAST_BLOCKS; lag += 2) {
    const pair = Math.min(least, rho(lag) + rho(lag + 1));
    if (!(pair > 0)) break;
    least = pair;
    time += 2 * pair;
  }
  return time;
}

/** The length of blocks for a correlation time. */
export function blockLength(time: number, rows: number): number {
  return Math.max(1, Math.min(Math.ceil(TIMES_TAU * time), Math.floor(rows / LEAST_BLOCKS)));
}

/** Cuts rows, ordered by group and time, into blocks of about `length`; `byGroup` makes the groups the units. */
export function cutBlocks(groups: Int32Array, length: number, byGroup: boolean): Blocks {
  const blockOf = new Int32Array(groups.length);
  const unitOf: number[] = [];
  let unit = -1;
  for (let from = 0; from < groups.length; ) {
    let to = from + 1;
    while (to < groups.length && groups[to] === groups[from]) to++;
    const pieces = Math.max(1, Math.round((to - from) / length));
    const first = unitOf.length;
    for (let i = from; i < to; i++) blockOf[i] = first + Math.floor(((i - from) * pieces) / (to - from));
    unit++;
    for (let piece = 0; piece < pieces; piece++) unitOf.push(byGroup ? unit : first + piece);
    from = to;
  }
  const units = byGroup ? unit + 1 : unitOf.length;
  return { blockOf, blockCount: unitOf.length, unitOf: Int32Array.from(unitOf), unitCount: units };
}
