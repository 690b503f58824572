/** Carries out a planned task: one message per turn, verdicts and decisions around its calls, and what the task leaves in the agent. */
import type { Event } from '@optikal/contracts';
import type { Random } from '@optikal/ml';
import { type AgentState, measure } from './agent-state.ts';
import { chance, hex32, logNormal, pick } from './draw.ts';
import { createOutbox } from './emit.ts';
import { judgeText } from './gateway.ts';
import type { Ledger } from './ledger.ts';
import { spanAt } from './life.ts';
import { type DoneCall, HOSTILE_TRIES, isPressed, performCall, type TaskRun } from './perform-call.ts';
import type { TaskKind } from './roles.ts';
import { type PlannedCall, type PlannedTurn, planCall } from './task-plan.ts';
import type { Tool } from './tools.ts';
import { turnMetrics } from './turn-metrics.ts';
import { type Outage, outageAt } from './weather.ts';

/** An agent at work gives up after so many tries. */
const BENIGN_TRIES = 3;
const DETOUR_SHARE = 0.5;
const CONTEXT_LIMIT_BYTES = 480_000;
const MAX_TURNS = 240;

export interface TaskStart {
  readonly state: AgentState;
  readonly kind: TaskKind;
  readonly turns: readonly PlannedTurn[];
  readonly random: Random;
  readonly outages: readonly Outage[];
  readonly ledger: Ledger;
  readonly tenant: string;
  readonly scope: readonly Tool[];
  readonly taskId: string;
  readonly session: string;
  readonly startMs: number;
}

/** The task's events in order of time, turn by turn; returns when the task ended. */
export function* runTask(start: TaskStart): Generator<Event, number> {
  const { state, random, kind, taskId } = start;
  const hex = Array.from({ length: 4 }, () => hex32(random.nextUint32())).join('');
  const run: TaskRun = {
    ...start,
    outbox: createOutbox(state, start.tenant),
    thread: { session: start.session, task: taskId, correlation: hex },
    callCount: 0,
    outputs: 0,
    flagged: 0,
    latestFlagged: false,
    contextBytes: 0,
    named: [],
    mentions: new Map(),
  };
  const { outbox, thread } = run;
  const { gateway } = state.plan.sensors;
  const requestChars = Math.max(8, Math.round(logNormal(random, kind.style === 'runbook' ? 90 : 150, 0.6)));
  run.contextBytes = 1500 + requestChars;
  outbox.put('argus.agent.lifecycle.v1', start.startMs, { kind: 'task_started', taskId, requestChars });
  if (gateway !== 'none') outbox.put('argus.io.validation.v1', start.startMs + 1, judgeText('input', random.nextUint32(), taskId));
  yield* outbox.take(thread);

  let clockMs = start.startMs + 5;
  let failed = 0;
  const queue = [...start.turns];
  let turn = 0;
  for (let next = queue.shift(); next !== undefined && turn < MAX_TURNS; next = queue.shift(), turn++) {
    const done = runTurn(run, next, turn, clockMs);
    clockMs = done.endMs + 1;
    const failures = done.calls.filter((call) => !call.call.ok);
    failed += failures.length;
    const again = failures.filter((call) => triesAgain(call, run)).map(({ planned }) => ({ ...planned, tries: planned.tries + 1 }));
    if (again.length > 0) queue.unshift({ ...next, calls: again });
    else queue.unshift(...failures.flatMap((call) => detour(call, run)));
    yield* outbox.take(thread);
  }
  for (const destination of run.named) state.known.add(destination);

  const answerChars = Math.round(logNormal(random, 420 * state.habits.textScale, 0.8));
  clockMs += Math.round(logNormal(random, 2200 * state.habits.paceScale, 0.5));
  const turns = turn + 1;
  if (gateway === 'all') outbox.put('argus.io.validation.v1', clockMs, judgeText('output', random.nextUint32(), taskId));
  const ok = chance(random, 0.06) ? null : chance(random, 0.96 - Math.min(0.5, failed * 0.08));
  outbox.put('argus.agent.lifecycle.v1', clockMs + 1, { kind: 'task_ended', taskId, turns, answerChars, ok });
  yield* outbox.take(thread);
  return clockMs + 1;
}

function triesAgain({ planned, call }: DoneCall, { random, outages }: TaskRun): boolean {
  if (isPressed(planned)) return planned.tries < HOSTILE_TRIES;
  const down = outageAt(outages, call.time, planned.tool.kind) !== null;
  return planned.tries < BENIGN_TRIES && chance(random, down ? 0.7 : 0.5);
}

/** What is down is asked elsewhere: another reading tool of the task, of a kind that works. */
function detour({ planned, call }: DoneCall, { random, outages, kind }: TaskRun): PlannedTurn[] {
  const { tool } = planned;
  if (planned.campaign !== null || tool.side || outageAt(outages, call.time, tool.kind) === null || !chance(random, DETOUR_SHARE))
    return [];
  const others = kind.flow.tools.filter((other) => !other.side && other.kind !== tool.kind);
  if (others.length === 0) return [];
  return [{ calls: [planCall(pick(random, others), random, random.nextUint32())], heat: 0, tokenScale: 1 }];
}

function runTurn(run: TaskRun, turn: PlannedTurn, number: number, startMs: number): { calls: DoneCall[]; endMs: number } {
  const { state, random, outbox } = run;
  const { textScale, paceScale } = state.habits;
  const textChars = chance(random, 0.55) ? 0 : Math.round(logNormal(random, 130 * textScale, 0.8));
  const thinkMs = paceScale * (logNormal(random, 1500, 0.5) + textChars * 4 + run.contextBytes / 60) + 20;
  const issueMs = startMs + Math.round(thinkMs);
  // Parallel calls share what was read before the turn, not what their neighbours return.
  const before = { outputs: run.outputs, flagged: run.flagged, latestFlagged: run.latestFlagged };
  const calls = turn.calls.map((planned: PlannedCall) => performCall(run, planned, before, number, issueMs, textChars));
  const endMs = Math.max(...calls.map((call) => call.call.time)) + 3 + random.nextInt(40);
  const read = calls.filter((call) => call.call.ok);
  run.outputs += read.length;
  run.flagged += read.filter((call) => call.flagged).length;
  run.latestFlagged = read.some((call) => call.flagged);
  run.contextBytes = Math.min(
    CONTEXT_LIMIT_BYTES,
    run.contextBytes +
      textChars +
      calls.reduce((sum, { call }) => sum + (call.argBytes ?? 0) + Math.min(40_000, call.outBytes ?? 0), 0) * Math.sqrt(turn.tokenScale),
  );
  const sees = state.plan.sensors.resources && spanAt(state.plan.life.gaps, endMs) === null;
  const resources = sees ? measure(state, endMs, turn.heat, calls.length, run.contextBytes, random) : null;
  const tokensIn = Math.round((run.contextBytes / 4) * turn.tokenScale);
  const tokensOut = Math.round((textChars + calls.reduce((sum, { call }) => sum + (call.argBytes ?? 0), 0)) / 4 + 12 * calls.length);
  outbox.put('argus.agent.metrics.v1', endMs, {
    windowStartMs: startMs,
    windowEndMs: endMs,
    metrics: turnMetrics(calls, resources, endMs),
    calls: calls.map((call) => call.call),
    tokensIn,
    tokensOut,
  });
  return { calls, endMs };
}
