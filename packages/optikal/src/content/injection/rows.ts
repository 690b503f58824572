/** A text read for the model: its segments, the columns of each and its features. Fits and verdicts read texts in this one way. */
import type { TextCounts } from '../normalise/index.ts';
import { type Segment, segmentText } from '../segment/index.ts';
import type { Span, TextContext } from './contract.ts';
import { FEATURE_COUNT, writeFeatures } from './features.ts';
import { pageOf, type RequestKeys, requestKeysOf } from './page.ts';
import { createTokenReader, TOKEN_COLS } from './tokens.ts';
import { UNIT, type Units, unitsOf } from './units.ts';

/** Columns of a row: n-grams, then features. */
export const ROW_COLS = TOKEN_COLS + FEATURE_COUNT;

/**
 * What each n-gram of a segment counts: 1/√(n + 50). Long segments are not louder than short ones, and a segment of two words does not rest on
 * two weights alone.
 */
export function tokenValue(count: number): number {
  return 1 / Math.sqrt(count + 50);
}

export interface SegmentRow {
  readonly span: Span;
  /** Distinct columns of n-grams, in order of first occurrence, each with `tokenValue`. */
  readonly columns: Int32Array;
  readonly features: Float32Array;
}

export interface TextReader {
  /** One row for each segment that is wanted (default: all), in the order of the segments; segments that say nothing have none. */
  read(text: string, context: TextContext, wanted?: (span: Span) => boolean): SegmentRow[];
}

/** Letters of a lone word that may be a sentence, in a script without blanks. */
const LEAST_LETTERS = 4;
const UNSEEN = new Set<string>(['comment', 'script', 'hidden', 'attribute']);
/** One character in so many was written in an unusual way: as disguised as can be. */
const DISGUISED = 20;

/** `remember`: keeps what was read of each segment, for many texts that repeat one another; a reader without it holds its tables only. */
export function createTextReader({ remember = false } = {}): TextReader {
  const tokens = createTokenReader();
  const unitsKnown = new Map<string, Units>();
  const columnsKnown = new Map<string, Int32Array>();
  const readUnits = (text: string): Units => {
    const units = unitsKnown.get(text) ?? unitsOf(text);
    if (remember) unitsKnown.set(text, units);
    return units;
  };
  const readColumns = (text: string, units: Units): Int32Array => {
    const seen = columnsKnown.get(text);
    if (seen !== undefined) return seen;
    const set = tokens.read(units);
    const columns = set.columns.slice(0, set.count);
    if (remember) columnsKnown.set(text, columns);
    return columns;
  };
  let request: string | null = null;
  let keys: RequestKeys | null = null;
  return {
    read(text, context, wanted = () => true) {
      if (context.request !== request) keys = requestKeysOf(context.request, unitsOf);
      request = context.request;
      const { segments, counts } = segmentText(text);
      const parts = segments.map((segment) => partOf(segment, readUnits(segment.text))).filter(({ units }) => saysSomething(units));
      const page = pageOf(parts, keys, disguisedOf(counts));
      return parts.filter(wanted).map((part) => {
        const features = new Float32Array(FEATURE_COUNT);
        writeFeatures(part, page, features);
        const { start, end } = part;
        return { span: { start, end }, columns: readColumns(part.text, part.units), features };
      });
    },
  };
}

/** One word, an address or a number asks for nothing. */
function saysSomething({ count, kinds, foreign }: Units): boolean {
  let words = 0;
  for (let i = 0; i < count; i++) if (kinds[i] === UNIT.word) words++;
  return words >= 2 || (words === 1 && foreign >= LEAST_LETTERS);
}

function partOf({ text, start, end, joined, origin, chain }: Segment, units: Units) {
  return { text, units, start, end, joined, hidden: UNSEEN.has(origin), decoded: chain.length > 0 };
}

function disguisedOf({ chars, invisible, bidi, smuggled, homoglyphs, styled, marks, needlessEscapes }: TextCounts): number {
  const unusual = invisible + bidi + smuggled + homoglyphs + styled + marks + needlessEscapes;
  return Math.min(1, (DISGUISED * unusual) / Math.max(1, chars));
}
