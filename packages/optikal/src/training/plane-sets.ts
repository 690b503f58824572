/**
 * The sets of planes that windows of a fleet can have, each with windows that are as if they had no others: what operating points and calibrations
 * apart by plane are set on. A plane that no window has cannot be missed, and is in no set.
 */
import { createRandom } from '@optikal/ml';
import type { Rows } from '../detection/ensemble/judge.ts';
import { PLANE_NAMES, type Planes, planesOf } from '../detection/ensemble/planes.ts';
import type { WindowSample } from './dataset.ts';
import type { UnitOf } from './folds.ts';
import { maskRoom, withPlanes } from './mask.ts';
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
/** More quiet windows than this move a threshold by less than its interval, and more attacks a calibration of three numbers. */
const MAX_QUIET = 4000;
const MAX_ATTACKS = 1500;

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
    const some = (of: number[], most: number) => (of.length <= most ? of : createRandom(`${seed}:planes`).shuffle(of).slice(0, most));
    return [{ planes, rows: Int32Array.from([...some(attacks, MAX_ATTACKS), ...some(quiet, MAX_QUIET)]).sort() }];
  });
}

/** The windows of a population with its planes alone. */
export function maskedRows(samples: readonly WindowSample[], { planes, rows }: Population): readonly Rows[] {
  return Array.from(rows, (i) => withPlanes(samples[i]!, planes));
}

/** The same one after the other, in rows that the next window overwrites; a window that had no other planes is itself. */
export function eachMasked(
  samples: readonly WindowSample[],
  { planes, rows }: Population,
  visit: (masked: Rows, sample: WindowSample, j: number) => void,
): void {
  const room = maskRoom();
  rows.forEach((i, j) => {
    const sample = samples[i]!;
    const had = planesOf(sample.row);
    const itself = PLANE_NAMES.every((name) => had[name] === planes[name]);
    visit(itself ? sample : withPlanes(sample, planes, room), sample, j);
  });
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
