import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeKeys, flushed } from './keys.ts';

const keysOf = (text: string) => decodeKeys(text).inputs.map((one) => (one.kind === 'key' ? one.key : `paste:${one.text}`));

describe('what a terminal sends', () => {
  test.each([
    ['letters', 'jk?/', ['j', 'k', '?', '/']],
    ['arrows, in both modes of the keypad', '\x1b[A\x1b[B\x1bOC\x1bOD', ['<up>', '<down>', '<right>', '<left>']],
    ['pages and ends', '\x1b[5~\x1b[6~\x1b[H\x1b[F\x1b[1~\x1b[4~', ['<pgup>', '<pgdn>', '<home>', '<end>', '<home>', '<end>']],
    ['controls', '\r\t\x7f\x03\x1a\x0c', ['<enter>', '<tab>', '<backspace>', '<ctrl-c>', '<ctrl-z>', '<ctrl-l>']],
    ['letters beyond ASCII', 'é😀', ['é', '😀']],
    ['an escape before another key', '\x1bj', ['<esc>', 'j']],
    ['an angle bracket, which is no name', '<', ['<']],
    ['sequences that nobody knows: swallowed', '\x1b[?1;2c\x1b[200;3xq', ['q']],
    ['a paste, which is no typing', '\x1b[200~qq\x1b[Aq\x1b[201~j', ['paste:qq\x1b[Aq', 'j']],
  ])('%s', (_, text, expected) => {
    expect(keysOf(text)).toEqual(expected);
  });

  test('an escape alone is a key once nothing follows; half a sequence is none', () => {
    expect(decodeKeys('j\x1b')).toEqual({ inputs: [{ kind: 'key', key: 'j' }], rest: '\x1b' });
    expect(flushed('\x1b')).toEqual([{ kind: 'key', key: '<esc>' }]);
    expect(flushed('\x1b[5')).toEqual([]);
  });

  test('means the same in parts as in one piece', () => {
    const piece = fc.constantFrom('j', '\x1b[A', '\x1b[5~', '\x1bOB', '\r', 'é', '\x1b[200~x y\x1b[201~');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), fc.integer({ min: 1, max: 5 }), (pieces, size) => {
        const text = pieces.join('');
        const inputs = [];
        let rest = '';
        for (let at = 0; at < text.length; at += size) {
          const decoded = decodeKeys(rest + text.slice(at, at + size));
          inputs.push(...decoded.inputs);
          rest = decoded.rest;
        }
        expect({ inputs, rest }).toEqual(decodeKeys(text));
      }),
    );
  });
});
