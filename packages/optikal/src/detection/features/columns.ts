/** Column numbers of the feature sets, by name: a row is written by name and read by number. */
import { FEATURE_SETS, type FeatureSetName } from '@optikal/contracts';

export type Row = Float64Array;

export interface Columns {
  readonly length: number;
  at(name: string): number;
  /**
   * A writer of one group of values, which must have the same names in the same order each time: their columns are looked up once. An
   * unknown name is a defect of the code, found by the first test that runs it.
   */
  group(): (row: Row, values: Readonly<Record<string, number>>) => void;
}

export function columnsOf(set: FeatureSetName): Columns {
  const index = new Map(FEATURE_SETS[set].map((feature, i) => [feature.name, i]));
  const at = (name: string): number => {
    const i = index.get(name);
    if (i === undefined) throw new Error(`no feature \`${name}\` in ${set}`);
    return i;
  };
  const group = () => {
    let columns: readonly number[] | null = null;
    return (row: Row, values: Readonly<Record<string, number>>): void => {
      columns ??= Object.keys(values).map(at);
      let i = 0;
      for (const name in values) row[columns[i++]!] = values[name]!;
    };
  };
  return { length: FEATURE_SETS[set].length, at, group };
}

/** max, sum and mean over the values that are known; NaN where none is. */
export function maxOf(values: readonly number[]): number {
  let max = Number.NaN;
  for (const value of values) if (!(value <= max) && !Number.isNaN(value)) max = value;
  return max;
}

export function minOf(values: readonly number[]): number {
  let min = Number.NaN;
  for (const value of values) if (!(value >= min) && !Number.isNaN(value)) min = value;
  return min;
}

export function sumOf(values: readonly number[]): number {
  let sum = Number.NaN;
  for (const value of values) if (!Number.isNaN(value)) sum = (Number.isNaN(sum) ? 0 : sum) + value;
  return sum;
}

export function meanOf(values: readonly number[]): number {
  let count = 0;
  for (const value of values) if (!Number.isNaN(value)) count++;
  return count === 0 ? Number.NaN : sumOf(values) / count;
}
