/** Small events for tests: each builder fills in what a test does not care about. Times are milliseconds after T0, a full minute. */
import type { Call, Event, EventData, EventOf, EventType, Provenance, RawMetrics } from '@optikal/contracts';
import type { ToolInfo, ToolLookup } from '../tool-lookup.ts';

/** Thursday 2025-10-09, 10:00:00 UTC. */
export const T0 = Date.UTC(2025, 9, 9, 10, 0, 0);
export const TENANT = 't';
export const AGENT = 'agent-1';

export const NO_METRICS: RawMetrics = {
  cpu_usage_percent: null,
  memory_usage_mb: null,
  network_calls_count: null,
  file_operations_count: null,
  api_calls_count: null,
  error_count: null,
  hour_of_day: null,
  day_of_week: null,
  query_diversity: null,
  response_time_ms: null,
  success_rate: null,
};

export const NO_PROVENANCE: Provenance = {
  valuesOut: null,
  valuesOutLatest: null,
  destCount: null,
  destOut: null,
  destNew: null,
  valuesFlagged: null,
  wordsOutShare: null,
  affinity: null,
  requested: null,
};

interface Common {
  readonly id?: string;
  readonly source?: string;
  readonly agent?: string;
  readonly tenant?: string;
  readonly task?: string | null;
  readonly session?: string | null;
  readonly correlation?: string | null;
}

let serial = 0;

function eventOf<T extends EventType>(type: T, at: number, data: EventData<T>, common: Common): EventOf<T> {
  return {
    id: common.id ?? `e${String(serial++).padStart(6, '0')}`,
    source: common.source ?? '/test',
    type,
    tenant: common.tenant ?? TENANT,
    agent: common.agent ?? AGENT,
    timeMs: T0 + at,
    session: common.session ?? null,
    task: common.task ?? null,
    correlation: common.correlation ?? null,
    sequence: null,
    data,
  };
}

export function callOf(
  at: number,
  tool: string,
  more: Partial<Omit<Call, 'provenance'>> & { provenance?: Partial<Provenance> | null } = {},
): Call {
  const { provenance, ...rest } = more;
  return {
    callId: `c${at}-${tool}`,
    taskId: 'task',
    turn: null,
    time: T0 + at,
    tool,
    ok: true,
    errorKind: null,
    latencyMs: null,
    argBytes: null,
    outBytes: null,
    argHmac: null,
    textCharsThisTurn: null,
    ...rest,
    ...(provenance === undefined ? {} : { provenance: provenance === null ? null : { ...NO_PROVENANCE, ...provenance } }),
  };
}

/** A metrics message; without `calls` it carries none. */
export function metricsOf(
  at: number,
  metrics: Partial<RawMetrics>,
  calls?: readonly Call[],
  common: Common = {},
): EventOf<'argus.agent.metrics.v1'> {
  const data = { windowStartMs: T0 + at, windowEndMs: T0 + at, metrics: { ...NO_METRICS, ...metrics } };
  return eventOf('argus.agent.metrics.v1', at, calls === undefined ? data : { ...data, calls: [...calls] }, common);
}

/** One message for these calls, at the time of the last one. */
export function callsOf(calls: readonly Call[], common: Common = {}): EventOf<'argus.agent.metrics.v1'> {
  return metricsOf(Math.max(...calls.map((call) => call.time)) - T0, {}, calls, common);
}

export function provenanceOf(at: number, callId: string, provenance: Partial<Provenance>, taskId: string | null = null): Event {
  return eventOf('argus.call.provenance.v1', at, { callId, taskId, provenance: { ...NO_PROVENANCE, ...provenance } }, {});
}

export function verdictOf(
  at: number,
  more: Partial<EventData<'argus.io.validation.v1'>> = {},
  common: Common = {},
): EventOf<'argus.io.validation.v1'> {
  return eventOf(
    'argus.io.validation.v1',
    at,
    { direction: 'tool_output', callId: null, taskId: 'task', verdict: 'allow', enforcement: null, score: null, findings: [], ...more },
    common,
  );
}

export function violationOf(
  at: number,
  more: Partial<EventData<'argus.security.violations.v1'>> = {},
): EventOf<'argus.security.violations.v1'> {
  return eventOf(
    'argus.security.violations.v1',
    at,
    { kind: 'prompt_injection', severity: 'high', callId: null, taskId: 'task', spans: [], enforcement: null, ...more },
    {},
  );
}

export function decisionOf(
  at: number,
  more: Partial<EventData<'argus.policy.decisions.v1'>> = {},
  common: Common = {},
): EventOf<'argus.policy.decisions.v1'> {
  return eventOf(
    'argus.policy.decisions.v1',
    at,
    {
      principal: AGENT,
      action: 'call',
      resource: null,
      callId: null,
      taskId: null,
      decision: 'permit',
      riskScore: null,
      constraints: [],
      policies: [],
      cause: 'policy',
      latencyMs: null,
      ...more,
    },
    common,
  );
}

export function lifecycleOf(
  at: number,
  data: EventData<'argus.agent.lifecycle.v1'>,
  common: Common = {},
): EventOf<'argus.agent.lifecycle.v1'> {
  return eventOf('argus.agent.lifecycle.v1', at, data, common);
}

const IDENTITY = { owner: null, model: null, promptHash: null, toolSetHash: null };

export const registered = (at: number, role: string | null, version: string | null = null) =>
  lifecycleOf(at, { kind: 'register', role, version, ...IDENTITY });
export const deployed = (at: number, version: string | null, role: string | null = null) =>
  lifecycleOf(at, { kind: 'deploy', role, version, ...IDENTITY });
export const started = (at: number, taskId = 'task') => lifecycleOf(at, { kind: 'task_started', taskId, requestChars: null });
export const ended = (at: number, taskId = 'task') =>
  lifecycleOf(at, { kind: 'task_ended', taskId, turns: null, answerChars: null, ok: null });

const TOOL_TABLE: Readonly<Record<string, Omit<ToolInfo, 'belief' | 'untrusted'>>> = {
  read: { effect: 'read', kind: 'file' },
  fetch: { effect: 'read', kind: 'network' },
  send: { effect: 'write', kind: 'network' },
  grant: { effect: 'account', kind: 'api' },
  pay: { effect: 'money', kind: 'api' },
};

/** read and fetch read, send writes, grant changes accounts, pay pays; nobody knows the rest. */
export const TOOLS: ToolLookup = (name) => {
  const known = Object.hasOwn(TOOL_TABLE, name) ? TOOL_TABLE[name] : undefined;
  if (known === undefined) return { effect: 'unknown', kind: null, untrusted: false, belief: 'unknown' };
  return { ...known, untrusted: name === 'fetch', belief: 'user' };
};
