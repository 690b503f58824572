import { auroc } from '@optikal/ml';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsAbove, prPoints, rocPoints, thinned } from './curves.ts';

describe('points of a curve', () => {
  // Scores 4, 3, 3, 2, 1 with labels 1, 1, 0, 0, 1: the two threes are one threshold.
  const counts = countsAbove([1, 3, 4, 3, 2], [1, 0, 1, 1, 0]);

  it('are one a distinct score, ties whole', () => {
    expect(counts).toEqual([
      { hits: 1, alarms: 0 },
      { hits: 2, alarms: 1 },
      { hits: 2, alarms: 2 },
      { hits: 3, alarms: 2 },
    ]);
  });

  it('make the ROC from (0, 0) to (1, 1)', () => {
    expect(rocPoints(counts)).toEqual([
      { fpr: 0, recall: 0 },
      { fpr: 0, recall: 1 / 3 },
      { fpr: 0.5, recall: 2 / 3 },
      { fpr: 1, recall: 2 / 3 },
      { fpr: 1, recall: 1 },
    ]);
  });

  it('make precision over recall', () => {
    expect(prPoints(counts)).toEqual([
      { recall: 1 / 3, precision: 1 },
      { recall: 2 / 3, precision: 2 / 3 },
      { recall: 2 / 3, precision: 1 / 2 },
      { recall: 1, precision: 3 / 5 },
    ]);
  });

  it('begin the precision where the first attack is found', () => {
    expect(prPoints(countsAbove([3, 2, 1], [0, 1, 0]))[0]).toEqual({ recall: 1, precision: 0.5 });
  });

  it('enclose the area that the metric says', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(0, 1)), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(rows, (drawn) => {
        const labels = drawn.map(([, label]) => label);
        fc.pre(labels.includes(0) && labels.includes(1));
        const scores = drawn.map(([score]) => score);
        const roc = rocPoints(countsAbove(scores, labels));
        const area = roc.slice(1).reduce((sum, point, i) => sum + ((point.fpr - roc[i]!.fpr) * (point.recall + roc[i]!.recall)) / 2, 0);
        expect(area).toBeCloseTo(auroc(scores, labels), 10);
      }),
    );
  });
});

describe('a thinned curve', () => {
  it('keeps both ends, and what lies apart on a log axis', () => {
    const points = Array.from({ length: 5000 }, (_, i) => ({ x: i / 4999, y: i < 5 ? i / 5 : 1 }));
    const kept = thinned(
      points,
      ({ x }) => x,
      ({ y }) => y,
    );
    expect(kept.length).toBeLessThan(600);
    expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
    for (const i of [1, 2, 3, 4, 5]) expect(kept).toContain(points[i]);
  });
});
