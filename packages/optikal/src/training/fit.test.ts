import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Bundle, type BundleContent, decodeBundle, encodeBundle } from '../detection/ensemble/bundle.ts';
import { judge } from '../detection/ensemble/judge.ts';
import { snapshotOf } from '../detection/fleet.ts';
import { resolveTools } from '../detection/tools/index.ts';
import type { WindowSample } from './dataset.ts';
import { type FitOptions, fitBundle } from './fit.ts';
import { marginsOf } from './stack.ts';
import { fakeSamples } from './test-support/samples.ts';

const labelled = fakeSamples({ agents: 16, windows: 60, attacked: 8, seed: 'fit' });
const quiet = fakeSamples({ agents: 8, windows: 60, attacked: 0, seed: 'quiet' });

function fit(samples: readonly WindowSample[], more: Partial<FitOptions> = {}): BundleContent {
  const agents = new Set(samples.map(({ key }) => key)).size;
  return fitBundle({
    dataset: { samples, days: 0.5, agents, labelled: true },
    snapshot: snapshotOf([]),
    tools: resolveTools({}),
    seed: 's',
    wish: { kind: 'fpr', value: 0.01 },
    prevalence: 0.01,
    starter: false,
    unitOf: ({ key }) => key,
    source: 'fake windows',
    folds: 3,
    ...more,
  });
}
const bundleOf = (content: BundleContent): Bundle => decodeBundle(encodeBundle(content).files);
const unlabelled = (samples: readonly WindowSample[]) => ({ samples, days: 0.5, agents: 8, labelled: false });

describe('a fleet with labels', () => {
  const content = fit(labelled);

  it('gives an ensemble that finds attacks of other agents at the rate that was asked for', () => {
    const other = fakeSamples({ agents: 40, windows: 60, attacked: 20, seed: 'live' });
    const margins = marginsOf(content, other);
    const shareAbove = (label: number) => {
      const own = [...margins].filter((_, i) => other[i]!.label === label);
      return own.filter((margin) => margin >= content.operatingPoint.threshold).length / own.length;
    };
    expect(shareAbove(2)).toBeGreaterThan(0.9);
    expect(shareAbove(0)).toBeLessThan(0.03);
    expect(content.threats).toMatchObject({ kind: 'forest', threats: ['data_exfiltration', 'resource_abuse'] });
  });

  it('holds what any other operating point needs: ascending margins of quiet windows, and windows a day', () => {
    expect(content.benignMargins).toHaveLength(labelled.filter(({ label }) => label === 0).length);
    expect(content.benignMargins).toEqual(content.benignMargins.toSorted());
    expect(content.windowsPerDay).toBe(labelled.length / 0.5);
  });

  it('reports out-of-fold figures with the baselines beside them, and what stayed out', () => {
    expect(content.report).toMatchObject({ labels: 'truth.jsonl', source: 'fake windows', agents: 16, windows: 960 });
    expect(content.report.outOfFold).toMatchObject({ positives: 48 });
    expect(content.report.baselines).toMatchObject({ callCount: 0.5 });
    expect(content.report.trials).toMatchObject([{ name: 'isolation-forest' }, { name: 'call-boosting' }, { name: 'lstm' }]);
    expect(content.report.calibration).toMatchObject({ chosen: content.calibration.kind, judgedCount: 960 });
  });

  it('survives its files', () => {
    const bundle = bundleOf(content);
    expect(marginsOf(bundle, labelled)).toEqual(marginsOf(content, labelled));
    expect(bundle.operatingPoint).toEqual(content.operatingPoint);
  });

  it('gives the same fingerprint for the same seed, here and in another process', () => {
    const fingerprint = encodeBundle(content).fingerprint;
    expect(encodeBundle(fit(labelled)).fingerprint).toBe(fingerprint);
    expect(encodeBundle(fit(labelled, { seed: 't' })).fingerprint).not.toBe(fingerprint);
    const script = `
      import { encodeBundle } from './detection/ensemble/bundle.ts';
      import { snapshotOf } from './detection/fleet.ts';
      import { resolveTools } from './detection/tools/index.ts';
      import { fitBundle } from './training/fit.ts';
      import { fakeSamples } from './training/test-support/samples.ts';
      const samples = fakeSamples({ agents: 16, windows: 60, attacked: 8, seed: 'fit' });
      console.log(encodeBundle(fitBundle({
        dataset: { samples, days: 0.5, agents: 16, labelled: true }, snapshot: snapshotOf([]), tools: resolveTools({}), seed: 's',
        wish: { kind: 'fpr', value: 0.01 }, prevalence: 0.01, starter: false, unitOf: ({ key }) => key, source: 'fake windows', folds: 3,
      })).fingerprint);`;
    const apart = execFileSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
      cwd: new URL('..', import.meta.url),
      encoding: 'utf8',
    });
    expect(apart.trim()).toBe(fingerprint);
  });

  it('does not learn from doubtful or exposed windows, and does not count them', () => {
    const more = labelled.map((sample, i): WindowSample => ({ ...sample, key: `d${i % 5}`, label: 2, exclude: true }));
    const found = fit([...labelled, ...more]);
    expect(found.report.outOfFold).toMatchObject({ windows: 960, positives: 48 });
  });

  it('has no head for who acted without windows that only read, and says how many there were', () => {
    expect(content.acted).toBeNull();
    expect(content.report.acted).toEqual({ acted: 48, ignored: 0, auroc: null });
  });

  it('has one where some read and did nothing, which the main models do not learn from', () => {
    const ignored = labelled.filter(({ label }) => label === 0).map((sample, i): WindowSample => ({ ...sample, label: i % 9 ? 0 : 1 }));
    const samples = [...ignored, ...labelled.filter(({ label }) => label === 2)];
    const found = fit(samples);
    expect(found.acted!.bases.map(({ name }) => name)).toEqual(['call-boosting']);
    expect(found.report.acted).toMatchObject({ acted: 48, ignored: 102 });
    expect(found.report.outOfFold).toMatchObject({ windows: samples.length - 102, positives: 48 });
    // Another fleet without labels takes it over.
    expect(fit(quiet, { dataset: unlabelled(quiet), base: bundleOf(found) }).acted).not.toBeNull();
  });

  it('says what it was trained on, and carries the file of a gateway', () => {
    const trainedOn = [{ what: 'fake windows', count: 960 }];
    const bundle = bundleOf({ ...content, trainedOn, gateway: Uint8Array.of(1, 2, 3) });
    expect([bundle.trainedOn, bundle.gateway]).toEqual([trainedOn, Uint8Array.of(1, 2, 3)]);
    expect([content.trainedOn, content.gateway]).toEqual([[], null]);
  });

  it('does without threat models where one threat only was seen', () => {
    const one = labelled.map((sample): WindowSample => (sample.label === 2 ? { ...sample, threat: 'resource_abuse' } : sample));
    expect(fit(one).threats).toBeNull();
  });
});

describe('a fleet without labels', () => {
  const base = bundleOf(fit(labelled));
  const content = fit(quiet, { dataset: unlabelled(quiet), base });

  it('gets a forest of its own, the supervised bases of the other bundle on its own scale, and its own threshold', () => {
    expect(content.bases.map(({ name }) => name)).toEqual(['isolation-forest', 'boosting', 'call-boosting', 'lstm']);
    expect(content.bases[1]!.scorer.encode()).toEqual(base.bases.find(({ name }) => name === 'boosting')!.scorer.encode());
    expect(content.bases[1]!.mean).not.toBe(base.bases.find(({ name }) => name === 'boosting')!.mean);
    expect(content.report).toMatchObject({ labels: 'none', supervisedFrom: base.fingerprint });
    expect(content.threats).toBe(base.threats);
    const alarms = content.benignMargins.filter((margin) => margin >= content.operatingPoint.threshold).length;
    expect(alarms / content.benignMargins.length).toBeLessThan(0.02);
  });

  it('gets the other bundle’s meta-model: each base has the weight of its name there, a forest without weight included', () => {
    const weightsOf = ({ bases, meta }: BundleContent) => new Map(bases.map(({ name }, k) => [name, meta!.weights[k]!]));
    expect(weightsOf(content)).toEqual(weightsOf(base));
    expect(weightsOf(content).get('isolation-forest')).toBe(0);
    const judged = judge(content, quiet[0]!);
    expect(judged.bases[0]!.margin).not.toBeNull();
    // Bases in another order there have their own weights here.
    const turned = { ...base, bases: base.bases.toReversed(), meta: { ...base.meta!, weights: base.meta!.weights.toReversed() } };
    const again = fit(quiet, { dataset: unlabelled(quiet), base: turned });
    expect(weightsOf(again)).toEqual(weightsOf(base));
  });

  it('takes the mean where the other bundle has no meta-model', () => {
    expect(fit(quiet, { dataset: unlabelled(quiet), base: { ...base, meta: null } }).meta).toBeNull();
  });

  it('may be one agent alone', () => {
    const alone = fakeSamples({ agents: 1, windows: 300, attacked: 0, seed: 'alone' });
    const found = fit(alone, { dataset: { ...unlabelled(alone), agents: 1 }, base });
    expect(found.bases.map(({ name }) => name)).toContain('isolation-forest');
    expect(found.benignMargins).toHaveLength(300);
  });

  it('is refused without a base', () => {
    expect(() => fit(quiet, { dataset: unlabelled(quiet) })).toThrow(expect.objectContaining({ code: 'no_attacks' }));
  });
});

describe('labels that cannot be checked', () => {
  it.each([
    ['no attack at all', quiet],
    ['attacks on one agent', fakeSamples({ agents: 8, windows: 60, attacked: 1, seed: 'one' })],
    ['doubtful attacks only', labelled.map((sample): WindowSample => (sample.label === 2 ? { ...sample, exclude: true } : sample))],
  ])('%s: refused without a base, unlabelled with one', (_, samples) => {
    expect(() => fit(samples)).toThrow(expect.objectContaining({ code: 'no_attacks' }));
    const found = fit(samples, { base: bundleOf(fit(labelled)) });
    expect(found.report.labels).toBe('none');
    expect(found.benignMargins).toHaveLength(samples.filter(({ label }) => label === 0).length);
  });
});

it('refuses too few windows, whatever they hold', () => {
  expect(() => fit(labelled.slice(0, 199))).toThrow(expect.objectContaining({ code: 'too_few_windows' }));
});
