import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { judge } from '../detection/ensemble/judge.ts';
import { BASE_SPECS, type RowSpec } from './bases.ts';
import type { WindowSample } from './dataset.ts';
import { fitMeta, fitMetas, stackedMargins } from './meta.ts';
import { fitStack, marginsOf, planStack, scoresOf, spreadOf } from './stack.ts';
import { fakeSamples, sampleOf } from './test-support/samples.ts';

const samples = fakeSamples({ agents: 24, windows: 50, attacked: 8, seed: 'stack' });
const unitOf = ({ key }: WindowSample) => key;
const options = { unitOf, folds: 3, seed: 's' };

/** A base that notes what it was fitted on and stopped by, and scores 1 or 0 for any row that it has seen; others it guesses. */
function memory(seen: string[][] = [], more: Partial<RowSpec> = {}): RowSpec {
  return {
    name: 'memory',
    on: 'window',
    supervised: true,
    onTrial: false,
    stopsEarly: false,
    fit: (fitted, _seed, stopping = []) => {
      // Fitted here: these are the samples themselves.
      const own = fitted as readonly WindowSample[];
      seen.push([...own, ...(stopping as readonly WindowSample[])].map(unitOf));
      const rows = new Map(own.map((sample) => [sample.row[0]!, sample.label === 2 ? 1 : 0]));
      return {
        kind: 'memory',
        featureCount: 1,
        score: (row: Float64Array) => rows.get(row[0]!) ?? (row[0]! < 0.05 ? 1 : 0),
        explain: () => ({ baseValue: 0, attributions: new Float64Array(1) }),
        encode: () => new Uint8Array(0),
      };
    },
    ...more,
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

  it('never come from a model that was stopped by the unit, either', () => {
    const plan = planStack(samples, { ...options, specs: [memory([], { stopsEarly: true })] });
    const folds = plan.jobs.slice(0, -1).map(({ rows, stopping }) => {
      expect(stopping!.length).toBeGreaterThan(0);
      const [fitted, stopped] = [rows!, stopping!].map((part) => new Set(Array.from(part, (i) => unitOf(samples[i]!))));
      expect([...fitted!].filter((unit) => stopped!.has(unit))).toEqual([]);
      for (const part of [rows!, stopping!]) expect(new Set(Array.from(part, (i) => samples[i]!.label))).toEqual(new Set([0, 2]));
      return new Set([...fitted!, ...stopped!]);
    });
    const seen: string[][] = [];
    const known = new Map(samples.map((sample) => [sample.row, unitOf(sample)]));
    const scored: string[][] = [];
    const spy = memory(seen, { stopsEarly: true });
    const noting: RowSpec = {
      ...spy,
      fit: (of, seed, stopping) => {
        const own: string[] = [];
        scored.push(own);
        return { ...spy.fit(of, seed, stopping)!, score: (row) => own.push(known.get(row)!) };
      },
    };
    fitStack(samples, { ...options, specs: [noting] });
    seen.slice(0, 3).forEach((spent, k) => {
      expect(new Set(spent)).toEqual(folds[k]);
      expect(scored[k]!.length).toBeGreaterThan(0);
      for (const unit of scored[k]!) expect(spent).not.toContain(unit);
    });
    expect(new Set(scored.flat())).toEqual(new Set(samples.map(unitOf)));
  });

  it('are not stopped by anything where a side would be left without attacks', () => {
    const two = fakeSamples({ agents: 12, windows: 40, attacked: 2, seed: 'two' });
    const { jobs } = planStack(two, { ...options, specs: [memory([], { stopsEarly: true })] });
    for (const { stopping } of jobs.slice(0, 3)) expect(stopping).toBeNull();
  });

  it('give a base that has learnt a random id by heart no weight', () => {
    const random = createRandom('ids');
    const named = samples.map((sample) => ({ ...sample, row: sample.row.with(0, random.nextFloat()) }));
    const specs = [...BASE_SPECS.filter(({ name }) => name === 'boosting'), memory()];
    const { meta, bases } = fitStack(named, { ...options, specs });
    expect(meta!.weights[0]).toBeGreaterThan(0.5);
    expect(meta!.weights[1]).toBeLessThan(0.05);
    // Its scores of the rows that it was fitted on would have been believed.
    const within = scoresOf(bases[1]!, named);
    expect(fitMeta([within], named, 's')!.weights[0]).toBeGreaterThan(1);
  });

  it('come from weights that did not see the unit, either; only scale and intercept are those of all', () => {
    const plan = { of: Int32Array.from(samples, ({ key }) => Number(key.slice(3)) % 3), count: 3 };
    const random = createRandom('base');
    const bases = [1, 2].map((strength) => Float64Array.from(samples, ({ label }) => random.nextGaussian() + strength * label));
    const found = stackedMargins(bases, plan, fitMetas(bases, samples, plan, 's').metas);
    // Other labels in a fold change what the bases are worth in the others, never in its own.
    const other = samples.map((sample, i): WindowSample => (plan.of[i] === 0 && i % 3 > 0 ? { ...sample, label: 0 } : sample));
    const changed = stackedMargins(bases, plan, fitMetas(bases, other, plan, 's').metas);
    const slopes = (fold: number) => {
      const own = samples.flatMap((_, i) => (plan.of[i] === fold ? [i] : []));
      return own.slice(2).map((i) => (found[i]! - found[own[0]!]!) / (changed[i]! - changed[own[0]!]!));
    };
    const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
    expect(spread(slopes(0))).toBeLessThan(1e-6);
    expect(spread(slopes(1))).toBeGreaterThan(1e-3);
  });

  it('have an intercept that thinning does not move: quiet windows that are taken count for the rest', () => {
    const [quiet, attack] = [samples.find(({ label }) => label === 0)!, samples.find(({ label }) => label === 2)!];
    const of = (count: number) => [...Array.from({ length: count }, () => quiet), ...Array.from({ length: 100 }, () => attack)];
    // A base that knows nothing: the log-odds are those of the classes, an attack weighing the root of balance.
    const interceptOf = (count: number) => fitMeta([new Float64Array(count + 100)], of(count), 's')!.intercept;
    const off = (count: number, attackWeight: number) => Math.abs(interceptOf(count) - Math.log((100 * attackWeight) / count));
    expect(off(400, 2)).toBeLessThan(0.15);
    expect(off(10_000, 10)).toBeLessThan(0.15); // bases hidden by chance say a little
  });

  it('of one base are in its order, across folds too', () => {
    const plan = { of: Int32Array.from(samples, ({ key }) => Number(key.slice(3)) % 3), count: 3 };
    const random = createRandom('one');
    const base = Float64Array.from(samples, ({ label }) => random.nextGaussian() + label);
    const found = stackedMargins([base], plan, fitMetas([base], samples, plan, 's').metas);
    const order = (values: Float64Array) => [...values.keys()].sort((a, b) => values[a]! - values[b]!);
    expect(order(found)).toEqual(order(base));
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
    const margins = marginsOf(stack, other);
    const mean = (label: number) => {
      const own = [...margins].filter((_, i) => other[i]!.label === label);
      return own.reduce((sum, margin) => sum + margin, 0) / own.length;
    };
    expect(mean(2)).toBeGreaterThan(mean(0) + 2);
  });

  it('judges a window without calls by the bases that can', () => {
    const silent = { ...samples[5]!, callRows: [] };
    const { margin, bases } = judge(stack, silent);
    expect(bases.find(({ name }) => name === 'call-boosting')!.margin).toBeNull();
    const { intercept, weights, absent } = stack.meta!;
    const votes = bases.map((base, k) => (base.margin === null ? absent[k]! : weights[k]! * base.margin));
    expect(margin).toBeCloseTo(
      votes.reduce((sum, vote) => sum + vote, intercept),
      12,
    );
    expect(scoresOf(stack.bases.find(({ on }) => on === 'call')!, [silent])[0]).toBeNaN();
  });

  it('has no base that could learn nothing: calls that no truth line marks', () => {
    const unmarked = samples.map((sample) => ({ ...sample, callLabels: [0, 0] as const }));
    expect(fitStack(unmarked, options).bases.map(({ name }) => name)).not.toContain('call-boosting');
  });
});

describe('a base on trial', () => {
  const noise = (name: string, score: (sample: WindowSample) => number): RowSpec => {
    const known = new Map(samples.map((sample) => [sample.row, score(sample)]));
    return {
      ...memory(),
      name,
      onTrial: true,
      fit: (fitted, seed) => ({ ...memory().fit(fitted, seed)!, score: (row: Float64Array) => known.get(row)! }),
    };
  };
  const random = createRandom('noise');
  const specs = BASE_SPECS.filter(({ onTrial }) => !onTrial); // boosting of windows

  it('weighs nothing where it only adds noise, and the report says so; it stays and is told', () => {
    const noisy = fitStack(samples, { ...options, specs: [...specs, noise('noise', () => random.nextGaussian())] });
    expect(noisy.bases.map(({ name }) => name)).toEqual(['boosting', 'noise']);
    expect(noisy.trials).toMatchObject([{ name: 'noise', kept: false, weight: 0 }]);
    expect([noisy.meta!.weights[1], noisy.meta!.absent[1]]).toEqual([0, 0]);
    const without = fitStack(samples, { ...options, specs });
    expect(noisy.margins).toEqual(without.margins);
    const judged = judge(noisy, samples[5]!);
    expect(judged.margin).toBe(judge(without, samples[5]!).margin);
    expect(judged.bases[1]!.margin).not.toBeNull();
  });

  it('stays where it improves on the others beyond the interval', () => {
    const weak = fakeSamples({ agents: 24, windows: 50, attacked: 12, seed: 'weak', strength: 0.7 });
    const truth = new Map(weak.map(({ row, label }) => [row, label === 2 ? 1 : 0]));
    const oracle: RowSpec = { ...noise('oracle', () => 0), fit: () => ({ ...memory().fit([], '')!, score: (row) => truth.get(row)! }) };
    const { bases, meta, trials } = fitStack(weak, { ...options, specs: [...specs, oracle] });
    expect(bases.map(({ name }) => name)).toContain('oracle');
    expect(trials[0]).toMatchObject({ name: 'oracle', kept: true, weight: meta!.weights[1] });
    expect(meta!.weights[1]).toBeGreaterThan(0.1);
    expect(trials[0]!.interval!.low).toBeGreaterThan(0);
  });

  it('is not tried where there is nothing to compare with', () => {
    const quiet = samples.filter(({ label }) => label === 0);
    const { bases, meta, trials } = fitStack(quiet, { ...options, specs: BASE_SPECS.filter(({ supervised }) => !supervised) });
    expect(bases.map(({ name }) => name)).toEqual(['isolation-forest']);
    expect(meta).toBeNull();
    expect(trials).toEqual([]);
  });
});

it('standardises by the known scores alone', () => {
  expect(spreadOf([1, 3, Number.NaN, Number.NEGATIVE_INFINITY])).toEqual({ mean: 2, sd: 1 });
  expect(spreadOf([5, 5])).toEqual({ mean: 5, sd: 1 });
  expect(spreadOf([])).toEqual({ mean: 0, sd: 1 });
});
