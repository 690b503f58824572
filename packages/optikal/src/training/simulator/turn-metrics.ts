/** The 11 raw metrics of one turn, derived from its calls; what no sensor saw is null. */
import type { RawMetrics } from '@optikal/contracts';
import type { Resources } from './agent-state.ts';
import type { DoneCall } from './perform-call.ts';

const HOUR_MS = 3_600_000;

export function turnMetrics(calls: readonly DoneCall[], resources: Resources | null, timeMs: number): RawMetrics {
  let network = 0;
  let files = 0;
  let errors = 0;
  let latencyMs = 0;
  const distinct = new Set<string>();
  for (const { call, planned } of calls) {
    if (planned.tool.kind === 'network') network++;
    else if (planned.tool.kind === 'file') files++;
    if (!call.ok) errors++;
    latencyMs += call.latencyMs ?? 0;
    distinct.add(`${call.tool} ${call.argHmac}`);
  }
  return {
    cpu_usage_percent: resources?.cpuPercent ?? null,
    memory_usage_mb: resources?.memoryMb ?? null,
    network_calls_count: network,
    file_operations_count: files,
    // One model turn and its tool calls.
    api_calls_count: 1 + calls.length,
    error_count: errors,
    hour_of_day: Math.floor(timeMs / HOUR_MS) % 24,
    // 1970-01-01 was a Thursday: day 0 is weekday 3 when Monday is 0.
    day_of_week: (Math.floor(timeMs / (24 * HOUR_MS)) + 3) % 7,
    query_diversity: distinct.size / calls.length,
    response_time_ms: Math.round(latencyMs / calls.length),
    success_rate: (calls.length - errors) / calls.length,
  };
}
