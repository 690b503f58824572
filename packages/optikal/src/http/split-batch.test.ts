import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBatch, splitBatch } from './split-batch.ts';

const codeOf = (text: string, max = 10) => {
  try {
    return splitBatch(text, max);
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

describe('splitBatch', () => {
  it('cuts at the commas of the array and nowhere else', () => {
    expect(splitBatch(' [1, {"a":[1,2],"b":"],\\"{,"} ,"\\\\" ]\n', 10)).toEqual(['1', ' {"a":[1,2],"b":"],\\"{,"} ', '"\\\\" ']);
    expect(splitBatch('[]', 10)).toEqual([]);
    expect(splitBatch('[ \n]', 10)).toEqual([]);
  });

  it('gives the elements of any JSON array', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 1), (values, indent) => {
        expect(splitBatch(JSON.stringify(values, null, indent), 1000).map((text) => JSON.parse(text))).toEqual(
          JSON.parse(JSON.stringify(values)),
        );
      }),
    );
  });

  it('never takes a text as an array of JSON that is none', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', '1', ' ', 'a') }), (text) => {
        const parts = codeOf(text, 1000);
        const wellFormed = Array.isArray(parts) && parts.every((part) => isJson(part));
        expect(wellFormed).toBe(isJson(text) && Array.isArray(JSON.parse(text)));
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses what is no array, what does not end, and what holds too many', () => {
    expect(['{}', '"x"', '1', '', '  '].map((text) => codeOf(text))).toEqual([
      'batch_invalid',
      'batch_invalid',
      'batch_invalid',
      'invalid_json',
      'invalid_json',
    ]);
    expect(['[', '[1', '[1,', '["', '["\\', '[1]]', '[1] x', '[{]'].map((text) => codeOf(text))).toEqual(Array(8).fill('invalid_json'));
    expect([codeOf('[1,2,3]', 2), codeOf('[1,2]', 2)]).toEqual(['batch_too_long', ['1', '2']]);
  });

  it('walks a million brackets without a stack', () => {
    expect(codeOf('['.repeat(1_000_000))).toBe('invalid_json');
    expect(splitBatch(`[${'['.repeat(500_000)}${']'.repeat(500_000)}]`, 1)).toHaveLength(1);
  });

  it('tells an array by its first character', () => {
    expect([' \n[', '{"a":[]}', ''].map(isBatch)).toEqual([true, false, false]);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
