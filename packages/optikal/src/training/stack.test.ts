import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { judge } from '../detection/ensemble/judge.ts';
import { BASE_SPECS, type BaseSpec } from './bases.ts';
import type { WindowSample } from './dataset.ts';
import { fitStack, marginsOf, scoresOf, spreadOf } from './stack.ts';
import { fakeSamples, sampleOf } from './test-support/samples.ts';

const samples = fakeSamples({ agents: 24, windows: 50, attacked: 8, seed: 'stack' });
const unitOf = ({ key }: WindowSample) => key;
const options = { unitOf, folds: 3, seed: 's' };

/** A base that notes what it was fitted on, and scores 1 for any row that it has seen. */
function memory(seen: string[][] = []): BaseSpec {
  return {
    name: 'memory',
    on: 'window',
    supervised: true,
    onTrial: false,
    fit: (fitted: readonly WindowSample[]) => {
      seen.push(fitted.map(unitOf));
      const rows = new Map(fitted.map((sample) => [sample.row[0]!, sample.label === 2 ? 1 : 0]));
      return {
        kind: 'memory',
        featureCount: 1,
        score: (row: Float64Array) => rows.get(row[0]!) ?? 0,
        explain: () => ({ baseValue: 0, attributions: new Float64Array(1) }),
        encode: () => new Uint8Array(0),
      };
    },
  };
}

describe('out-of-fold margins', () => {
  it('never come from a model that saw the unit', () => {
    const seen: string[][] = [];
    fitStack(samples, { ...options, specs: [memory(seen)] });
    const all = new Set(samples.map(unitOf));
    const left = seen.slice(0, 3).map((keys) => [...all].filter((key) => !keys.includes(key)));
    expect(left.flat().sort()).toEqual([...all].sort());
    for (const keys of left) expect(keys.length).toBe(8);
    expect(new Set(seen[3])).toEqual(all);
  });

  it('gain nothing from a random id that is memorised', () => {
    const random = createRandom('ids');
    const named = samples.map((sample) => ({ ...sample, row: sample.row.with(0, random.nextFloat()) }));
    const { margins, bases } = fitStack(named, { ...options, specs: [memory()] });
    expect(new Set(margins).size).toBe(1);
    // The same base, fitted on all, knows every row: what in-sample margins would have claimed.
    const within = marginsOf(bases, named);
    expect(new Set(within).size).toBe(2);
  });

  it('leave attacks in every training part where two units have some', () => {
    const two = fakeSamples({ agents: 12, windows: 40, attacked: 2, seed: 'two' });
    for (const seed of ['a', 'b', 'c', 'd', 'e']) {
      const { margins } = fitStack(two, { ...options, seed, specs: BASE_SPECS.filter(({ name }) => name === 'boosting') });
      expect(margins.every((margin) => Number.isFinite(margin))).toBe(true);
    }
  });

  it('are as many folds as there are units, at most', () => {
    const few = fakeSamples({ agents: 2, windows: 120, attacked: 2, seed: 'few' });
    const steps: number[] = [];
    const { margins } = fitStack(few, { ...options, folds: 5 }, (done, total) => steps.push(done / total));
    expect(margins.every((margin) => Number.isFinite(margin))).toBe(true);
    expect(steps.at(-1)).toBe(1);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  it('are −Infinity where no base has anything to score', () => {
    const calls = BASE_SPECS.filter(({ on }) => on === 'call');
    const { margins } = fitStack([...samples, sampleOf()], { ...options, specs: calls });
    expect(margins.at(-1)).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('the fitted ensemble', () => {
  const stack = fitStack(samples, options);

  it('is the same for the same seed, and another for another', () => {
    const bytes = (seed: string) => fitStack(samples, { ...options, seed }).bases.map(({ scorer }) => Buffer.from(scorer.encode()));
    expect(bytes('s')).toEqual(stack.bases.map(({ scorer }) => Buffer.from(scorer.encode())));
    expect(bytes('t')).not.toEqual(bytes('s'));
    expect(fitStack(samples, options).margins).toEqual(stack.margins);
  });

  it('finds attacks of another fleet', () => {
    const other = fakeSamples({ agents: 10, windows: 50, attacked: 10, seed: 'other' });
    const margins = marginsOf(stack.bases, other);
    const mean = (label: number) => {
      const own = [...margins].filter((_, i) => other[i]!.label === label);
      return own.reduce((sum, margin) => sum + margin, 0) / own.length;
    };
    expect(mean(2)).toBeGreaterThan(mean(0) + 2);
  });

  it('judges a window without calls by the bases that can', () => {
    const silent = { ...samples[5]!, callRows: [] };
    const { margin, bases } = judge({ bases: stack.bases, meta: null }, silent);
    expect(bases.find(({ name }) => name === 'call-boosting')!.margin).toBeNull();
    const known = bases.flatMap((base) => (base.margin === null ? [] : [base.margin]));
    expect(margin).toBeCloseTo(known.reduce((sum, value) => sum + value, 0) / known.length, 12);
    expect(scoresOf(stack.bases.find(({ on }) => on === 'call')!, [silent])[0]).toBeNaN();
  });

  it('has no base that could learn nothing: calls that no truth line marks', () => {
    const unmarked = samples.map((sample) => ({ ...sample, callLabels: [0, 0] as const }));
    expect(fitStack(unmarked, options).bases.map(({ name }) => name)).not.toContain('call-boosting');
  });
});

describe('a base on trial', () => {
  const noise = (name: string, score: (sample: WindowSample) => number): BaseSpec => {
    const known = new Map(samples.map((sample) => [sample.row, score(sample)]));
    return {
      ...memory(),
      name,
      onTrial: true,
      fit: (fitted, seed) => ({ ...memory().fit(fitted, seed)!, score: (row: Float64Array) => known.get(row)! }),
    };
  };
  const random = createRandom('noise');
  const specs = BASE_SPECS.filter(({ supervised }) => supervised);

  it('goes where it only adds noise, and the report says so', () => {
    const { bases, trials } = fitStack(samples, { ...options, specs: [...specs, noise('noise', () => random.nextGaussian())] });
    expect(bases.map(({ name }) => name)).toEqual(['boosting', 'call-boosting']);
    expect(trials).toMatchObject([{ name: 'noise', kept: false }]);
    expect(trials[0]!.gain).toBeLessThan(0);
  });

  it('stays where it improves on the others beyond the interval', () => {
    const weak = fakeSamples({ agents: 24, windows: 50, attacked: 12, seed: 'weak', strength: 0.7 });
    const truth = new Map(weak.map(({ row, label }) => [row, label === 2 ? 1 : 0]));
    const oracle: BaseSpec = { ...noise('oracle', () => 0), fit: () => ({ ...memory().fit([], '')!, score: (row) => truth.get(row)! }) };
    const { bases, trials } = fitStack(weak, { ...options, specs: [...specs, oracle] });
    expect(bases.map(({ name }) => name)).toContain('oracle');
    expect(trials[0]).toMatchObject({ name: 'oracle', kept: true });
    expect(trials[0]!.interval!.low).toBeGreaterThan(0);
  });

  it('is not tried where there is nothing to compare with', () => {
    const quiet = samples.filter(({ label }) => label === 0);
    const { bases, trials } = fitStack(quiet, { ...options, specs: BASE_SPECS.filter(({ supervised }) => !supervised) });
    expect(bases.map(({ name }) => name)).toEqual(['isolation-forest']);
    expect(trials).toEqual([]);
  });
});

it('standardises by the known scores alone', () => {
  expect(spreadOf([1, 3, Number.NaN, Number.NEGATIVE_INFINITY])).toEqual({ mean: 2, sd: 1 });
  expect(spreadOf([5, 5])).toEqual({ mean: 5, sd: 1 });
  expect(spreadOf([])).toEqual({ mean: 0, sd: 1 });
});
