/** One revision of an alert, read from its stored body: what a list needs of it. */
import type { Severity, Threat, ThreatAlert } from '@optikal/contracts';
import type { WatchedAlert } from '../bus/embedded/watch-reader.ts';

/** One revision of an alert, as a list shows it. Texts are as they were stored: who shows them makes them harmless. */
export interface AlertEntry {
  readonly cursor: number;
  readonly id: string;
  readonly revision: 1 | 2;
  /** The other revision is there as well. */
  readonly paired: boolean;
  readonly tenant: string;
  readonly agent: string;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly threat: Threat;
  readonly severity: Severity;
  readonly probability: number;
  readonly decision: 'alert' | 'withdrawn';
  readonly learning: boolean;
  readonly starter: boolean;
  readonly replay: boolean;
  readonly sentence: string;
}

export function entryOf({ cursor, body, paired }: Pick<WatchedAlert, 'cursor' | 'body' | 'paired'>): AlertEntry {
  const alert = JSON.parse(body) as ThreatAlert; // written by alertBody
  const { id, revision, tenant, agent, windowStartMs, windowEndMs, severity, probability, decision, replay, sentence } = alert;
  const [threat, learning, { starter }] = [alert.threatType, alert.phase === 'learning', alert.model];
  const what = { threat, severity, probability, decision, learning, starter, replay, sentence };
  return { cursor, id, revision, paired, tenant, agent, windowStartMs, windowEndMs, ...what };
}
