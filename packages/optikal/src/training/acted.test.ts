import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { judgeActed } from '../detection/ensemble/acted.ts';
import { fitActed, planActed } from './acted.ts';
import type { WindowSample } from './dataset.ts';
import { runHere } from './jobs.ts';
import { callRowOf, fakeSamples, sampleOf } from './test-support/samples.ts';

/** Agents that read something hostile in every window; in every second one a call takes a value from it. */
function exposed(seed: string, agents: number, windows = 30): WindowSample[] {
  const random = createRandom(seed);
  return Array.from({ length: agents * windows }, (_, i): WindowSample => {
    const acted = i % 2 === 0;
    const call = (tells: boolean) =>
      callRowOf({
        call_injection: 4,
        call_values_flagged: random.nextGaussian() + (tells ? 3 : 0),
        call_side_effect: random.nextInt(2),
      });
    return sampleOf(
      {
        key: `t|a${Math.floor(i / windows)}`,
        startMs: i * 60_000,
        callRows: [call(false), call(acted)],
        callIds: ['a', 'b'],
        callLabels: [0, acted ? 1 : 0],
        label: acted ? 2 : 1,
      },
      { calls: 2, injection_max: 4 },
    );
  });
}

const OPTIONS = { unitOf: ({ key }: WindowSample) => key, folds: 3, seed: 's' };
const samples = [...exposed('a', 8), ...fakeSamples({ agents: 4, windows: 30, attacked: 0, seed: 'quiet' })];
const { head, report } = fitActed(samples, OPTIONS);

describe('the head for who acted', () => {
  it('tells them apart on other agents, by the calls, with probabilities that hold', () => {
    const others = exposed('b', 10);
    const found = others.map((sample) => judgeActed(head!, sample).probability);
    const mean = (label: number) => {
      const own = found.filter((_, i) => others[i]!.label === label);
      return own.reduce((sum, p) => sum + p, 0) / own.length;
    };
    expect(mean(2)).toBeGreaterThan(0.8);
    expect(mean(1)).toBeLessThan(0.2);
    expect(found.reduce((sum, p) => sum + p, 0) / found.length).toBeCloseTo(0.5, 1);
    expect(head!.bases.map(({ name, on }) => [name, on])).toEqual([['call-boosting', 'call']]);
  });

  it('says that nobody acted where there was no call', () => {
    const { probability } = judgeActed(head!, sampleOf({ label: 1 }, { injection_max: 4 }));
    expect(probability).toBeGreaterThanOrEqual(0);
    expect(probability).toBeLessThan(0.2);
  });

  it('learns from exposed windows alone, and reports margins that it did not see', () => {
    expect([report.acted, report.ignored, report.margins.length]).toEqual([120, 120, 240]);
    const doubtful = exposed('c', 4).map((sample): WindowSample => ({ ...sample, label: sample.label === 2 ? 1 : 2, exclude: true }));
    const again = fitActed([...samples, ...doubtful], OPTIONS);
    expect(again.head!.bases[0]!.scorer.encode()).toEqual(head!.bases[0]!.scorer.encode());
    // Its jobs speak of positions among all samples, in whatever order those stand.
    const turned = samples.toReversed();
    const { jobs, finish } = planActed(turned, OPTIONS);
    for (const { rows } of jobs) expect([...rows!].every((i) => turned[i]!.label > 0)).toBe(true);
    expect(finish(runHere(turned, jobs)).report.acted).toBe(120);
  });

  it('has the same bytes for the same seed', () => {
    expect(fitActed(samples, OPTIONS).head!.bases[0]!.scorer.encode()).toEqual(head!.bases[0]!.scorer.encode());
  });

  it.each([
    ['no window that only read', samples.filter(({ label }) => label !== 1)],
    ['no window that acted', samples.filter(({ label }) => label !== 2)],
    ['few of them', samples.slice(0, 30)],
    ['one agent', exposed('a', 1, 200)],
    ['nothing', []],
  ])('is not there with %s', (_, some) => {
    expect(planActed(some, OPTIONS).jobs).toEqual([]);
    expect(fitActed(some, OPTIONS).head).toBeNull();
  });
});
