/**
 * fused1: the row of a window, from its raw values, the facts of its calls and the agent's habit. Formulas: docs/features.md. Each group is one
 * pass over the calls that writes its columns; test-support/plain-rows.ts says the same slowly, a formula a line.
 */
import { WINDOW_MS } from '../../stream/limits.ts';
import type { WindowContent } from '../content.ts';
import { type CallFacts, FLAGGED_LOGIT, type WindowFacts } from '../facts.ts';
import type { FleetView } from '../fleet.ts';
import { HABIT_METRICS, type Habit, habitZ, historyWeight } from '../habit.ts';
import { closeness, unrequestedSide } from './calls.ts';
import { columnsOf, known, larger, plus, type Row, smaller } from './columns.ts';
import { coreWriter } from './core.ts';

export const FUSED_COLUMNS = columnsOf('fused1');
const at = (name: string): number => FUSED_COLUMNS.at(name);
const Z_COLUMNS = Int32Array.from(HABIT_METRICS, (name) => at(`z_${name}`));
const HISTORY = at('history');
const writeCore = coreWriter(FUSED_COLUMNS);

/** Score at a side effect where there was no side effect: as clean as a text can be. */
const NO_SIDE_EFFECT_LOGIT = -7;

/** Into a row of NaN. */
export function writeFused(row: Row, content: WindowContent, facts: WindowFacts, habitValues: Row, habit: Habit, fleet: FleetView): void {
  writeCore(row, content.raw, WINDOW_MS / 60_000);
  writeEffects(row, content, facts.calls);
  writeOrder(row, content, facts.calls);
  writeProvenance(row, content, facts.calls);
  writeTaint(row, content, facts);
  writeAuthority(row, facts);
  const { prior } = fleet.role ?? fleet.fleet;
  for (let i = 0; i < Z_COLUMNS.length; i++) row[Z_COLUMNS[i]!] = habitZ(habit, prior, i, habitValues[i]!);
  row[HISTORY] = historyWeight(habit);
}

/** ln(1+x) of the rates whose habit is kept, in the order of HABIT_METRICS. */
export function writeHabitValues(values: Row, { raw, callsReported }: WindowContent, facts: WindowFacts): void {
  let side = 0;
  let outBytes = Number.NaN;
  let destinations = Number.NaN;
  for (const { sideEffect, call } of facts.calls) {
    if (sideEffect) side++;
    outBytes = plus(outBytes, known(call.call.outBytes));
    destinations = plus(destinations, known(call.provenance?.destCount));
  }
  const n = callsReported ? facts.calls.length : Number.NaN;
  const sides = callsReported ? side : Number.NaN;
  values[0] = Math.log1p(raw.api);
  values[1] = Math.log1p(raw.errors);
  values[2] = Math.log1p(raw.files);
  values[3] = Math.log1p(raw.network);
  values[4] = Math.log1p(raw.cpu);
  values[5] = Math.log1p(raw.memory);
  values[6] = Math.log1p(raw.responseMs);
  values[7] = Math.log1p(n);
  values[8] = Math.log1p(n - sides);
  values[9] = Math.log1p(sides);
  values[10] = Math.log1p(outBytes);
  values[11] = Math.log1p(destinations);
}

const TURNS = at('turns');
const CALLS = at('calls');
const WRITE_CALLS = at('write_calls');
const ACCOUNT_CALLS = at('account_calls');
const MONEY_CALLS = at('money_calls');
const UNKNOWN_CALLS = at('unknown_calls');
const SIDE_EFFECT_SHARE = at('side_effect_share');
const TASKS = at('tasks');
const OUT_BYTES = at('out_bytes_log');
const ARG_BYTES = at('arg_bytes_log');
const REPEATED_CALLS = at('repeated_calls');
const BLOCKED_CALLS = at('blocked_calls');
const NEW_TOOL_SHARE = at('new_tool_share');
const DEST_COUNT = at('dest_count');

/** Counts of calls are unknown, not zero, where no message tells of calls. */
function writeEffects(row: Row, { callsReported, turnCount, distinctCount }: WindowContent, calls: readonly CallFacts[]): void {
  let writes = 0;
  let accounts = 0;
  let money = 0;
  let unknown = 0;
  let side = 0;
  let blocked = 0;
  let outBytes = Number.NaN;
  let argBytes = Number.NaN;
  let newTools = Number.NaN;
  let judged = 0;
  let destinations = Number.NaN;
  for (const { call: found, sideEffect, newTool } of calls) {
    const { call, effect } = found;
    if (effect === 'write') writes++;
    else if (effect === 'account') accounts++;
    else if (effect === 'money') money++;
    else if (effect === 'unknown') unknown++;
    if (call.errorKind === 'blocked' || call.errorKind === 'denied') blocked++;
    if (sideEffect) {
      side++;
      argBytes = plus(argBytes, known(call.argBytes));
    }
    outBytes = plus(outBytes, known(call.outBytes));
    newTools = plus(newTools, newTool);
    if (!Number.isNaN(newTool)) judged++;
    destinations = plus(destinations, known(found.provenance?.destCount));
  }
  const n = calls.length;
  if (callsReported) {
    row[TURNS] = turnCount;
    row[CALLS] = n;
    row[WRITE_CALLS] = writes;
    row[ACCOUNT_CALLS] = accounts;
    row[MONEY_CALLS] = money;
    row[UNKNOWN_CALLS] = unknown;
    row[TASKS] = taskCount(calls);
    row[ARG_BYTES] = side === 0 ? 0 : Math.log1p(argBytes);
    row[REPEATED_CALLS] = n - distinctCount;
    row[BLOCKED_CALLS] = blocked;
  }
  row[SIDE_EFFECT_SHARE] = n === 0 ? Number.NaN : side / n;
  row[OUT_BYTES] = Math.log1p(outBytes);
  row[NEW_TOOL_SHARE] = judged === 0 ? Number.NaN : newTools / judged;
  row[DEST_COUNT] = destinations;
}

function taskCount(calls: readonly CallFacts[]): number {
  const first = calls[0]?.call.taskId;
  for (const { call } of calls) if (call.taskId !== first) return new Set(calls.map((one) => one.call.taskId)).size;
  return calls.length === 0 ? 0 : 1;
}

const ROLE_SURPRISE_MAX = at('role_surprise_max');
const ROLE_SURPRISE_MEAN = at('role_surprise_mean');
const ROLE_ORDER_MAX = at('role_order_max');
const ROLE_ORDER_MEAN = at('role_order_mean');
const OWN_SURPRISE_MAX = at('own_surprise_max');
const OWN_ORDER_MAX = at('own_order_max');
const OWN_ORDER_MEAN = at('own_order_mean');
const SIDE_SURPRISE_MAX = at('side_surprise_max');
const READ_BYTES_BEFORE = at('read_bytes_before');
const READS_BEFORE = at('reads_before');
const SIDE_EFFECTS_BEFORE = at('side_effects_before');

function writeOrder(row: Row, { callsReported }: WindowContent, calls: readonly CallFacts[]): void {
  let side = 0;
  let roleKnown = 0;
  let orderKnown = 0;
  let ownKnown = 0;
  let roleMax = Number.NaN;
  let roleSum = Number.NaN;
  let orderMax = Number.NaN;
  let orderSum = Number.NaN;
  let ownMax = Number.NaN;
  let ownOrderMax = Number.NaN;
  let ownOrderSum = Number.NaN;
  let sideMax = Number.NaN;
  let bytesBefore = Number.NaN;
  let readsBefore = Number.NaN;
  let sidesBefore = Number.NaN;
  for (const call of calls) {
    const { roleSurprise, roleOrder, ownOrder } = call;
    roleMax = larger(roleMax, roleSurprise);
    roleSum = plus(roleSum, roleSurprise);
    if (!Number.isNaN(roleSurprise)) roleKnown++;
    orderMax = larger(orderMax, roleOrder);
    orderSum = plus(orderSum, roleOrder);
    if (!Number.isNaN(roleOrder)) orderKnown++;
    ownMax = larger(ownMax, call.ownSurprise);
    ownOrderMax = larger(ownOrderMax, ownOrder);
    ownOrderSum = plus(ownOrderSum, ownOrder);
    if (!Number.isNaN(ownOrder)) ownKnown++;
    if (call.sideEffect) {
      side++;
      sideMax = larger(sideMax, roleOrder);
    }
    bytesBefore = larger(bytesBefore, call.readBytesBefore);
    readsBefore = larger(readsBefore, call.readsBefore);
    sidesBefore = larger(sidesBefore, call.sideEffectsBefore);
  }
  row[ROLE_SURPRISE_MAX] = roleMax;
  row[ROLE_SURPRISE_MEAN] = roleKnown === 0 ? Number.NaN : roleSum / roleKnown;
  row[ROLE_ORDER_MAX] = orderMax;
  row[ROLE_ORDER_MEAN] = orderKnown === 0 ? Number.NaN : orderSum / orderKnown;
  row[OWN_SURPRISE_MAX] = ownMax;
  row[OWN_ORDER_MAX] = ownOrderMax;
  row[OWN_ORDER_MEAN] = ownKnown === 0 ? Number.NaN : ownOrderSum / ownKnown;
  row[SIDE_SURPRISE_MAX] = side > 0 ? sideMax : callsReported ? 0 : Number.NaN;
  row[READ_BYTES_BEFORE] = bytesBefore;
  row[READS_BEFORE] = readsBefore;
  row[SIDE_EFFECTS_BEFORE] = sidesBefore;
}

const DEST_FROM_OUTPUT = at('dest_from_output');
const DEST_NEW = at('dest_new');
const VALUES_FROM_OUTPUT = at('values_from_output');
const VALUES_FROM_LATEST = at('values_from_latest');
const WORDS_FROM_OUTPUT = at('words_from_output');
const SIDE_VALUES_FROM_OUTPUT = at('side_values_from_output');
const AFFINITY_MIN = at('affinity_min');
const UNREQUESTED_SIDE = at('unrequested_side');
const UNREQUESTED_ANY = at('unrequested_any');
const VALUES_FLAGGED = at('values_flagged');

function writeProvenance(row: Row, { callsReported }: WindowContent, calls: readonly CallFacts[]): void {
  let side = 0;
  let computed = false;
  let destOut = Number.NaN;
  let destNew = Number.NaN;
  let valuesOut = Number.NaN;
  let valuesLatest = Number.NaN;
  let words = Number.NaN;
  let sideValues = Number.NaN;
  let affinity = Number.NaN;
  let flagged = Number.NaN;
  let unrequestedSides = Number.NaN;
  let unrequested = Number.NaN;
  for (const call of calls) {
    unrequestedSides = plus(unrequestedSides, unrequestedSide(call));
    if (call.sideEffect) side++;
    const { provenance } = call.call;
    if (provenance === null) continue;
    computed = true;
    destOut = plus(destOut, known(provenance.destOut));
    destNew = plus(destNew, known(provenance.destNew));
    valuesOut = plus(valuesOut, known(provenance.valuesOut));
    valuesLatest = plus(valuesLatest, known(provenance.valuesOutLatest));
    words = larger(words, known(provenance.wordsOutShare));
    flagged = plus(flagged, known(provenance.valuesFlagged));
    unrequested = plus(unrequested, 1 - known(provenance.requested));
    if (!call.sideEffect) continue;
    sideValues = plus(sideValues, known(provenance.valuesOut));
    affinity = smaller(affinity, known(provenance.affinity));
  }
  row[DEST_FROM_OUTPUT] = destOut;
  row[DEST_NEW] = destNew;
  row[VALUES_FROM_OUTPUT] = valuesOut;
  row[VALUES_FROM_LATEST] = valuesLatest;
  row[WORDS_FROM_OUTPUT] = words;
  row[SIDE_VALUES_FROM_OUTPUT] = side > 0 ? sideValues : callsReported ? 0 : Number.NaN;
  row[AFFINITY_MIN] = side > 0 ? affinity : computed ? 1 : Number.NaN;
  row[UNREQUESTED_SIDE] = unrequestedSides;
  row[UNREQUESTED_ANY] = unrequested;
  row[VALUES_FLAGGED] = flagged;
}

const CHECKED = at('checked');
const BLOCKED_SHARE = at('blocked_share');
const INJECTION_MAX = at('injection_max');
const INJECTION_AT_SIDE = at('injection_at_side');
const SINCE_FLAGGED = at('since_flagged');
const SIDE_AFTER_TAINT = at('side_after_taint');
const VIOLATIONS = at('violations');
const SECRETS = at('secrets');

function writeTaint(row: Row, { callsReported }: WindowContent, facts: WindowFacts): void {
  let side = 0;
  let tainted = 0;
  let atSide = Number.NaN;
  let sinceFlagged = Number.NaN;
  for (const call of facts.calls) {
    sinceFlagged = larger(sinceFlagged, closeness(call));
    if (!call.sideEffect) continue;
    side++;
    atSide = larger(atSide, call.injection);
    if (call.injection >= FLAGGED_LOGIT) tainted++;
  }
  const { checked, violations } = facts;
  row[CHECKED] = checked;
  row[BLOCKED_SHARE] = checked === 0 ? Number.NaN : facts.blocked / checked;
  row[INJECTION_MAX] = facts.injectionMax;
  row[SINCE_FLAGGED] = sinceFlagged;
  if (Number.isNaN(facts.injectionMax) && checked === 0 && violations === 0) return;
  row[VIOLATIONS] = violations;
  row[SECRETS] = facts.secrets;
  if (!callsReported) return;
  row[INJECTION_AT_SIDE] = side === 0 ? NO_SIDE_EFFECT_LOGIT : atSide;
  row[SIDE_AFTER_TAINT] = tainted;
}

const DECISIONS = at('decisions');
const DENIED_SHARE = at('denied_share');
const DENIED = at('denied');
const RISK_MAX = at('risk_max');
const STEP_UPS = at('step_ups');

function writeAuthority(row: Row, { decisions, denied, riskMax, stepUps }: WindowFacts): void {
  row[DECISIONS] = decisions;
  row[RISK_MAX] = riskMax;
  if (decisions === 0) return;
  row[DENIED_SHARE] = denied / decisions;
  row[DENIED] = denied;
  row[STEP_UPS] = stepUps;
}
