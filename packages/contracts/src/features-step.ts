/**
 * step1: what a sequence model sees of one window. A selection of fused1, because an agent's last windows are part of its state (≤ 4 kB): rates
 * as they are, what was touched, how unusual it was for role and agent, and how long the agent had been idle before.
 */
import type { FeatureSpec } from './feature-spec.ts';
import { CORE18 } from './features-core.ts';
import { FUSED_ONLY } from './features-fused.ts';

const TAKEN = [
  'api_calls_per_min',
  'errors_per_min',
  'network_calls_per_min',
  'file_ops_per_min',
  'cpu_usage',
  'memory_usage_gb',
  'response_time_log',
  'success_rate_score',
  'query_diversity_score',
  'write_calls',
  'account_calls',
  'money_calls',
  'unknown_calls',
  'out_bytes_log',
  'arg_bytes_log',
  'new_tool_share',
  'dest_count',
  'role_order_max',
  'own_surprise_max',
  'side_values_from_output',
  'unrequested_side',
  'injection_max',
  'denied_share',
  'z_api_calls',
  'z_out_bytes',
  'z_side_effects',
  'z_destinations',
] as const;

const GAP: FeatureSpec = {
  name: 'idle_before',
  label: 'minutes idle before',
  formula: 'ln(1 + minutes between this window and the agent’s previous one with activity)',
  unit: 'ln minutes',
  why: 'a burst after silence is not a steady stream',
  plane: 'behaviour',
  monotone: 0,
};

const known = new Map([...CORE18, ...FUSED_ONLY].map((feature) => [feature.name, feature]));

export const STEP_FEATURES: readonly FeatureSpec[] = [...TAKEN.map((name) => known.get(name)!), GAP];
