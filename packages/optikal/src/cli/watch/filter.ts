/** What a reader wants to see: free text and `agent:`, `threat:`, `severity:`, `tenant:`, `since:`. Words are joined by "and". */
import { SEVERITIES, type Severity, THREATS } from '@optikal/contracts';
import type { AlertEntry } from '../../services/watch-entry.ts';

export interface Filter {
  /** As it was typed. */
  readonly text: string;
  readonly words: readonly string[];
  readonly agent: string | null;
  readonly threat: string | null;
  readonly tenant: string | null;
  /** This severity and graver. */
  readonly severity: Severity | null;
  readonly since: Since | null;
}

/** A span behind the log clock, or a moment. */
export type Since = { readonly agoMs: number } | { readonly timeMs: number };

export type ParsedFilter = { readonly filter: Filter } | { readonly wrong: string };

export const NO_FILTER: Filter = { text: '', words: [], agent: null, threat: null, tenant: null, severity: null, since: null };

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const FIELDS = ['agent', 'threat', 'tenant', 'severity', 'since'] as const;

export function parseFilter(text: string): ParsedFilter {
  const found: { -readonly [K in keyof Filter]: Filter[K] } & { words: string[] } = { ...NO_FILTER, text: text.trim(), words: [] };
  for (const part of text.split(/\s+/).filter((word) => word !== '')) {
    const [, name, value] = /^([a-z]+):(.*)$/i.exec(part) ?? [];
    const field = FIELDS.find((one) => one === name?.toLowerCase());
    if (field === undefined || value === undefined) {
      found.words.push(part.toLowerCase());
      continue;
    }
    if (value === '') return { wrong: `${field}: needs a value` };
    if (field === 'severity') {
      const severity = SEVERITIES.find((one) => one.startsWith(value.toLowerCase()));
      if (severity === undefined) return { wrong: `severity is one of ${SEVERITIES.join(', ')}` };
      found.severity = severity;
    } else if (field === 'since') {
      const since = parseSince(value);
      if (since === null) return { wrong: 'since: 30m, 6h, 2d, or 2026-01-05T14:02' };
      found.since = since;
    } else if (field === 'threat') {
      const wanted = value.toLowerCase().replaceAll(/[ -]/g, '_');
      if (!THREATS.some((threat) => threat.includes(wanted))) return { wrong: `threat is one of ${THREATS.join(', ')}` };
      found.threat = wanted;
    } else found[field] = value.toLowerCase();
  }
  return { filter: found };
}

/** `30m`, `6h`, `2d` behind the log clock; or ISO 8601, in UTC where it names no zone. */
export function parseSince(text: string): Since | null {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) return { agoMs: Number(amount) * UNITS[unit]! }; // the pattern knows no other unit
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text)) return null;
  const zoned = /T.*(Z|[+-]\d{2}:\d{2})$/.test(text) || !text.includes('T') ? text : `${text}Z`;
  const timeMs = Date.parse(zoned);
  return Number.isNaN(timeMs) ? null : { timeMs };
}

/** `clockMs`: the log clock that a span is counted from. */
export function matches(entry: AlertEntry, filter: Filter, clockMs: number | null): boolean {
  if (filter.severity !== null && SEVERITIES.indexOf(entry.severity) < SEVERITIES.indexOf(filter.severity)) return false;
  if (filter.agent !== null && !entry.agent.toLowerCase().includes(filter.agent)) return false;
  if (filter.tenant !== null && entry.tenant.toLowerCase() !== filter.tenant) return false;
  if (filter.threat !== null && !entry.threat.includes(filter.threat)) return false;
  if (filter.since !== null && entry.windowEndMs <= sinceMs(filter.since, clockMs)) return false;
  if (filter.words.length === 0) return true;
  const text =
    `${entry.id} ${entry.agent} ${entry.threat.replaceAll('_', ' ')} ${entry.severity} ${entry.decision} ${entry.sentence}`.toLowerCase();
  return filter.words.every((word) => text.includes(word));
}

function sinceMs(since: Since, clockMs: number | null): number {
  return 'timeMs' in since ? since.timeMs : (clockMs ?? Number.NEGATIVE_INFINITY) - since.agoMs;
}
