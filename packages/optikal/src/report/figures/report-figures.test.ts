import { describe, expect, it } from 'vitest';
import { sampleOf } from '../../training/test-support/samples.ts';
import { fakeByPlanes, fakeJudged, judgedOf } from '../test-support/judged.ts';
import { isMissing, type Part } from './part.ts';
import { reportFigures } from './report-figures.ts';

function there<T extends object>(part: Part<T>): T {
  if (isMissing(part)) throw new Error(part.missing);
  return part;
}

describe('all figures of a fleet', () => {
  const judged = fakeJudged();
  const figures = reportFigures(judged);

  it('are JSON: nothing in them is lost on the way', () => {
    expect(JSON.parse(JSON.stringify(figures))).toEqual(figures);
  });

  it('are the same for the same windows', () => {
    expect(JSON.stringify(reportFigures(fakeJudged()))).toBe(JSON.stringify(figures));
  });

  it('speak of the same windows and the same alerts', () => {
    const { operating, load, distribution, age, grid } = figures;
    expect(figures.windows).toEqual({ benign: 912, exposed: 0, acted: 48, excluded: 0 });
    const falseAlarms = operating.falseAlarms.hits;
    expect(falseAlarms).toBeGreaterThan(0);
    expect(load.kinds[0]).toMatchObject({ windows: 912, alerts: falseAlarms, perAgentDay: falseAlarms / 16 });
    expect(load.agents.reduce((sum, { agents }) => sum + agents, 0)).toBe(16);
    expect(there(distribution).classes.map(({ windows, alerts }) => [windows, alerts])).toEqual([
      [912, falseAlarms],
      [0, 0],
      [48, operating.caught.hits],
    ]);
    expect(age.reduce((sum, group) => sum + group.caught.hits, 0)).toBe(operating.caught.hits);
    expect(age.map(({ from, to }) => [from, to])).toEqual([
      [0, 4],
      [5, 19],
      [20, 59],
    ]);
    const all = there(grid).cells.find(({ threat, intensity }) => threat === null && intensity === null)!;
    expect(all.windows).toEqual(operating.caught);
    expect(all.campaigns).toEqual(operating.campaignsCaught);
  });

  it('hold the baselines to the false alarms of the ensemble', () => {
    for (const rival of figures.operating.rivals) expect(rival.falseAlarms.hits).toBeLessThanOrEqual(figures.operating.falseAlarms.hits);
    expect(figures.operating.rivals.map(({ name }) => name)).toEqual([expect.stringMatching(/^best single feature \(/), 'number of calls']);
  });

  it('draw the curves of the figures that are printed', () => {
    const [ensemble, feature, calls] = there(figures.curves).curves;
    expect(ensemble!.auroc).toBe(there(figures.measured).auroc.value);
    expect(ensemble!.averagePrecision).toBe(there(figures.measured).averagePrecision);
    expect(feature!.auroc).toBeCloseTo(there(figures.baselines).bestFeature.auroc, 12);
    expect(calls!.auroc).toBe(there(figures.baselines).callCount);
    expect(there(figures.curves).smallestFpr).toBe(1 / 912);
  });

  it('say what a base adds to the others', () => {
    const [first, second] = there(figures.bases);
    expect([first!.name, second!.name]).toEqual(['boosting', 'call-boosting']);
    expect(first).toMatchObject({ kept: true, weight: 0.9 });
    // Without it the other one, which has no weight, ranks nothing.
    expect(first!.gain).toBeGreaterThan(0.5);
    expect(first!.interval).not.toBeNull();
    expect(second).toMatchObject({ kept: true, weight: 0, gain: 0 });
  });

  it('say what a base adds where the mean is taken, and what a trial found of one that has no weight for it', () => {
    const { bases } = fakeJudged();
    const margins = 'margins' in bases ? bases.margins : [];
    const interval = { estimate: -0.01, low: -0.02, high: 0.01 };
    const trials = [{ name: 'call-boosting', gain: -0.01, interval, kept: false, weight: 0 }];
    const [first, second] = there(reportFigures(fakeJudged({ bases: { margins, meta: null, trials } })).bases);
    // The same order of windows: nothing is added.
    expect(first!.gain).toBeCloseTo(0, 12);
    expect(first!.weight).toBeNull();
    expect(second).toMatchObject({ kept: false, gain: -0.01, interval });
  });
});

describe('timelines', () => {
  it('tell of an attack caught early, one caught late and one missed, of three agents', () => {
    const found = there(reportFigures(fakeJudged()).timelines);
    expect(found.map(({ story }) => story)).toEqual(['caught early', 'caught late', 'missed']);
    expect(new Set(found.map(({ agent }) => agent)).size).toBe(3);
    const [early, late, missed] = found;
    expect(early!.delaySeconds!).toBeLessThanOrEqual(late!.delaySeconds!);
    expect(missed).toMatchObject({ alertMs: null, delaySeconds: null });
    for (const { windows, firstMs } of found) {
      expect(windows.length).toBeLessThanOrEqual(44);
      expect(windows.some(({ startMs }) => startMs <= firstMs && firstMs < startMs + 60_000)).toBe(true);
      for (const { label, calls } of windows) expect(calls.length).toBe(label === 2 ? 1 : 0);
    }
    // Two weights: of the window that alerted, and of the one before it.
    const attended = early!.windows.flatMap(({ attention }, i) => (attention === null ? [] : [i]));
    expect(attended.map((i) => early!.windows[i]!.attention)).toEqual([0.2, 0.8]);
    expect(early!.windows[attended[1]!]).toMatchObject({ alert: true, label: 2 });
    expect(attended[0]).toBe(attended[1]! - 1);
    expect(early!.reasons).toEqual([expect.stringContaining('rarest step')]);
  });
});

describe('figures that cannot be computed', () => {
  it('say why: no labels', () => {
    const quiet = Array.from({ length: 8 }, (_, i) => sampleOf({ key: `t|a${i % 2}`, startMs: 60_000 * i }));
    const figures = reportFigures(judgedOf(quiet, [0, 0, 0, 0, 0, 0, 0, 2], { labelled: false }));
    for (const part of [
      figures.measured,
      figures.baselines,
      figures.curves,
      figures.grid,
      figures.naming,
      figures.timelines,
      figures.bases,
      figures.uncertainty,
    ])
      expect(part).toEqual({ missing: expect.stringContaining('truth.jsonl') });
    expect(figures.operating).toMatchObject({ falseAlarms: { hits: 1, count: 8 }, rivals: [] });
    expect(there(figures.distribution).classes[0]).toMatchObject({ windows: 8, alerts: 1 });
  });

  it('say why: only attacks', () => {
    const figures = reportFigures(judgedOf([sampleOf({ label: 2, threat: 'resource_abuse' })], [2]));
    expect(figures.measured).toEqual({ missing: expect.stringContaining('one kind only') });
  });

  it('say why: nothing has a margin', () => {
    expect(reportFigures(judgedOf([sampleOf()], [Number.NEGATIVE_INFINITY])).distribution).toEqual({ missing: expect.any(String) });
  });
});

it('each group may have its own threshold, and then no line is drawn', () => {
  const judged = fakeJudged();
  const thresholds = Float64Array.from(judged.samples, ({ key }) => (key.endsWith('a1') ? Number.POSITIVE_INFINITY : 3));
  const figures = reportFigures({ ...judged, thresholds });
  expect(figures.operating.threshold).toBeNull();
  expect(there(figures.distribution)).toMatchObject({ threshold: null, byPlanes: [] });
  const finite = reportFigures({ ...judged, thresholds: thresholds.map((value) => Math.min(value, 9)) });
  expect(there(finite.distribution)).toMatchObject({ threshold: null, byPlanes: [] });
  expect(figures.operating.caught.hits).toBeLessThan(reportFigures(judged).operating.caught.hits);
});

it('each set of planes may have its own threshold, and then a line is drawn for each', () => {
  const judged = fakeJudged(fakeByPlanes());
  const { threshold, byPlanes, edges, classes } = there(reportFigures(judged).distribution);
  expect(threshold).toBeNull();
  // 16 agents by turns, 60 windows each; two turns share a threshold.
  expect(byPlanes).toEqual([
    { threshold: 3, windows: 480, planes: ['behaviour', 'behaviour + provenance'] },
    { threshold: 3.1, windows: 240, planes: ['behaviour + content'] },
    { threshold: 5, windows: 240, planes: ['behaviour + content + authority'] },
  ]);
  expect(edges.at(-1)!).toBeGreaterThan(5);
  const above = judged.samples.filter(({ label }, i) => label === 2 && judged.margins[i]! >= judged.thresholds[i]!).length;
  expect(classes[2]).toMatchObject({ name: 'acted', alerts: above });
});
