/**
 * What the finders of a text say. Nothing of the text is in it: what it is, how sure that is, and where. Offsets are UTF-16 positions in the
 * text as it was given.
 */
import type { Span } from '../injection/contract.ts';

export interface Found extends Span {
  /** What it is, within its family: `github`, `email`. [a-z0-9_-]. */
  readonly what: string;
  /** How sure this is one, 0–1. */
  readonly score: number;
}

/** In order of the text; where two overlap the surer one, then the longer one: a card number is not a phone number as well. */
export function withoutOverlaps(found: readonly Found[]): Found[] {
  const kept: Found[] = [];
  for (const one of [...found].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1);
    if (last === undefined || one.start >= last.end) kept.push(one);
    else if (one.score > last.score || (one.score === last.score && one.end - one.start > last.end - last.start))
      kept[kept.length - 1] = one;
  }
  return kept;
}
