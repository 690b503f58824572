import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUniform, luhn, mod11And10, mod97, verhoeff, weighted } from './check-digits.ts';

const LAST = '0123456789'.split('');

describe('check digits', () => {
  it('of the examples in their standards hold', () => {
    expect(luhn('79927398713')).toBe(true);
    expect(luhn('79927398714')).toBe(false);
    // GB82 WEST 1234 5698 7654 32, moved and lettered by hand: 3214282912345698765432161182.
    expect(mod97('WEST12345698765432GB82')).toBe(1);
    expect(mod97('3214282912345698765432161182')).toBe(1);
    expect(mod11And10('86095742719')).toBe(true);
    expect(mod11And10('86095742718')).toBe(false);
    expect(verhoeff('2363')).toBe(true);
    expect(verhoeff('2364')).toBe(false);
    expect(weighted('111222333', [9, 8, 7, 6, 5, 4, 3, 2, -1])).toBe(66);
    expect(['1111', '1112', ''].map(isUniform)).toEqual([true, false, false]);
  });

  const digits = fc.stringMatching(/^\d{8,20}$/);
  it.each([
    ['Luhn', luhn],
    ['Verhoeff', verhoeff],
    ['MOD 11,10', mod11And10],
  ] as const)('%s: one last digit in ten holds, and any single wrong digit is noticed', (_, holds) => {
    fc.assert(
      fc.property(digits, fc.nat(), fc.integer({ min: 1, max: 9 }), (body, place, shift) => {
        const valid = LAST.map((last) => body + last).filter(holds);
        expect(valid).toHaveLength(1);
        const at = place % valid[0]!.length;
        const wrong = valid[0]!.split('');
        wrong[at] = String((Number(wrong[at]) + shift) % 10);
        expect(holds(wrong.join(''))).toBe(false);
      }),
    );
  });

  it('Verhoeff notices neighbours that changed places', () => {
    fc.assert(
      fc.property(digits, fc.nat(), (body, place) => {
        const valid = LAST.map((last) => body + last).find(verhoeff)!;
        const at = place % (valid.length - 1);
        fc.pre(valid[at] !== valid[at + 1]);
        expect(verhoeff(valid.slice(0, at) + valid[at + 1]! + valid[at]! + valid.slice(at + 2))).toBe(false);
      }),
    );
  });

  it('the remainder of 97 is that of the whole number', () => {
    fc.assert(fc.property(digits, (text) => mod97(text) === Number(BigInt(text) % 97n)));
  });
});
