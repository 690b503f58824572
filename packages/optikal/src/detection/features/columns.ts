/** Column numbers of the feature sets, by name: a row is written by name and read by number. */
import { FEATURE_SETS, type FeatureSetName } from '@optikal/contracts';

export type Row = Float64Array;

export interface Columns {
  readonly length: number;
  /** Writes a value by name; an unknown name is a defect of the code, found by the first test that runs it. */
  set(row: Row, name: string, value: number): void;
  at(name: string): number;
}

export function columnsOf(set: FeatureSetName): Columns {
  const index = new Map(FEATURE_SETS[set].map((feature, i) => [feature.name, i]));
  const at = (name: string): number => {
    const i = index.get(name);
    if (i === undefined) throw new Error(`no feature \`${name}\` in ${set}`);
    return i;
  };
  return {
    length: FEATURE_SETS[set].length,
    at,
    set: (row, name, value) => {
      row[at(name)] = value;
    },
  };
}

/** max, sum and mean over the values that are known; NaN where none is. */
export function maxOf(values: Iterable<number>): number {
  let max = Number.NaN;
  for (const value of values) if (!(value <= max) && !Number.isNaN(value)) max = value;
  return max;
}

export function minOf(values: Iterable<number>): number {
  let min = Number.NaN;
  for (const value of values) if (!(value >= min) && !Number.isNaN(value)) min = value;
  return min;
}

export function sumOf(values: Iterable<number>): number {
  let sum = Number.NaN;
  for (const value of values) if (!Number.isNaN(value)) sum = (Number.isNaN(sum) ? 0 : sum) + value;
  return sum;
}

export function meanOf(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? Number.NaN : sumOf(known) / known.length;
}
