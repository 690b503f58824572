import { describe, expect, it } from 'vitest';
import { archiveWindow, restoreWindow } from './archive.ts';
import { attribute } from './ensemble/attribute.ts';
import { judge } from './ensemble/judge.ts';
import { newProfile } from './profile.ts';
import { fittedBundle } from './test-support/bundles.ts';
import { callOf, callsOf, metricsOf, verdictOf } from './test-support/events.ts';
import { everythingBundle } from './test-support/everything.ts';
import { look, pass } from './test-support/windows.ts';

const BUNDLE = fittedBundle();

describe('an archived window', () => {
  it('has the rows bit for bit and explains itself as at its time', () => {
    for (const events of [
      [
        callsOf([callOf(0, 'read'), callOf(1, 'pay', { ok: false, provenance: { valuesOut: 3, destOut: 1 } })]),
        verdictOf(2, { score: 0.3 }),
      ],
      [metricsOf(0, { cpu_usage_percent: 12.34 })],
    ]) {
      const analysis = look(events);
      const judgement = judge(BUNDLE, analysis);
      const {
        archived,
        rows,
        judgement: again,
      } = restoreWindow(archiveWindow({ analysis, judgement, threshold: 0.5, alerted: true, role: 'clerk', withSequence: true }));
      expect(rows.row).toEqual(analysis.row);
      expect(rows.callRows).toEqual(judgement.topCall < 0 ? [] : [analysis.callRows[judgement.topCall]]);
      expect(archived).toMatchObject({ role: 'clerk', margin: judgement.margin, threshold: 0.5, alerted: true });
      expect(attribute(BUNDLE, rows, again, 'clerk')).toEqual(attribute(BUNDLE, analysis, judgement, 'clerk'));
      expect(archived.call?.callId).toBe(judgement.topCall < 0 ? undefined : analysis.facts.calls[judgement.topCall]!.call.call.callId);
    }
  });

  it('has the sequence bit for bit, and is judged and explained by all bases as at its time', () => {
    const bundle = everythingBundle();
    const profile = newProfile();
    for (let w = 0; w < 13; w++) {
      const at = (w + (w > 6 ? 40 : 0)) * 60_000;
      const events = [
        metricsOf(at, { cpu_usage_percent: (17 * w) % 100, error_count: w % 3 }),
        callsOf([callOf(at + 1, w % 2 ? 'send' : 'read')]),
      ];
      const analysis = pass(profile, w % 4 === 3 ? events.slice(0, 1) : events);
      const judgement = judge(bundle, analysis);
      const body = archiveWindow({ analysis, judgement, threshold: 0, alerted: false, role: null, withSequence: true });
      const { rows, judgement: again } = restoreWindow(body);
      expect(rows.sequence).toEqual(analysis.sequence);
      expect(rows.sequence).toHaveLength(Math.min(10, w + 1));
      expect(again).toEqual({ ...judgement, topCall: Math.min(judgement.topCall, 0) });
      expect(judge(bundle, rows).margin).toBe(judgement.margin);
      expect(attribute(bundle, rows, again, null)).toEqual(attribute(bundle, analysis, judgement, null));
      // Without a base that judged it, the sequence is not kept.
      expect(archiveWindow({ analysis, judgement, threshold: 0, alerted: false, role: null, withSequence: false })).not.toContain(
        '"steps"',
      );
    }
  });
});
