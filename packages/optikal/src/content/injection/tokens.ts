/** Hashed n-grams of a segment's units: one to three words or classes in a row, and four letters in a row inside a word. */
import { hashOf, mix, UNIT, type Units } from './units.ts';

/** 2^18 columns of n-grams. */
export const TOKEN_BITS = 18;
export const TOKEN_COLS = 2 ** TOKEN_BITS;
const MASK = TOKEN_COLS - 1;
const LETTERS = 4;

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
  const add = (hash: number) => {
    const column = (hash ^ (hash >>> 13)) & MASK;
    if (stamps[column] === stamp) return;
    stamps[column] = stamp;
    set.columns[set.count++] = column;
  };
  return {
    read(units) {
      const most = 4 * units.count + 2 * units.text.length;
      if (most > set.columns.length) set = { columns: new Int32Array(2 * most), count: 0 };
      if (stamp === 0x7fffffff) stamps.fill((stamp = 0));
      stamp++;
      set.count = 0;
      gather(units, add);
      return set;
    },
  };
}

function gather({ count, kinds, hashes, starts, ends, text }: Units, add: (hash: number) => void): void {
  let last = 0x2545f491;
  let before = 0x2545f491;
  for (let i = 0; i < count; i++) {
    const kind = kinds[i]!;
    // A line's end and quotes are form, not wording: they do not part the words around them.
    if (kind === UNIT.line || isQuote(kind, text.charCodeAt(starts[i]!))) continue;
    const hash = hashes[i]!;
    add(mix(hash, 1));
    add(mix(mix(last, hash), 2));
    add(mix(mix(mix(before, last), hash), 3));
    before = last;
    last = hash;
    if (kind === UNIT.word) lettersOf(text, starts[i]!, ends[i]!, add);
  }
}

function isQuote(kind: number, code: number): boolean {
  return kind === UNIT.mark && (code === 34 || code === 39 || code === 92);
}

/** Four letters in a row; the word's ends count as one. Shorter words are their own n-gram already. */
function lettersOf(text: string, start: number, end: number, add: (hash: number) => void): void {
  if (end - start < LETTERS) return;
  add(hashOf(text, start, start + LETTERS - 1, 101));
  for (let i = start; i + LETTERS <= end; i++) add(hashOf(text, i, i + LETTERS, 103));
  add(hashOf(text, end - LETTERS + 1, end, 107));
}
