/** A valid message of the behaviour plane, to be bent by tests. */
export const T0 = Date.UTC(2026, 0, 5, 9);

export const METRICS = {
  cpu_usage_percent: 20,
  memory_usage_mb: 300,
  network_calls_count: 4,
  file_operations_count: 2,
  api_calls_count: 6,
  error_count: 0,
  hour_of_day: 9,
  day_of_week: 0,
  query_diversity: 0.4,
  response_time_ms: 120,
  success_rate: 1,
} as const;

export interface MessageOptions {
  readonly agent?: string;
  readonly timeMs?: number;
  readonly metrics?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly envelope?: Readonly<Record<string, unknown>>;
}

export function metricsMessage(id: string, { agent = 'bot', timeMs = T0, metrics = {}, data = {}, envelope = {} }: MessageOptions = {}) {
  return {
    specversion: '1.0',
    id,
    source: '/test',
    type: 'argus.agent.metrics.v1',
    subject: agent,
    time: new Date(timeMs).toISOString(),
    datacontenttype: 'application/json',
    data: { windowStartMs: timeMs, windowEndMs: timeMs + 30_000, metrics: { ...METRICS, ...metrics }, ...data },
    ...envelope,
  };
}
