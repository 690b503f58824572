/** fused1: the row of a window, from its raw values, the facts of its calls and the agent's habit. Formulas: docs/features.md. */
import { WINDOW_MS } from '../../stream/limits.ts';
import type { WindowContent } from '../content.ts';
import { type CallFacts, FLAGGED_LOGIT, type WindowFacts } from '../facts.ts';
import type { FleetView } from '../fleet.ts';
import { HABIT_METRICS, type Habit, habitZ, historyWeight } from '../habit.ts';
import { closeness, unrequestedSide } from './calls.ts';
import { columnsOf, maxOf, meanOf, minOf, type Row, sumOf } from './columns.ts';
import { writeCore } from './core.ts';

export const FUSED_COLUMNS = columnsOf('fused1');
/** Score at a side effect where there was no side effect: as clean as a text can be. */
const NO_SIDE_EFFECT_LOGIT = -7;

export function fusedRow(content: WindowContent, facts: WindowFacts, habitValues: Float64Array, habit: Habit, fleet: FleetView): Row {
  const row = new Float64Array(FUSED_COLUMNS.length).fill(Number.NaN);
  writeCore(row, FUSED_COLUMNS, content.raw, WINDOW_MS / 60_000);
  const groups = [effects(facts.calls), order(facts.calls), provenance(facts.calls), taint(facts), authority(facts)];
  for (const group of groups) for (const name in group) FUSED_COLUMNS.set(row, name, group[name]!);
  const prior = (fleet.role ?? fleet.fleet).prior;
  HABIT_METRICS.forEach((name, i) => {
    FUSED_COLUMNS.set(row, `z_${name}`, habitZ(habit, prior, i, habitValues[i]!));
  });
  FUSED_COLUMNS.set(row, 'history', historyWeight(habit));
  return row;
}

/** ln(1+x) of the rates whose habit is kept, in the order of HABIT_METRICS. */
export function habitValuesOf({ raw, calls }: WindowContent, facts: WindowFacts): Float64Array {
  const side = facts.calls.filter((call) => call.sideEffect).length;
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
    calls.length,
    calls.length - side,
    side,
    outBytes,
    destinations,
  ];
  return Float64Array.from(values, (value) => Math.log1p(value));
}

type Group = Record<string, number>;

function effects(calls: readonly CallFacts[]): Group {
  const n = calls.length;
  const count = (test: (call: CallFacts) => boolean) => calls.filter(test).length;
  const side = count((c) => c.sideEffect);
  return {
    turns: new Set(calls.map((c) => `${c.call.taskId}\n${c.call.call.turn ?? c.call.call.callId}`)).size,
    calls: n,
    write_calls: count((c) => c.call.effect === 'write'),
    account_calls: count((c) => c.call.effect === 'account'),
    money_calls: count((c) => c.call.effect === 'money'),
    unknown_calls: count((c) => c.call.effect === 'unknown'),
    side_effect_share: n === 0 ? Number.NaN : side / n,
    tasks: new Set(calls.map((c) => c.call.taskId)).size,
    out_bytes_log: Math.log1p(sumOf(calls.map((c) => c.call.call.outBytes ?? Number.NaN))),
    arg_bytes_log: Math.log1p(calls.reduce((sum, c) => sum + (c.sideEffect ? (c.call.call.argBytes ?? 0) : 0), 0)),
    repeated_calls: n - new Set(calls.map((c) => `${c.call.call.tool}\n${c.call.call.argHmac ?? c.call.call.callId}`)).size,
    blocked_calls: count((c) => c.call.call.errorKind === 'blocked' || c.call.call.errorKind === 'denied'),
    new_tool_share: meanOf(calls.map((c) => c.newTool)),
    dest_count: sumOf(calls.map((c) => c.call.provenance?.destCount ?? Number.NaN)),
  };
}

function order(calls: readonly CallFacts[]): Group {
  const side = calls.filter((c) => c.sideEffect);
  return {
    role_surprise_max: maxOf(calls.map((c) => c.roleSurprise)),
    role_surprise_mean: meanOf(calls.map((c) => c.roleSurprise)),
    role_order_max: maxOf(calls.map((c) => c.roleOrder)),
    role_order_mean: meanOf(calls.map((c) => c.roleOrder)),
    own_surprise_max: maxOf(calls.map((c) => c.ownSurprise)),
    own_order_max: maxOf(calls.map((c) => c.ownOrder)),
    own_order_mean: meanOf(calls.map((c) => c.ownOrder)),
    side_surprise_max: side.length === 0 ? 0 : maxOf(side.map((c) => c.roleOrder)),
    read_bytes_before: maxOf(calls.map((c) => c.readBytesBefore)),
    reads_before: maxOf(calls.map((c) => c.readsBefore)),
    side_effects_before: maxOf(calls.map((c) => c.sideEffectsBefore)),
  };
}

function provenance(calls: readonly CallFacts[]): Group {
  const field = (of: readonly CallFacts[], name: 'destOut' | 'destNew' | 'valuesOut' | 'valuesOutLatest' | 'valuesFlagged' | 'wordsOutShare' | 'affinity' | 'requested') =>
    of.map((c) => c.call.provenance?.[name] ?? Number.NaN);
  const side = calls.filter((c) => c.sideEffect);
  return {
    dest_from_output: sumOf(field(calls, 'destOut')),
    dest_new: sumOf(field(calls, 'destNew')),
    values_from_output: sumOf(field(calls, 'valuesOut')),
    values_from_latest: sumOf(field(calls, 'valuesOutLatest')),
    words_from_output: maxOf(field(calls, 'wordsOutShare')),
    side_values_from_output: side.length === 0 ? 0 : sumOf(field(side, 'valuesOut')),
    affinity_min: side.length === 0 ? (calls.some((c) => c.call.provenance !== null) ? 1 : Number.NaN) : minOf(field(side, 'affinity')),
    unrequested_side: sumOf(calls.map(unrequestedSide)),
    unrequested_any: sumOf(field(calls, 'requested').map((requested) => 1 - requested)),
    values_flagged: sumOf(field(calls, 'valuesFlagged')),
  };
}

function taint(facts: WindowFacts): Group {
  const side = facts.calls.filter((c) => c.sideEffect);
  const seen = !Number.isNaN(facts.injectionMax) || facts.checked > 0;
  const unseen = (value: number) => (seen ? value : Number.NaN);
  return {
    checked: facts.checked,
    blocked_share: facts.checked === 0 ? Number.NaN : facts.blocked / facts.checked,
    injection_max: facts.injectionMax,
    injection_at_side: unseen(side.length === 0 ? NO_SIDE_EFFECT_LOGIT : maxOf(side.map((c) => c.injection))),
    since_flagged: maxOf(facts.calls.map(closeness)),
    side_after_taint: unseen(side.filter((c) => c.injection >= FLAGGED_LOGIT).length),
    violations: unseen(facts.violations),
    secrets: unseen(facts.secrets),
  };
}

function authority(facts: WindowFacts): Group {
  const n = facts.decisions;
  const unseen = (value: number) => (n === 0 ? Number.NaN : value);
  return { decisions: n, denied_share: unseen(facts.denied / n), denied: unseen(facts.denied), risk_max: facts.riskMax, step_ups: unseen(facts.stepUps) };
}
