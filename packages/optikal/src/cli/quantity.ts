/**
 * How the value of a feature reads: what the models compute in nats, logits and logarithms is said as a frequency, a percentage or a size. The
 * same number, only its spelling changes; `--json` has the number itself. Features of the decisive call and their twins over the window say one
 * thing, so people see one line, its contributions added.
 */
import type { AlertAttribution } from '@optikal/contracts';

/** A call's feature → the window's that says the same (contracts/features-call.ts, features-fused.ts). */
const TWINS: Readonly<Record<string, string>> = {
  call_role_surprise: 'role_surprise_max',
  call_role_order: 'role_order_max',
  call_own_surprise: 'own_surprise_max',
  call_own_order: 'own_order_max',
  call_read_bytes_before: 'read_bytes_before',
  call_reads_before: 'reads_before',
  call_side_effects_before: 'side_effects_before',
  call_dest_count: 'dest_count',
  call_dest_from_output: 'dest_from_output',
  call_dest_new: 'dest_new',
  call_values_from_output: 'values_from_output',
  call_values_from_latest: 'values_from_latest',
  call_values_flagged: 'values_flagged',
  call_words_from_output: 'words_from_output',
  call_affinity: 'affinity_min',
  call_injection: 'injection_max',
  call_since_flagged: 'since_flagged',
  call_denied: 'denied',
  call_risk: 'risk_max',
};

/** Labels for people where the table's own speaks of surprise or closeness, which need a unit that nobody knows. */
const LABELS: Readonly<Record<string, string>> = {
  role_surprise_mean: 'tools rare for the role, on average',
  role_order_mean: 'steps rare for the role, on average',
  own_order_mean: 'steps rare for this agent, on average',
  call_role_surprise: 'tool rare for the role',
  call_role_order: 'step rare for the role',
  call_own_surprise: 'tool rare for this agent',
  call_own_order: 'step rare for this agent',
  since_flagged: 'after a flagged output',
  call_since_flagged: 'after a flagged output',
  response_time_log: 'response time, on a log scale',
};

export function labelOf({ feature, label }: AlertAttribution): string {
  return LABELS[feature] ?? label;
}

/** Strongest first; of two twins the stronger one's words and value stand. */
export function mergeTwins(attributions: readonly AlertAttribution[]): AlertAttribution[] {
  const merged = new Map<string, AlertAttribution>();
  for (const line of attributions) {
    const name = TWINS[line.feature] ?? line.feature;
    const twin = merged.get(name);
    const stronger = twin === undefined || Math.abs(line.contribution) > Math.abs(twin.contribution) ? line : twin;
    merged.set(name, { ...stronger, contribution: line.contribution + (twin?.contribution ?? 0) });
  }
  return [...merged.values()].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
}

/** The value of a feature in words, with its unit. */
export function quantityOf(feature: string, value: number, unit: string): string {
  if (feature === 'since_flagged' || feature === 'call_since_flagged') return sinceFlagged(value);
  if (feature === 'side_surprise_max' && value === 0) return 'no side effect';
  switch (unit) {
    case 'nats':
      return `1 in ${number(Math.exp(Math.max(value, 0)))}`;
    case 'logit':
      return percent(1 / (1 + Math.exp(-value)));
    case 'ln bytes':
      return bytes(Math.expm1(Math.max(value, 0)));
    case 'ln ms':
      return `${number(Math.expm1(Math.max(value, 0)))} ms`;
    case 'ln minutes':
      return `${number(Math.expm1(Math.max(value, 0)))} min`;
    case 'sd':
      return `${number(Math.abs(value))} standard ${number(Math.abs(value)) === '1' ? 'deviation' : 'deviations'} ${value < 0 ? 'below' : 'above'}`;
    case 'share':
      return percent(value);
    case 'flag':
      return value === 0 ? 'no' : value === 1 ? 'yes' : number(value);
    case '1':
    case '':
      return number(value);
    default:
      return `${number(value)} ${value === 1 ? unit.replace(/s$/, '') : unit}`;
  }
}

/** 1/(1 + calls since) → the number of calls. */
function sinceFlagged(value: number): string {
  if (value <= 0) return 'none was flagged';
  const calls = Math.round(1 / value) - 1;
  return calls === 0 ? 'the very next call' : `${calls} ${calls === 1 ? 'call' : 'calls'} later`;
}

export function percent(share: number): string {
  const value = 100 * share;
  if (value === 0 || value === 100) return `${value} %`;
  if (value < 10) return `${Number(value.toPrecision(2))} %`;
  return `${value > 99 ? value.toFixed(value > 99.9 ? 2 : 1) : value.toFixed(0)} %`;
}

/** Two or three digits that count, thousands apart. */
export function number(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1000) return String(value);
  if (Math.abs(value) >= 100) return Number(value.toPrecision(value >= 1000 ? 2 : 3)).toLocaleString('en-US');
  return String(Number(value.toPrecision(2)));
}

function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${size >= 10 ? size.toFixed(0) : Number(size.toPrecision(2))} ${units[unit]}`;
}
