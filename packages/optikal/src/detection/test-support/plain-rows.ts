/** What features/fused.ts writes, said slowly: a list of values a formula, by name. The oracle of its passes over the calls. */
import type { Provenance } from '@optikal/contracts';
import type { Analysis } from '../analyse.ts';
import { callKey, type WindowCall, type WindowContent } from '../content.ts';
import { type CallFacts, FLAGGED_LOGIT, type WindowFacts } from '../facts.ts';
import { closeness, unrequestedSide } from '../features/calls.ts';

/** Score at a side effect where there was no side effect. */
const NO_SIDE_EFFECT_LOGIT = -7;

export function plainRow({ content, facts }: Analysis): Readonly<Record<string, number>> {
  return {
    ...effects(content, facts.calls),
    ...order(content, facts.calls),
    ...provenance(content, facts.calls),
    ...taint(content, facts),
    ...authority(facts),
  };
}

/** Distinct (task, turn); a call without a turn is one of its own. */
function countTurns(calls: readonly WindowCall[]): number {
  return new Set(calls.map(({ taskId, call }) => callKey(taskId, call.turn === null ? `c${call.callId}` : `t${call.turn}`))).size;
}

/** Distinct (tool, arguments); arguments without a hash equal no others. */
function countDistinct(calls: readonly WindowCall[]): number {
  return new Set(calls.map(({ call }) => callKey(call.tool, call.argHmac === null ? `c${call.callId}` : `h${call.argHmac}`))).size;
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

/** Over the values that are known; NaN where none is. */
function maxOf(values: readonly number[]): number {
  let max = Number.NaN;
  for (const value of values) if (!(value <= max) && !Number.isNaN(value)) max = value;
  return max;
}

function minOf(values: readonly number[]): number {
  let min = Number.NaN;
  for (const value of values) if (!(value >= min) && !Number.isNaN(value)) min = value;
  return min;
}

function sumOf(values: readonly number[]): number {
  let sum = Number.NaN;
  for (const value of values) if (!Number.isNaN(value)) sum = (Number.isNaN(sum) ? 0 : sum) + value;
  return sum;
}

function meanOf(values: readonly number[]): number {
  let count = 0;
  for (const value of values) if (!Number.isNaN(value)) count++;
  return count === 0 ? Number.NaN : sumOf(values) / count;
}
