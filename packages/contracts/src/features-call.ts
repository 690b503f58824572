/** call1: one row per call, for the small per-call model whose maximum over the window is a base scorer of its own. */
import type { FeatureSpec, Plane } from './feature-spec.ts';

const f = (name: string, label: string, formula: string, unit: string, plane: Plane, monotone: -1 | 0 | 1 = 0): FeatureSpec => ({
  name,
  label,
  formula,
  unit,
  why: 'one call at a time, so that a single hostile call is not diluted by its window',
  plane,
  monotone,
});

export const CALL_FEATURES: readonly FeatureSpec[] = [
  f('call_side_effect', 'side effect', '1 for write, account, money', 'flag', 'behaviour', 1),
  f('call_account_or_money', 'account or money', '1 for account, money', 'flag', 'behaviour', 1),
  f('call_unknown', 'unknown tool', '1 for unknown', 'flag', 'behaviour'),
  f('call_failed', 'failed', '1 if not ok', 'flag', 'behaviour'),
  f('call_role_surprise', 'tool surprise for the role', 'as role_surprise_max', 'nats', 'behaviour', 1),
  f('call_role_order', 'step surprise for the role', 'as role_order_max', 'nats', 'behaviour', 1),
  f('call_own_surprise', 'tool surprise for this agent', 'as own_surprise_max', 'nats', 'behaviour', 1),
  f('call_own_order', 'step surprise for this agent', 'as own_order_max', 'nats', 'behaviour', 1),
  f('call_read_bytes_before', 'bytes read before', 'ln(1 + bytes)', 'ln bytes', 'behaviour'),
  f('call_reads_before', 'reads before', 'reads in the task before', 'calls', 'behaviour'),
  f('call_side_effects_before', 'side effects before', 'side effects in the task before', 'calls', 'behaviour'),
  f('call_repeats', 'repeated', 'identical earlier calls of the task', 'calls', 'behaviour'),
  f('call_dest_count', 'destinations', 'destCount', 'destinations', 'content'),
  f('call_dest_from_output', 'destination taken from an output', 'destOut', 'destinations', 'content', 1),
  f('call_dest_new', 'destination new to the agent', 'destNew', 'destinations', 'content', 1),
  f('call_values_from_output', 'values taken from outputs', 'valuesOut', 'values', 'content', 1),
  f('call_values_from_latest', 'values taken from the latest output', 'valuesOutLatest', 'values', 'content', 1),
  f('call_values_flagged', 'values from flagged outputs', 'valuesFlagged', 'values', 'content', 1),
  f('call_words_from_output', 'words taken from outputs', 'wordsOutShare', 'share', 'content', 1),
  f('call_affinity', 'request mentions the tool', 'affinity', 'share', 'content', -1),
  f('call_requested', 'request asks for the tool', 'requested', 'share', 'content', -1),
  f('call_unrequested_side', 'side effect nobody asked for', 'side effect × (1 − requested) × [valuesOut > 0]', '', 'content', 1),
  f('call_injection', 'highest injection score read before', 'max logit over earlier outputs of the task', 'logit', 'content', 1),
  f('call_since_flagged', 'closeness to the flagged output', '1/(1 + calls since), 0 without', '', 'content', 1),
  f('call_denied', 'denied', '1 if a policy decision on this call forbids', 'flag', 'authority', 1),
  f('call_risk', 'risk', 'riskScore of a policy decision on this call', 'share', 'authority', 1),
];
