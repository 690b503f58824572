/** core18: the 18 features from the 11 raw metrics (DESIGN 5). A missing metric makes its features missing (NaN), never zero. */
import type { FeatureSpec, Plane } from './feature-spec.ts';

const behaviour: Plane = 'behaviour';
const f = (name: string, label: string, formula: string, unit: string, why: string): FeatureSpec => ({
  name,
  label,
  formula,
  unit,
  why,
  plane: behaviour,
  monotone: 0,
});

export const CORE18: readonly FeatureSpec[] = [
  f('api_calls_per_min', 'API calls', 'api_calls_count / minutes', 'per min', 'model turns and tool calls: how busy the agent is'),
  f('errors_per_min', 'errors', 'error_count / minutes', 'per min', 'probing and broken plans fail'),
  f('file_ops_per_min', 'file operations', 'file_operations_count / minutes', 'per min', 'collection of files before they leave'),
  f('network_calls_per_min', 'network calls', 'network_calls_count / minutes', 'per min', 'the way out'),
  f('cpu_usage', 'CPU', 'cpu_usage_percent / 100', 'share', 'resource abuse'),
  f('memory_usage_gb', 'memory', 'memory_usage_mb / 1024', 'GB', 'resource abuse'),
  f('resource_intensity', 'CPU times memory', 'cpu_usage · memory_usage_gb', 'GB', 'both at once'),
  f('error_rate', 'error rate', 'error_count / (api_calls_count + 1)', 'share', 'errors against activity'),
  f('query_diversity_score', 'diversity of calls', 'query_diversity', 'share', 'loops repeat, explorers do not'),
  f('success_rate_score', 'success rate', 'success_rate', 'share', 'denied and failing actions'),
  f('is_night', 'night', '1 if 0 ≤ hour ≤ 6', 'flag', 'nobody watches'),
  f('is_weekend', 'weekend', '1 if day ≥ 5', 'flag', 'nobody watches'),
  f('hour_sin', 'hour (sine)', 'sin(2π·hour/24)', '', 'the daily cycle'),
  f('hour_cos', 'hour (cosine)', 'cos(2π·hour/24)', '', 'the daily cycle'),
  f('response_time_sec', 'response time', 'response_time_ms / 1000', 's', 'longer texts and heavier calls'),
  f('response_time_log', 'response time (log)', 'ln(1 + response_time_ms)', 'ln ms', 'the same, tamed'),
  f('activity_score', 'activity', '(api/100 + network/50 + file/10) / 3', '', 'one number for how much is done'),
  f(
    'suspicion_score',
    'suspicion',
    '0.3·(1 − diversity) + 0.3·error_rate + 0.2·is_night + 0.2·(1 − success)',
    '',
    'the earlier rule of thumb, kept as a feature',
  ),
];
