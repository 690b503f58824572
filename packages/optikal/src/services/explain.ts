/**
 * `explain`: any scored window again, alert or not: its reasons from the archived rows and the bundle that judged it. An alert of the detector
 * of drift is about tasks, not about the window in which it was published: it is explained by what it was compared with.
 */

import { type AlertAttribution, type AlertDrift, agentKey, type ThreatAlert } from '@optikal/contracts';
import type { AlertRow, BusReader } from '../bus/contract.ts';
import { openEmbeddedReader } from '../bus/embedded/reader.ts';
import { restoreWindow } from '../detection/archive.ts';
import { attributionLines } from '../detection/ensemble/alert.ts';
import { attribute } from '../detection/ensemble/attribute.ts';
import type { Bundle } from '../detection/ensemble/bundle.ts';
import { metaFor, probabilityFor } from '../detection/ensemble/planes.ts';
import { viewSequence } from '../detection/ensemble/sequence-view.ts';
import { nameThreat } from '../detection/ensemble/threat.ts';
import type { Step } from '../detection/steps.ts';
import { keptBundle } from './data-folder.ts';
import { ServiceError } from './errors.ts';
import { type MarginPart, marginParts, windowTimes } from './margin-parts.ts';

export interface WindowExplanation {
  readonly detector: 'ensemble';
  readonly tenant: string;
  readonly agent: string;
  readonly role: string | null;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly decision: 'alert' | 'benign';
  readonly margin: number;
  readonly threshold: number;
  readonly probability: number;
  readonly prevalence: number;
  readonly threatType: string | null;
  readonly baseScores: Readonly<Record<string, number | null>>;
  /** What each base gave to the margin. */
  readonly parts: readonly MarginPart[];
  /** What the sequence model says beside its score; null where the bundle has none. */
  readonly sequence: SequenceSays | null;
  readonly baseValue: number;
  readonly attributions: readonly AlertAttribution[];
  readonly decisiveCall: { readonly callId: string; readonly tool: string } | null;
  readonly fingerprint: string;
  /** Id of the alert that the detector of drift published with this window; null = none. */
  readonly driftAlert: string | null;
}

/** As the alert has it. */
export interface DriftExplanation
  extends Pick<
    ThreatAlert,
    | 'tenant'
    | 'agent'
    | 'role'
    | 'windowStartMs'
    | 'windowEndMs'
    | 'sentence'
    | 'margin'
    | 'threshold'
    | 'probability'
    | 'prevalence'
    | 'threatType'
    | 'tasks'
    | 'baseValue'
    | 'attributions'
  > {
  readonly detector: 'drift';
  readonly decision: 'alert';
  /** null = the alert was written before it said so. */
  readonly drift: AlertDrift | null;
  readonly fingerprint: string;
}

export interface SequenceSays {
  /** Standard deviation of its probability over the dropout passes. */
  readonly uncertainty: number;
  /** The agent's last windows, oldest first, the judged one last, and what share of the model's attention each had. */
  readonly windows: readonly { readonly startMs: number; readonly attention: number }[];
}

export type WindowQuestion = { readonly alertId: string } | { readonly tenant: string; readonly agent: string; readonly timeMs: number };

/** Errors: window_not_found; those of the data directory and the bundle. */
export function explainWindow(dataDir: string, question: WindowQuestion): WindowExplanation | DriftExplanation {
  const reader = openEmbeddedReader(dataDir, { snapshot: true });
  try {
    if ('alertId' in question) {
      const asked = alertWhere(reader, ({ id }) => id === question.alertId);
      if (asked?.detector === 'drift') return driftExplanation(asked);
    }
    const row =
      'alertId' in question
        ? reader.scoreOfAlert(question.alertId)
        : reader.scoreAt(agentKey(question.tenant, question.agent), question.timeMs);
    if (row === null)
      throw new ServiceError(
        'window_not_found',
        'alertId' in question
          ? `no scored window of alert \`${question.alertId}\``
          : `no scored window of agent \`${question.agent}\` at ${new Date(question.timeMs).toISOString()}: it did nothing in that minute, the minute is still open, or its archive has expired`,
      );
    const bundle = keptBundle(dataDir, row.fingerprint);
    const { archived, rows, judgement } = restoreWindow(row.body);
    const explanation = attribute(bundle, rows, judgement, archived.role);
    const bar = row.key.indexOf('|');
    const tenant = row.key.slice(0, bar);
    const agent = row.key.slice(bar + 1);
    const published = alertWhere(
      reader,
      ({ key, windowStartMs, body }) => key === row.key && windowStartMs === row.windowStartMs && parsed(body).detector === 'drift',
    );
    return {
      detector: 'ensemble',
      tenant,
      agent,
      role: archived.role,
      windowStartMs: row.windowStartMs,
      windowEndMs: row.windowEndMs,
      decision: archived.alerted ? 'alert' : 'benign',
      margin: archived.margin,
      threshold: archived.threshold,
      probability: probabilityFor(bundle, archived.margin, rows.row),
      prevalence: bundle.prevalence,
      threatType: archived.alerted ? nameThreat(bundle, rows.row).threatType : null,
      baseScores: archived.bases,
      parts: marginParts({ bases: bundle.bases, meta: metaFor(bundle, rows.row) }, archived.bases),
      sequence: sequenceSays(bundle, rows.sequence, { tenant, agent, startMs: row.windowStartMs }),
      baseValue: explanation.baseValue,
      attributions: attributionLines(explanation.reasons),
      decisiveCall: archived.call === null ? null : { callId: archived.call.callId, tool: archived.call.tool },
      fingerprint: row.fingerprint,
      driftAlert: published?.id ?? null,
    };
  } finally {
    reader.close();
  }
}

const ALERTS_AT_ONCE = 1000;

function alertWhere(reader: BusReader, isIt: (alert: AlertRow) => boolean): ThreatAlert | null {
  for (let after = 0; ; ) {
    const page = reader.alerts(after, ALERTS_AT_ONCE);
    const found = page.find(isIt);
    if (found !== undefined) return parsed(found.body);
    if (page.length < ALERTS_AT_ONCE) return null;
    after = page.at(-1)!.cursor; // the page is full
  }
}

function parsed(body: string): ThreatAlert {
  return JSON.parse(body) as ThreatAlert; // written by alertBody or driftAlertBody
}

function driftExplanation(alert: ThreatAlert): DriftExplanation {
  const { tenant, agent, role, windowStartMs, windowEndMs, sentence, margin, threshold, probability, prevalence, threatType } = alert;
  const { tasks, baseValue, attributions, drift = null, model } = alert;
  return {
    detector: 'drift',
    tenant,
    agent,
    role,
    windowStartMs,
    windowEndMs,
    decision: 'alert',
    sentence,
    margin,
    threshold,
    probability,
    prevalence,
    threatType,
    tasks,
    drift,
    baseValue,
    attributions,
    fingerprint: model.fingerprint,
  };
}

function sequenceSays(
  { bases }: Bundle,
  sequence: readonly Step[],
  window: { readonly tenant: string; readonly agent: string; readonly startMs: number },
): SequenceSays | null {
  if (sequence.length === 0) return null;
  const view = viewSequence(bases, { sequence }, window);
  if (view === null) return null;
  const times = windowTimes(sequence, window.startMs).slice(-view.attention.length);
  return { uncertainty: view.uncertainty, windows: times.map((startMs, i) => ({ startMs, attention: view.attention[i]! })) };
}
