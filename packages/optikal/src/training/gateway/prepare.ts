/**
 * Texts cut into segments and turned into rows once, for all fits and verdicts that follow. Recorded pages repeat: equal rows are kept once.
 * Beside the texts stand made-up ones over their clean pages; a fit takes those whose page is among its own.
 */
import type { Span } from '../../content/injection/contract.ts';
import { FEATURE_COUNT } from '../../content/injection/features.ts';
import { type HeadName, headOf } from '../../content/injection/model.ts';
import { createTextReader, type SegmentRow } from '../../content/injection/rows.ts';
import { made } from './made.ts';
import type { LabelledText, PreparedTexts } from './texts.ts';

/** What a segment says of a text's label. */
export const PART = { clean: 0, injected: 1, unknown: 2 } as const;

export interface PrepareOptions {
  /** Of the made-up texts. Default `gateway`. */
  readonly seed?: string;
  /** Made-up attacks. Default 6,000; 0 to 1,000,000. */
  readonly attackCount?: number;
  /** Made-up harmless texts. Default 4,000; 0 to 1,000,000. */
  readonly benignCount?: number;
}

/** Segments of some texts. */
export interface TextSegments {
  readonly texts: readonly LabelledText[];
  /** Segments of text t: `firsts[t] … firsts[t + 1] − 1`. */
  readonly firsts: Int32Array;
  /** Row of each segment. */
  readonly rowOf: Int32Array;
  /** One of `PART` a segment. */
  readonly parts: Uint8Array;
  /** UTF-16 positions in the text. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export interface GatewayRows extends PreparedTexts, TextSegments {
  readonly texts: readonly LabelledText[];
  /** Distinct rows, of `made` too. */
  readonly rows: readonly GatewayRow[];
  /** Made-up texts: of attacks the injected segments only. */
  readonly made: TextSegments;
}

export interface GatewayRow {
  readonly columns: Int32Array;
  readonly features: Float32Array;
  readonly head: HeadName;
}

/**
 * What is left of attacks in recordings that are called clean, since their goal was cut out or an agent quoted them: neither an attack nor an
 * example of a harmless text. A label, never a feature.
 */
const REMAINS = /<\/?INFORMATION>|solve the task that|I gave you in the beginning|important message from me|previous instructions\. Do/i;
/** Of the segment or of the block: less is only touched. */
const LEAST_SHARE = 0.4;

export function prepareTexts(texts: readonly LabelledText[], options: PrepareOptions = {}): GatewayRows {
  const { seed = 'gateway', attackCount = 6000, benignCount = 4000 } = options;
  const reader = createTextReader({ remember: true });
  const rows: GatewayRow[] = [];
  const known = new Map<string, number>();
  const segmentsOf = (given: readonly LabelledText[], wanted: (part: number) => boolean): TextSegments => {
    const firsts = new Int32Array(given.length + 1);
    const rowOf: number[] = [];
    const parts: number[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    given.forEach((text, t) => {
      const head = headOf(text.context.direction);
      for (const segment of reader.read(text.text, text.context, (span) => wanted(partOf(text, span)))) {
        const key = keyOf(segment, head);
        let row = known.get(key);
        if (row === undefined) {
          row = rows.length;
          known.set(key, row);
          rows.push({ columns: segment.columns, features: segment.features, head });
        }
        rowOf.push(row);
        parts.push(partOf(text, segment.span));
        starts.push(segment.span.start);
        ends.push(segment.span.end);
      }
      firsts[t + 1] = rowOf.length;
    });
    return {
      texts: given,
      firsts,
      rowOf: Int32Array.from(rowOf),
      parts: Uint8Array.from(parts),
      starts: Int32Array.from(starts),
      ends: Int32Array.from(ends),
    };
  };
  const own = segmentsOf(texts, () => true);
  return { ...own, made: segmentsOf(made(texts, { seed, attackCount, benignCount }), (part) => part !== PART.unknown), rows };
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
 * beyond the block; where the block is not known, nothing is. What a user typed to attack is an attack as a whole.
 */
function partOf({ text, label, context, injected }: LabelledText, { start, end }: Span): number {
  if (injected.length === 0) {
    if (label === 1) return context.direction === 'input' ? PART.injected : PART.unknown;
    return REMAINS.test(text.slice(start, end)) ? PART.unknown : PART.clean;
  }
  for (const block of injected) {
    const shared = Math.min(end, block.end) - Math.max(start, block.start);
    if (shared >= LEAST_SHARE * Math.min(end - start, block.end - block.start)) return label === 1 ? PART.injected : PART.unknown;
  }
  return PART.unknown;
}
