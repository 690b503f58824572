import { auroc, averagePrecision, createRandom, recallAtFpr } from '@optikal/ml';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyRow, finite, intervalOf, rankingOf } from './ranking.ts';

const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 3 })), {
  minLength: 2,
  maxLength: 40,
});

describe('figures of counted rows', () => {
  it('equal those of the repeated rows', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom(0, 0.1, 0.3, 1), (drawn, fpr) => {
        const scores = Float64Array.from(drawn, ([score]) => score);
        const labels = Uint8Array.from(drawn, ([, label]) => label);
        const counts = drawn.map(([, , count]) => count);
        const repeated = drawn.flatMap(([score, label, count]) => Array.from({ length: count }, () => ({ score, label })));
        const ranking = rankingOf(scores, labels);
        const [s, l] = [repeated.map(({ score }) => score), repeated.map(({ label }) => label)];
        if (!l.includes(0) || !l.includes(1)) {
          expect([ranking.auroc(counts), ranking.averagePrecision(counts), ranking.recallAtFpr(counts, fpr)]).toEqual([
            Number.NaN,
            Number.NaN,
            Number.NaN,
          ]);
          return;
        }
        expect(ranking.auroc(counts)).toBeCloseTo(auroc(s, l), 12);
        expect(ranking.averagePrecision(counts)).toBeCloseTo(averagePrecision(s, l), 12);
        expect(ranking.recallAtFpr(counts, fpr)).toBeCloseTo(recallAtFpr(s, l, fpr).recall, 12);
      }),
    );
  });

  it('worked by hand: one inversion of six pairs, one tie', () => {
    const ranking = rankingOf(Float64Array.of(3, 2, 2, 1, 0), Uint8Array.of(1, 0, 1, 0, 0));
    expect(ranking.auroc(everyRow(5))).toBeCloseTo(5.5 / 6, 12);
    expect(ranking.recallAtFpr(everyRow(5), 0)).toBe(0.5);
  });

  it('rank what has no score below everything that has one', () => {
    expect([...finite([1, Number.NEGATIVE_INFINITY, Number.NaN])]).toEqual([1, -1e9, -1e9]);
  });
});

describe('a group interval', () => {
  const random = createRandom('interval');
  const groups = Array.from({ length: 200 }, (_, i) => `g${i % 20}`);
  const labels = Uint8Array.from(groups, (_, i) => (i % 3 === 0 ? 1 : 0));
  const scores = Float64Array.from(labels, (label) => label + random.nextGaussian());
  const ranking = rankingOf(scores, labels);

  it('covers the figure and depends on the seed alone', () => {
    const statistic = (counts: ArrayLike<number>) => ranking.auroc(counts);
    const interval = intervalOf(groups, statistic, 200, 's')!;
    const value = ranking.auroc(everyRow(200));
    expect(interval.low).toBeLessThan(value);
    expect(interval.high).toBeGreaterThan(value);
    expect(interval.high - interval.low).toBeLessThan(0.3);
    expect(intervalOf(groups, statistic, 200, 's')).toEqual(interval);
    expect(intervalOf(groups, statistic, 200, 't')).not.toEqual(interval);
  });

  it('draws whole groups: each row of one as often as the others', () => {
    intervalOf(
      groups,
      (counts) => {
        for (let i = 20; i < 200; i++) expect(counts[i]).toBe(counts[i % 20]);
        return 0;
      },
      10,
      's',
    );
  });

  it('is null for one group, and where no sample has both classes', () => {
    expect(intervalOf(['a', 'a'], () => 1, 10, 's')).toBeNull();
    expect(intervalOf(['a', 'b'], () => Number.NaN, 10, 's')).toBeNull();
  });
});
