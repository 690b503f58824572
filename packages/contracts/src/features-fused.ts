/**
 * What fused1 adds to core18: effects, order, provenance, content, authority and the agent's own baseline. "Surprise" is
 * −ln of a smoothed frequency (docs/features.md); z is against the agent's own last windows, shrunk to its role and the fleet.
 */
import type { FeatureSpec, Plane } from './feature-spec.ts';

const spec =
  (plane: Plane) =>
  (name: string, label: string, formula: string, unit: string, why: string, monotone: -1 | 0 | 1 = 0): FeatureSpec => ({
    name,
    label,
    formula,
    unit,
    why,
    plane,
    monotone,
  });
const b = spec('behaviour');
const c = spec('content');
const a = spec('authority');

const EFFECTS: readonly FeatureSpec[] = [
  b('turns', 'model turns', 'distinct (task, turn) with a call', 'turns', 'work per window'),
  b('calls', 'tool calls', 'calls in the window', 'calls', 'the plain baseline every figure is held against'),
  b('write_calls', 'writing calls', 'calls with effect write', 'calls', 'side effects', 1),
  b('account_calls', 'account changes', 'calls with effect account', 'calls', 'privileges and credentials change hands', 1),
  b('money_calls', 'payments', 'calls with effect money', 'calls', 'money moves', 1),
  b('unknown_calls', 'calls of unknown tools', 'calls with effect unknown', 'calls', 'nobody said what these do'),
  b('side_effect_share', 'share of side effects', 'side effects / calls', 'share', 'reading agents that start to write'),
  b('tasks', 'tasks', 'distinct tasks with a call', 'tasks', 'work per window'),
  b('out_bytes_log', 'bytes read', 'ln(1 + Σ outBytes)', 'ln bytes', 'collection'),
  b('arg_bytes_log', 'bytes written', 'ln(1 + Σ argBytes of side effects)', 'ln bytes', 'bytes that may leave', 1),
  b('repeated_calls', 'identical calls', 'calls − distinct (tool, argHmac)', 'calls', 'loops'),
  b('blocked_calls', 'blocked calls', 'calls with errorKind blocked or denied', 'calls', 'the environment said no'),
  b('new_tool_share', 'share of tools new to the agent', 'calls of tools absent from the finished tasks / calls', 'share', 'own novelty'),
  b('dest_count', 'destinations', 'Σ destCount', 'destinations', 'where the calls point to'),
];

const ORDER: readonly FeatureSpec[] = [
  b(
    'role_surprise_max',
    'rarest tool for the role',
    'max −ln((n(tool)+½)/(N+½(K+20)))',
    'nats',
    'tools that others of the role do not use',
    1,
  ),
  b('role_surprise_mean', 'tool surprise for the role', 'mean of the same', 'nats', 'an unusual mix of tools'),
  b(
    'role_order_max',
    'rarest step for the role',
    'max −ln((n(prev,tool)+2·p(tool))/(n(prev)+2))',
    'nats',
    'steps that others of the role do not take',
    1,
  ),
  b('role_order_mean', 'step surprise for the role', 'mean of the same', 'nats', 'an unusual order'),
  b('own_surprise_max', 'rarest tool for this agent', 'as role_surprise_max under the finished tasks', 'nats', 'own novelty', 1),
  b('own_order_max', 'rarest step for this agent', 'as role_order_max under the finished tasks', 'nats', 'own novelty', 1),
  b('own_order_mean', 'step surprise for this agent', 'mean of the same', 'nats', 'own novelty'),
  b(
    'side_surprise_max',
    'rarest side effect for the role',
    'max role_order over side effects, 0 without',
    'nats',
    'a side effect out of place',
    1,
  ),
  b(
    'read_bytes_before',
    'bytes read before',
    'max ln(1 + bytes of outputs read in the task before the call)',
    'ln bytes',
    'late in a long task',
  ),
  b('reads_before', 'reads before', 'max reads in the task before the call', 'calls', 'late in a long task'),
  b('side_effects_before', 'side effects before', 'max side effects in the task before the call', 'calls', 'one more than the task needs'),
];

const PROVENANCE: readonly FeatureSpec[] = [
  c(
    'dest_from_output',
    'destinations taken from outputs',
    'Σ destOut (not in the request, in an earlier output)',
    'destinations',
    'the attacker names where to send',
    1,
  ),
  c(
    'dest_new',
    'destinations new to the agent',
    'Σ destNew (not in the request, in no earlier task)',
    'destinations',
    'a first contact',
    1,
  ),
  c('values_from_output', 'values taken from outputs', 'Σ valuesOut', 'values', 'arguments that the user did not give', 1),
  c('values_from_latest', 'values taken from the latest output', 'Σ valuesOutLatest', 'values', 'acting on what was just read', 1),
  c('words_from_output', 'words taken from outputs', 'max wordsOutShare', 'share', 'text that was read leaves again', 1),
  c(
    'side_values_from_output',
    'values of side effects taken from outputs',
    'Σ valuesOut over side effects',
    'values',
    'a side effect that the page dictated',
    1,
  ),
  c(
    'affinity_min',
    'request mentions the tool',
    'min affinity over side effects, 1 without',
    'share',
    'the request does not ask for this',
    -1,
  ),
  c(
    'unrequested_side',
    'side effects nobody asked for',
    'Σ (1 − requested) over side effects with valuesOut > 0',
    'calls',
    'unrequested and dictated',
    1,
  ),
  c('unrequested_any', 'calls nobody asked for', 'Σ (1 − requested)', 'calls', 'drift from the request'),
  c('values_flagged', 'values from flagged outputs', 'Σ valuesFlagged', 'values', 'an argument from a hostile text', 1),
];

const CONTENT: readonly FeatureSpec[] = [
  c('checked', 'texts checked', 'verdicts in the window', 'texts', 'coverage of the gateway'),
  c('blocked_share', 'share of texts blocked', 'verdicts block or redact / verdicts', 'share', 'hostile surroundings', 1),
  c(
    'injection_max',
    'highest injection score read',
    'max logit of the score over earlier outputs of the tasks',
    'logit',
    'a hostile text is in the context',
    1,
  ),
  c(
    'injection_at_side',
    'injection score before a side effect',
    'the same at side-effect calls, −7 without',
    'logit',
    'acting after reading a hostile text',
    1,
  ),
  c(
    'since_flagged',
    'closeness to the flagged output',
    'max 1/(1 + calls since the last flagged output), 0 without',
    '',
    'the reaction follows the reading',
    1,
  ),
  c('side_after_taint', 'side effects after a flagged output', 'side effects in a tainted task', 'calls', 'taint reaches the world', 1),
  c('violations', 'violations', 'security violations in the window', 'violations', 'the gateway is sure', 1),
  c('secrets', 'secrets', 'violations or findings of secrets', 'findings', 'credentials in the text', 1),
];

const AUTHORITY: readonly FeatureSpec[] = [
  a('decisions', 'policy decisions', 'decisions with cause policy', 'decisions', 'coverage of the engine'),
  a('denied_share', 'share denied', 'forbids / decisions, cause policy only', 'share', 'the agent asks for what it may not do', 1),
  a('denied', 'denied actions', 'forbids with cause policy', 'decisions', 'the same, counted', 1),
  a('risk_max', 'highest risk', 'max riskScore, cause policy only', 'share', 'what the engine thinks of it', 1),
  a('step_ups', 'step-ups', 'step_up decisions, cause policy only', 'decisions', 'the engine hesitates', 1),
];

const z = (name: string, label: string, of: string, why: string) =>
  b(`z_${name}`, `${label} against its own habit`, `(ln(1+${of}) − own mean) / own spread, shrunk by n/(n+5)`, 'sd', why);

const BASELINE: readonly FeatureSpec[] = [
  z('api_calls', 'API calls', 'api_calls_count', 'busier than itself'),
  z('errors', 'errors', 'error_count', 'fails more than it does'),
  z('file_ops', 'file operations', 'file_operations_count', 'touches more files than it does'),
  z('network_calls', 'network calls', 'network_calls_count', 'talks more than it does'),
  z('cpu', 'CPU', 'cpu_usage_percent', 'heavier than itself'),
  z('memory', 'memory', 'memory_usage_mb', 'heavier than itself'),
  z('response_time', 'response time', 'response_time_ms', 'slower than itself'),
  z('calls', 'tool calls', 'calls', 'busier than itself'),
  z('reads', 'reads', 'read calls', 'reads more than it does'),
  z('side_effects', 'side effects', 'side effects', 'acts more than it does'),
  z('out_bytes', 'bytes read', 'Σ outBytes', 'collects more than it does'),
  z('destinations', 'destinations', 'Σ destCount', 'contacts more than it does'),
  b('history', 'weight of its own history', 'n/(n+5), n = windows in the baseline', 'share', 'how much of the habit is its own'),
];

export const FUSED_ONLY: readonly FeatureSpec[] = [...EFFECTS, ...ORDER, ...PROVENANCE, ...CONTENT, ...AUTHORITY, ...BASELINE];
