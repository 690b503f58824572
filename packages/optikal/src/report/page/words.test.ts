import { expect, it } from 'vitest';
import { duration, percent, plural, rate, short, three } from './words.ts';

it.each([
  [0, '0\u00a0%'],
  [0.00041, '0.041\u00a0%'],
  [0.5, '50\u00a0%'],
  [0.9999, '99.99\u00a0%'],
  [1, '100\u00a0%'],
  [null, '–'],
])('says %s as %s', (value, text) => {
  expect(percent(value)).toBe(text);
});

it.each([
  [70, '70\u00a0s'],
  [600, '10\u00a0min'],
  [3600, '1\u00a0h'],
  [86_400, '24\u00a0h'],
  [7 * 86_400, '7\u00a0days'],
])('says %i seconds as %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

it('says how many, and cuts a long name in its middle', () => {
  expect([plural(1, 'window'), plural(2, 'window')]).toEqual(['1 window', '2 windows']);
  expect(short('support-desk-agent-0003', 11)).toBe('suppo…-0003');
  expect(short('👩‍🚀x', 9)).toBe('👩‍🚀x');
  expect([rate(0), rate(0.1234), rate(1234.5)]).toEqual(['0', '0.12', '1,235']);
  expect([three(null), three(Number.NaN), three(0.5)]).toEqual(['–', '–', '0.500']);
});
