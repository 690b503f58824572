import { describe, expect, it } from 'vitest';
import { BASE_SPECS, type RowSpec } from './bases.ts';
import type { FitSample, WindowSample } from './dataset.ts';
import { leaveOneOut, permutedAuroc, permuteLabels, type SessionMeta } from './protocol.ts';
import { fakeSamples } from './test-support/samples.ts';

/** 24 agents: two models in three suites, four agents in each cell, every second one attacked. */
const samples = Array.from({ length: 24 }, (_, i) =>
  fakeSamples({ agents: 1, windows: 40, attacked: i % 2, seed: `p${i}` }).map((sample) => ({ ...sample, key: `t|${i}` })),
).flat();
const metaOf = (key: string): SessionMeta => {
  const i = Number(key.slice(2));
  return { model: `m${(i >> 2) % 2}`, suite: `s${i % 3}`, defence: 'none', runIds: [`run${i}`], injectedOutputs: [i % 3] };
};
const specs = BASE_SPECS.filter((spec): spec is RowSpec => spec.name === 'boosting' && spec.on !== 'sequence');
const options = { samples, metaOf, seed: 's', specs };

describe('leaving one group out', () => {
  const found = leaveOneOut({ ...options, leave: 'suite' });

  it('names the groups, scores every window once, and finds what is there', () => {
    expect(found.groups.map(({ name }) => name)).toEqual(['s0', 's1', 's2']);
    expect(found.groups.reduce((sum, { windows }) => sum + windows, 0)).toBe(samples.length);
    expect(found.pooled.auroc.value).toBeGreaterThan(0.9);
    expect(found.margins).toHaveLength(samples.length);
    for (const { auroc } of found.groups) expect(auroc).toBeGreaterThan(0.85);
  });

  it('never fits on the group that it scores', () => {
    const fitted: string[][] = [];
    const spy = {
      ...specs[0]!,
      fit: (of: readonly FitSample[], seed: string) => {
        fitted.push((of as readonly WindowSample[]).map(({ key }) => metaOf(key).suite)); // fitted here: they are the samples themselves
        return specs[0]!.fit(of, seed);
      },
    };
    leaveOneOut({ ...options, leave: 'suite', specs: [spy] });
    expect(fitted).toHaveLength(9);
    fitted.forEach((suites, i) => {
      expect(suites).not.toContain(`s${Math.floor(i / 3)}`);
    });
  });

  it('reports runs and injected outputs on both sides', () => {
    expect([found.sharedRuns, found.sharedInjectedOutputs]).toEqual([0, 0]);
    expect(leaveOneOut({ ...options, leave: 'model' })).toMatchObject({ sharedRuns: 0, sharedInjectedOutputs: 3 });
    const copied = (key: string): SessionMeta => ({ ...metaOf(key), runIds: ['same'] });
    expect(leaveOneOut({ ...options, metaOf: copied, leave: 'suite' }).sharedRuns).toBe(1);
  });

  it('says null for a group of one class', () => {
    const quiet = samples.map((sample) =>
      metaOf(sample.key).suite === 's1' ? { ...sample, label: 0 as const, callLabels: [0, 0] as const } : sample,
    );
    expect(leaveOneOut({ ...options, samples: quiet, leave: 'suite' }).groups[1]).toMatchObject({ positives: 0, auroc: null });
  });
});

describe('permuted labels', () => {
  it('stay within their group, in number, with one marked call each', () => {
    const groupOf = ({ key }: { key: string }) => metaOf(key).suite;
    const permuted = permuteLabels(samples, groupOf, 's');
    const count = (of: typeof permuted) =>
      Object.fromEntries(['s0', 's1', 's2'].map((suite) => [suite, of.filter((s) => s.label === 2 && groupOf(s) === suite).length]));
    expect(count(permuted)).toEqual(count(samples));
    expect(permuted.map(({ label }) => label)).not.toEqual(samples.map(({ label }) => label));
    permuted.forEach((sample, i) => {
      expect(sample.row).toBe(samples[i]!.row);
      expect(sample.callLabels.filter((label) => label === 1)).toHaveLength(sample.label === 2 ? 1 : 0);
    });
    expect(permuteLabels(samples, groupOf, 's')).toEqual(permuted);
  });

  it('leave nothing to find, thinned or not', () => {
    for (const thinning of [1, 3]) {
      const found = permutedAuroc({ ...options, leave: 'suite' }, 12, thinning);
      expect(found).toHaveLength(12);
      const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.06);
    }
  });
});
