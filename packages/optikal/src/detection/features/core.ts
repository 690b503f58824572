/** core18 (DESIGN 5) from the raw values of a window; a missing metric makes its features NaN. */
import type { RawValues } from '../content.ts';
import type { Columns, Row } from './columns.ts';

/** A writer of core18 into rows with these columns. */
export function coreWriter(columns: Columns): (row: Row, raw: RawValues, minutes: number) => void {
  const API_CALLS = columns.at('api_calls_per_min');
  const ERRORS = columns.at('errors_per_min');
  const FILE_OPS = columns.at('file_ops_per_min');
  const NETWORK_CALLS = columns.at('network_calls_per_min');
  const CPU = columns.at('cpu_usage');
  const MEMORY = columns.at('memory_usage_gb');
  const INTENSITY = columns.at('resource_intensity');
  const ERROR_RATE = columns.at('error_rate');
  const DIVERSITY = columns.at('query_diversity_score');
  const SUCCESS = columns.at('success_rate_score');
  const NIGHT = columns.at('is_night');
  const WEEKEND = columns.at('is_weekend');
  const HOUR_SIN = columns.at('hour_sin');
  const HOUR_COS = columns.at('hour_cos');
  const RESPONSE = columns.at('response_time_sec');
  const RESPONSE_LOG = columns.at('response_time_log');
  const ACTIVITY = columns.at('activity_score');
  const SUSPICION = columns.at('suspicion_score');
  return (row, raw, minutes) => {
    const memoryGb = raw.memory / 1024;
    const cpu = raw.cpu / 100;
    const errorRate = raw.errors / (raw.api + 1);
    const night = Number.isNaN(raw.hour) ? Number.NaN : raw.hour >= 0 && raw.hour <= 6 ? 1 : 0;
    const angle = (2 * Math.PI * raw.hour) / 24;
    row[API_CALLS] = raw.api / minutes;
    row[ERRORS] = raw.errors / minutes;
    row[FILE_OPS] = raw.files / minutes;
    row[NETWORK_CALLS] = raw.network / minutes;
    row[CPU] = cpu;
    row[MEMORY] = memoryGb;
    row[INTENSITY] = cpu * memoryGb;
    row[ERROR_RATE] = errorRate;
    row[DIVERSITY] = raw.diversity;
    row[SUCCESS] = raw.success;
    row[NIGHT] = night;
    row[WEEKEND] = Number.isNaN(raw.weekday) ? Number.NaN : raw.weekday >= 5 ? 1 : 0;
    row[HOUR_SIN] = Math.sin(angle);
    row[HOUR_COS] = Math.cos(angle);
    row[RESPONSE] = raw.responseMs / 1000;
    row[RESPONSE_LOG] = Math.log1p(raw.responseMs);
    row[ACTIVITY] = (raw.api / 100 + raw.network / 50 + raw.files / 10) / 3;
    row[SUSPICION] = 0.3 * (1 - raw.diversity) + 0.3 * errorRate + 0.2 * night + 0.2 * (1 - raw.success);
  };
}
