/** `explain`: any scored window again, alert or not: its reasons from the archived rows and the bundle that judged it. */

import { type AlertAttribution, agentKey } from '@optikal/contracts';
import { calibratedProbability } from '@optikal/ml';
import { openEmbeddedReader } from '../bus/embedded/reader.ts';
import { restoreWindow } from '../detection/archive.ts';
import { attributionLines } from '../detection/ensemble/alert.ts';
import { attribute } from '../detection/ensemble/attribute.ts';
import { nameThreat } from '../detection/ensemble/threat.ts';
import { keptBundle } from './data-folder.ts';
import { ServiceError } from './errors.ts';

export interface WindowExplanation {
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
  readonly baseValue: number;
  readonly attributions: readonly AlertAttribution[];
  readonly decisiveCall: { readonly callId: string; readonly tool: string } | null;
  readonly fingerprint: string;
}

export type WindowQuestion = { readonly alertId: string } | { readonly tenant: string; readonly agent: string; readonly timeMs: number };

/** Errors: window_not_found; those of the data directory and the bundle. */
export function explainWindow(dataDir: string, question: WindowQuestion): WindowExplanation {
  const reader = openEmbeddedReader(dataDir, { snapshot: true });
  try {
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
    return {
      tenant: row.key.slice(0, bar),
      agent: row.key.slice(bar + 1),
      role: archived.role,
      windowStartMs: row.windowStartMs,
      windowEndMs: row.windowEndMs,
      decision: archived.alerted ? 'alert' : 'benign',
      margin: archived.margin,
      threshold: archived.threshold,
      probability: calibratedProbability(bundle.calibration, archived.margin, bundle.prevalence),
      prevalence: bundle.prevalence,
      threatType: archived.alerted ? nameThreat(bundle, rows.row).threatType : null,
      baseScores: archived.bases,
      baseValue: explanation.baseValue,
      attributions: attributionLines(explanation.reasons),
      decisiveCall: archived.call === null ? null : { callId: archived.call.callId, tool: archived.call.tool },
      fingerprint: row.fingerprint,
    };
  } finally {
    reader.close();
  }
}
