import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markedLines } from './marked-lines.ts';

const shown = (text: string, start: number, end: number) =>
  markedLines(text, { start, end }).lines.map(
    ({ line, pieces }) => `${line}|${pieces.map(({ text: piece, marked }) => (marked ? `>>${piece}<<` : piece)).join('')}`,
  );

describe('the lines of a mark', () => {
  it('have what stands around it, and their numbers', () => {
    const text = 'one\ntwo three four\nfive';
    expect(shown(text, 8, 13)).toEqual(['2|two >>three<< four']);
    expect(shown(text, 0, 3)).toEqual(['1|>>one<<']);
    expect(shown(text, 14, 23)).toEqual(['2|two three >>four<<', '3|>>five<<']);
  });

  it('are cut where a line is a page, and counted where a mark is one', () => {
    const text = `${'a'.repeat(1000)}HERE${'b'.repeat(1000)}`;
    expect(shown(text, 1000, 1004)).toEqual([`1|…${'a'.repeat(48)}>>HERE<<${'b'.repeat(48)}…`]);
    expect(shown(text, 0, 2004)[0]).toHaveLength(2 + 4 + 480 + 1);
    const lines = 'x\n'.repeat(10);
    expect(markedLines(lines, { start: 0, end: lines.length })).toMatchObject({ more: 6 });
  });

  it('hold nothing that a terminal obeys', () => {
    expect(shown('a\u001b[2J\u202eb', 0, 7)).toEqual(['1|>>a<U+001B>[2J<U+202E>b<<']);
  });

  it('hold what is marked, wherever it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-c\n ]{0,60}$/), fc.nat(60), fc.nat(60), (text, a, b) => {
        const [start, end] = [Math.min(a, b, text.length), Math.min(Math.max(a, b), text.length)];
        const { lines, more } = markedLines(text, { start, end });
        const marked = lines.flatMap(({ pieces }) => pieces.filter((piece) => piece.marked).map((piece) => piece.text));
        const expected = text
          .slice(start, end)
          .split('\n')
          .filter((piece) => piece !== '');
        expect(marked).toEqual(expected.slice(0, 4));
        if (more === 0) expect(marked).toEqual(expected);
      }),
    );
  });
});
