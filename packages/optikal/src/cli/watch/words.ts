/** The words and figures that list and page share. Times are UTC, as everywhere in Optikal. */
import type { Severity, Threat } from '@optikal/contracts';
import type { AlertEntry } from '../../services/watch-entry.ts';
import type { Standing } from './alerts.ts';

export const SEVERITY_SHORT: Readonly<Record<Severity, string>> = { critical: 'CRIT', high: 'HIGH', medium: 'MED', low: 'LOW' };
export const STANDING_SHORT: Readonly<Record<Standing, string>> = { early: 'E', final: ' ', confirmed: 'C', withdrawn: 'W' };

/** What the letters of the list mean; the help says it. */
export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  early: 'seen in an open window; the final look is to come',
  final: 'the closed window reached the threshold',
  confirmed: 'seen early, and confirmed by the whole window',
  withdrawn: 'seen early, and not confirmed by the whole window',
};

export function threatWords(threat: Threat): string {
  return threat.replaceAll('_', ' ');
}

/** The tenant only where there is more than the default one. */
export function agentWords({ tenant, agent }: Pick<AlertEntry, 'tenant' | 'agent'>): string {
  return tenant === 'default' ? agent : `${tenant}/${agent}`;
}

/** `01-05 14:02`. */
export function dayAndTime(timeMs: number): string {
  return `${iso(timeMs).slice(5, 10)} ${iso(timeMs).slice(11, 16)}`;
}

/** `14:02`. */
export function minute(timeMs: number): string {
  return iso(timeMs).slice(11, 16);
}

/** `14:02:11`. */
export function second(timeMs: number): string {
  return iso(timeMs).slice(11, 19);
}

export function whole(value: number): string {
  return value.toLocaleString('en-US');
}

export function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
