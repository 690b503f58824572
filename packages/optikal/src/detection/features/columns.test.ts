import { FEATURE_SETS } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { columnsOf, known, larger, newRows, plus, smaller } from './columns.ts';

describe('columns of a feature set', () => {
  it('are numbered in the order of the table', () => {
    const columns = columnsOf('core18');
    expect(FEATURE_SETS.core18.map(({ name }) => columns.at(name))).toEqual(Array.from({ length: columns.length }, (_, i) => i));
  });

  it('refuse a name that is not in the table', () => {
    for (const name of ['cpu_usage', '__proto__']) expect(() => columnsOf('call1').at(name)).toThrow(`no feature \`${name}\` in call1`);
  });

  it('of one name occur once over the sets that an explanation shows together', () => {
    const names = [...FEATURE_SETS.fused1, ...FEATURE_SETS.call1].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('new rows', () => {
  it('know nothing yet, and do not overlap', () => {
    const rows = newRows([3, 0, 2]);
    expect(rows.map((row) => [...row])).toEqual([[Number.NaN, Number.NaN, Number.NaN], [], [Number.NaN, Number.NaN]]);
    rows[0]!.fill(1);
    rows[2]!.fill(2);
    expect(rows.map((row) => [...row])).toEqual([[1, 1, 1], [], [2, 2]]);
  });
});

describe('aggregates', () => {
  const over = (aggregate: (held: number, value: number) => number, values: readonly number[]) => values.reduce(aggregate, Number.NaN);

  it('pass over what is not known, and do not know what nobody told', () => {
    const some = [Number.NaN, -3, 7, Number.NaN, 2];
    expect([over(larger, some), over(smaller, some), over(plus, some)]).toEqual([7, -3, 6]);
    for (const none of [[], [Number.NaN]])
      expect([over(larger, none), over(smaller, none), over(plus, none)]).toEqual(Array(3).fill(Number.NaN));
    expect([over(larger, [0]), over(smaller, [0]), over(plus, [0])]).toEqual([0, 0, 0]);
    expect([known(0), known(null), known(undefined)]).toEqual([0, Number.NaN, Number.NaN]);
  });
});
