/** What cutting a text into segments gives: short stretches at natural borders, small enough that one hostile line is not diluted. */
import type { Span } from '../injection/contract.ts';
import type { Encoding, RegionKind, TextCounts } from '../normalise/contract.ts';

/** Where a segment was found: the text as it is, a part of the markup that is not shown, or the innermost encoding of its reading. */
export type Origin = 'text' | RegionKind | Encoding;

/** `start` and `end` are positions in the original. */
export interface Segment extends Span {
  /** Normalised. */
  readonly text: string;
  readonly origin: Origin;
  /** Encodings, outermost first; empty in the plain reading. */
  readonly chain: readonly Encoding[];
  /**
   * false: one stretch between natural borders; these do not overlap within a reading and cover it. true: neighbouring short stretches seen
   * together, beside being seen alone.
   */
  readonly joined: boolean;
  /** Position among the segments of the text. */
  readonly index: number;
}

export interface SegmentedText {
  readonly segments: readonly Segment[];
  readonly counts: TextCounts;
}
