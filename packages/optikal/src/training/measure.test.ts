import { auroc } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { baselines, headline, measure } from './measure.ts';
import { fakeSamples, sampleOf } from './test-support/samples.ts';

const samples = fakeSamples({ agents: 20, windows: 100, attacked: 10, seed: 'm', strength: 1.5 });
const margins = samples.map(({ row }) => row.reduce((sum, x) => sum + (Number.isNaN(x) ? 0 : x), 0));
const labels = samples.map(({ label }): number => (label === 2 ? 1 : 0));

describe('the figures', () => {
  const found = measure(samples, margins, ({ key }) => key, 's');

  it('are those of the metrics, with group intervals that hold them', () => {
    expect(found).toMatchObject({ windows: 2000, positives: 100 });
    expect(found.auroc.value).toBeCloseTo(auroc(margins, labels), 12);
    expect(found.auroc.interval!.low).toBeLessThan(found.auroc.value);
    expect(found.auroc.interval!.high).toBeGreaterThan(found.auroc.value);
  });

  it('print no rate that the data cannot resolve', () => {
    expect(found.recallAtFpr.map(({ fpr }) => fpr)).toEqual([0.01, 0.001]);
    expect(found.smallestFpr).toBe(1 / 1900);
    const small = measure(samples.slice(0, 200), margins.slice(0, 200), ({ key }) => key, 's');
    expect(small.recallAtFpr.map(({ fpr }) => fpr)).toEqual([0.01]);
  });

  it('hold each threat against the quiet windows alone', () => {
    expect(Object.keys(found.perThreat).sort()).toEqual(['data_exfiltration', 'resource_abuse']);
    const kept = samples.flatMap((sample, i) => (sample.label === 0 || sample.threat === 'resource_abuse' ? [i] : []));
    expect(found.perThreat.resource_abuse!.positives).toBe(50);
    expect(found.perThreat.resource_abuse!.auroc).toBeCloseTo(
      auroc(
        kept.map((i) => margins[i]!),
        kept.map((i) => labels[i]!),
      ),
      12,
    );
  });

  it('have no interval where there is one group only', () => {
    expect(measure(samples, margins, () => 'one', 's').auroc.interval).toBeNull();
  });

  it('rank a window that nothing scored last', () => {
    const two = [sampleOf({ label: 2 }), sampleOf()];
    expect(measure(two, [Number.NEGATIVE_INFINITY, 0], ({ key }) => key, 's').auroc.value).toBe(0);
  });
});

describe('the baselines', () => {
  it('name the feature that carries, and find nothing in the number of calls', () => {
    const found = baselines(samples);
    expect(found.callCount).toBe(0.5);
    expect(['write_calls', 'role_surprise_max']).toContain(found.bestFeature.name);
    expect(found.bestFeature.auroc).toBeGreaterThan(0.75);
    expect(found.bestStump.balancedAccuracy).toBeGreaterThan(0.7);
  });

  it('may be chosen on other windows than they are judged on', () => {
    const other = fakeSamples({ agents: 20, windows: 100, attacked: 10, seed: 'other', strength: 1.5 });
    expect(baselines(samples, other).bestStump.balancedAccuracy).toBeLessThanOrEqual(baselines(samples).bestStump.balancedAccuracy);
  });
});

it('keeps exposed and doubtful windows out of the headline', () => {
  expect([{}, { label: 1 }, { label: 2 }, { label: 2, exclude: true }].map((more) => headline(sampleOf(more as object)))).toEqual([
    true,
    false,
    true,
    false,
  ]);
});
