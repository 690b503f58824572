import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MEANING } from './lexicon.ts';
import { UNIT, unitsOf } from './units.ts';

const NAMES = Object.keys(UNIT);
const kindsOf = (text: string) => Array.from(unitsOf(text).kinds, (kind) => NAMES[kind]);
const wordsOf = (text: string) => {
  const { count, starts, ends, text: lower } = unitsOf(text);
  return Array.from({ length: count }, (_, i) => lower.slice(starts[i], ends[i]));
};

describe('unitsOf', () => {
  it('reads words, names, destinations, numbers and marks', () => {
    expect(kindsOf('Send 20 to a.b@evil.example')).toEqual(['word', 'number', 'word', 'email']);
    expect(kindsOf('open https://x.example/y, now')).toEqual(['word', 'url', 'word']);
    expect(kindsOf('DE44500105175407324931')).toEqual(['account']);
    expect(kindsOf('<b>~/.ssh/id_rsa</b>')).toEqual(['element', 'path', 'element']);
    expect(kindsOf('call send_money!\n\nnow')).toEqual(['word', 'name', 'mark', 'line', 'word']);
  });

  it('keeps of a destination, number, path, tag and name its class alone', () => {
    const hashes = (text: string) => unitsOf(text).hashes;
    expect(hashes('pay 20 to a@evil.example')).toEqual(hashes('pay 99.5 to someone.else@bank.example'));
    expect(hashes('<information>')).toEqual(hashes('</system>'));
    expect(hashes('<p class="x">')).toEqual(hashes('</div>'));
    expect(hashes('pay')).not.toEqual(hashes('buy'));
  });

  it('tells tags of HTML from tags that somebody made up', () => {
    expect(kindsOf('<br/><IMG src="x"><!doctype html></h1>')).toEqual(['element', 'element', 'element', 'element']);
    expect(kindsOf('<information></system><input_file><|im_start|>')).toEqual(['tag', 'tag', 'tag', 'tag']);
  });

  it('says what a word may mean', () => {
    const { meanings } = unitsOf('Please ignore table');
    expect(meanings[0]).toBe(MEANING.polite);
    expect(meanings[1]).toBe(MEANING.verb | MEANING.override);
    expect(meanings[2]).toBe(0);
  });

  it('counts letters, capitals and letters outside Latin', () => {
    expect(unitsOf('Ab ж 1')).toMatchObject({ letters: 3, capitals: 1, foreign: 1 });
  });

  it('reads every text in order, without overlap, and leaves out white space only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const { count, starts, ends, text: lower } = unitsOf(text);
        let end = 0;
        for (let i = 0; i < count; i++) {
          expect(lower.slice(end, starts[i]).trim()).toBe('');
          expect(ends[i]).toBeGreaterThan(starts[i]!);
          end = ends[i]!;
        }
        expect(lower.slice(end).trim()).toBe('');
        expect(wordsOf(text)).toHaveLength(count);
      }),
      { numRuns: 60, seed: 3 },
    );
  });
});
