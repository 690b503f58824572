/** One full message of each type as it stands on the wire, with every optional field. */
import type { EventType } from '../messages.ts';

export type Wire = Record<string, unknown> & { data: Record<string, unknown> };

export const CALL = {
  callId: 'call-1',
  taskId: 'task-1',
  turn: 3,
  time: 1_795_521_600_500,
  tool: 'send_email',
  effect: 'write',
  ok: true,
  errorKind: null,
  latencyMs: 12.5,
  argBytes: 120,
  outBytes: 3000,
  argHmac: 'abcdef0123456789',
  textCharsThisTurn: 80,
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  provenance: {
    valuesOut: 1,
    valuesOutLatest: 0,
    destCount: 1,
    destOut: 0,
    destNew: null,
    valuesFlagged: 0,
    wordsOutShare: 0.1,
    affinity: 0.5,
    requested: 1,
  },
} as const;

export const METRICS = {
  cpu_usage_percent: 12,
  memory_usage_mb: 512.5,
  network_calls_count: 2,
  file_operations_count: 1,
  api_calls_count: 5,
  error_count: 0,
  hour_of_day: 12,
  day_of_week: 1,
  query_diversity: 0.4,
  response_time_ms: 300,
  success_rate: 1,
} as const;

const DATA: Readonly<Record<EventType, Readonly<Record<string, unknown>>>> = {
  'argus.agent.metrics.v1': {
    windowStartMs: 1_795_521_600_000,
    windowEndMs: 1_795_521_660_000,
    metrics: METRICS,
    calls: [CALL, { ...CALL, callId: 'call-2', effect: null, provenance: null }],
    tokensIn: 1000,
    tokensOut: null,
    anomalyCount: 0,
    drift: 0.01,
  },
  'argus.call.provenance.v1': { callId: 'call-1', taskId: 'task-1', provenance: CALL.provenance },
  'argus.io.validation.v1': {
    direction: 'tool_output',
    callId: 'call-1',
    taskId: null,
    verdict: 'block',
    enforcement: 'allowed',
    score: 0.93,
    findings: [
      { kind: 'prompt_injection', score: 0.93, span: { start: 10, end: 90 } },
      { kind: 'pii', score: null },
    ],
  },
  'argus.security.violations.v1': {
    kind: 'secret_leak',
    severity: 'high',
    callId: null,
    taskId: 'task-1',
    spans: [{ start: 0, end: 8 }],
    enforcement: 'redacted',
  },
  'argus.policy.decisions.v1': {
    principal: 'agent-1',
    action: 'mail.send',
    resource: 'mailbox/7',
    callId: 'call-1',
    taskId: 'task-1',
    decision: 'step_up',
    riskScore: 0.4,
    constraints: ['confirm'],
    policies: ['mail-outside'],
    cause: 'policy',
    latencyMs: 1.2,
  },
  'argus.agent.lifecycle.v1': { kind: 'task_started', taskId: 'task-1', requestChars: 240 },
};

const IDENTITY = { role: 'support', owner: null, version: '7', model: 'm-1', promptHash: 'abcdef01', toolSetHash: null };
/** One message of each kind of lifecycle. */
export const LIFECYCLES = [
  { kind: 'register', ...IDENTITY },
  { kind: 'deploy', ...IDENTITY, version: null },
  { kind: 'retire' },
  { kind: 'maintenance', untilMs: 1_795_525_200_000 },
  { kind: 'task_started', taskId: 'task-1', requestChars: null },
  { kind: 'task_ended', taskId: 'task-1', turns: 4, answerChars: 900, ok: null },
] as const;

/** A fresh copy of the message of this type, with `change` laid over its envelope. */
export function wire(type: EventType, change: Readonly<Record<string, unknown>> = {}): Wire {
  const message = {
    specversion: '1.0',
    id: 'event-1',
    source: 'asr/host-1',
    type,
    subject: 'agent-1',
    time: '2026-11-24T12:01:00.250Z',
    tenant: 'acme',
    sessionid: 'session-1',
    taskid: 'task-1',
    correlationid: '0af7651916cd43dd8448eb211c80319c',
    sequence: '00017',
    datacontenttype: 'application/json',
    data: DATA[type],
    ...change,
  };
  return structuredClone(message) as Wire; // an envelope with data
}

/** The same with `change` laid over its data. */
export function wireWith(type: EventType, change: Readonly<Record<string, unknown>>): Wire {
  return wire(type, { data: { ...DATA[type], ...change } });
}

export const TYPES = Object.keys(DATA) as EventType[]; // the keys of a record over EventType
