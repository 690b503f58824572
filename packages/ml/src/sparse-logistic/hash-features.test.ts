import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import golden from '../../goldens/sparse-logistic.golden.json' with { type: 'json' };
import { expectRefusal } from '../test-support/refusals.ts';
import { hashedNames, hashFeatures } from './hash-features.ts';
import { murmurHash3 } from './murmur3.ts';
import { checkSparseRows } from './rows.ts';

const entries = ({ indices, values }: ReturnType<typeof hashFeatures>) => Array.from(indices, (index, i) => [index, values[i]]);

describe('hashFeatures', () => {
  it('puts a token where its hash says: 0xba6bd213 is −0x45942ded, so column 0xded of 2^12, counted −1', () => {
    expect(murmurHash3('test')).toBe(0xba6bd213);
    expect(entries(hashFeatures(['test'], { bits: 12 }))).toEqual([[0xded, -1]]);
    expect(entries(hashFeatures(['test', 'test'], { bits: 12, signed: false }))).toEqual([[0xded, 2]]);
    expect(entries(hashFeatures(['test'], { bits: 12, seed: 1 }))).not.toEqual([[0xded, -1]]);
  });

  it('has the rows of scikit-learn, with signs and without', () => {
    golden.signed.forEach((row, r) => {
      expect(entries(hashFeatures(golden.tokens[r], { bits: golden.bits }))).toEqual(row);
    });
    golden.plain.forEach((row, r) => {
      expect(entries(hashFeatures(golden.tokens[r], { bits: golden.bits, signed: false }))).toEqual(row);
    });
  });

  it('makes rows whose indices ascend, whatever the tokens and their order', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), fc.integer({ min: 1, max: 22 }), fc.boolean(), (tokens, bits, signed) => {
        const row = hashFeatures(tokens, { bits, signed });
        checkSparseRows({ cols: 2 ** bits, starts: Int32Array.of(0, row.indices.length), ...row }, 1);
        expect(entries(hashFeatures(tokens.toReversed(), { bits, signed }))).toEqual(entries(row));
        expect(row.values).not.toContain(0);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('names the tokens of each column', () => {
    const names = hashedNames(['a', 'b', 'a', 'c', 'd', 'e'], { bits: 1 });
    expect([...names.values()].flat().sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    for (const [index, tokens] of names)
      for (const token of tokens) expect(hashFeatures([token], { bits: 1 }).indices).toEqual(Int32Array.of(index));
  });

  it('refuses bits, seeds and options that make no sense', () => {
    for (const options of [{ bits: 0 }, { bits: 23 }, { bits: 1.5 }, { seed: -1 }, { seed: 2 ** 32 }])
      expectRefusal(() => hashFeatures(['a'], options), 'ML_BAD_OPTION');
    const unknown = { bits: 4, sign: true };
    expectRefusal(() => hashFeatures(['a'], unknown), 'ML_UNKNOWN_OPTION');
  });
});
