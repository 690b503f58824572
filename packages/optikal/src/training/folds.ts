/** Units (an agent, or a (model, suite) pair) dealt out to folds whole, and the part of a fold that says when to stop. */
import { groupedFolds } from '@optikal/ml';
import type { WindowSample } from './dataset.ts';
import { isSure } from './rows.ts';

export type UnitOf = (sample: WindowSample) => string;

export interface Folds {
  /** Fold of each sample. */
  readonly of: Int32Array;
  readonly count: number;
}

/** One unit in so many says when to stop. */
const STOPPING_PARTS = 6;
const LEAST_ATTACKED = 4;

/** Units with attacks are dealt out first, so that no fold is left without one while another has two. At most as many folds as units. */
export function foldsOf(samples: readonly WindowSample[], unitOf: UnitOf, folds: number, seed: string): Folds {
  const units = samples.map(unitOf);
  const attacked = new Set(units.filter((_, i) => samples[i]!.label === 2));
  const of = new Int32Array(samples.length);
  const count = Math.min(folds, new Set(units).size);
  for (const side of [true, false]) {
    const rows = units.flatMap((unit, i) => (attacked.has(unit) === side ? [i] : []));
    const own = rows.map((i) => units[i]!);
    const parts = Math.min(count, new Set(own).size);
    if (parts === 0) continue;
    const dealt = parts === 1 ? new Int32Array(rows.length) : groupedFolds(own, parts, seed);
    rows.forEach((i, j) => {
      // The quiet units fill up from the far end: with few of them, fold sizes stay even.
      of[i] = side ? dealt[j]! : count - 1 - dealt[j]!;
    });
  }
  return { of, count };
}

/**
 * The rows of a fit divided by unit: most to fit on, the rest to stop by. `stopping` is null, and `rows` are all of them, where few units were
 * attacked: one of them is more to learn from than to stop by.
 */
export function splitForStopping(
  samples: readonly WindowSample[],
  rows: Int32Array,
  unitOf: UnitOf,
  seed: string,
): { readonly rows: Int32Array; readonly stopping: Int32Array | null } {
  const own = Array.from(rows, (i) => samples[i]!);
  const { of } = foldsOf(own, unitOf, STOPPING_PARTS, `${seed}:stopping`);
  const [kept, stopping] = [rows.filter((_, j) => of[j] !== 0), rows.filter((_, j) => of[j] === 0)];
  const attacked = new Set(own.filter((sample) => sample.label === 2 && isSure(sample)).map(unitOf));
  const learns = (part: Int32Array) => [0, 2].every((label) => part.some((i) => samples[i]!.label === label && isSure(samples[i]!)));
  return attacked.size >= LEAST_ATTACKED && learns(kept) && learns(stopping) ? { rows: kept, stopping } : { rows, stopping: null };
}
