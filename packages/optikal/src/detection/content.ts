/**
 * What one window holds, sorted and typed: calls with their tools looked up, verdicts, violations, decisions, lifecycle, and the 11 raw
 * metrics. Where messages carry calls, the metrics are derived from them; else the messages of the window merge (DESIGN 4).
 */
import type { AgentLifecycle, Call, Effect, Event, EventOf, Provenance } from '@optikal/contracts';
import type { ToolInfo, ToolLookup } from './tool-lookup.ts';

export interface WindowCall {
  readonly call: Call;
  readonly taskId: string;
  readonly tool: ToolInfo;
  readonly effect: Effect;
  readonly provenance: Provenance | null;
}

/** What happens in a window, in order of event time. */
export type WindowItem =
  | { readonly kind: 'call'; readonly timeMs: number; readonly call: WindowCall }
  | { readonly kind: 'verdict'; readonly timeMs: number; readonly event: EventOf<'argus.io.validation.v1'> }
  | { readonly kind: 'violation'; readonly timeMs: number; readonly event: EventOf<'argus.security.violations.v1'> }
  | { readonly kind: 'decision'; readonly timeMs: number; readonly event: EventOf<'argus.policy.decisions.v1'> }
  | { readonly kind: 'lifecycle'; readonly timeMs: number; readonly data: AgentLifecycle };

/** Raw metrics as numbers, NaN = not observed, in the order of RAW_METRICS. */
export interface RawValues {
  cpu: number;
  memory: number;
  network: number;
  files: number;
  api: number;
  errors: number;
  hour: number;
  weekday: number;
  diversity: number;
  responseMs: number;
  success: number;
}

export interface WindowContent {
  readonly items: readonly WindowItem[];
  readonly calls: readonly WindowCall[];
  readonly raw: RawValues;
  /** A message carried `calls`, if only an empty list: without one, counts of calls are not zero but unknown. */
  readonly callsReported: boolean;
  /** Something was done or judged: a window of lifecycle and verdicts alone is not scored. */
  readonly active: boolean;
  readonly session: string | null;
  readonly correlationIds: readonly string[];
}

const MAX_CORRELATIONS = 16;

/** `records` sorted by (event time, id), as `stream/window.sortedRecords` gives them. */
export function readWindow(records: readonly Event[], tools: ToolLookup): WindowContent {
  const override = new Map<string, Provenance>();
  for (const record of records)
    if (record.type === 'argus.call.provenance.v1')
      override.set(callKey(record.data.taskId ?? record.task, record.data.callId), record.data.provenance);
  const items: WindowItem[] = [];
  const calls: WindowCall[] = [];
  const correlations = new Set<string>();
  let session: string | null = null;
  let active = false;
  let callsReported = false;
  for (const record of records) {
    session ??= record.session;
    if (record.correlation !== null && correlations.size < MAX_CORRELATIONS) correlations.add(record.correlation);
    const { timeMs } = record;
    switch (record.type) {
      case 'argus.agent.metrics.v1':
        active = true;
        if (record.data.calls !== undefined) callsReported = true;
        for (const call of record.data.calls ?? []) calls.push(windowCall(call, record.task, override, tools));
        break;
      case 'argus.io.validation.v1':
        items.push({ kind: 'verdict', timeMs, event: record });
        break;
      case 'argus.security.violations.v1':
        active = true;
        items.push({ kind: 'violation', timeMs, event: record });
        break;
      case 'argus.policy.decisions.v1':
        if (record.data.cause === 'policy') active = true;
        items.push({ kind: 'decision', timeMs, event: record });
        break;
      case 'argus.agent.lifecycle.v1':
        items.push({ kind: 'lifecycle', timeMs, data: record.data });
        break;
      case 'argus.call.provenance.v1':
        break;
    }
  }
  calls.sort((a, b) => a.call.time - b.call.time || (a.call.callId < b.call.callId ? -1 : a.call.callId > b.call.callId ? 1 : 0));
  for (const call of calls) items.push({ kind: 'call', timeMs: call.call.time, call });
  // Stable: what shares a millisecond and a rank keeps the sorted order of the records.
  items.sort((a, b) => a.timeMs - b.timeMs || rankOf(a) - rankOf(b));
  return { items, calls, raw: rawValues(records, calls), callsReported, active, session, correlationIds: [...correlations].sort() };
}

/** Within a millisecond a task starts before its calls, and ends after all else. */
function rankOf(item: WindowItem): number {
  if (item.kind === 'call') return 1;
  return item.kind === 'lifecycle' && item.data.kind === 'task_ended' ? 2 : 0;
}

/** A call id belongs to its task; a message that names no task speaks of any. The length keeps the two parts apart. */
export function callKey(taskId: string | null, callId: string): string {
  return taskId === null ? `?${callId}` : `${taskId.length}:${taskId}${callId}`;
}

/** What messages say of a call: those that name its task first. */
export function ofCall<T>(said: ReadonlyMap<string, T>, taskId: string, callId: string): T | undefined {
  return said.size === 0 ? undefined : (said.get(callKey(taskId, callId)) ?? said.get(callKey(null, callId)));
}

function windowCall(call: Call, task: string | null, override: ReadonlyMap<string, Provenance>, tools: ToolLookup): WindowCall {
  const tool = tools(call.tool);
  const taskId = call.taskId ?? task ?? '';
  return {
    call,
    taskId,
    tool,
    effect: believedEffect(tool, call.effect ?? null),
    provenance: ofCall(override, taskId, call.callId) ?? call.provenance ?? null,
  };
}

const RANK: Readonly<Record<Effect, number>> = { unknown: 0, read: 1, write: 2, account: 3, money: 4 };

/** The sender's own word fills what nobody knows and can only raise what the classifier guessed. */
export function believedEffect(tool: ToolInfo, declared: Effect | null): Effect {
  if (declared === null || tool.belief === 'user' || tool.belief === 'mcp') return tool.effect;
  return RANK[declared] > RANK[tool.effect] ? declared : tool.effect;
}

/** Sums of what was observed; NaN where nothing was. */
class Total {
  sum = 0;
  seen = false;
  add(value: number | null | undefined, weight = 1): void {
    if (value === null || value === undefined) return;
    this.sum += value * weight;
    this.seen = true;
  }
  get value(): number {
    return this.seen ? this.sum : Number.NaN;
  }
}

class Mean {
  #sum = 0;
  #weight = 0;
  add(value: number | null, weight: number): void {
    if (value === null) return;
    this.#sum += value * weight;
    this.#weight += weight;
  }
  get value(): number {
    return this.#weight > 0 ? this.#sum / this.#weight : Number.NaN;
  }
}

function rawValues(records: readonly Event[], calls: readonly WindowCall[]): RawValues {
  const [network, files, api, errors] = [new Total(), new Total(), new Total(), new Total()];
  const [cpu, memory, response, success] = [new Mean(), new Mean(), new Mean(), new Mean()];
  let messages = 0;
  let diversity = Number.NaN;
  let timeMs = Number.NaN;
  for (const record of records) {
    if (record.type !== 'argus.agent.metrics.v1') continue;
    const { metrics, calls: own } = record.data;
    messages++;
    if (Number.isNaN(timeMs)) timeMs = record.timeMs;
    const weight = Math.max(1, metrics.api_calls_count ?? own?.length ?? 1);
    cpu.add(metrics.cpu_usage_percent, weight);
    memory.add(metrics.memory_usage_mb, weight);
    response.add(metrics.response_time_ms, weight);
    // An empty list leaves nothing to derive from: the message's own counts stand.
    if (own !== undefined && own.length > 0) continue;
    network.add(metrics.network_calls_count);
    files.add(metrics.file_operations_count);
    api.add(metrics.api_calls_count);
    errors.add(metrics.error_count);
    success.add(metrics.success_rate, weight);
    diversity = messages === 1 ? (metrics.query_diversity ?? Number.NaN) : Number.NaN;
  }
  if (calls.length > 0) {
    for (const { call, tool } of calls) {
      network.add(tool.kind === null ? null : tool.kind === 'network' ? 1 : 0);
      files.add(tool.kind === null ? null : tool.kind === 'file' ? 1 : 0);
      api.add(1);
      errors.add(call.ok ? 0 : 1);
      success.add(call.ok ? 1 : 0, 1);
    }
    api.add(countTurns(calls));
    diversity = countDistinct(calls) / calls.length;
    if (Number.isNaN(response.value)) for (const { call } of calls) response.add(call.latencyMs, 1);
  }
  const date = new Date(timeMs);
  return {
    cpu: cpu.value,
    memory: memory.value,
    network: network.value,
    files: files.value,
    api: api.value,
    errors: errors.value,
    hour: declaredOr(records, 'hour_of_day', date.getUTCHours()),
    weekday: declaredOr(records, 'day_of_week', (date.getUTCDay() + 6) % 7),
    diversity,
    responseMs: response.value,
    success: success.value,
  };
}

/** Distinct (task, turn); a call without a turn is one of its own. */
export function countTurns(calls: readonly WindowCall[]): number {
  return new Set(calls.map(({ taskId, call }) => callKey(taskId, call.turn === null ? `c${call.callId}` : `t${call.turn}`))).size;
}

/** Distinct (tool, arguments); arguments without a hash equal no others. */
export function countDistinct(calls: readonly WindowCall[]): number {
  return new Set(calls.map(({ call }) => callKey(call.tool, call.argHmac === null ? `c${call.callId}` : `h${call.argHmac}`))).size;
}

/** The agent's own clock (its time zone) where a message tells it, else UTC. */
function declaredOr(records: readonly Event[], name: 'hour_of_day' | 'day_of_week', derived: number): number {
  for (const record of records)
    if (record.type === 'argus.agent.metrics.v1') {
      const value = record.data.metrics[name];
      if (value !== null) return value;
    }
  return derived;
}
