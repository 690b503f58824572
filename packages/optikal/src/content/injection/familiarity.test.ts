import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cautionOf, KNOWN_LENGTH, knownLetters, type PlacedRow } from './familiarity.ts';
import { BLOCK_COLS } from './tokens.ts';

/** Letters `from` … `to` − 1 in a segment at `at`, beside a shape, which never counts. */
function row(from: number, to: number, at: number): PlacedRow {
  const letters = Array.from({ length: to - from }, (_, i) => BLOCK_COLS + from + i);
  return { span: { start: at, end: at + 10 }, columns: Int32Array.from([7, ...letters]) };
}

describe('cautionOf', () => {
  const caution = cautionOf(knownLetters([row(0, 1000, 0)]));
  const top = row(5000, 5100, 0);

  it('takes nothing where the rest of the page is known, whatever the suspicious segment has', () => {
    expect(caution.of([top, row(0, 500, 20)], top)).toBe(0);
  });

  it('worked by hand: 80 of 950 letters, with 50 that count as known, are 8 %, half-way from 6 to 10 %: half of 3', () => {
    expect(caution.of([top, row(0, 870, 20), row(2000, 2080, 40)], top)).toBeCloseTo(1.5, 9);
  });

  it('counts a letter once, and none of segments that overlap the suspicious one', () => {
    const joined: PlacedRow = { ...row(3000, 3500, 0), span: { start: 5, end: 25 } };
    expect(caution.of([top, joined, row(0, 870, 20), row(2000, 2080, 40), row(2000, 2080, 60)], top)).toBeCloseTo(1.5, 9);
  });

  it('goes by the suspicious segment where there is nothing else', () => {
    expect(caution.of([top], top)).toBe(3);
    const known = row(0, 100, 0);
    expect(caution.of([known], known)).toBe(0);
  });

  it('takes nothing where no pages are known to compare with', () => {
    expect(cautionOf(new Int32Array()).of([top], top)).toBe(0);
  });

  it('never takes more than 3, and more unknown letters never less', () => {
    fc.assert(
      fc.property(fc.nat(900), fc.nat(900), fc.nat(900), (known, unknown, more) => {
        const of = (count: number) => caution.of([top, row(0, known, 20), row(20_000, 20_000 + count, 40), row(0, 20, 60)], top);
        expect(of(unknown)).toBeGreaterThanOrEqual(0);
        expect(of(unknown + more)).toBeGreaterThanOrEqual(of(unknown) - 1e-12);
        expect(of(unknown + more)).toBeLessThanOrEqual(3 + 1e-12);
      }),
      { numRuns: 50, seed: 5 },
    );
  });
});

describe('knownLetters', () => {
  it('has one bit a letter', () => {
    const known = knownLetters([row(0, 3, 0), row(31, 33, 0)]);
    expect(known).toHaveLength(KNOWN_LENGTH);
    expect([known[0]! >>> 0, known[1]]).toEqual([0x80000007, 1]);
  });
});
