import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nestsDeeperThan } from './json-depth.ts';

/** The slow way: the value itself. */
const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

it('counts brackets that are open at the same time', () => {
  expect([0, 1, 2].map((levels) => nestsDeeperThan('[{}]', levels))).toEqual([true, true, false]);
  expect(nestsDeeperThan('[[],[],[],[]]', 2)).toBe(false);
});

it('does not count brackets in strings, behind an escaped quote neither', () => {
  expect(nestsDeeperThan('["[[[[{{{{"]', 1)).toBe(false);
  expect(nestsDeeperThan('["\\"[[[["]', 1)).toBe(false);
  expect(nestsDeeperThan('["\\\\",[["x"]]]', 2)).toBe(true);
});

it('looks at texts that are no JSON as well', () => {
  expect(nestsDeeperThan('['.repeat(100_000), 32)).toBe(true);
  expect(nestsDeeperThan(']]]][[', 2)).toBe(false);
  expect(nestsDeeperThan('', 0)).toBe(false);
});

it('agrees with the depth of the parsed value', () => {
  fc.assert(
    fc.property(fc.json({ depthSize: 'large' }), fc.integer({ min: 0, max: 8 }), (text, levels) => {
      expect(nestsDeeperThan(text, levels)).toBe(depthOf(JSON.parse(text)) > levels);
    }),
    { numRuns: 500 },
  );
});
