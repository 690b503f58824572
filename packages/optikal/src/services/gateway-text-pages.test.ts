import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalForm, type PageText, pagesOf } from './gateway-text-pages.ts';

const page = (text: string, more: Partial<PageText> = {}): PageText => ({ text, chars: text.length, near: true, ...more });
/** Words that no two numbers share, so that shingles of different pages never meet. */
const words = (from: number, count: number) => Array.from({ length: count }, (_, i) => `word${name(from + i)}`).join(' ');
const name = (n: number): string => String(n).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)]!);

describe('the form of a page', () => {
  it('is its words: notation, numbers, capitals and white space are none', () => {
    expect(normalForm('- id: \'17\'\n  body: "Dear  Emma,\\n\\nsee\\\n    \\ you"')).toBe('id body dear emma see you');
  });

  it('of a text without words is the text, so that numbers are told apart', () => {
    expect(normalForm(' 12  34\n')).toBe('12 34');
  });
});

describe('texts are one page', () => {
  it('where their words agree, whatever their dates and folds', () => {
    const [a, b, c] = pagesOf([
      page('Invoice of 2024-01-01 for Bob'),
      page('invoice of\n  2026-02-02 for\\n bob'),
      page('Invoice for Alice again'),
    ]);
    expect(a).toBe(b);
    expect(c).not.toBe(a);
    expect(a).toMatch(/^[0-9a-f]{64}$/);
  });

  it('where few words of many differ, and not where a third does', () => {
    const [whole, near, far] = pagesOf([
      page(words(0, 400)),
      page(`${words(0, 395)} ${words(9000, 5)}`),
      page(`${words(0, 260)} ${words(8000, 140)}`),
    ]);
    expect(near).toBe(whole);
    expect(far).not.toBe(whole);
  });

  it('where one was cut out of the other, which a short page within a long one was not', () => {
    const long = words(0, 900);
    const part = words(200, 300);
    const [whole, cut] = pagesOf([page(long), page(part, { chars: 2990 })]);
    expect(cut).toBe(whole);
    const [again, small] = pagesOf([page(long), page(part, { chars: 1500 })]);
    expect(small).not.toBe(again);
  });

  it('only where they are equal, if near ones are not to count', () => {
    const one = page(words(0, 400), { near: false });
    const other = page(`${words(0, 399)} ${words(9000, 1)}`, { near: false });
    expect(new Set(pagesOf([one, other, one])).size).toBe(2);
  });

  it('in any order: the groups are the same', () => {
    const texts = [
      page(words(0, 400)),
      page(words(1000, 400)),
      page(`${words(0, 398)} ${words(9000, 2)}`),
      page(words(1000, 399)),
      page('a few words'),
    ];
    const groups = (order: readonly number[]) => {
      const pages = pagesOf(order.map((i) => texts[i]!));
      return order.map((i, at) => [i, Math.min(...order.filter((_, other) => pages[other] === pages[at]))]).sort(([a], [b]) => a! - b!);
    };
    const straight = groups([0, 1, 2, 3, 4]);
    expect(straight.map(([, first]) => first)).toEqual([0, 1, 0, 1, 4]);
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (order) => {
        expect(groups(order)).toEqual(straight);
      }),
    );
  });
});
