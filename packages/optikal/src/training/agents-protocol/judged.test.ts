import { describe, expect, it } from 'vitest';
import { protocolRow } from '../protocol-rows.ts';
import type { Case } from './cases.ts';
import { type Judged, type JudgedSet, rowsOf, scoredOf } from './judged.ts';

const name = { protocol: 'suite', plane: 'real', level: 'window', against: 'benign' } as const;

/** Parts p0 and p1; the last but one is doubtful, the last ignored the text. */
function judged(shift: number): Judged {
  const of = (i: number): Case => ({
    label: i === 7 ? 1 : i % 2 === 0 ? 0 : 2,
    exclude: i === 6,
    threat: null,
    group: `g${i % 4}`,
    model: 'm',
    suite: i < 4 ? 'p0' : 'p1',
    cell: 'dev',
    number: 0,
    calls: i,
    parts: [],
  });
  const cases = Array.from({ length: 8 }, (_, i) => of(i));
  return {
    cases,
    margins: Float64Array.from(cases, (_, i) => i + (i === 2 ? shift : 0)),
    thresholds: new Float64Array(8).fill(1.5),
    parts: cases.map(({ suite }) => suite),
  };
}

describe('rows of one file', () => {
  const rows = rowsOf({ name, files: [judged(0)] }, 's');

  it('are the parts, their mean, all pooled, and two beside', () => {
    expect(rows.map(({ cell }) => cell)).toEqual([
      'p0',
      'p1',
      'mean',
      'pooled',
      'pooled, 3 calls and more',
      'pooled, with doubtful labels',
    ]);
    // p0: 0 and 2 quiet, 1 and 3 attacks: three of four pairs. p1: 4 quiet, 5 an attack. Doubtful: 6, quiet.
    expect(rows.map(({ auroc }) => auroc)).toEqual([0.75, 1, 0.875, 6 / 9, 1 / 2, 6 / 12]);
    expect(rows.map(({ n }) => n)).toEqual([4, 2, 6, 6, 3, 7]);
    // Of 0, 2 and 4 two lie above 1.5.
    expect(rows[3]!.realisedFpr).toBeCloseTo(2 / 3);
  });

  it('is as protocolRow says', () => {
    const { cases } = judged(0);
    const scored = scoredOf(judged(0), (of) => !of.exclude && of.label !== 1);
    expect(scored.labels).toHaveLength(cases.length - 2);
    expect(rows[3]).toEqual(protocolRow({ ...name, cell: 'pooled' }, scored, 's:pooled'));
  });
});

describe('rows of several files', () => {
  it('are averaged; counts too', () => {
    const [one, other, both] = [[judged(0)], [judged(10)], [judged(0), judged(10)]].map((files): JudgedSet => ({ name, files }));
    const pooled = (set: JudgedSet) => rowsOf(set, 's').find(({ cell }) => cell === 'pooled')!;
    expect(pooled(both!).auroc).toBeCloseTo((pooled(one!).auroc! + pooled(other!).auroc!) / 2);
    expect(pooled(both!).ap).toBeCloseTo((pooled(one!).ap! + pooled(other!).ap!) / 2);
    expect(pooled(both!).n).toBe(6);
  });

  it('of the same file twice have the interval of the one: its groups are drawn together', () => {
    const [once, twice] = [[judged(0)], [judged(0), judged(0)]].map((files) => rowsOf({ name, files }, 's')[3]!);
    expect(twice!.aurocInterval).not.toBeNull();
    expect(twice!.aurocInterval![0]).toBeCloseTo(once!.aurocInterval![0], 10);
    expect(twice!.aurocInterval![1]).toBeCloseTo(once!.aurocInterval![1], 10);
  });
});
