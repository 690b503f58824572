import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { wrap } from './wrap.ts';

describe('wrapped text', () => {
  it('breaks between words and keeps the indentation, further in where it goes on', () => {
    expect(wrap('the quick brown fox jumps', 20)).toBe('the quick brown fox\njumps');
    expect(wrap('  the quick brown fox jumps', 20, 2)).toBe('  the quick brown\n    fox jumps');
    expect(wrap('short\n\nthe quick brown fox jumps', 20)).toBe('short\n\nthe quick brown fox\njumps');
  });

  it('counts colours as nothing', () => {
    const { bold, red } = picocolors.createColors(true);
    expect(stripVTControlCharacters(wrap(bold(`${red('the')} quick brown fox jumps`), 20))).toBe('the quick brown fox\njumps');
  });

  it('leaves a word whole that is wider than the terminal', () => {
    expect(wrap(`a ${'x'.repeat(30)} b`, 20)).toBe(`a\n${'x'.repeat(30)}\nb`);
  });

  it('loses no word and stays within the width', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), fc.integer({ min: 20, max: 60 }), (words, columns) => {
        const wrapped = wrap(words.join(' '), columns, 4);
        expect(wrapped.split(/\s+/)).toEqual(words);
        for (const line of wrapped.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
