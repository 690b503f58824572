/**
 * Follows one window through the tasks of its agent, in event time, and notes for each call what could be known before it: surprise under
 * role and own history, what was read before, provenance, taint, policy. A call sees outputs of EARLIER turns of its task only. Changes
 * the profile's open tasks; nothing is learnt here (see learnFrom), so an early look works on a copy.
 */
import { WINDOW_MS } from '../stream/limits.ts';
import { tallyCall, tallyEnd } from './agent-drift/tally.ts';
import { callKey, ofCall, type WindowCall, type WindowContent, type WindowItem } from './content.ts';
import { stepSurprise, tokenOf, toolSurprise } from './counts.ts';
import { known, larger } from './features/columns.ts';
import type { FleetView } from './fleet.ts';
import {
  type AgentProfile,
  countRepeat,
  forkBaseline,
  newPending,
  openTask,
  rememberCall,
  rememberVerdict,
  TASK_IDLE_MS,
  type TaskState,
} from './profile.ts';
import { isSideEffect } from './tool-lookup.ts';

/** A score at or above this logit counts as flagged: probability ½. */
export const FLAGGED_LOGIT = 0;
/** Kinds of findings that are secrets, in the words of any gateway. */
export const SECRET_KIND = /secret|credential|api[_ -]?key/i;
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
  /** Calls of earlier turns since the last flagged output; NaN = none was flagged. */
  readonly sinceFlagged: number;
  /** A policy decision on this call forbids (1) or none does (0), and the highest risk of such decisions; NaN = there is none. */
  readonly denied: number;
  readonly risk: number;
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
  const tasks = new WindowTasks(profile, startMs);
  const calls: CallFacts[] = [];
  const count = { checked: 0, blocked: 0, violations: 0, secrets: 0, decisions: 0, denied: 0, stepUps: 0, riskMax: Number.NaN };
  // Most windows hold calls and nothing that speaks of them.
  const judged = content.items.length > content.calls.length;
  const policy = judged ? policyByCall(content.items) : NO_POLICY;
  const followed = new Map<string, FollowedCall>();
  const judgeOutput = (taskId: string | null, callId: string | null, timeMs: number, logit: number): void => {
    const call = callId === null ? undefined : ofCall(followed, taskId ?? '', callId);
    const task = tasks.touch(taskId ?? call?.taskId ?? '', timeMs);
    if (call !== undefined && call.taskId === task.id) taint(task, logit, call.turn);
    else if (callId === null || task.recent.includes(tokenOf(callId)) || !rememberVerdict(task, tokenOf(callId), logit))
      taint(task, logit, task.turn);
  };
  for (const item of content.items) {
    switch (item.kind) {
      case 'lifecycle':
        if (item.data.kind === 'register' || item.data.kind === 'deploy') {
          if (item.data.role !== null) profile.role = item.data.role.toWellFormed();
          if (item.data.kind === 'register' && profile.version === null) profile.version = item.data.version;
          else if (item.data.version !== null && item.data.version !== profile.version) forkBaseline(profile, item.data.version);
        } else if (item.data.kind === 'task_started') tasks.start(item.data.taskId, item.timeMs);
        else if (item.data.kind === 'task_ended') tallyEnd(tasks.end(item.data.taskId, item.timeMs).tally, item.data);
        break;
      case 'call': {
        const { call, taskId } = item.call;
        const task = tasks.open(taskId, item.timeMs);
        calls.push(followCall(item.call, task, profile, fleet, ofCall(policy, taskId, call.callId)));
        if (!judged) break;
        for (const key of [callKey(taskId, call.callId), callKey(null, call.callId)])
          followed.set(key, { taskId, turn: call.turn ?? task.turn });
        break;
      }
      case 'verdict': {
        const { direction, callId, taskId, verdict, score, findings } = item.event.data;
        count.checked++;
        if (verdict !== 'allow') count.blocked++;
        for (const finding of findings) if (SECRET_KIND.test(finding.kind)) count.secrets++;
        if (direction === 'output') break;
        const logit = score === null ? (verdict === 'allow' ? -SURE_LOGIT : SURE_LOGIT) : logitOf(score);
        const named = taskId ?? item.event.task;
        if (direction === 'input') taint(tasks.touch(named ?? '', item.timeMs), logit, -1);
        else judgeOutput(named, callId, item.timeMs, logit);
        break;
      }
      case 'violation': {
        const { kind, callId, taskId } = item.event.data;
        count.violations++;
        if (kind === 'secret_leak') count.secrets++;
        if (kind !== 'prompt_injection' && kind !== 'tool_poisoning') break;
        judgeOutput(taskId ?? item.event.task, callId, item.timeMs, SURE_LOGIT);
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
  const { checked, blocked, violations, secrets, decisions, denied, stepUps, riskMax } = count;
  const injectionMax = tasks.injectionMax();
  const { touched, ended } = tasks;
  return { calls, checked, blocked, violations, secrets, decisions, denied, stepUps, riskMax, injectionMax, touched, ended };
}

/** The tasks of an agent in one window: which had an event in it, and which ended in it. */
class WindowTasks {
  readonly #profile: AgentProfile;
  readonly #startMs: number;
  readonly #touched = new Set<TaskState>();
  /** Idle for too long before this window, and not spoken of since; they are among the ended. */
  #idle: Set<TaskState> | null = null;
  #ended: Set<TaskState> | null = null;
  #latest: TaskState | null = null;

  constructor(profile: AgentProfile, startMs: number) {
    this.#profile = profile;
    this.#startMs = startMs;
    for (const task of profile.tasks)
      if (task.lastMs + TASK_IDLE_MS <= startMs) {
        this.#idle ??= new Set();
        this.#idle.add(task);
        this.#endTask(task);
      }
  }

  get touched(): readonly TaskState[] {
    return [...this.#touched];
  }

  get ended(): readonly TaskState[] {
    return this.#ended === null ? [] : [...this.#ended];
  }

  touch(id: string, timeMs: number): TaskState {
    // A call with a wrong clock neither ends its task nor keeps it open for ever.
    const withinMs = Math.min(Math.max(timeMs, this.#startMs), this.#startMs + WINDOW_MS - 1);
    const task = this.#taskOf(id, withinMs);
    task.lastMs = Math.max(task.lastMs, withinMs);
    this.#touched.add(task);
    // Whatever speaks of an idle task wakes it; one that was ended is opened again by a call only.
    if (this.#idle?.delete(task) === true) this.#ended?.delete(task);
    return task;
  }

  /** By a call. */
  open(id: string, timeMs: number): TaskState {
    const task = this.touch(id, timeMs);
    this.#ended?.delete(task);
    return task;
  }

  /** The tasks that are open end where another starts. */
  start(id: string, timeMs: number): void {
    this.#idle = null;
    for (const task of this.#profile.tasks) if (task.id !== id) this.#endTask(task);
    const task = this.touch(id, timeMs);
    this.#ended?.delete(task);
  }

  end(id: string, timeMs: number): TaskState {
    const task = this.touch(id, timeMs);
    this.#endTask(task);
    return task;
  }

  injectionMax(): number {
    let max = Number.NaN;
    for (const { injection, pending, ahead } of this.#touched) {
      if (injection !== null) max = larger(max, injection);
      if (pending.injection !== null) max = larger(max, pending.injection);
      for (const [, logit] of ahead) max = larger(max, logit);
    }
    return max;
  }

  #taskOf(id: string, withinMs: number): TaskState {
    // Calls come in runs of one task.
    if (this.#latest !== null && this.#latest.id === id && this.#profile.tasks.includes(this.#latest)) return this.#latest;
    const { task, displaced } = openTask(this.#profile, id, withinMs);
    if (displaced !== null) this.#endTask(displaced);
    this.#latest = task;
    return task;
  }

  #endTask(task: TaskState): void {
    this.#ended ??= new Set();
    this.#ended.add(task);
  }
}

interface FollowedCall {
  readonly taskId: string;
  readonly turn: number;
}

interface CallPolicy {
  readonly denied: number;
  readonly risk: number;
}

const NO_POLICY: ReadonlyMap<string, CallPolicy> = new Map();

function followCall(call: WindowCall, task: TaskState, profile: AgentProfile, fleet: FleetView, policy: CallPolicy | undefined): CallFacts {
  const turn = call.call.turn ?? task.turn + 1;
  if (turn > task.turn) rollTurn(task, turn);
  const token = tokenOf(call.call.tool);
  const callToken = tokenOf(call.call.callId);
  if (task.ahead.length > 0) meetVerdicts(task, callToken);
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
    repeats: call.call.argHmac === null ? 0 : countRepeat(task, tokenOf(`${call.call.tool}\n${call.call.argHmac}`)),
    newTool: own.total > 0 ? (own.tools.has(token) ? 0 : 1) : Number.NaN,
    injection: task.injection ?? Number.NaN,
    sinceFlagged: task.sinceFlagged ?? Number.NaN,
    denied: policy?.denied ?? Number.NaN,
    risk: policy?.risk ?? Number.NaN,
  };
  rememberCall(task, token, callToken);
  tallyCall(task.tally, call.call, facts.repeats > 0);
  const { pending } = task;
  pending.calls++;
  pending.outBytes += call.call.outBytes ?? 0;
  if (sideEffect) pending.sideEffects++;
  else pending.reads++;
  return facts;
}

/** A new turn has read everything that earlier turns produced. */
function rollTurn(task: TaskState, turn: number): void {
  const { pending, ahead } = task;
  task.turn = turn;
  task.reads += pending.reads;
  task.sideEffects += pending.sideEffects;
  task.outBytes += pending.outBytes;
  if (pending.injection !== null) task.injection = highest(task.injection, pending.injection);
  if (pending.flagged) task.sinceFlagged = 0;
  else if (task.sinceFlagged !== null) task.sinceFlagged += pending.calls;
  task.pending = newPending();
  // Verdicts that wait for their call are of this turn, or their call was lost: from the next turn on they count.
  task.ahead = [];
  for (const [, logit] of ahead) taint(task, logit, turn);
}

/** Verdicts on a call of the present turn that came before it. */
function meetVerdicts(task: TaskState, callToken: string): void {
  const { ahead } = task;
  task.ahead = ahead.filter(([token]) => token !== callToken);
  for (const [token, logit] of ahead) if (token === callToken) taint(task, logit, task.turn);
}

/** An output of turn `turn` was judged: later turns see it. */
function taint(task: TaskState, logit: number, turn: number): void {
  if (turn < task.turn) {
    task.injection = highest(task.injection, logit);
    if (logit >= FLAGGED_LOGIT) task.sinceFlagged = 0;
    return;
  }
  task.pending.injection = highest(task.pending.injection, logit);
  if (logit >= FLAGGED_LOGIT) task.pending.flagged = true;
}

function highest(known: number | null, logit: number): number {
  return known === null ? logit : Math.max(known, logit);
}

function logitOf(score: number): number {
  return Math.min(LOGIT_BOUND, Math.max(-LOGIT_BOUND, Math.log(score / (1 - score))));
}

/** Decisions of the policy on single calls; a decision may come before or after the call in the window. */
function policyByCall(items: readonly WindowItem[]): ReadonlyMap<string, CallPolicy> {
  const decisions = new Map<string, CallPolicy>();
  for (const item of items) {
    if (item.kind !== 'decision') continue;
    const { cause, callId, taskId, decision, riskScore } = item.event.data;
    if (cause !== 'policy' || callId === null) continue;
    const key = callKey(taskId ?? item.event.task, callId);
    const before = decisions.get(key);
    decisions.set(key, {
      denied: Math.max(before?.denied ?? 0, decision === 'forbid' ? 1 : 0),
      risk: larger(before?.risk ?? Number.NaN, known(riskScore)),
    });
  }
  return decisions;
}
