import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { callRowOf, sampleOf } from '../test-support/samples.ts';
import { type CaseScores, fitRunModel, runScore, scoreCase } from './case-scores.ts';

const NONE = Number.NaN;
const scoresOf = (window: number, calls: number, read: number): CaseScores => ({ margin: 0, window, calls, read });

describe('the scores of a case', () => {
  const nothing = { bases: [], meta: null };
  const rows = [callRowOf({ call_injection: 3 }), callRowOf({ call_injection: -2 }), callRowOf({})];
  const of = (...calls: number[]) => scoreCase(nothing, 0, [sampleOf({ callRows: rows })], { parts: [{ sample: 0, calls }] });

  it('hold the highest verdict that its own calls had read; none where no gateway spoke', () => {
    expect([of(0, 1, 2), of(1, 2), of(2)].map(({ read }) => read)).toEqual([3, -2, NONE]);
  });

  it('say nothing where no base does', () => {
    expect(of(0)).toEqual({ margin: Number.NEGATIVE_INFINITY, window: NONE, calls: NONE, read: 3 });
  });

  it('are the highest over the windows, each seen with the calls of the case, less the prior', () => {
    const sumOf = (row: Float64Array) => row.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0);
    const scorer = { kind: 'sum', score: sumOf } as never; // all that is asked of it
    const bases = [
      { name: 'boosting', on: 'window', scorer, mean: 0, sd: 1 } as const,
      { name: 'call-boosting', on: 'call', scorer, mean: 1, sd: 2 } as const,
    ];
    const call = (surprise: number) => callRowOf({ call_role_surprise: surprise });
    const samples = [sampleOf({ callRows: [call(3), call(9)] }, { calls: 4 }), sampleOf({ callRows: [call(5)] }, { calls: 1 })];
    const [first, second] = samples.map(({ row }) => sumOf(row));
    const found = scoreCase({ bases, meta: null }, 0.25, samples, {
      parts: [
        { sample: 0, calls: [0] },
        { sample: 1, calls: [0] },
      ],
    });
    const calls = [3, 5].map((surprise) => (sumOf(call(surprise)) - 1) / 2);
    expect(found.window).toBe(Math.max(first!, second!));
    expect(found.calls).toBe(Math.max(...calls));
    expect(found.margin).toBe(Math.max((first! + calls[0]!) / 2, (second! + calls[1]!) / 2) - 0.25);
  });
});

describe('the model of a run', () => {
  const random = createRandom('runs');
  const labels = Uint8Array.from({ length: 600 }, (_, i) => (i % 10 === 0 ? 1 : 0));
  const runs = Array.from(labels, (label) =>
    scoresOf(random.nextGaussian(), random.nextGaussian() + label, random.nextGaussian() + 6 * label),
  );

  it('leans on what told attacked runs apart, and never against what is higher', () => {
    const { meta } = fitRunModel(runs, labels, 's')!;
    const [window, calls, read] = meta.weights;
    expect(read).toBeGreaterThan(calls!);
    expect(calls).toBeGreaterThanOrEqual(0);
    expect(window).toBeGreaterThanOrEqual(0);
    expect(fitRunModel(runs, labels, 's')).toEqual(fitRunModel(runs, labels, 's'));
  });

  it('makes log-odds without the prior: by hand, and alike whatever the share of attacks it saw', () => {
    const meta = { kind: 'meta-model', weights: Float64Array.of(1, 2, 0.5), absent: Float64Array.of(0, 0, -1), intercept: -3 } as const;
    expect(runScore({ meta, prior: -2 }, scoresOf(1, 2, 4))).toBe(-3 + 1 + 4 + 2 + 2);
    expect(runScore({ meta, prior: -2 }, scoresOf(1, 2, NONE))).toBe(-3 + 1 + 4 - 1 + 2);
    const some = runs.flatMap((run, i) => (labels[i] === 0 || i % 50 === 0 ? [{ run, label: labels[i]! }] : []));
    const fewer = fitRunModel(
      some.map(({ run }) => run),
      Uint8Array.from(some, ({ label }) => label),
      's',
    );
    const between = scoresOf(0, 0.5, 3);
    expect(Math.abs(runScore(fewer, between) - runScore(fitRunModel(runs, labels, 's'), between))).toBeLessThan(1);
  });

  it('does without verdicts where there are none', () => {
    const { meta, prior } = fitRunModel(
      runs.map((run) => ({ ...run, read: NONE })),
      labels,
      's',
    )!;
    expect(meta.weights[1]).toBeGreaterThan(0.5);
    expect(Number.isFinite(runScore({ meta, prior }, scoresOf(0, 1, NONE)))).toBe(true);
  });

  it('is none where there is one kind of run only, or no run: then the margin speaks', () => {
    expect(fitRunModel(runs, new Uint8Array(600), 's')).toBeNull();
    expect(fitRunModel([], new Uint8Array(0), 's')).toBeNull();
    expect(runScore(null, { ...scoresOf(1, 2, 3), margin: -0.5 })).toBe(-0.5);
  });
});
