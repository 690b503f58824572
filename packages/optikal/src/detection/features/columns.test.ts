import { FEATURE_SETS } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { columnsOf, known, larger, plus, smaller } from './columns.ts';

describe('columns of a feature set', () => {
  it('are found by name, in the order that is asked for', () => {
    const columns = columnsOf('core18');
    const names = FEATURE_SETS.core18.map(({ name }) => name).reverse();
    expect(columns.all(...names)).toEqual(names.map((_, i) => names.length - 1 - i));
    expect(columns.at(names[0]!)).toBe(columns.length - 1);
  });

  it('refuse a name that is not in the set', () => {
    expect(() => columnsOf('call1').all('call_failed', 'cpu_usage')).toThrow('no feature `cpu_usage` in call1');
    expect(() => columnsOf('call1').at('__proto__')).toThrow('no feature');
  });

  it('of one name occur once over the sets that an explanation shows together', () => {
    const names = [...FEATURE_SETS.fused1, ...FEATURE_SETS.call1].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
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
