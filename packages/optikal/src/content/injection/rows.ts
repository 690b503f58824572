/** A text read for the model: its segments, the columns of each and its features. Fits and verdicts read texts in this one way. */
import { type Chunk, chunksOf } from './chunks.ts';
import type { TextContext } from './contract.ts';
import { FEATURE_COUNT, writeFeatures } from './features.ts';
import { pageOf, requestKeysOf } from './page.ts';
import { createTokenReader, TOKEN_COLS } from './tokens.ts';
import { unitsOf } from './units.ts';

/** Columns of a row: n-grams, then features. */
export const ROW_COLS = TOKEN_COLS + FEATURE_COUNT;

export interface SegmentRow {
  readonly chunk: Chunk;
  /** Distinct columns of n-grams, in order of first occurrence; each has the value 1/√n. */
  readonly columns: Int32Array;
  readonly features: Float32Array;
}

export interface TextReader {
  /** One row a segment, in the order of the text. */
  read(text: string, context: TextContext): SegmentRow[];
}

export function createTextReader(): TextReader {
  const tokens = createTokenReader();
  return {
    read(text, { request }) {
      const chunks = chunksOf(text);
      const units = chunks.map((chunk) => unitsOf(chunk.text));
      const page = pageOf(units, requestKeysOf(request, unitsOf));
      return chunks.map((chunk, c) => {
        const set = tokens.read(units[c]!);
        const features = new Float32Array(FEATURE_COUNT);
        writeFeatures(units[c]!, page, { hidden: chunk.hidden, first: c === 0, last: c === chunks.length - 1 }, features);
        return { chunk, columns: set.columns.slice(0, set.count), features };
      });
    },
  };
}
