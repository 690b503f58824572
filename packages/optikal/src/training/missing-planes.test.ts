/** The whole way: a simulated fleet with all planes, a bundle fitted on it, and other agents that have lost some of theirs. */
import { auroc } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { decodeBundle, encodeBundle } from '../detection/ensemble/bundle.ts';
import { judge } from '../detection/ensemble/judge.ts';
import { PLANE_NAMES, planesOf, probabilityFor, thresholdFor } from '../detection/ensemble/planes.ts';
import { parseToolsYaml, resolveTools, toolLookup } from '../detection/tools/index.ts';
import { extract } from './extract.ts';
import { fitBundle } from './fit.ts';
import { indexTruth } from './labels.ts';
import { withPlanes } from './mask.ts';
import { headline } from './measure.ts';
import { planeSets } from './plane-sets.ts';
import { simulateFleet, toolsYaml } from './simulator/index.ts';

/** Shares of fewer windows are chance. */
const LEAST_ROWS = 100;
const TOOLS = resolveTools({ user: parseToolsYaml(toolsYaml()) });
const extracted = (seed: string, agents: number) => {
  const fleet = simulateFleet({
    agents,
    days: 0.25,
    seed,
    attackedShare: 0.5,
    campaignsPerAgent: 2,
    intensities: ['blatant', 'moderate'],
  });
  return extract({ events: () => fleet.events(), truth: indexTruth(fleet.truth), tools: toolLookup(TOOLS) });
};

describe('a bundle of a fleet with all planes', () => {
  const { dataset, snapshot } = extracted('planes', 40);
  const content = fitBundle({
    dataset,
    snapshot,
    tools: TOOLS,
    seed: 'p',
    wish: { kind: 'fpr', value: 0.02 },
    prevalence: 0.01,
    starter: false,
    unitOf: ({ key }) => key,
    source: 'a simulated fleet',
    folds: 3,
    sequence: { hidden: 8, epochs: 2 },
  });
  const bundle = decodeBundle(encodeBundle(content).files);
  const live = extracted('live', 80).dataset.samples.filter(headline);
  const all = { behaviour: true, provenance: true, content: true, authority: true };

  it('has a view for every set of planes that a window can have', () => {
    const known = bundle.byPlanes.map(({ planes }) => PLANE_NAMES.map((name) => planes[name]).join());
    expect(known).toEqual(planeSets(all).map((planes) => PLANE_NAMES.map((name) => planes[name]).join()));
    expect(encodeBundle(bundle).fingerprint).toBe(bundle.fingerprint);
  });

  it.each(planeSets(all).map((planes) => [PLANE_NAMES.filter((name) => planes[name]).join(', '), planes] as const))(
    'judges windows of other agents by %s alone: finite, better than chance, at about the rate that was asked for, and calibrated',
    (_, planes) => {
      const had = live.filter(({ row }) => PLANE_NAMES.every((name) => planesOf(row)[name] || !planes[name]));
      const masked = had.map((sample) => ({ ...sample, ...withPlanes(sample, planes) }));
      for (const { row } of masked) expect(planesOf(row)).toEqual(planes);
      const margins = masked.map((sample) => judge(bundle, sample).margin);
      expect(margins.every((margin) => Number.isFinite(margin))).toBe(true);
      const labels = had.map(({ label }) => (label === 2 ? 1 : 0));
      const count = (of: readonly number[]) => of.reduce((sum, x) => sum + x, 0);
      const share = count(labels) / labels.length;
      const found = masked.map(({ row }, i) => probabilityFor(bundle, margins[i]!, row, share));
      const alarms = masked.filter(
        ({ row }, i) => labels[i] === 0 && margins[i]! >= thresholdFor(bundle, bundle.operatingPoint.threshold, row),
      );
      const fpr = alarms.length / (labels.length - count(labels));
      // What is told to be likely is so about as often as it is told, and what is told to be unlikely too.
      for (const likely of [false, true]) {
        const rows = found.flatMap((p, i) => (p >= share === likely ? [i] : []));
        const off = count(rows.map((i) => found[i]! - labels[i]!)) / Math.max(1, rows.length);
        if (rows.length >= LEAST_ROWS) expect(Math.abs(off)).toBeLessThan(planes.behaviour ? 0.2 : 0.3);
      }
      expect(auroc(margins, labels)).toBeGreaterThan(0.6);
      expect(fpr).toBeLessThan(0.06);
    },
  );
});
