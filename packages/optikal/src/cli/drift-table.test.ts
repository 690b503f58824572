import { fitDrift } from '@optikal/ml';
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { DriftReport } from '../report/drift/report.ts';
import { renderDrift, shownBins } from './drift-table.ts';

/** Errors that were mostly none, in a share of the windows; now half of them are missing, or twelve. */
function report(live: (i: number) => number): DriftReport {
  const values = Float64Array.from({ length: 200 }, (_, i) => (i % 4 === 0 ? i / 40 : 0));
  const detector = fitDrift({ rows: 200, cols: 1, values }, { names: ['errors_per_min'] }).detector();
  for (let i = 0; i < 100; i++) detector.update([live(i)], i);
  const summary = detector.summary();
  return {
    ...summary,
    kind: 'drift',
    source: 'var',
    fingerprint: 'f'.repeat(64),
    windowsOfOtherBundles: 0,
    windowsTooMany: 0,
    verdict: 'The verdict.',
    notes: ['A note.'],
    features: summary.features.map((feature) => ({ ...feature, label: 'errors', unit: 'per min' })),
  };
}

describe('a drift report in a terminal', () => {
  const plain = picocolors.createColors(false);

  it('says verdict and notes, and draws what is there, missing values in words', () => {
    const text = renderDrift(
      report((i) => (i % 2 === 0 ? Number.NaN : 12)),
      plain,
      false,
    );
    const lines = text.split('\n');
    expect(lines.slice(0, 2)).toEqual(['The verdict.', 'note: A note.']);
    expect(text).toMatch(/^errors +\d+\.\d{3} .* retrain +ALARM$/m);
    expect(text).toMatch(/^ {2}reference █/m);
    expect(text).toMatch(/up to 0 per min … [\d.]+ per min and more$/m);
    expect(text).toMatch(/missing 0 % → 50 %$/m);
    expect(text).not.toMatch(/e-3\d\d|NaN|undefined/);
  });

  it('has a block of eight heights, blank only where a side has nothing', () => {
    const found = report((i) => (i % 4 === 0 ? i / 20 : 0));
    const [, bars = ''] = /^ {2}reference (.*?) {2}/m.exec(renderDrift(found, plain, true)) ?? [];
    const shown = shownBins(found.features[0]!);
    expect(bars.length).toBe(2 * shown.length);
    expect(shown.length).toBeGreaterThan(1);
    expect(bars).toMatch(/^[▁▂▃▄▅▆▇█]+$/);
  });
});
