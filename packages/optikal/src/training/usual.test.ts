import { expect, it } from 'vitest';
import { usualValues } from './usual.ts';

it('is the median of the values that were observed, NaN where none was', () => {
  const rows = [
    [1, Number.NaN, 5],
    [9, Number.NaN, Number.NaN],
    [2, Number.NaN, 7],
  ];
  expect([...usualValues(rows, 3)]).toEqual([2, Number.NaN, 7]);
  expect([...usualValues([], 2)]).toEqual([Number.NaN, Number.NaN]);
});

it('takes every n-th of many rows', () => {
  expect([
    ...usualValues(
      Array.from({ length: 9999 }, (_, i) => [i]),
      1,
    ),
  ]).toEqual([5000]);
});
