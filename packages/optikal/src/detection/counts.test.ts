import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addCounts,
  boundCounts,
  copyCounts,
  countStep,
  decodeCounts,
  encodeCounts,
  newToolCounts,
  stepSurprise,
  type ToolCounts,
  tokenOf,
  toolSurprise,
} from './counts.ts';

const counted = (...steps: (readonly [string | null, string])[]): ToolCounts => {
  const counts = newToolCounts();
  for (const [previous, token] of steps) countStep(counts, previous, token);
  return counts;
};
const plain = ({ tools, steps, from, total }: ToolCounts) => ({
  tools: Object.fromEntries(tools),
  steps: Object.fromEntries(steps),
  from: Object.fromEntries(from),
  total,
});

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'z'];
const token = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const table = fc.array(fc.tuple(fc.option(token, { nil: null }), token), { maxLength: 60 }).map((steps) => counted(...steps));

describe('a token', () => {
  it('is FNV-1a of 32 bits in base 36, the same on every machine', () => {
    expect(tokenOf('')).toBe((0x811c9dc5).toString(36));
    // Published test vector: FNV-1a 32 of `foobar` is bf9cf968.
    expect(tokenOf('foobar')).toBe((0xbf9cf968).toString(36));
    for (const name of ['__proto__', 'a>b', '^', '😀']) expect(tokenOf(name)).toMatch(/^[0-9a-z]{1,7}$/);
  });
});

describe('surprise', () => {
  it('is −ln((n+½)/(N+½(K+20))) of a tool', () => {
    const counts = counted([null, 'a'], ['a', 'a'], ['a', 'b']);
    expect(toolSurprise(counts, 'a')).toBeCloseTo(-Math.log(2.5 / 14), 12);
    expect(toolSurprise(counts, 'z')).toBeCloseTo(-Math.log(0.5 / 14), 12);
  });

  it('is −ln((n(prev,tool)+2p)/(n(prev)+2)) of a step', () => {
    const counts = counted([null, 'a'], ['a', 'a'], ['a', 'b']);
    expect(stepSurprise(counts, null, 'a')).toBeCloseTo(-Math.log((1 + 2 * (2.5 / 14)) / 3), 12);
    expect(stepSurprise(counts, 'a', 'b')).toBeCloseTo(-Math.log((1 + 2 * (1.5 / 14)) / 4), 12);
    expect(stepSurprise(counts, 'b', 'a')).toBeCloseTo(toolSurprise(counts, 'a'), 12);
  });

  it('is never negative, however often a table was cut', () => {
    fc.assert(
      fc.property(
        fc.array(table, { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 8 }),
        (tables, maxTools, maxSteps) => {
          const counts = newToolCounts();
          for (const other of tables) {
            addCounts(counts, other);
            boundCounts(counts, maxTools, maxSteps);
          }
          for (const previous of [null, ...NAMES])
            for (const next of NAMES) expect(stepSurprise(counts, previous, next)).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe('a table', () => {
  it('keeps to its bounds by dropping the rarest, ties by name', () => {
    const counts = counted([null, 'a'], [null, 'a'], [null, 'b'], [null, 'c'], ['a', 'b']);
    boundCounts(counts, 2, 2);
    expect(plain(counts)).toEqual({
      tools: { a: 2, b: 2 },
      steps: { '^>a': 2, 'a>b': 1 },
      from: { '^': 2, a: 1 },
      total: 4,
    });
  });

  it('halves what is old once it holds more than 4000', () => {
    const counts = counted(...Array.from({ length: 4000 }, () => ['a', 'a'] as const), ['a', 'b']);
    boundCounts(counts, 48, 96);
    expect(plain(counts)).toEqual({
      tools: { a: 2000 },
      steps: { 'a>a': 2000 },
      from: { a: 2000 },
      total: 2000,
    });
  });

  it('that is put back after being taken out is as it was', () => {
    fc.assert(
      fc.property(table, table, (one, other) => {
        const counts = copyCounts(one);
        addCounts(counts, other);
        addCounts(counts, other, -1);
        expect(plain(counts)).toEqual(plain(one));
      }),
    );
  });

  it('is the same after encoding, whatever the order in which it was filled', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.option(token, { nil: null }), token), { maxLength: 60 }), (steps) => {
        const [one, other] = [counted(...steps), counted(...steps.toReversed())];
        const text = JSON.stringify(encodeCounts(one));
        expect(JSON.stringify(encodeCounts(other))).toBe(text);
        expect(plain(decodeCounts(JSON.parse(text) as ReturnType<typeof encodeCounts>))).toEqual(plain(one));
      }),
    );
  });
});
