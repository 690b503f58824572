/**
 * From an observed task to the events that ASR publishes: register (once per agent and role), task_started, one metrics event per model
 * turn that has calls, task_ended. Ids are deterministic, so importing the same input twice sends duplicates, not new events. No content:
 * provenance and argument hashes are computed by the content plane and handed in.
 */
import type { Call, Event, EventData, Provenance, RawMetrics } from '@optikal/contracts';
import type { ObservedCall, ObservedTask, ObservedTurn } from './observed.ts';

const DEFAULT_SOURCE = 'optikal/import';
const DEFAULT_TENANT = 'default';
const MAX_CALLS = 512;
const MAX_SHORT = 256;

export type KindOf = (tool: string) => 'network' | 'file' | 'api' | null;

export interface EventOptions {
  /** Source of the events, followed by `/` and the agent, so that ids need be unique per agent only. Default `optikal/import`. */
  readonly source?: string;
  /** Of each call, in the order of `task.calls`; absent = not computed. */
  readonly provenance?: readonly (Provenance | null)[];
  /** Keyed hash of each call's arguments, in the order of `task.calls`; absent = not computed. */
  readonly argHmacs?: readonly (string | null)[];
  /** What a tool touches, for the network and file counts; without it they are null. */
  readonly kindOf?: KindOf;
  /** Also a metrics event for each turn without calls (one API call, nothing else). Default false. */
  readonly silentTurns?: boolean;
}

/** Who an agent is: sent once, before its first task. */
export function registerEvent(task: ObservedTask, source = DEFAULT_SOURCE): Event {
  const identity = { role: short(task.role), owner: null, version: null, model: null, promptHash: null, toolSetHash: null };
  const id = task.role === null ? 'register' : `register:${short(task.role)}`;
  return {
    ...envelope({ ...task, taskId: '' }, source, id.slice(0, MAX_SHORT), task.startMs),
    type: 'argus.agent.lifecycle.v1',
    task: null,
    data: { kind: 'register', ...identity },
  };
}

/**
 * The events of one task in order of event time. `register` is not among them: send `registerEvent` before an agent's first task.
 *
 * @example for (const task of tasks) for (const event of taskEvents(task)) publish(event);
 */
export function taskEvents(task: ObservedTask, options: EventOptions = {}): Event[] {
  const source = options.source ?? DEFAULT_SOURCE;
  const lifecycle = (id: string, timeMs: number, data: EventData<'argus.agent.lifecycle.v1'>): Event => ({
    ...envelope(task, source, `${task.taskId}:${id}`, timeMs),
    type: 'argus.agent.lifecycle.v1',
    data,
  });
  const { taskId } = task;
  const started = { kind: 'task_started' as const, taskId, requestChars: task.request === null ? null : task.request.length };
  const ended = { kind: 'task_ended' as const, taskId, turns: turnCount(task), answerChars: task.answerChars, ok: task.ok };
  const metrics: Event[] = [];
  for (const group of byTurn(task, options.silentTurns ?? false)) metrics.push(...turnEvents(task, group, source, options));
  metrics.sort((a, b) => a.timeMs - b.timeMs);
  return [lifecycle('start', task.startMs, started), ...metrics, lifecycle('end', task.endMs, ended)];
}

interface TurnGroup {
  readonly turn: number;
  readonly seen: ObservedTurn | null;
  /** Indices into `task.calls`. */
  readonly calls: number[];
}

function byTurn(task: ObservedTask, silent: boolean): TurnGroup[] {
  const groups = new Map<number, TurnGroup>();
  const seen = new Map(task.turns.map((turn) => [turn.turn, turn]));
  for (let i = 0; i < task.calls.length; i++) {
    const { turn } = task.calls[i]!;
    let group = groups.get(turn);
    if (group === undefined) {
      group = { turn, seen: seen.get(turn) ?? null, calls: [] };
      groups.set(turn, group);
    }
    group.calls.push(i);
  }
  if (silent) for (const turn of task.turns) if (!groups.has(turn.turn)) groups.set(turn.turn, { turn: turn.turn, seen: turn, calls: [] });
  return [...groups.values()].sort((a, b) => a.turn - b.turn);
}

/** More than 512 calls of one turn are told in several messages. */
function turnEvents(task: ObservedTask, group: TurnGroup, source: string, options: EventOptions): Event[] {
  const events: Event[] = [];
  for (let from = 0; from === 0 || from < group.calls.length; from += MAX_CALLS) {
    const picked = group.calls.slice(from, from + MAX_CALLS);
    const calls = picked.map((index) => wireCall(task, group, index, options));
    const times = calls.map((call) => call.time);
    const endMs = times.length > 0 ? times.reduce((a, b) => Math.max(a, b)) : group.seen!.timeMs;
    const firstMs = from === 0 && group.seen !== null ? group.seen.timeMs : times.reduce((a, b) => Math.min(a, b), endMs);
    const startMs = Math.min(endMs, firstMs);
    const part = from === 0 ? '' : `.${from / MAX_CALLS}`;
    const first = picked[0] === undefined ? null : task.calls[picked[0]]!;
    events.push({
      ...envelope(task, source, `${task.taskId}:t${group.turn}${part}`, endMs, first),
      type: 'argus.agent.metrics.v1',
      data: {
        windowStartMs: startMs,
        windowEndMs: endMs,
        metrics: metricsOf(calls, endMs, from === 0 ? 1 : 0, options.kindOf),
        ...(calls.length > 0 ? { calls } : {}),
      },
    });
  }
  return events;
}

function wireCall(task: ObservedTask, group: TurnGroup, index: number, options: EventOptions): Call {
  const call: ObservedCall = task.calls[index]!;
  const provenance = options.provenance?.[index] ?? null;
  return {
    callId: call.callId,
    taskId: task.taskId,
    turn: call.turn,
    time: call.timeMs,
    tool: short(call.tool) ?? 'unknown',
    ok: call.ok,
    errorKind: short(call.errorKind),
    latencyMs: call.latencyMs,
    argBytes: call.argBytes,
    outBytes: call.outBytes,
    argHmac: options.argHmacs?.[index] ?? null,
    textCharsThisTurn: group.seen?.textChars ?? null,
    ...(call.traceId === undefined || call.traceId === null ? {} : { traceId: call.traceId }),
    ...(call.spanId === undefined || call.spanId === null ? {} : { spanId: call.spanId }),
    ...(provenance === null ? {} : { provenance }),
  };
}

/** What the calls of a turn tell; CPU and memory are not observed, and a made-up zero would be a lie. */
function metricsOf(calls: readonly Call[], timeMs: number, modelCalls: number, kindOf: KindOf | undefined): RawMetrics {
  const kinds = kindOf === undefined ? null : calls.map((call) => kindOf(call.tool));
  const known = kinds?.every((kind) => kind !== null) === true;
  const errors = calls.filter((call) => !call.ok).length;
  const latencies = calls.flatMap((call) => (call.latencyMs === null ? [] : [call.latencyMs]));
  const date = new Date(timeMs);
  return {
    cpu_usage_percent: null,
    memory_usage_mb: null,
    network_calls_count: known ? kinds.filter((kind) => kind === 'network').length : null,
    file_operations_count: known ? kinds.filter((kind) => kind === 'file').length : null,
    api_calls_count: modelCalls + calls.length,
    error_count: errors,
    hour_of_day: date.getUTCHours(),
    day_of_week: (date.getUTCDay() + 6) % 7,
    query_diversity:
      calls.length === 0 ? null : new Set(calls.map((call) => `${call.tool}\n${call.argHmac ?? call.callId}`)).size / calls.length,
    response_time_ms: latencies.length === 0 ? null : latencies.reduce((a, b) => a + b, 0) / latencies.length,
    success_rate: calls.length === 0 ? null : 1 - errors / calls.length,
  };
}

function turnCount(task: ObservedTask): number {
  return new Set([...task.turns.map((turn) => turn.turn), ...task.calls.map((call) => call.turn)]).size;
}

function envelope(task: ObservedTask, source: string, id: string, timeMs: number, call: ObservedCall | null = null) {
  return {
    id,
    source: `${source}/${task.agent}`.slice(0, MAX_SHORT),
    tenant: task.tenant ?? DEFAULT_TENANT,
    agent: task.agent,
    timeMs,
    session: short(task.session),
    task: task.taskId === '' ? null : task.taskId,
    correlation: short(call?.correlation ?? call?.traceId ?? null),
    sequence: null,
  };
}

function short(text: string | null): string | null {
  return text === null || text === '' ? null : text.slice(0, MAX_SHORT);
}
