/**
 * Texts cut into segments and turned into rows once, for all fits and verdicts that follow. Recorded pages repeat: equal rows are kept once,
 * and texts that agree in every word once more cheaply.
 */
import type { Span } from '../../content/injection/contract.ts';
import { FEATURE_COUNT } from '../../content/injection/features.ts';
import { type HeadName, headOf } from '../../content/injection/model.ts';
import { createTextReader, type SegmentRow } from '../../content/injection/rows.ts';
import type { LabelledText, PreparedTexts } from './texts.ts';

/** What a segment says of a text's label. */
export const PART = { clean: 0, injected: 1, unknown: 2 } as const;

export interface GatewayRows extends PreparedTexts {
  readonly texts: readonly LabelledText[];
  /** Distinct rows. */
  readonly rows: readonly GatewayRow[];
  /** Segments of text t: `firsts[t] … firsts[t + 1] − 1`. */
  readonly firsts: Int32Array;
  /** Row of each segment. */
  readonly rowOf: Int32Array;
  /** One of `PART` a segment. */
  readonly parts: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export interface GatewayRow {
  readonly columns: Int32Array;
  readonly features: Float32Array;
  readonly head: HeadName;
}

/** Of the segment or of the block: less is only touched. */
const LEAST_SHARE = 0.4;

export function prepareTexts(texts: readonly LabelledText[]): GatewayRows {
  const reader = createTextReader();
  const rows: GatewayRow[] = [];
  const known = new Map<string, number>();
  const firsts = new Int32Array(texts.length + 1);
  const rowOf: number[] = [];
  const parts: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  texts.forEach((text, t) => {
    const head = headOf(text.context.direction);
    const segments = reader.read(text.text, text.context);
    segments.forEach((segment) => {
      const key = keyOf(segment, head);
      let row = known.get(key);
      if (row === undefined) {
        row = rows.length;
        known.set(key, row);
        rows.push({ columns: segment.columns, features: segment.features, head });
      }
      rowOf.push(row);
      parts.push(partOf(text, segment.chunk, segments.length));
      starts.push(segment.chunk.start);
      ends.push(segment.chunk.end);
    });
    firsts[t + 1] = rowOf.length;
  });
  return {
    texts,
    rows,
    firsts,
    rowOf: Int32Array.from(rowOf),
    parts: Uint8Array.from(parts),
    starts: Int32Array.from(starts),
    ends: Int32Array.from(ends),
  };
}

/** Two 32-bit hashes of columns and features: rows that agree in 64 bits are taken to be equal. */
function keyOf({ columns, features }: SegmentRow, head: HeadName): string {
  let a = columns.length;
  let b = head.length;
  for (let i = 0; i < columns.length; i++) {
    a = Math.imul(a ^ columns[i]!, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul(b ^ columns[i]!, 0x85ebca6b);
    b ^= b >>> 13;
  }
  for (let f = 0; f < FEATURE_COUNT; f++) {
    const value = Math.round(16 * features[f]!) + 1;
    a = Math.imul(a ^ value, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul(b ^ value, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return `${a}:${b}`;
}

/**
 * A segment that meets an injected block is injected; the rest of a page with one is not known to be clean, since attackers prepare pages
 * beyond the block. An attack without a known block is one as a whole.
 */
function partOf({ label, injected }: LabelledText, { start, end }: Span, segmentCount: number): number {
  if (injected.length === 0) return label === 0 ? PART.clean : segmentCount === 1 ? PART.injected : PART.unknown;
  for (const block of injected) {
    const shared = Math.min(end, block.end) - Math.max(start, block.start);
    if (shared >= LEAST_SHARE * Math.min(end - start, block.end - block.start)) return label === 1 ? PART.injected : PART.unknown;
  }
  return PART.unknown;
}
