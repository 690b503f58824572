/** `explain`: any scored window again, alert or not: its reasons from the archived rows and the bundle that judged it. */

import { type AlertAttribution, agentKey } from '@optikal/contracts';
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
}

export interface SequenceSays {
  /** Standard deviation of its probability over the dropout passes. */
  readonly uncertainty: number;
  /** The agent's last windows, oldest first, the judged one last, and what share of the model's attention each had. */
  readonly windows: readonly { readonly startMs: number; readonly attention: number }[];
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
    const tenant = row.key.slice(0, bar);
    const agent = row.key.slice(bar + 1);
    return {
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
    };
  } finally {
    reader.close();
  }
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
