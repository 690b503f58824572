import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { cut, fit, harmless, widthOf, withoutLast, wrapText } from './text.ts';

const codePoint = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));
const ACTS = /[\p{Cc}\p{Cf}\p{Cs}]/u;

describe('harmless', () => {
  test.each([
    ['an escape sequence', '\x1b[2J', '<U+001B>[2J'],
    ['a C1 control that begins one', '\u009b31m', '<U+009B>31m'],
    ['a line break', 'a\nb\r', 'a<U+000A>b<U+000D>'],
    ['a bidi override', 'abc\u202Efdp.exe', 'abc<U+202E>fdp.exe'],
    ['a bidi isolate', '\u2066x\u2069', '<U+2066>x<U+2069>'],
    ['a character without width', 'ad\u200Bmin', 'ad<U+200B>min'],
    ['a variation selector', 'a\uFE0F', 'a<U+FE0F>'],
    ['a tag character', `a${String.fromCodePoint(0xe0061)}`, 'a<U+E0061>'],
    ['a line separator', 'a\u2028b', 'a<U+2028>b'],
    ['a blank that is another blank', 'a\u00a0b', 'a<U+00A0>b'],
    ['a lone surrogate', 'a\ud800b', 'a<U+D800>b'],
    ['marks heaped on a letter', `e${'\u0301'.repeat(5)}`, `e${'\u0301'.repeat(3)}<U+0301><U+0301>`],
  ])('spells out %s', (_, text, shown) => {
    expect(harmless(text)).toBe(shown);
  });

  test('leaves letters of any script as they are', () => {
    for (const text of ['send_email', 'größe', '数据', 'e\u0301', 'हिन्दी', '😀', '🇩🇪']) expect(harmless(text)).toBe(text);
  });

  test('leaves nothing that a terminal obeys, whatever the text, and changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: codePoint }), (text) => {
        const shown = harmless(text);
        expect(ACTS.test(shown)).toBe(false);
        expect(harmless(shown)).toBe(shown);
      }),
    );
  });
});

describe('widths', () => {
  test('count two columns for wide characters and none for marks', () => {
    expect(['ab', '数据', 'e\u0301', '😀'].map(widthOf)).toEqual([2, 4, 1, 2]);
  });

  test('never cut a character in two', () => {
    expect(cut('数据库', 4)).toBe('数…');
    expect(cut('数据库', 6)).toBe('数据库');
    expect(cut('ab', 0)).toBe('');
    expect(fit('数据库', 4)).toBe('数… ');
    expect(fit('7', 3, 'right')).toBe('  7');
    expect(withoutLast('ae\u0301')).toBe('a');
    expect(withoutLast('')).toBe('');
  });

  test('hold for any text and any width', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }).map(harmless), fc.integer({ min: 6, max: 30 }), (text, width) => {
        expect(stringWidth(fit(text, width))).toBe(width);
        for (const line of wrapText(text, width)) expect(stringWidth(line)).toBeLessThanOrEqual(width);
        expect(wrapText(text, width).join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });

  test('break lines between words', () => {
    expect(wrapText('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapText('abcdefghij x', 4)).toEqual(['abcd', 'efgh', 'ij x']);
    expect(wrapText('数据', 1)).toEqual(['数', '据', '']);
    for (const none of [1, 0, -3]) expect(wrapText('ab', none)).toEqual(['a', 'b']);
  });
});
