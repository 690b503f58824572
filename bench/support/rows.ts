/** A row of a result: what was measured, how often and how evenly, beside whom, and whether it holds its floor. */

export interface Rival {
  readonly name: string;
  readonly version: string;
  readonly value: number;
}

export interface Row {
  readonly work: string;
  readonly unit: string;
  /** Median of the runs. */
  readonly ours: number;
  /** (largest − smallest) / median; 0 for a single run. */
  readonly spread: number;
  readonly rival: Rival | null;
  /** How many times better ours is than the rival: above 1 = better, whichever way the unit points. */
  readonly ratio: number | null;
  /** As `≥ 5000` or `≤ 15`; null = nobody asked for one. */
  readonly floor: string | null;
  readonly holds: boolean | null;
}

export interface Measured {
  readonly work: string;
  readonly unit: string;
  readonly runs: readonly number[];
  /** Whether more of the unit is better (a rate) or less (a time, a size). */
  readonly better: 'more' | 'less';
  readonly floor?: number;
  readonly rival?: { readonly name: string; readonly version: string; readonly runs: readonly number[] };
}

export function rowOf({ work, unit, runs, better, floor, rival }: Measured): Row {
  const ours = median(runs);
  const theirs = rival === undefined ? null : { name: rival.name, version: rival.version, value: round(median(rival.runs)) };
  const more = better === 'more';
  return {
    work,
    unit,
    ours: round(ours),
    spread: round(spreadOf(runs)),
    rival: theirs,
    ratio: theirs === null ? null : round(more ? ours / theirs.value : theirs.value / ours),
    floor: floor === undefined ? null : `${more ? '≥' : '≤'} ${floor}`,
    holds: floor === undefined ? null : more ? ours >= floor : ours <= floor,
  };
}

export function median(values: readonly number[]): number {
  return quantileOf(values, 0.5);
}

/** By linear interpolation between the two nearest ranks. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  return sorted[low] + (at - low) * (sorted[Math.ceil(at)] - sorted[low]);
}

function spreadOf(values: readonly number[]): number {
  const range = Math.max(...values) - Math.min(...values);
  return range === 0 ? 0 : range / median(values);
}

/** Three digits are more than any of these machines can repeat. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}
