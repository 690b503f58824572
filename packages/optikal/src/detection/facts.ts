/**
 * Follows one window through the tasks of its agent, in event time, and notes for each call what could be known before it: surprise under
 * role and own history, what was read before, provenance, taint, policy. A call sees outputs of EARLIER turns of its task only. Changes
 * the profile's open tasks; nothing is learnt here (see learn.ts), so an early look works on a copy.
 */
import { stepSurprise, tokenOf, toolSurprise } from './counts.ts';
import type { WindowCall, WindowContent, WindowItem } from './content.ts';
import type { FleetView } from './fleet.ts';
import { type AgentProfile, countRepeat, forkBaseline, openTask, rememberStep, TASK_IDLE_MS, type TaskState } from './profile.ts';
import { isSideEffect } from './tool-lookup.ts';

/** A score at or above this logit counts as flagged: probability ½. */
export const FLAGGED_LOGIT = 0;
/** Logit given to a verdict without a score, and the bounds of a score's logit. */
const SURE_LOGIT = 4;
const LOGIT_BOUND = 7;

export interface CallFacts {
  readonly call: WindowCall;
  readonly sideEffect: boolean;
  readonly roleSurprise: number;
  readonly roleOrder: number;
  readonly ownSurprise: number;
  readonly ownOrder: number;
  readonly readBytesBefore: number;
  readonly readsBefore: number;
  readonly sideEffectsBefore: number;
  readonly repeats: number;
  readonly newTool: number;
  /** Highest injection logit over outputs of earlier turns; NaN = none was checked. */
  readonly injection: number;
  /** Calls since the last flagged output; NaN = none was flagged. */
  readonly sinceFlagged: number;
  denied: number;
  risk: number;
}

export interface WindowFacts {
  readonly calls: readonly CallFacts[];
  readonly checked: number;
  readonly blocked: number;
  readonly violations: number;
  readonly secrets: number;
  readonly decisions: number;
  readonly denied: number;
  readonly stepUps: number;
  readonly riskMax: number;
  /** Highest injection logit in any task of the window at its end, its own outputs included; NaN = nothing was checked. */
  readonly injectionMax: number;
  /** Tasks that had an event in this window, and those of them that ended in it. */
  readonly touched: readonly TaskState[];
  readonly ended: readonly TaskState[];
}

export function followWindow(content: WindowContent, profile: AgentProfile, fleet: FleetView, startMs: number): WindowFacts {
  const ended = new Set<TaskState>(profile.tasks.filter((task) => task.lastMs + TASK_IDLE_MS <= startMs));
  const touched = new Set<TaskState>();
  const calls: CallFacts[] = [];
  const byCallId = new Map<string, CallFacts>();
  const count = { checked: 0, blocked: 0, violations: 0, secrets: 0, decisions: 0, denied: 0, stepUps: 0, riskMax: Number.NaN };
  const touch = (id: string, timeMs: number): TaskState => {
    const task = openTask(profile, id, timeMs);
    task.lastMs = Math.max(task.lastMs, timeMs);
    touched.add(task);
    ended.delete(task);
    return task;
  };
  const deniedCalls = deniedByCall(content.items);
  for (const item of content.items) {
    switch (item.kind) {
      case 'lifecycle':
        if (item.data.kind === 'register' || item.data.kind === 'deploy') {
          if (item.data.role !== null) profile.role = item.data.role;
          if (item.data.kind === 'register' && profile.version === null) profile.version = item.data.version;
          else if (item.data.version !== null && item.data.version !== profile.version) forkBaseline(profile, item.data.version);
        } else if (item.data.kind === 'task_started') {
          for (const task of profile.tasks) if (task.id !== item.data.taskId) ended.add(task);
          touch(item.data.taskId, item.timeMs);
        } else if (item.data.kind === 'task_ended') {
          ended.add(touch(item.data.taskId, item.timeMs));
        }
        break;
      case 'call': {
        const facts = followCall(item.call, touch(item.call.taskId, item.timeMs), profile, fleet);
        const policy = deniedCalls.get(item.call.call.callId);
        if (policy !== undefined) {
          facts.denied = policy.denied ? 1 : 0;
          facts.risk = policy.risk;
        }
        calls.push(facts);
        byCallId.set(item.call.call.callId, facts);
        break;
      }
      case 'verdict': {
        const { direction, callId, taskId, verdict, score, findings } = item.event.data;
        count.checked++;
        if (verdict !== 'allow') count.blocked++;
        for (const finding of findings) if (/secret|credential|api[_ -]?key/i.test(finding.kind)) count.secrets++;
        if (direction === 'output') break;
        const task = touch(taskId ?? item.event.task ?? callTask(byCallId, callId) ?? '', item.timeMs);
        const logit = score === null ? (verdict === 'allow' ? -SURE_LOGIT : SURE_LOGIT) : logitOf(score);
        taint(task, logit, direction === 'input' ? -1 : callTurn(byCallId, callId, task));
        break;
      }
      case 'violation': {
        const { kind, callId, taskId } = item.event.data;
        count.violations++;
        if (kind === 'secret_leak') count.secrets++;
        if (kind !== 'prompt_injection' && kind !== 'tool_poisoning') break;
        const task = touch(taskId ?? item.event.task ?? callTask(byCallId, callId) ?? '', item.timeMs);
        taint(task, SURE_LOGIT, callTurn(byCallId, callId, task));
        break;
      }
      case 'decision': {
        // INVARIANT: what Optikal's own risk caused is not a feature, or the loop would feed itself.
        const { cause, decision, riskScore } = item.event.data;
        if (cause !== 'policy') break;
        count.decisions++;
        if (decision === 'forbid') count.denied++;
        if (decision === 'step_up') count.stepUps++;
        if (riskScore !== null) count.riskMax = Number.isNaN(count.riskMax) ? riskScore : Math.max(count.riskMax, riskScore);
        break;
      }
    }
  }
  let injectionMax = Number.NaN;
  for (const task of touched)
    for (const logit of [task.injection, task.pending.injection])
      if (logit !== null && !(logit <= injectionMax)) injectionMax = logit;
  return { calls, ...count, injectionMax, touched: [...touched], ended: [...ended] };
}

function followCall(call: WindowCall, task: TaskState, profile: AgentProfile, fleet: FleetView): CallFacts {
  const turn = call.call.turn ?? task.turn + 1;
  if (turn > task.turn) rollTurn(task, turn);
  const token = tokenOf(call.call.tool);
  const role = (fleet.role ?? fleet.fleet).counts;
  const { own } = profile;
  const sideEffect = isSideEffect(call.effect);
  const facts: CallFacts = {
    call,
    sideEffect,
    roleSurprise: role.total > 0 ? toolSurprise(role, token) : Number.NaN,
    roleOrder: role.total > 0 ? stepSurprise(role, task.previous, token) : Number.NaN,
    ownSurprise: own.total > 0 ? toolSurprise(own, token) : Number.NaN,
    ownOrder: own.total > 0 ? stepSurprise(own, task.previous, token) : Number.NaN,
    readBytesBefore: Math.log1p(task.outBytes),
    readsBefore: task.reads,
    sideEffectsBefore: task.sideEffects,
    repeats: countRepeat(task, tokenOf(`${call.call.tool}\n${call.call.argHmac ?? call.call.callId}`)),
    newTool: own.total > 0 ? (own.tools.has(token) ? 0 : 1) : Number.NaN,
    injection: task.injection ?? Number.NaN,
    sinceFlagged: task.sinceFlagged ?? Number.NaN,
    denied: Number.NaN,
    risk: Number.NaN,
  };
  rememberStep(task, task.previous, token);
  task.previous = token;
  task.pending.outBytes += call.call.outBytes ?? 0;
  if (sideEffect) task.pending.sideEffects++;
  else task.pending.reads++;
  if (task.sinceFlagged !== null) task.sinceFlagged++;
  return facts;
}

/** A new turn has read everything that earlier turns produced. */
function rollTurn(task: TaskState, turn: number): void {
  const { pending } = task;
  task.turn = turn;
  task.reads += pending.reads;
  task.sideEffects += pending.sideEffects;
  task.outBytes += pending.outBytes;
  if (pending.injection !== null) task.injection = Math.max(task.injection ?? Number.NEGATIVE_INFINITY, pending.injection);
  if (pending.flagged) task.sinceFlagged = 0;
  task.pending = { reads: 0, sideEffects: 0, outBytes: 0, injection: null, flagged: false };
}

/** An output of turn `turn` was judged: later turns see it. */
function taint(task: TaskState, logit: number, turn: number): void {
  if (turn < task.turn) {
    task.injection = Math.max(task.injection ?? Number.NEGATIVE_INFINITY, logit);
    if (logit >= FLAGGED_LOGIT) task.sinceFlagged ??= 0;
    return;
  }
  task.pending.injection = Math.max(task.pending.injection ?? Number.NEGATIVE_INFINITY, logit);
  if (logit >= FLAGGED_LOGIT) task.pending.flagged = true;
}

function callTurn(calls: ReadonlyMap<string, CallFacts>, callId: string | null, task: TaskState): number {
  return (callId === null ? undefined : calls.get(callId)?.call.call.turn) ?? task.turn;
}

function callTask(calls: ReadonlyMap<string, CallFacts>, callId: string | null): string | undefined {
  return callId === null ? undefined : calls.get(callId)?.call.taskId;
}

function logitOf(score: number): number {
  return Math.min(LOGIT_BOUND, Math.max(-LOGIT_BOUND, Math.log(score / (1 - score))));
}

/** Decisions of the policy on single calls; a decision may come before or after the call in the window. */
function deniedByCall(items: readonly WindowItem[]): ReadonlyMap<string, { denied: boolean; risk: number }> {
  const decisions = new Map<string, { denied: boolean; risk: number }>();
  for (const item of items) {
    if (item.kind !== 'decision') continue;
    const { cause, callId, decision, riskScore } = item.event.data;
    if (cause !== 'policy' || callId === null) continue;
    decisions.set(callId, { denied: decision === 'forbid', risk: riskScore ?? Number.NaN });
  }
  return decisions;
}
