/**
 * How much of a page's wording the detector has met on clean pages. Where a page is like none that it learnt from, harmless wording rings more
 * often, so there it takes more to call something hostile: a thing of measure, bounded, since whoever attacks can write unfamiliar words too.
 */
import type { Span } from './contract.ts';
import { BLOCK_COLS } from './tokens.ts';

/** A set of columns of letters, one bit each. */
export const KNOWN_LENGTH = BLOCK_COLS / 32;
/** From this share of unknown letters on margins fall: clean pages of kinds that were learnt from have less, see docs/decisions/20261201-gateway-operating-point.md. */
const LEAST_UNKNOWN = 0.06;
/** From this share on they fall no further; on suites that were left out every third page has more. */
const MOST_UNKNOWN = 0.1;
/** By so much in all. */
const MOST_TAKEN = 3;
/** Letters that count as known beside those of a page: of a few words nothing can be said. */
const PRIOR = 50;
/** Beside fewer columns the suspicious segment itself is all that there is to go by. */
const LEAST_COLUMNS = 20;

export interface PlacedRow {
  readonly span: Span;
  readonly columns: Int32Array;
}

/** What the letters of some clean rows are. */
export function knownLetters(rows: Iterable<{ readonly columns: Int32Array }>): Int32Array {
  const known = new Int32Array(KNOWN_LENGTH);
  for (const { columns } of rows)
    for (let i = 0; i < columns.length; i++) {
      const letter = columns[i]! - BLOCK_COLS;
      if (letter >= 0) known[letter >> 5]! |= 1 << (letter & 31);
    }
  return known;
}

/** What is taken from the margins of a page. */
export interface Caution {
  /** Of a page of these rows, of which `top` is the most suspicious: 0 where the other wording is known, up to 3. */
  of(rows: readonly PlacedRow[], top: PlacedRow): number;
}

/** `known`: of `knownLetters`; empty = pages are not compared, and nothing is taken. Holds a table, so that reading allocates nothing. */
export function cautionOf(known: Int32Array): Caution {
  const stamps = new Int32Array(known.length === 0 ? 0 : BLOCK_COLS);
  let stamp = 0;
  const unknownShare = (rows: readonly PlacedRow[], apart: Span | null) => {
    stamp = stamp === 0x7fffffff ? 1 : stamp + 1;
    if (stamp === 1) stamps.fill(0);
    let [all, unknown] = [0, 0];
    for (const { span, columns } of rows) {
      if (apart !== null && span.start < apart.end && span.end > apart.start) continue;
      for (let i = 0; i < columns.length; i++) {
        const letter = columns[i]! - BLOCK_COLS;
        if (letter < 0 || stamps[letter] === stamp) continue;
        stamps[letter] = stamp;
        all++;
        if ((known[letter >> 5]! & (1 << (letter & 31))) === 0) unknown++;
      }
    }
    return { all, unknown };
  };
  return {
    of(rows, top) {
      if (known.length === 0) return 0;
      const beside = unknownShare(rows, top.span);
      const { all, unknown } = beside.all < LEAST_COLUMNS ? unknownShare(rows, null) : beside;
      const share = Math.min(MOST_UNKNOWN, unknown / (all + PRIOR));
      return (MOST_TAKEN * Math.max(0, share - LEAST_UNKNOWN)) / (MOST_UNKNOWN - LEAST_UNKNOWN);
    },
  };
}
