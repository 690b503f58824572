/**
 * Where a text may be cut, and how readily. Pages come as prose, lines, YAML, JSON, printed dictionaries, HTML; a border of any of these
 * counts wherever it stands, since tools print the one inside the other.
 */

/** The stronger a border, the less do its two sides belong together. */
export const BORDER = { none: -1, blank: 0, sentence: 1, line: 2, value: 3 } as const;
export type Strength = (typeof BORDER)[keyof typeof BORDER];

/** A line end behind so many characters, where the next word had no room, was made by a printer, not by a writer. */
const WRAPPED = { least: 56, most: 110, columns: 72 };

const NEW_LINE = 0x0a;
const BLANK = 0x20;

/** The border between units `i − 1` and `i` of an evenly spaced text; `lineStart` is where the line of unit `i − 1` began. */
export function borderAt(text: string, i: number, lineStart: number): Strength {
  const before = text.charCodeAt(i - 1);
  if (before === NEW_LINE) {
    if (text.charCodeAt(i - 2) === NEW_LINE) return BORDER.value;
    return isWrapped(text, i, lineStart) ? BORDER.blank : BORDER.line;
  }
  if (before === BLANK) return behindBlank(text, i);
  const unit = text.charCodeAt(i);
  if (unit === 0x3c) return isTagStart(text.charCodeAt(i + 1)) ? BORDER.line : BORDER.none;
  if (before === 0x3e) return BORDER.line;
  if ((before === 0x2c || before === 0x3a) && isQuote(text.charCodeAt(i - 2)) && !isSpace(unit)) return BORDER.value;
  if (before >= 0x3001 && isSentenceEnd(before)) return BORDER.sentence;
  return BORDER.none;
}

function behindBlank(text: string, i: number): Strength {
  let k = i - 2;
  const last = text.charCodeAt(k);
  if ((last === 0x2c || last === 0x3a) && isQuote(text.charCodeAt(k - 1))) return BORDER.value;
  if (last === 0x7c || last === 0x3b) return BORDER.sentence;
  while (k > i - 5 && isCloser(text.charCodeAt(k))) k--;
  if (!isSentenceEnd(text.charCodeAt(k))) return BORDER.blank;
  const unit = text.charCodeAt(i);
  return unit >= 0x61 && unit <= 0x7a ? BORDER.blank : BORDER.sentence; // `e.g. this`
}

function isWrapped(text: string, i: number, lineStart: number): boolean {
  const length = i - 1 - lineStart;
  if (length < WRAPPED.least || length > WRAPPED.most) return false;
  let word = i;
  while (word < i + WRAPPED.columns && word < text.length && !isSpace(text.charCodeAt(word))) word++;
  if (length + 1 + word - i < WRAPPED.columns || text.charCodeAt(word - 1) === 0x3a) return false;
  // A capital may go on a sentence too; cut there, both sides are still seen joined, while a line of its own must not be drawn in.
  const unit = text.charCodeAt(i);
  return unit >= 0x61 && unit <= 0x7a && !isSentenceEnd(text.charCodeAt(i - 2));
}

function isTagStart(unit: number): boolean {
  return unit === 0x2f || unit === 0x21 || ((unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a);
}

function isSpace(unit: number): boolean {
  return unit === BLANK || unit === NEW_LINE;
}

function isQuote(unit: number): boolean {
  return unit === 0x22 || unit === 0x27;
}

function isCloser(unit: number): boolean {
  return isQuote(unit) || unit === 0x29 || unit === 0x5d || unit === 0x2a || unit === 0x5f;
}

function isSentenceEnd(unit: number): boolean {
  if (unit < 0x80) return unit === 0x2e || unit === 0x21 || unit === 0x3f;
  return unit === 0x3002 || unit === 0xff01 || unit === 0xff1f || unit === 0x061f || unit === 0x0964;
}
