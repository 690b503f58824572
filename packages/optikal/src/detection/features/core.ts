/** core18 (DESIGN 5) from the raw values of a window; a missing metric makes its features NaN. */
import type { RawValues } from '../content.ts';
import type { Columns, Row } from './columns.ts';

/** A writer of core18 into rows with these columns. */
export function coreWriter(columns: Columns): (row: Row, raw: RawValues, minutes: number) => void {
  const write = columns.group();
  return (row, raw, minutes) => {
    write(row, coreValues(raw, minutes));
  };
}

function coreValues(raw: RawValues, minutes: number): Record<string, number> {
  const memoryGb = raw.memory / 1024;
  const cpu = raw.cpu / 100;
  const errorRate = raw.errors / (raw.api + 1);
  const night = Number.isNaN(raw.hour) ? Number.NaN : raw.hour >= 0 && raw.hour <= 6 ? 1 : 0;
  const angle = (2 * Math.PI * raw.hour) / 24;
  return {
    api_calls_per_min: raw.api / minutes,
    errors_per_min: raw.errors / minutes,
    file_ops_per_min: raw.files / minutes,
    network_calls_per_min: raw.network / minutes,
    cpu_usage: cpu,
    memory_usage_gb: memoryGb,
    resource_intensity: cpu * memoryGb,
    error_rate: errorRate,
    query_diversity_score: raw.diversity,
    success_rate_score: raw.success,
    is_night: night,
    is_weekend: Number.isNaN(raw.weekday) ? Number.NaN : raw.weekday >= 5 ? 1 : 0,
    hour_sin: Math.sin(angle),
    hour_cos: Math.cos(angle),
    response_time_sec: raw.responseMs / 1000,
    response_time_log: Math.log1p(raw.responseMs),
    activity_score: (raw.api / 100 + raw.network / 50 + raw.files / 10) / 3,
    suspicion_score: 0.3 * (1 - raw.diversity) + 0.3 * errorRate + 0.2 * night + 0.2 * (1 - raw.success),
  };
}
