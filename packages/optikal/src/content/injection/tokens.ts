/**
 * Hashed n-grams of a segment's units, in two blocks. Shapes: one to four units in a row, in which words of the lexicon keep their letters and
 * all others are one class, so that a topic cannot stand for an attack. Letters: words, and four letters in a row inside them, for what the
 * lexicon does not know: other languages, misspellings, jargon of attacks.
 */
import { hashOf, mix, UNIT, type Units } from './units.ts';

/** Columns of a block: 2^17. */
export const TOKEN_BITS = 17;
export const BLOCK_COLS = 2 ** TOKEN_BITS;
/** Shapes are the first half, letters the second. */
export const TOKEN_COLS = 2 * BLOCK_COLS;
const MASK = BLOCK_COLS - 1;
const LETTERS = 4;
const START = 0x2545f491;
/** Of a word outside the lexicon. */
const OTHER_WORD = 0x3c6ef372;

/** Which columns a segment has; each counts once. Reused from segment to segment: copy what is to stay. */
export interface TokenSet {
  /** The first `count` are the columns, in order of first occurrence. */
  readonly columns: Int32Array;
  count: number;
}

export interface TokenReader {
  read(units: Units): TokenSet;
}

/** A reader holds its tables, so that reading allocates nothing. */
export function createTokenReader(): TokenReader {
  const stamps = new Int32Array(TOKEN_COLS);
  let stamp = 0;
  let set: TokenSet = { columns: new Int32Array(4096), count: 0 };
  const add = (hash: number, block: number) => {
    const column = ((hash ^ (hash >>> 13)) & MASK) + block;
    if (stamps[column] === stamp) return;
    stamps[column] = stamp;
    set.columns[set.count++] = column;
  };
  return {
    read(units) {
      const most = 5 * units.count + 2 * units.text.length;
      if (most > set.columns.length) set = { columns: new Int32Array(2 * most), count: 0 };
      stamp = stamp === 0x7fffffff ? 1 : stamp + 1;
      if (stamp === 1) stamps.fill(0);
      set.count = 0;
      gather(units, add);
      return set;
    },
  };
}

function gather({ count, kinds, hashes, meanings, starts, ends, text }: Units, add: (hash: number, block: number) => void): void {
  let [c, b, a] = [START, START, START];
  for (let i = 0; i < count; i++) {
    const kind = kinds[i]!;
    // A line's end and quotes are form, not wording: they do not part the words around them.
    if (kind === UNIT.line || isQuote(kind, text.charCodeAt(starts[i]!))) continue;
    const shape = kind === UNIT.word && meanings[i] === 0 ? OTHER_WORD : hashes[i]!;
    const two = mix(a, shape);
    const three = mix(mix(b, a), shape);
    add(mix(shape, 1), 0);
    add(mix(two, 2), 0);
    add(mix(three, 3), 0);
    add(mix(mix(mix(mix(c, b), a), shape), 4), 0);
    [c, b, a] = [b, a, shape];
    if (kind === UNIT.word) {
      add(mix(hashes[i]!, 5), BLOCK_COLS);
      lettersOf(text, starts[i]!, ends[i]!, add);
    }
  }
}

function isQuote(kind: number, code: number): boolean {
  return kind === UNIT.mark && (code === 34 || code === 39 || code === 92);
}

/** Four letters in a row; the word's ends count as one. Shorter words are their own n-gram already. */
function lettersOf(text: string, start: number, end: number, add: (hash: number, block: number) => void): void {
  if (end - start < LETTERS) return;
  add(hashOf(text, start, start + LETTERS - 1, 101), BLOCK_COLS);
  for (let i = start; i + LETTERS <= end; i++) add(hashOf(text, i, i + LETTERS, 103), BLOCK_COLS);
  add(hashOf(text, end - LETTERS + 1, end, 107), BLOCK_COLS);
}
