import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { expectRefusal } from '../test-support/refusals.ts';
import { quantile } from './quantile.ts';
import { auroc } from './ranking.ts';
import { groupBootstrap, groupedFolds, timeOrderedSplits } from './resampling.ts';

describe('quantile', () => {
  it('interpolates as numpy does', () => {
    expect([0, 0.25, 0.5, 0.9, 1].map((p) => quantile([4, 1, 3, 2], p))).toEqual([1, 1.75, 2.5, 3.7, 4]);
  });

  it('refuses nothing, NaN and levels outside [0, 1]', () => {
    expectRefusal(() => quantile([], 0.5), 'ML_EMPTY_INPUT');
    expectRefusal(() => quantile([NaN], 0.5), 'ML_NOT_FINITE');
    expectRefusal(() => quantile([1], 1.5), 'ML_BAD_OPTION');
  });
});

describe('groupBootstrap', () => {
  it('is as wide as the groups are few: one shared value a group counts once', () => {
    const random = createRandom('groups');
    const effect = Array.from({ length: 20 }, () => random.nextGaussian());
    const rows = Array.from({ length: 2000 }, (_, i) => effect[i % 20]);
    const mean = (indices: Int32Array): number => indices.reduce((sum, i) => sum + rows[i], 0) / indices.length;
    const clustered = groupBootstrap(
      rows.map((_, i) => i % 20),
      mean,
      { seed: 1, resamples: 400 },
    );
    const alone = groupBootstrap(
      rows.map((_, i) => i),
      mean,
      { seed: 1, resamples: 200 },
    );
    expect(clustered.high - clustered.low).toBeGreaterThan(5 * (alone.high - alone.low));
    // ± 1.96 σ/√20
    const sigma = Math.sqrt(effect.reduce((sum, x) => sum + x * x, 0) / 20);
    expect((clustered.high - clustered.low) / ((2 * 1.96 * sigma) / Math.sqrt(20))).toBeCloseTo(1, 0);
  });

  it('takes whole groups', () => {
    groupBootstrap(
      ['a', 'a', 'b', 'c', 'c', 'c'],
      (indices) => {
        const counts = [0, 0, 0, 0, 0, 0];
        for (const i of indices) counts[i]++;
        expect(counts[0]).toBe(counts[1]);
        expect(new Set(counts.slice(3)).size).toBe(1);
        expect(counts[0] + counts[2] + counts[3]).toBe(3);
        return 0;
      },
      { resamples: 50, seed: 2 },
    );
  });

  it('leaves out samples of one class and repeats with the seed', () => {
    const labels = [1, 0, 0, 0];
    const statistic = (indices: Int32Array): number =>
      auroc(
        [...indices].map((i) => -i),
        [...indices].map((i) => labels[i]),
      );
    const first = groupBootstrap([1, 2, 3, 4], statistic, { seed: 3, resamples: 50 });
    expect(first).toEqual({ low: 1, high: 1 });
    expect(groupBootstrap([1, 2, 3, 4], statistic, { seed: 3, resamples: 50 })).toEqual(first);
  });

  it('refuses one group and options out of range', () => {
    expectRefusal(() => groupBootstrap([1, 1], () => 0), 'ML_EMPTY_INPUT');
    expectRefusal(() => groupBootstrap([1, 2], () => 0, { resamples: 1 }), 'ML_BAD_OPTION');
    expectRefusal(() => groupBootstrap([1, 2], () => NaN), 'ML_EMPTY_INPUT');
    const misspelt = { samples: 3 };
    expectRefusal(() => groupBootstrap([1, 2], () => 0, misspelt as object), 'ML_UNKNOWN_OPTION');
  });
});

describe('groupedFolds', () => {
  it('keeps groups whole and folds even', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 60, maxLength: 200 }), fc.integer(), (groups, seed) => {
        fc.pre(new Set(groups).size >= 3);
        const folds = groupedFolds(groups, 3, seed);
        const foldOf = new Map<number, number>();
        for (let i = 0; i < groups.length; i++) {
          expect(foldOf.get(groups[i]) ?? folds[i]).toBe(folds[i]);
          foldOf.set(groups[i], folds[i]);
        }
        const sizes = [0, 1, 2].map((fold) => folds.filter((f) => f === fold).length);
        const largest = Math.max(...groups.map((g) => groups.filter((x) => x === g).length));
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(largest);
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it('refuses more folds than groups', () => {
    expectRefusal(() => groupedFolds([1, 1, 2], 3, 1), 'ML_EMPTY_INPUT');
    expectRefusal(() => groupedFolds([1, 2], 1, 1), 'ML_BAD_OPTION');
  });
});

describe('timeOrderedSplits', () => {
  it('fits on what came before what is judged', () => {
    const splits = timeOrderedSplits([30, 10, 20, 40, 50, 60], 2);
    expect(splits.map(({ fit, judge }) => [[...fit], [...judge]])).toEqual([
      [
        [1, 2],
        [0, 3],
      ],
      [
        [1, 2, 0, 3],
        [4, 5],
      ],
    ]);
  });

  it('keeps equal times together, and leaves a gap', () => {
    const [{ fit, judge }] = timeOrderedSplits([1, 2, 2, 2, 5, 6], 1, 3);
    expect([...judge]).toEqual([4, 5]);
    expect([...fit]).toEqual([0, 1, 2, 3]);
    expect([...timeOrderedSplits([1, 2, 2, 2, 5, 6], 1, 3.5)[0].fit]).toEqual([0]);
    expectRefusal(() => timeOrderedSplits([1, 2, 3], 1, 10), 'ML_EMPTY_INPUT');
  });

  it('never judges a moment that it has fitted, and judges each row after the first part once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 6, maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        (times, k) => {
          fc.pre(new Set(times).size > k);
          const splits = timeOrderedSplits(times, k);
          const judged = splits.flatMap(({ judge }) => [...judge]);
          expect(new Set(judged).size).toBe(judged.length);
          expect(splits).toHaveLength(k);
          for (const { fit, judge } of splits) {
            expect(Math.max(...Array.from(fit, (row) => times[row]))).toBeLessThan(Math.min(...Array.from(judge, (row) => times[row])));
            expect(judge.length).toBeGreaterThan(0);
          }
          expect(splits[k - 1].fit.length + splits[k - 1].judge.length).toBe(times.length);
        },
      ),
      { numRuns: 300, seed: 6 },
    );
  });

  it('refuses fewer moments than parts', () => expectRefusal(() => timeOrderedSplits([1, 1, 1], 1), 'ML_EMPTY_INPUT'));
});
