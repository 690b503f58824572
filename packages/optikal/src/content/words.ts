/**
 * Texts as sets of words and neighbouring pairs. "Is this value in that text" is asked of the words: all pairs of the value's words must
 * occur. That ignores case and punctuation, never matches inside a word, costs time linear in both texts, and needs no copy of the text.
 * (A value whose pairs occur at different places counts as found: rare, since values have at most a few words.)
 */

/** Letters and digits in a row are a word, and so is a decimal number: `98.70` and `98.7` are the same word. */
const WORD = /\d+\.\d+(?![\p{L}\p{N}])|[\p{L}\p{N}]+/gu;
/** What is longer is cut: an argument or output of a megabyte is no sentence. */
export const MAX_TEXT_CHARS = 1_000_000;
/** Longer words are compared by their first 100 characters, so that pairs stay small. */
const MAX_WORD_CHARS = 100;

export function wordsOf(text: string): string[] {
  const words: string[] = [];
  const lower = (text.length > MAX_TEXT_CHARS ? text.slice(0, MAX_TEXT_CHARS) : text).toLowerCase();
  for (const match of lower.matchAll(WORD)) words.push(tidy(match[0]));
  return words;
}

function tidy(word: string): string {
  const short = word.length > MAX_WORD_CHARS ? word.slice(0, MAX_WORD_CHARS) : word;
  return short.includes('.') ? short.replace(/\.?0+$/, '') : short;
}

/** Words and pairs of words, as `keysOf` gives them for values that are looked up. */
export function textKeys(text: string): Set<string> {
  const words = wordsOf(text);
  const keys = new Set<string>(words);
  for (let i = 1; i < words.length; i++) keys.add(`${words[i - 1]} ${words[i]}`);
  return keys;
}

/** What must all be in a text for the value to be in it: its pairs, or its only word. Empty = no words, never found. */
export function valueKeys(value: string): string[] {
  const words = wordsOf(value);
  if (words.length < 2) return words;
  return words.slice(1).map((word, i) => `${words[i]} ${word}`);
}

export function containsAll(text: { has(key: string): boolean }, keys: readonly string[]): boolean {
  return keys.length > 0 && keys.every((key) => text.has(key));
}
