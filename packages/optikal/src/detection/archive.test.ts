import { describe, expect, it } from 'vitest';
import { archiveWindow, restoreWindow } from './archive.ts';
import { attribute } from './ensemble/attribute.ts';
import { judge } from './ensemble/judge.ts';
import { fittedBundle } from './test-support/bundles.ts';
import { callOf, callsOf, metricsOf, verdictOf } from './test-support/events.ts';
import { look } from './test-support/windows.ts';

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
});
