/**
 * Words of the lexicon with the usual slips of the hand: letters in another order behind the first one, or one within the word left out. Both are
 * found by a hash of what is written, so a word costs two questions.
 */
import { hashUnit, LEXICON } from './lexicon.ts';

const MIN_WORD = 4;
/** With a letter less, shorter words are other words. */
const MIN_LEFT_OUT = 6;

/** A number for each letter; sums of them do not depend on the order. */
const WEIGHTS = Int32Array.from({ length: 26 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) ^ Math.imul((i + 7) * (i + 3), 0x85ebca6b));
const reordered = new Map<number, string>();
const leftOut = new Map<number, string>();

for (const word of LEXICON) {
  if (word.length >= MIN_WORD) reordered.set(orderless(word), word);
  if (word.length >= MIN_LEFT_OUT)
    for (let i = 1; i < word.length - 1; i++) leftOut.set(hashOf(word.slice(0, i) + word.slice(i + 1)), word);
}

/** The word that was meant by a lower-case one that is not in the lexicon; null = none. `hash` is of the whole word. */
export function meantBy(word: string, hash: number): string | null {
  const other = reordered.get(orderless(word));
  return other?.length === word.length ? other : (leftOut.get(hash) ?? null);
}

function orderless(word: string): number {
  let sum = Math.imul(word.charCodeAt(0), 0x27d4eb2f);
  for (let i = 0; i < word.length; i++) sum = (sum + WEIGHTS[word.charCodeAt(i) - 0x61]) | 0;
  return sum;
}

function hashOf(word: string): number {
  let hash = 0;
  for (let i = 0; i < word.length; i++) hash = hashUnit(hash, word.charCodeAt(i));
  return hash;
}
