/** fused1: the row of a window, from its raw values, the facts of its calls and the agent's habit. Formulas: docs/features.md. */
import type { Provenance } from '@optikal/contracts';
import { WINDOW_MS } from '../../stream/limits.ts';
import { countDistinct, countTurns, type WindowContent } from '../content.ts';
import { type CallFacts, FLAGGED_LOGIT, type WindowFacts } from '../facts.ts';
import type { FleetView } from '../fleet.ts';
import { HABIT_METRICS, type Habit, habitZ, historyWeight } from '../habit.ts';
import { closeness, unrequestedSide } from './calls.ts';
import { columnsOf, maxOf, meanOf, minOf, type Row, sumOf } from './columns.ts';
import { coreWriter } from './core.ts';

export const FUSED_COLUMNS = columnsOf('fused1');
const WRITE = {
  core: coreWriter(FUSED_COLUMNS),
  effects: FUSED_COLUMNS.group(),
  order: FUSED_COLUMNS.group(),
  provenance: FUSED_COLUMNS.group(),
  taint: FUSED_COLUMNS.group(),
  authority: FUSED_COLUMNS.group(),
};
const Z_COLUMNS = HABIT_METRICS.map((name) => FUSED_COLUMNS.at(`z_${name}`));
const HISTORY_COLUMN = FUSED_COLUMNS.at('history');
/** Score at a side effect where there was no side effect: as clean as a text can be. */
const NO_SIDE_EFFECT_LOGIT = -7;

export function fusedRow(content: WindowContent, facts: WindowFacts, habitValues: Float64Array, habit: Habit, fleet: FleetView): Row {
  const row = new Float64Array(FUSED_COLUMNS.length).fill(Number.NaN);
  WRITE.core(row, content.raw, WINDOW_MS / 60_000);
  WRITE.effects(row, effects(content, facts.calls));
  WRITE.order(row, order(content, facts.calls));
  WRITE.provenance(row, provenance(content, facts.calls));
  WRITE.taint(row, taint(content, facts));
  WRITE.authority(row, authority(facts));
  const prior = (fleet.role ?? fleet.fleet).prior;
  for (let i = 0; i < Z_COLUMNS.length; i++) row[Z_COLUMNS[i]!] = habitZ(habit, prior, i, habitValues[i]!);
  row[HISTORY_COLUMN] = historyWeight(habit);
  return row;
}

/** ln(1+x) of the rates whose habit is kept, in the order of HABIT_METRICS. */
export function habitValuesOf({ raw, calls, callsReported }: WindowContent, facts: WindowFacts): Float64Array {
  const n = callsReported ? calls.length : Number.NaN;
  const side = callsReported ? facts.calls.filter((call) => call.sideEffect).length : Number.NaN;
  const outBytes = sumOf(calls.map(({ call }) => call.outBytes ?? Number.NaN));
  const destinations = sumOf(calls.map(({ provenance }) => provenance?.destCount ?? Number.NaN));
  const values = [
    raw.api,
    raw.errors,
    raw.files,
    raw.network,
    raw.cpu,
    raw.memory,
    raw.responseMs,
    n,
    n - side,
    side,
    outBytes,
    destinations,
  ];
  return Float64Array.from(values, (value) => Math.log1p(value));
}

type Group = Record<string, number>;

/** Counts of calls are unknown, not zero, where no message tells of calls. */
function effects({ callsReported, calls: all }: WindowContent, calls: readonly CallFacts[]): Group {
  const told = (value: number) => (callsReported ? value : Number.NaN);
  const n = calls.length;
  const count = (test: (call: CallFacts) => boolean) => told(calls.filter(test).length);
  const side = calls.filter((c) => c.sideEffect);
  return {
    turns: told(countTurns(all)),
    calls: told(n),
    write_calls: count((c) => c.call.effect === 'write'),
    account_calls: count((c) => c.call.effect === 'account'),
    money_calls: count((c) => c.call.effect === 'money'),
    unknown_calls: count((c) => c.call.effect === 'unknown'),
    side_effect_share: n === 0 ? Number.NaN : side.length / n,
    tasks: told(new Set(calls.map((c) => c.call.taskId)).size),
    out_bytes_log: Math.log1p(sumOf(calls.map((c) => c.call.call.outBytes ?? Number.NaN))),
    arg_bytes_log: told(side.length === 0 ? 0 : Math.log1p(sumOf(side.map((c) => c.call.call.argBytes ?? Number.NaN)))),
    repeated_calls: told(n - countDistinct(all)),
    blocked_calls: count((c) => c.call.call.errorKind === 'blocked' || c.call.call.errorKind === 'denied'),
    new_tool_share: meanOf(calls.map((c) => c.newTool)),
    dest_count: sumOf(calls.map((c) => c.call.provenance?.destCount ?? Number.NaN)),
  };
}

function order({ callsReported }: WindowContent, calls: readonly CallFacts[]): Group {
  const side = calls.filter((c) => c.sideEffect);
  return {
    role_surprise_max: maxOf(calls.map((c) => c.roleSurprise)),
    role_surprise_mean: meanOf(calls.map((c) => c.roleSurprise)),
    role_order_max: maxOf(calls.map((c) => c.roleOrder)),
    role_order_mean: meanOf(calls.map((c) => c.roleOrder)),
    own_surprise_max: maxOf(calls.map((c) => c.ownSurprise)),
    own_order_max: maxOf(calls.map((c) => c.ownOrder)),
    own_order_mean: meanOf(calls.map((c) => c.ownOrder)),
    side_surprise_max: side.length > 0 ? maxOf(side.map((c) => c.roleOrder)) : callsReported ? 0 : Number.NaN,
    read_bytes_before: maxOf(calls.map((c) => c.readBytesBefore)),
    reads_before: maxOf(calls.map((c) => c.readsBefore)),
    side_effects_before: maxOf(calls.map((c) => c.sideEffectsBefore)),
  };
}

type ProvenanceField = Exclude<keyof Provenance, 'destCount'>;

function provenance({ callsReported }: WindowContent, calls: readonly CallFacts[]): Group {
  const field = (of: readonly CallFacts[], name: ProvenanceField) => of.map((c) => c.call.provenance?.[name] ?? Number.NaN);
  const side = calls.filter((c) => c.sideEffect);
  return {
    dest_from_output: sumOf(field(calls, 'destOut')),
    dest_new: sumOf(field(calls, 'destNew')),
    values_from_output: sumOf(field(calls, 'valuesOut')),
    values_from_latest: sumOf(field(calls, 'valuesOutLatest')),
    words_from_output: maxOf(field(calls, 'wordsOutShare')),
    side_values_from_output: side.length > 0 ? sumOf(field(side, 'valuesOut')) : callsReported ? 0 : Number.NaN,
    affinity_min: side.length > 0 ? minOf(field(side, 'affinity')) : calls.some((c) => c.call.provenance !== null) ? 1 : Number.NaN,
    unrequested_side: sumOf(calls.map(unrequestedSide)),
    unrequested_any: sumOf(field(calls, 'requested').map((requested) => 1 - requested)),
    values_flagged: sumOf(field(calls, 'valuesFlagged')),
  };
}

function taint({ callsReported }: WindowContent, facts: WindowFacts): Group {
  const side = facts.calls.filter((c) => c.sideEffect);
  const seen = !Number.isNaN(facts.injectionMax) || facts.checked > 0 || facts.violations > 0;
  const unseen = (value: number) => (seen ? value : Number.NaN);
  const told = (value: number) => (callsReported ? unseen(value) : Number.NaN);
  return {
    checked: facts.checked,
    blocked_share: facts.checked === 0 ? Number.NaN : facts.blocked / facts.checked,
    injection_max: facts.injectionMax,
    injection_at_side: told(side.length === 0 ? NO_SIDE_EFFECT_LOGIT : maxOf(side.map((c) => c.injection))),
    since_flagged: maxOf(facts.calls.map(closeness)),
    side_after_taint: told(side.filter((c) => c.injection >= FLAGGED_LOGIT).length),
    violations: unseen(facts.violations),
    secrets: unseen(facts.secrets),
  };
}

function authority(facts: WindowFacts): Group {
  const n = facts.decisions;
  const unseen = (value: number) => (n === 0 ? Number.NaN : value);
  return {
    decisions: n,
    denied_share: unseen(facts.denied / n),
    denied: unseen(facts.denied),
    risk_max: facts.riskMax,
    step_ups: unseen(facts.stepUps),
  };
}
