import { describe, expect, it } from 'vitest';
import { smallBundle } from '../../../../test/support/small-bundles.ts';
import { parseToolsYaml } from '../detection/tools/index.ts';
import { isMissing } from '../report/index.ts';
import { indexTruth } from '../training/labels.ts';
import { simulateFleet, toolsYaml } from '../training/simulator/index.ts';
import { fakeSamples } from '../training/test-support/samples.ts';
import type { DataSource } from './data-source.ts';
import { evaluateBundle } from './evaluate.ts';
import { otherThresholds, runProtocol } from './evaluate-protocol.ts';

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

const at = (threshold: number) => ({ threshold, asked: 'a test', words: () => ['a reason'] });

describe('a bundle on labelled data', () => {
  const found = evaluateBundle(bundle, source, at(bundle.operatingPoint.threshold));
  const { operating, windows } = found;

  it('has figures, and what they mean at the threshold', () => {
    expect(found).toMatchObject({ source: 'a simulated fleet', fingerprint: bundle.fingerprint });
    if (isMissing(found.grid)) throw new Error(found.grid.missing);
    const blatant = found.grid.cells.find(({ threat, intensity }) => threat === null && intensity === 'blatant')!;
    expect(blatant.auroc).toBeGreaterThan(0.8);
    expect(blatant.windows.share).toBeGreaterThan(0.2);
    expect(windows.acted).toBeGreaterThan(0);
    const alarms = Math.round(operating.falsePositiveRate! * windows.benign);
    expect(operating.falseAlarmsPerAgentWeek / operating.falseAlarmsPerDay).toBeCloseTo(7 / 40, 1);
    expect(alarms).toBeGreaterThan(0);
  });

  it('counts every campaign that acted, once', () => {
    const campaigns = new Set(fleet.truth.filter(({ acted }) => acted === 1).map(({ campaign }) => campaign));
    expect(operating.campaigns.reduce((sum, { all }) => sum + all, 0)).toBe(campaigns.size);
    for (const { caught, all } of operating.campaigns) expect(caught).toBeLessThanOrEqual(all);
  });

  it('alerts on everything below every margin, on nothing above', () => {
    const all = evaluateBundle(bundle, source, at(Number.NEGATIVE_INFINITY)).operating;
    expect([all.windowRecall, all.falsePositiveRate]).toEqual([1, 1]);
    for (const { caught, all: total } of all.campaigns) expect(caught).toBe(total);
    const none = evaluateBundle(bundle, source, at(Number.POSITIVE_INFINITY)).operating;
    expect([none.windowRecall, none.falsePositiveRate, none.falseAlarmsPerDay]).toEqual([0, 0, 0]);
  });

  it('knows the first malicious call of each attack, from the events themselves', () => {
    const { timelines } = found;
    if (isMissing(timelines)) throw new Error(timelines.missing);
    for (const { campaign, firstMs, agent, reasons } of timelines) {
      const own = fleet.truth.filter((line) => line.campaign === campaign && line.agent === agent && line.acted === 1);
      expect(firstMs).toBe(Math.min(...own.map(({ startMs }) => startMs)));
      expect(reasons).toEqual(['a reason']);
    }
  });

  it('needs truth, and attacks in it', () => {
    const without = (truth: DataSource['truth']) => () => evaluateBundle(bundle, { ...source, truth }, at(0));
    expect(without(null)).toThrow(expect.objectContaining({ code: 'no_truth' }));
    expect(without(indexTruth([]))).toThrow(expect.objectContaining({ code: 'no_truth' }));
  });
});

it('runs the protocol on recorded agents only', () => {
  expect(() => runProtocol(source, { leave: ['suite'], seed: '1', permutations: 0, useTools: true })).toThrow(
    expect.objectContaining({ code: 'data_unrecognised' }),
  );
});

it('takes the threshold of a group from the others alone', () => {
  const samples = fakeSamples({ agents: 3, windows: 200, attacked: 3, seed: 'groups' });
  const groups = samples.map(({ key }) => key);
  const margins = Float64Array.from(samples, ({ row }) => row.reduce((sum, x) => sum + (Number.isNaN(x) ? 0 : x), 0));
  const found = otherThresholds(samples, margins, groups);
  const changed = otherThresholds(
    samples,
    margins.map((margin, i) => (groups[i] === 't|a0' ? margin + 100 : margin)),
    groups,
  );
  groups.forEach((group, i) => {
    if (group === 't|a0') expect(changed[i]).toBe(found[i]);
  });
  expect(changed).not.toEqual(found);
  for (const group of new Set(groups)) {
    const others = samples.flatMap(({ key, label }, i) => (key !== group && label === 0 ? [margins[i]!] : []));
    const threshold = found[groups.indexOf(group)]!;
    expect(others.filter((margin) => margin >= threshold).length / others.length).toBeLessThanOrEqual(0.01);
  }
});

it('lets nothing alert where the others hold one class only', () => {
  const samples = fakeSamples({ agents: 2, windows: 20, attacked: 1, seed: 'one' });
  const groups = samples.map(({ key }) => key);
  const found = otherThresholds(samples, new Float64Array(samples.length), groups);
  expect(found[0]).toBe(Number.POSITIVE_INFINITY);
});
