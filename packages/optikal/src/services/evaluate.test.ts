import { describe, expect, it } from 'vitest';
import { smallBundle } from '../../../../test/support/small-bundles.ts';
import { parseToolsYaml } from '../detection/tools/index.ts';
import { indexTruth } from '../training/labels.ts';
import { simulateFleet, toolsYaml } from '../training/simulator/index.ts';
import type { DataSource } from './data-source.ts';
import { evaluateBundle, runProtocol } from './evaluate.ts';

const { bundle } = smallBundle('x');
const fleet = simulateFleet({ agents: 40, days: 0.2, seed: 'evaluate', attackedShare: 0.5 });
const source: DataSource = {
  kind: 'fleet',
  description: 'a simulated fleet',
  events: () => fleet.events(),
  truth: indexTruth(fleet.truth),
  tools: parseToolsYaml(toolsYaml()),
  relatives: () => [],
  metaOf: null,
  refused: () => 0,
};

describe('a bundle on labelled data', () => {
  const found = evaluateBundle(bundle, source, bundle.operatingPoint.threshold);
  const { operating, windows } = found;

  it('has figures, and what they mean at the threshold', () => {
    expect(found).toMatchObject({ source: 'a simulated fleet', fingerprint: bundle.fingerprint });
    expect(found.measured.auroc.value).toBeGreaterThan(0.8);
    expect(windows.acted).toBeGreaterThan(0);
    expect(operating.windowRecall).toBeGreaterThan(0.2);
    const alarms = Math.round(operating.falsePositiveRate * windows.benign);
    expect(operating.falseAlarmsPerAgentWeek / operating.falseAlarmsPerDay).toBeCloseTo(7 / 40, 1);
    expect(alarms).toBeGreaterThan(0);
  });

  it('counts every campaign that acted, once', () => {
    const campaigns = new Set(fleet.truth.filter(({ acted }) => acted === 1).map(({ campaign }) => campaign));
    expect(operating.campaigns.reduce((sum, { all }) => sum + all, 0)).toBe(campaigns.size);
    for (const { caught, all } of operating.campaigns) expect(caught).toBeLessThanOrEqual(all);
  });

  it('alerts on everything below every margin, on nothing above', () => {
    const all = evaluateBundle(bundle, source, Number.NEGATIVE_INFINITY).operating;
    expect([all.windowRecall, all.falsePositiveRate]).toEqual([1, 1]);
    for (const { caught, all: total } of all.campaigns) expect(caught).toBe(total);
    const none = evaluateBundle(bundle, source, Number.POSITIVE_INFINITY).operating;
    expect([none.windowRecall, none.falsePositiveRate, none.falseAlarmsPerDay]).toEqual([0, 0, 0]);
  });

  it('needs truth, and attacks in it', () => {
    const without = (truth: DataSource['truth']) => () => evaluateBundle(bundle, { ...source, truth }, 0);
    expect(without(null)).toThrow(expect.objectContaining({ code: 'no_truth' }));
    expect(without(indexTruth([]))).toThrow(expect.objectContaining({ code: 'no_truth' }));
  });
});

it('runs the protocol on recorded agents only', () => {
  expect(() => runProtocol(source, { leave: ['suite'], seed: '1', permutations: 0, useTools: true })).toThrow(
    expect.objectContaining({ code: 'data_unrecognised' }),
  );
});
