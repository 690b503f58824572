/**
 * `argus.agent.metrics.v1`: what ASR saw an agent do in a span of time. The 11 raw metrics have one wire spelling (the long
 * ARGUS name); any may be null = not observed, never a made-up zero. Where `calls` is present the detector derives the
 * window's metrics from it. Content never travels: arguments are a keyed hash, provenance is counts and flags.
 */
import Type, { type Static } from 'typebox';
import { Count, Hash, MAX_CALLS_PER_MESSAGE, nullable, Share, ShortText, TimeMs } from './ids.ts';

export interface RawMetric {
  readonly name: string;
  readonly alias: string;
  readonly unit: string;
  readonly minimum: number;
  readonly maximum: number;
}

/** Name on the wire, short alias (read in CSV only), unit and range. */
export const RAW_METRICS = [
  { name: 'cpu_usage_percent', alias: 'cpu_usage', unit: '%', minimum: 0, maximum: 100 },
  { name: 'memory_usage_mb', alias: 'memory_usage', unit: 'MB', minimum: 0, maximum: 1e9 },
  { name: 'network_calls_count', alias: 'network_calls', unit: 'calls', minimum: 0, maximum: 1e9 },
  { name: 'file_operations_count', alias: 'file_operations', unit: 'calls', minimum: 0, maximum: 1e9 },
  { name: 'api_calls_count', alias: 'api_calls', unit: 'calls', minimum: 0, maximum: 1e9 },
  { name: 'error_count', alias: 'errors', unit: 'errors', minimum: 0, maximum: 1e9 },
  { name: 'hour_of_day', alias: 'hour', unit: 'h', minimum: 0, maximum: 23 },
  { name: 'day_of_week', alias: 'weekday', unit: 'day (Monday 0)', minimum: 0, maximum: 6 },
  { name: 'query_diversity', alias: 'query_diversity', unit: 'share', minimum: 0, maximum: 1 },
  { name: 'response_time_ms', alias: 'response_time', unit: 'ms', minimum: 0, maximum: 1e9 },
  { name: 'success_rate', alias: 'success_rate', unit: 'share', minimum: 0, maximum: 1 },
] as const satisfies readonly RawMetric[];

export type RawMetricName = (typeof RAW_METRICS)[number]['name'];
export const RAW_METRIC_NAMES: readonly RawMetricName[] = RAW_METRICS.map((metric) => metric.name);

const range = (name: RawMetricName) => {
  const { minimum, maximum } = RAW_METRICS.find((metric) => metric.name === name)!;
  return nullable(Type.Number({ minimum, maximum }));
};

export const RawMetricsSchema = Type.Object({
  cpu_usage_percent: range('cpu_usage_percent'),
  memory_usage_mb: range('memory_usage_mb'),
  network_calls_count: range('network_calls_count'),
  file_operations_count: range('file_operations_count'),
  api_calls_count: range('api_calls_count'),
  error_count: range('error_count'),
  hour_of_day: range('hour_of_day'),
  day_of_week: range('day_of_week'),
  query_diversity: range('query_diversity'),
  response_time_ms: range('response_time_ms'),
  success_rate: range('success_rate'),
});
export type RawMetrics = Static<typeof RawMetricsSchema>;

/** What a tool does to the world. `unknown` is a category of its own, not a guess. */
export const EFFECTS = ['read', 'write', 'account', 'money', 'unknown'] as const;
export type Effect = (typeof EFFECTS)[number];

/** Where the values of a call's arguments come from: counts and flags, computed where the content is. null = not computed. */
export const ProvenanceSchema = Type.Object({
  valuesOut: nullable(Count),
  valuesOutLatest: nullable(Count),
  destCount: nullable(Count),
  destOut: nullable(Count),
  destNew: nullable(Count),
  valuesFlagged: nullable(Count),
  wordsOutShare: nullable(Share),
  affinity: nullable(Share),
  requested: nullable(Share),
});
export type Provenance = Static<typeof ProvenanceSchema>;

export const CallSchema = Type.Object({
  callId: ShortText,
  taskId: nullable(ShortText),
  turn: nullable(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  time: TimeMs,
  tool: ShortText,
  effect: Type.Optional(nullable(Type.Enum([...EFFECTS]))),
  ok: Type.Boolean(),
  errorKind: nullable(ShortText),
  latencyMs: nullable(Type.Number({ minimum: 0, maximum: 1e9 })),
  argBytes: nullable(Count),
  outBytes: nullable(Count),
  argHmac: nullable(Hash),
  textCharsThisTurn: nullable(Count),
  traceId: Type.Optional(nullable(Hash)),
  spanId: Type.Optional(nullable(Hash)),
  provenance: Type.Optional(nullable(ProvenanceSchema)),
});
export type Call = Static<typeof CallSchema>;

export const AgentMetricsSchema = Type.Object({
  windowStartMs: TimeMs,
  windowEndMs: TimeMs,
  metrics: RawMetricsSchema,
  calls: Type.Optional(Type.Array(CallSchema, { maxItems: MAX_CALLS_PER_MESSAGE })),
  tokensIn: Type.Optional(nullable(Count)),
  tokensOut: Type.Optional(nullable(Count)),
  anomalyCount: Type.Optional(nullable(Count)),
  drift: Type.Optional(nullable(Type.Number({ minimum: 0, maximum: 1e6 }))),
});
export type AgentMetrics = Static<typeof AgentMetricsSchema>;

/** `argus.call.provenance.v1`: the gateway knows more than the agent's side, and wins. */
export const CallProvenanceSchema = Type.Object({ callId: ShortText, taskId: nullable(ShortText), provenance: ProvenanceSchema });
export type CallProvenance = Static<typeof CallProvenanceSchema>;
