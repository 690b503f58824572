/** Words nearby that say what a number is. Many numbers pass a check digit by chance; a number that is called one is one. */

/** A label stands before its number, or behind it in brackets. */
const CHARS_BEFORE = 40;
const CHARS_AFTER = 16;

export function isNamed(text: string, start: number, end: number, words: RegExp): boolean {
  return words.test(text.slice(Math.max(0, start - CHARS_BEFORE), start)) || words.test(text.slice(end, end + CHARS_AFTER));
}
