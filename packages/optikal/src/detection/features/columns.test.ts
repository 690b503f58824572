import { FEATURE_SETS } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { columnsOf, maxOf, meanOf, minOf, sumOf } from './columns.ts';

describe('columns', () => {
  it('are numbered in the order of the table', () => {
    const columns = columnsOf('core18');
    const row = new Float64Array(columns.length);
    columns.group()(row, Object.fromEntries(FEATURE_SETS.core18.map(({ name }, i) => [name, i + 1]).reverse()));
    expect([...row]).toEqual(Array.from({ length: 18 }, (_, i) => i + 1));
  });

  it('refuse a name that is not in the table', () => {
    const columns = columnsOf('call1');
    expect(() => columns.group()(new Float64Array(columns.length), { call_failed: 1, cpu_usage: 1 })).toThrow(
      'no feature `cpu_usage` in call1',
    );
    expect(() => columns.at('__proto__')).toThrow('no feature');
  });

  it('of one name occur once over the sets that an explanation shows together', () => {
    const names = [...FEATURE_SETS.fused1, ...FEATURE_SETS.call1].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('max, min, sum and mean', () => {
  it('are over what is known, and unknown where nothing is', () => {
    const some = [Number.NaN, 2, -3, Number.NaN, 7];
    expect([maxOf(some), minOf(some), sumOf(some), meanOf(some)]).toEqual([7, -3, 6, 2]);
    for (const none of [[], [Number.NaN]]) expect([maxOf(none), minOf(none), sumOf(none), meanOf(none)]).toEqual(Array(4).fill(Number.NaN));
    expect([maxOf([0]), minOf([0]), sumOf([0]), meanOf([0])]).toEqual([0, 0, 0, 0]);
  });
});
