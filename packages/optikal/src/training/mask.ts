/**
 * A window as it would have been without some of its planes: what an agent without a gateway, or an SDK that does not look at arguments, would
 * have sent. Training shows a model its windows once more with planes missing, and thresholds are set on such windows.
 */
import { FEATURE_SETS, type FeatureSetName } from '@optikal/contracts';
import { PLANE_NAMES, type Planes } from '../detection/ensemble/planes.ts';
import { columnsOf, type Row } from '../detection/features/columns.ts';
import type { Step } from '../detection/steps.ts';
import type { FitSample } from './dataset.ts';

type Masked = Pick<FitSample, 'row' | 'callRows' | 'callLabels' | 'sequence'>;

/** Of the tables' content plane, what comes from arguments and not from verdicts. */
const PROVENANCE = /^(call_)?(dest_|values_from|words_from|side_values_|affinity|requested|unrequested_)|^z_destinations$/;

const columns = (set: FeatureSetName, plane: keyof Planes): readonly number[] =>
  FEATURE_SETS[set].flatMap(({ name, plane: own }, i) => ((PROVENANCE.test(name) ? 'provenance' : own) === plane ? [i] : []));
const columnsByPlane = (set: FeatureSetName) =>
  Object.fromEntries(PLANE_NAMES.map((name) => [name, columns(set, name)])) as Record<keyof Planes, readonly number[]>; // one entry a name
const WINDOW = columnsByPlane('fused1');
const CALL = columnsByPlane('call1');
const STEP = columnsByPlane('step1');

const FUSED = columnsOf('fused1');
const STEPS = columnsOf('step1');
const [CALLS, SIDE_SHARE] = [FUSED.at('calls'), FUSED.at('side_effect_share')];
const [SIDE_VALUES, UNREQUESTED] = [FUSED.at('side_values_from_output'), FUSED.at('unrequested_side')];
const [CHECKED, DECISIONS, HISTORY] = [FUSED.at('checked'), FUSED.at('decisions'), FUSED.at('history')];
const FLAGGED = FUSED.at('values_flagged');
const CALLS_OF = columnsOf('call1');
const [CALL_SIDE, CALL_UNREQUESTED, CALL_FLAGGED] = [
  CALLS_OF.at('call_side_effect'),
  CALLS_OF.at('call_unrequested_side'),
  CALLS_OF.at('call_values_flagged'),
];
/** What speaks of calls as well as of verdicts. */
const OF_CALLS = ['injection_at_side', 'since_flagged', 'side_after_taint', 'values_flagged'].map((name) => FUSED.at(name));
const STEP_SIDES = ['write_calls', 'account_calls', 'money_calls'].map((name) => STEPS.at(name));
const [STEP_SIDE_VALUES, STEP_UNREQUESTED] = [STEPS.at('side_values_from_output'), STEPS.at('unrequested_side')];
const IDLE = STEPS.at('idle_before');

/** Rows that are written once more for each window: thousands of copies are made to be scored once. */
export interface MaskRoom {
  row: Row | null;
  readonly calls: Row[];
  readonly steps: Step[];
}

export function maskRoom(): MaskRoom {
  return { row: null, calls: [], steps: [] };
}

/** The same window with no plane but these; planes that it never had stay missing. Its rows are copies, made in `room`. Default: in new rows. */
export function withPlanes({ row, callRows, callLabels, sequence }: Masked, keep: Planes, room: MaskRoom = maskRoom()): Masked {
  room.row ??= row.slice();
  const masked = maskWindow(row, keep, room.row);
  const inCall = (call: Row, i: number) => {
    room.calls[i] ??= call.slice();
    return maskCall(call, keep, room.calls[i]);
  };
  const inStep = (step: Step, t: number) => {
    room.steps[t] ??= step.slice();
    return maskStep(step, keep, t === sequence.length - 1 ? masked : null, room.steps[t]);
  };
  return {
    row: masked,
    callRows: keep.behaviour ? callRows.map(inCall) : [],
    callLabels: keep.behaviour ? callLabels : [],
    sequence: sequence.map(inStep),
  };
}

/** The row of a window alone. */
export function maskWindow(row: Row, keep: Planes, into: Row = row.slice()): Row {
  const provenance = keep.provenance && keep.behaviour;
  const masked = without(row, WINDOW, { ...keep, provenance }, into);
  if (!keep.behaviour) {
    masked[HISTORY] = row[HISTORY]!;
    for (const column of OF_CALLS) masked[column] = Number.NaN;
  } else if (!provenance) {
    // Without a side effect none of its values can have come from an output, whoever looks.
    const calls = row[CALLS]!;
    const sides = calls > 0 ? Math.round(calls * row[SIDE_SHARE]!) : 0;
    masked[SIDE_VALUES] = sides === 0 && !Number.isNaN(calls) ? 0 : Number.NaN;
    masked[UNREQUESTED] = calls > sides ? 0 : Number.NaN;
    masked[FLAGGED] = Number.NaN;
  }
  if (!keep.content) masked[CHECKED] = 0;
  if (!keep.authority) masked[DECISIONS] = 0;
  return masked;
}

/** The row of a call alone; behaviour is what makes it a call, and stays. */
export function maskCall(row: Row, keep: Planes, into: Row = row.slice()): Row {
  const masked = without(row, CALL, { ...keep, behaviour: true }, into);
  if (keep.provenance) return masked;
  masked[CALL_FLAGGED] = Number.NaN;
  if (row[CALL_SIDE] === 0) masked[CALL_UNREQUESTED] = 0;
  return masked;
}

/** `row`: of the same window, where it is known. Of an earlier one a step does not say whether it held reads: it mostly did. */
function maskStep(step: Step, keep: Planes, row: Row | null, into: Step): Step {
  const masked = without(step, STEP, { ...keep, provenance: keep.provenance && keep.behaviour }, into);
  masked[IDLE] = step[IDLE]!;
  if (!keep.behaviour || keep.provenance) return masked;
  masked[STEP_SIDE_VALUES] = row?.[SIDE_VALUES] ?? (STEP_SIDES.every((column) => step[column] === 0) ? 0 : Number.NaN);
  masked[STEP_UNREQUESTED] = row?.[UNREQUESTED] ?? 0;
  return masked;
}

function without<T extends Row | Step>(values: T, columnsOfPlanes: Record<keyof Planes, readonly number[]>, keep: Planes, into: T): T {
  into.set(values);
  for (const name of PLANE_NAMES) if (!keep[name]) for (const column of columnsOfPlanes[name]) into[column] = Number.NaN;
  return into;
}
