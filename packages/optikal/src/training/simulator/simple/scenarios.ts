/**
 * Six threats and normal work as one distribution per metric each: rows without agents, time or order. Earlier detectors were trained on such
 * rows; here they are for comparison only.
 */
import type { RawMetricName, Threat } from '@optikal/contracts';

/** A rounded count, a bell cut at the metric's range, or whole numbers from low to high. */
export type Draw =
  | { readonly kind: 'count'; readonly mean: number }
  | { readonly kind: 'bell'; readonly mean: number; readonly spread: number }
  | { readonly kind: 'whole'; readonly low: number; readonly high: number };

export type Scenario = Readonly<Record<RawMetricName, Draw>>;

const count = (mean: number): Draw => ({ kind: 'count', mean });
const bell = (mean: number, spread: number): Draw => ({ kind: 'bell', mean, spread });
const whole = (low: number, high: number): Draw => ({ kind: 'whole', low, high });

const NORMAL: Scenario = {
  cpu_usage_percent: bell(25, 8),
  memory_usage_mb: bell(512, 120),
  network_calls_count: count(8),
  file_operations_count: count(5),
  api_calls_count: count(20),
  error_count: count(0.6),
  hour_of_day: whole(8, 18),
  day_of_week: whole(0, 4),
  query_diversity: bell(0.6, 0.1),
  response_time_ms: bell(220, 60),
  success_rate: bell(0.97, 0.02),
};

/** What each threat changes of normal work. */
const CHANGES: Readonly<Record<Threat, Partial<Scenario>>> = {
  credential_abuse: {
    api_calls_count: count(55),
    error_count: count(14),
    hour_of_day: whole(0, 5),
    day_of_week: whole(0, 6),
    query_diversity: bell(0.25, 0.08),
    success_rate: bell(0.6, 0.12),
  },
  data_exfiltration: {
    memory_usage_mb: bell(900, 200),
    network_calls_count: count(70),
    file_operations_count: count(50),
    hour_of_day: whole(0, 23),
    response_time_ms: bell(480, 120),
  },
  prompt_injection: {
    api_calls_count: count(34),
    error_count: count(4),
    query_diversity: bell(0.92, 0.05),
    response_time_ms: bell(420, 110),
    success_rate: bell(0.82, 0.07),
  },
  resource_abuse: {
    cpu_usage_percent: bell(90, 6),
    memory_usage_mb: bell(3200, 600),
    api_calls_count: count(110),
    error_count: count(5),
    response_time_ms: bell(1400, 400),
  },
  behavioral_drift: {
    cpu_usage_percent: bell(42, 10),
    network_calls_count: count(18),
    api_calls_count: count(38),
    hour_of_day: whole(0, 23),
    query_diversity: bell(0.8, 0.1),
    response_time_ms: bell(330, 90),
  },
  privilege_escalation: {
    file_operations_count: count(26),
    api_calls_count: count(42),
    error_count: count(8),
    hour_of_day: whole(0, 6),
    query_diversity: bell(0.75, 0.1),
    success_rate: bell(0.74, 0.09),
  },
};

/** null = normal work. */
export function scenarioOf(threat: Threat | null): Scenario {
  return threat === null ? NORMAL : { ...NORMAL, ...CHANGES[threat] };
}
