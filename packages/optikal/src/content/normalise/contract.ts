/**
 * What normalising a text gives. A text has one plain reading (itself, with disguises folded and escapes undone) and a further reading for
 * each part that says something else when it is decoded. Offsets in a reading's text lead back to UTF-16 positions of the original.
 */
import type { Span } from '../injection/contract.ts';

/**
 * How a further reading was written; the plain reading has none. Codes: in tag characters, in variation selectors, base64, hex or binary digits.
 * Disguises: rot13, backwards, digits for letters, accents on letters, slips of the hand, words broken by markup, letters apart or words run together.
 */
export const ENCODINGS = [
  'tags',
  'selectors',
  'base64',
  'hex',
  'binary',
  'rot13',
  'reversed',
  'leet',
  'accents',
  'typos',
  'broken',
  'spaced',
] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** What a reader of the rendered page does not see, or hardly sees. */
export const REGION_KINDS = ['comment', 'script', 'hidden', 'attribute'] as const;
export type RegionKind = (typeof REGION_KINDS)[number];

/** Offsets in the text of its reading. */
export interface Region extends Span {
  readonly kind: RegionKind;
}

/** A text whose characters know where they came from. */
export interface Mapped {
  readonly text: string;
  /**
   * Original position of each UTF-16 unit, and of the end: `text.length + 1` numbers, ascending. null = every unit is where it was.
   * A unit that stands for several original ones has the position of the first.
   */
  readonly starts: Int32Array | null;
}

export interface Reading extends Mapped {
  /** Outermost first: `['base64', 'rot13']` is base64 of rot13. Empty = the plain reading. */
  readonly chain: readonly Encoding[];
  /** The part of the original that was read. */
  readonly span: Span;
  /** Ascending, apart from one another. */
  readonly regions: readonly Region[];
}

/** Characters of the text that were written in an unusual way; sums over all readings. Raw counts: divide by `chars` for shares. */
export interface TextCounts {
  /** UTF-16 units of the original. */
  readonly chars: number;
  /** Zero-width and control characters where no script or emoji needs them. */
  readonly invisible: number;
  /** Direction overrides, embeddings and isolates. */
  readonly bidi: number;
  /** Characters of the Unicode tag block, and variation selectors in a row. */
  readonly smuggled: number;
  /** Letters of another script that stood for a Latin one. */
  readonly homoglyphs: number;
  /** Full-width, mathematical, circled, small-capital and other styled characters. */
  readonly styled: number;
  /** Combining marks beyond those that make a letter. */
  readonly marks: number;
  /** HTML entities, `%41`, and `\u0041` or `\x41` that stood for printable ASCII: nobody needs to write these so. */
  readonly needlessEscapes: number;
  /** Entities, percent codes and backslash escapes of every kind. */
  readonly escapes: number;
  /** Units of all further readings as they were decoded, not yet normalised; at most 8 times `chars`. */
  readonly decoded: number;
}

export interface Normalised {
  /** The plain reading first; then the further ones, by where they begin. */
  readonly readings: readonly [Reading, ...Reading[]];
  readonly counts: TextCounts;
}

/** Of a part of a reading's text, where it is in the original. What was written backwards is only known as a whole. */
export function originalSpan({ text, starts }: Mapped, start: number, end: number): Span {
  if (starts === null) return { start, end };
  return { start: starts[start], end: starts[end] > starts[start] ? starts[end] : starts[text.length] };
}
