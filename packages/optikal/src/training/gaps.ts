/**
 * Rows once more with planes missing, so that a base does not lean on the one plane that knows best: a model that has always seen verdicts takes
 * their absence for a clean one.
 */
import { createRandom, type Random } from '@optikal/ml';
import { type Planes, planesOf } from '../detection/ensemble/planes.ts';
import { CALL_COLUMNS } from '../detection/features/calls.ts';
import type { Row } from '../detection/features/columns.ts';
import { maskCall, maskWindow } from './mask.ts';
import type { Labelled } from './rows.ts';

/** More quiet copies than this cost time; those that are taken count for the rest. */
const MAX_QUIET = 3000;
/**
 * Each plane of a window is missing with this probability. Where arguments came from is the best there is without verdicts: with as many copies
 * without it as with it, AUROC on suites left out fell by .015. Behaviour is rarely missing, since nothing else is left of most windows.
 */
const MISSING = { provenance: 0.2, content: 0.5, authority: 0.5 } as const;
const NO_BEHAVIOUR = 0.1;

const VALUES = CALL_COLUMNS.at('call_values_from_output');
const [REQUESTED, DESTINATIONS] = [CALL_COLUMNS.at('call_requested'), CALL_COLUMNS.at('call_dest_count')];
const [INJECTION, DENIED] = [CALL_COLUMNS.at('call_injection'), CALL_COLUMNS.at('call_denied')];

/** The row with some of its planes missing; null where none is. */
type Without = (row: Row, random: Random) => Row | null;

/** The rows, and after them copies of all attacks and of quiet ones with something missing. */
export function withGaps(rows: readonly Labelled[], without: Without, seed: string): readonly Labelled[] {
  const random = createRandom(`${seed}:gaps`);
  const quiet = rows.filter(({ label }) => label === 0).length;
  const stride = Math.max(1, Math.ceil(quiet / MAX_QUIET));
  let seen = 0;
  const copies = rows.flatMap(({ row, label }): Labelled[] => {
    if (label === 0 && seen++ % stride !== 0) return [];
    const copy = without(row, random);
    return copy === null ? [] : [{ row: copy, label, weight: label === 0 ? stride : 1 }];
  });
  return [...rows, ...copies];
}

export const windowWithout: Without = (row, random) => {
  const had = planesOf(row);
  const others = had.content || had.authority;
  if (had.behaviour && others && random.nextFloat() < NO_BEHAVIOUR) return maskWindow(row, { ...had, behaviour: false, provenance: false });
  const keep = someOf(had, random);
  return keep === null ? null : maskWindow(row, keep);
};

export const callWithout: Without = (row, random) => {
  const known = (...columns: readonly number[]) => columns.some((column) => !Number.isNaN(row[column]!));
  const had = { behaviour: true, provenance: known(VALUES, REQUESTED, DESTINATIONS), content: known(INJECTION), authority: known(DENIED) };
  const keep = someOf(had, random);
  return keep === null ? null : maskCall(row, keep);
};

/** At least one of provenance, content and authority less; null where chance takes none, or nothing would be left. */
function someOf(had: Planes, random: Random): Planes | null {
  const may = (['provenance', 'content', 'authority'] as const).filter((name) => had[name]);
  if (may.length === 0 || (!had.behaviour && may.length === 1)) return null;
  const gone = may.filter((name) => random.nextFloat() < MISSING[name]);
  if (gone.length === 0 || (!had.behaviour && gone.length === may.length)) return null;
  return { ...had, ...Object.fromEntries(gone.map((name) => [name, false])) };
}
