/** Column numbers of the feature sets, by name: a row is written and read by number, and names are looked up once, when a module loads. */
import { FEATURE_SETS, type FeatureSetName } from '@optikal/contracts';

export type Row = Float64Array;

export interface Columns {
  readonly length: number;
  /** An unknown name is a defect of the code, found by the first test that loads it. */
  at(name: string): number;
}

export function columnsOf(set: FeatureSetName): Columns {
  const index = new Map(FEATURE_SETS[set].map((feature, i) => [feature.name, i]));
  const at = (name: string): number => {
    const i = index.get(name);
    if (i === undefined) throw new Error(`no feature \`${name}\` in ${set}`);
    return i;
  };
  return { length: FEATURE_SETS[set].length, at };
}

/**
 * Rows of these lengths, of NaN, as views of one buffer: a buffer of its own costs more than what is written into a row. Whoever keeps one keeps
 * all, so they belong together.
 */
export function newRows(lengths: readonly number[]): Row[] {
  let total = 0;
  for (const length of lengths) total += length;
  const { buffer } = new Float64Array(total).fill(Number.NaN);
  const rows: Row[] = [];
  let from = 0;
  for (const length of lengths) {
    rows.push(new Float64Array(buffer, from, length));
    from += length * Float64Array.BYTES_PER_ELEMENT;
  }
  return rows;
}

// Over the values that are known: each starts from NaN, which stays where none is. One value at a time, so that no row needs a list of them.

export function larger(max: number, value: number): number {
  return value <= max || Number.isNaN(value) ? max : value;
}

export function smaller(min: number, value: number): number {
  return value >= min || Number.isNaN(value) ? min : value;
}

export function plus(sum: number, value: number): number {
  if (Number.isNaN(value)) return sum;
  return (Number.isNaN(sum) ? 0 : sum) + value;
}

/** What is not observed is NaN. */
export function known(value: number | null | undefined): number {
  return value ?? Number.NaN;
}
