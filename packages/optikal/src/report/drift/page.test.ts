import { createRandom, fitDrift } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { REPORT_MARK } from '../page/frame.ts';
import { driftPage } from './page.ts';
import type { DriftReport } from './report.ts';

const EVIL = `"><script>alert('x')</script><img src=x>`;

function reportOf(more: Partial<DriftReport> = {}, label = 'CPU'): DriftReport {
  const random = createRandom('page');
  const rows = (count: number, shift: number) => ({
    rows: count,
    cols: 3,
    values: Float64Array.from({ length: 3 * count }, (_, i) =>
      i % 3 === 2 ? 0 : i % 3 === 1 && random.nextFloat() < 0.2 ? Number.NaN : random.nextGaussian() + shift,
    ),
  });
  const detector = fitDrift(rows(400, 0), { names: ['cpu_usage', 'role_surprise_max', 'denied'] }).detector();
  const live = rows(200, 1);
  for (let r = 0; r < 200; r++) detector.update(live.values.subarray(3 * r, 3 * r + 3), r);
  const summary = detector.summary();
  return {
    ...summary,
    kind: 'drift',
    source: 'var',
    fingerprint: 'abcdef0123456789'.repeat(4),
    windowsOfOtherBundles: 0,
    windowsTooMany: 0,
    verdict: 'Drift: so it is.',
    notes: [],
    features: summary.features.map((feature) => ({ ...feature, label, unit: 'nats' })),
    ...more,
  };
}

describe('the page of a drift report', () => {
  const report = reportOf();
  const page = driftPage(report, () => 'hash');

  it('is a report: by its mark, without a script, its figures as JSON', () => {
    expect(page.startsWith(REPORT_MARK)).toBe(true);
    expect([...page.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag)).toEqual(['<script type="application/json" id="optikal-report">']);
    expect(page).not.toMatch(/https?:|url\(|@import|\sstyle=|\son[a-z]+=/i);
    const [, json] = /<script type="application\/json" id="optikal-report">(.*)<\/script>/.exec(page)!;
    expect(JSON.parse(json!)).toEqual(report);
  });

  it('says the verdict, and shows each feature as a picture with its figures as a table', () => {
    expect(page).toContain('Drift: so it is.');
    expect(page.match(/role="img"/g)).toHaveLength(3);
    for (const figure of page.split('<figure').slice(1)) if (figure.includes('role="img"')) expect(figure).toMatch(/<details>.*<table/s);
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  });

  it('holds no number that is none, and bars within the picture', () => {
    const text = page.replace(/<script.*?<\/script>/s, '');
    expect(text).not.toMatch(/\bNaN\b|\bInfinity\b|undefined|\[object/);
    for (const [, y, height] of text.matchAll(/<rect class="f[01]" x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)">/g)) {
      expect(Number(y) + Number(height)).toBeCloseTo(208, 1);
      expect(Number(y)).toBeGreaterThan(20);
    }
    expect(text).toMatch(/missing: [\d.]+\u00a0% live/);
  });

  it('never lets a name become markup', () => {
    const hostile = driftPage(reportOf({ source: EVIL, verdict: EVIL, notes: [EVIL] }, EVIL), () => 'hash');
    expect(hostile).not.toContain('<img');
    expect([...hostile.matchAll(/<script\b/g)]).toHaveLength(1);
  });
});
