/**
 * The sets of planes that windows of a fleet can have, each with windows that are as if they had no others: what operating points and calibrations
 * apart by plane are set on. A plane that no window has cannot be missed, and is in no set.
 */
import { createRandom } from '@optikal/ml';
import type { Rows } from '../detection/ensemble/judge.ts';
import { PLANE_NAMES, type Planes, planesOf } from '../detection/ensemble/planes.ts';
import type { WindowSample } from './dataset.ts';
import type { UnitOf } from './folds.ts';
import { withPlanes } from './mask.ts';
import { isSure } from './rows.ts';

export interface Population {
  readonly planes: Planes;
  /** Positions of the samples that had them, ascending. */
  readonly rows: Int32Array;
}

/** With fewer quiet windows a threshold, and with fewer attacks a calibration, is that of all windows. */
const LEAST_QUIET = 100;
const LEAST_ATTACKS = 10;
const LEAST_UNITS = 5;
/** More quiet windows than this move a threshold by less than its interval. */
const MAX_QUIET = 4000;

/** `labelled` false: quiet windows are enough. */
export function planePopulations(
  samples: readonly WindowSample[],
  { unitOf, seed, labelled = true }: { readonly unitOf: UnitOf; readonly seed: string; readonly labelled?: boolean },
): Population[] {
  const had = samples.map(({ row }) => planesOf(row));
  const all = Object.fromEntries(PLANE_NAMES.map((name) => [name, had.some((planes) => planes[name])])) as unknown as Planes; // one flag a name
  return planeSets(all).flatMap((planes) => {
    const with_ = [...samples.keys()].filter((i) => isSure(samples[i]!) && PLANE_NAMES.every((name) => had[i]![name] || !planes[name]));
    const attacks = with_.filter((i) => samples[i]!.label === 2);
    const quiet = with_.filter((i) => samples[i]!.label === 0);
    const units = (rows: readonly number[]) => new Set(rows.map((i) => unitOf(samples[i]!))).size;
    if (quiet.length < LEAST_QUIET || (labelled && (attacks.length < LEAST_ATTACKS || units(attacks) < 2 || units(with_) < LEAST_UNITS)))
      return [];
    const taken = createRandom(`${seed}:planes`).shuffle(quiet).slice(0, MAX_QUIET);
    const rows = Int32Array.from([...attacks, ...taken]).sort();
    return [{ planes, rows }];
  });
}

/** The windows of a population with its planes alone. */
export function maskedRows(samples: readonly WindowSample[], { planes, rows }: Population): readonly Rows[] {
  return Array.from(rows, (i) => withPlanes(samples[i]!, planes));
}

/** With behaviour: every choice of the others that are there. Without: no arguments either, and something that is left. */
export function planeSets(all: Planes): Planes[] {
  const choices = (there: boolean) => (there ? [true, false] : [false]);
  return choices(all.behaviour)
    .flatMap((behaviour) => choices(all.provenance && behaviour).map((provenance) => ({ behaviour, provenance })))
    .flatMap((planes) => choices(all.content).map((content) => ({ ...planes, content })))
    .flatMap((planes) => choices(all.authority).map((authority) => ({ ...planes, authority })))
    .filter((planes) => PLANE_NAMES.some((name) => planes[name]));
}
