/**
 * What one window holds, sorted and typed: calls with their tools looked up, verdicts, violations, decisions, lifecycle, and the 11 raw
 * metrics. Where messages carry calls, the metrics are derived from them; else the messages of the window merge (DESIGN 4).
 */
import type { AgentLifecycle, Call, Effect, Event, EventOf, Provenance } from '@optikal/contracts';
import { known, plus } from './features/columns.ts';
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
  /** Distinct (task, turn), a call without a turn being one of its own; distinct (tool, arguments), arguments without a hash equalling no others. */
  readonly turnCount: number;
  readonly distinctCount: number;
  readonly raw: RawValues;
  /** A message carried `calls`, if only an empty list: without one, counts of calls are not zero but unknown. */
  readonly callsReported: boolean;
  /** Something was done or judged: a window of lifecycle and verdicts alone is not scored. */
  readonly active: boolean;
  readonly session: string | null;
  readonly correlationIds: readonly string[];
}

const MAX_CORRELATIONS = 16;
const NO_OVERRIDES: ReadonlyMap<string, Provenance> = new Map();

/** `records` sorted by (event time, id), as `stream/window.sortedRecords` gives them. */
export function readWindow(records: readonly Event[], tools: ToolLookup): WindowContent {
  const override = overridesOf(records);
  const items: WindowItem[] = [];
  const calls: WindowCall[] = [];
  let correlations: Set<string> | null = null;
  let session: string | null = null;
  let active = false;
  let callsReported = false;
  for (const record of records) {
    session ??= record.session;
    if (record.correlation !== null) {
      correlations ??= new Set();
      if (correlations.size < MAX_CORRELATIONS) correlations.add(record.correlation);
    }
    const { timeMs } = record;
    switch (record.type) {
      case 'argus.agent.metrics.v1':
        active = true;
        if (record.data.calls !== undefined) {
          callsReported = true;
          for (const call of record.data.calls) calls.push(windowCall(call, record.task, override, tools));
        }
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
  inOrder(calls, byTimeAndId);
  for (const call of calls) items.push({ kind: 'call', timeMs: call.call.time, call });
  inOrder(items, byTimeAndRank);
  const turnCount = countTurns(calls);
  const distinctCount = countDistinct(calls);
  return {
    items,
    calls,
    turnCount,
    distinctCount,
    raw: rawValues(records, calls, turnCount, distinctCount),
    callsReported,
    active,
    session,
    correlationIds: correlations === null ? [] : [...correlations].sort(),
  };
}

function overridesOf(records: readonly Event[]): ReadonlyMap<string, Provenance> {
  let override: Map<string, Provenance> | null = null;
  for (const record of records)
    if (record.type === 'argus.call.provenance.v1') {
      override ??= new Map();
      override.set(callKey(record.data.taskId ?? record.task, record.data.callId), record.data.provenance);
    }
  return override ?? NO_OVERRIDES;
}

/** Sorts, where it is not so already, as it mostly is. Stable. */
function inOrder<T>(list: T[], compare: (a: T, b: T) => number): void {
  for (let i = 1; i < list.length; i++)
    if (compare(list[i - 1]!, list[i]!) > 0) {
      list.sort(compare);
      return;
    }
}

function byTimeAndId({ call: a }: WindowCall, { call: b }: WindowCall): number {
  return a.time - b.time || (a.callId < b.callId ? -1 : a.callId > b.callId ? 1 : 0);
}

/** What shares a millisecond and a rank keeps the sorted order of the records. */
function byTimeAndRank(a: WindowItem, b: WindowItem): number {
  return a.timeMs - b.timeMs || rankOf(a) - rankOf(b);
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

function rawValues(records: readonly Event[], calls: readonly WindowCall[], turnCount: number, distinctCount: number): RawValues {
  let network = Number.NaN;
  let files = Number.NaN;
  let api = Number.NaN;
  let errors = Number.NaN;
  const cpu = new Mean();
  const memory = new Mean();
  const response = new Mean();
  const success = new Mean();
  let messages = 0;
  let diversity = Number.NaN;
  let timeMs = Number.NaN;
  // The agent's own clock (its time zone) where a message tells it, else UTC.
  let hour: number | null = null;
  let weekday: number | null = null;
  for (const record of records) {
    if (record.type !== 'argus.agent.metrics.v1') continue;
    const { metrics, calls: own } = record.data;
    messages++;
    if (Number.isNaN(timeMs)) timeMs = record.timeMs;
    hour ??= metrics.hour_of_day;
    weekday ??= metrics.day_of_week;
    const weight = Math.max(1, metrics.api_calls_count ?? own?.length ?? 1);
    cpu.add(metrics.cpu_usage_percent, weight);
    memory.add(metrics.memory_usage_mb, weight);
    response.add(metrics.response_time_ms, weight);
    // An empty list leaves nothing to derive from: the message's own counts stand.
    if (own !== undefined && own.length > 0) continue;
    network = plus(network, known(metrics.network_calls_count));
    files = plus(files, known(metrics.file_operations_count));
    api = plus(api, known(metrics.api_calls_count));
    errors = plus(errors, known(metrics.error_count));
    success.add(metrics.success_rate, weight);
    diversity = messages === 1 ? known(metrics.query_diversity) : Number.NaN;
  }
  if (calls.length > 0) {
    for (const { call, tool } of calls) {
      if (tool.kind !== null) {
        network = plus(network, tool.kind === 'network' ? 1 : 0);
        files = plus(files, tool.kind === 'file' ? 1 : 0);
      }
      api = plus(api, 1);
      errors = plus(errors, call.ok ? 0 : 1);
      success.add(call.ok ? 1 : 0, 1);
    }
    api = plus(api, turnCount);
    diversity = distinctCount / calls.length;
    if (Number.isNaN(response.value)) for (const { call } of calls) response.add(call.latencyMs, 1);
  }
  return {
    cpu: cpu.value,
    memory: memory.value,
    network,
    files,
    api,
    errors,
    hour: hour ?? new Date(timeMs).getUTCHours(),
    weekday: weekday ?? (new Date(timeMs).getUTCDay() + 6) % 7,
    diversity,
    responseMs: response.value,
    success: success.value,
  };
}

/** Weighted, over what was observed; NaN where nothing was. */
class Mean {
  private sum = 0;
  private weight = 0;

  add(value: number | null, weight: number): void {
    if (value === null) return;
    this.sum += value * weight;
    this.weight += weight;
  }

  get value(): number {
    return this.weight > 0 ? this.sum / this.weight : Number.NaN;
  }
}

/** Up to so many calls, comparing all pairs is cheaper than a set of names. */
const FEW_CALLS = 12;

function countTurns(calls: readonly WindowCall[]): number {
  if (calls.length <= FEW_CALLS) return countFew(calls, sameTurn);
  return new Set(calls.map(({ taskId, call }) => callKey(taskId, call.turn === null ? `c${call.callId}` : `t${call.turn}`))).size;
}

function countDistinct(calls: readonly WindowCall[]): number {
  if (calls.length <= FEW_CALLS) return countFew(calls, sameCall);
  return new Set(calls.map(({ call }) => callKey(call.tool, call.argHmac === null ? `c${call.callId}` : `h${call.argHmac}`))).size;
}

function countFew(calls: readonly WindowCall[], same: (a: WindowCall, b: WindowCall) => boolean): number {
  let count = 0;
  for (let i = 0; i < calls.length; i++) {
    let first = 0;
    while (!same(calls[first]!, calls[i]!)) first++;
    if (first === i) count++;
  }
  return count;
}

function sameTurn(a: WindowCall, b: WindowCall): boolean {
  return a.taskId === b.taskId && a.call.turn === b.call.turn && (a.call.turn !== null || a.call.callId === b.call.callId);
}

function sameCall({ call: a }: WindowCall, { call: b }: WindowCall): boolean {
  return a.tool === b.tool && a.argHmac === b.argHmac && (a.argHmac !== null || a.callId === b.callId);
}
