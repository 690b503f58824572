/**
 * Where numbers are. A text is mostly words, and a dozen patterns that each look at every character cost more than one look for the places
 * that could hold any of them.
 */
import type { Span } from '../injection/contract.ts';

/** All that numbers, their separators and the capitals of ids are written with: 1, and digits 2. */
const CLASSES = new Uint8Array(128);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ ./()+-') CLASSES[char.charCodeAt(0)] = 1;
for (const char of '0123456789') CLASSES[char.charCodeAt(0)] = 2;
/** The shortest things that are looked for have this many digits. */
const MIN_DIGITS = 6;
/** What the patterns look at before and after what they find. */
const [MARGIN_BEFORE, MARGIN_AFTER] = [1, 2];

/** In order of the text, none overlapping by more than the margins. */
export function numberRegions(text: string): Span[] {
  const regions: Span[] = [];
  let start = 0;
  let digits = 0;
  for (let i = 0; i <= text.length; i++) {
    const kind = i < text.length ? (CLASSES[text.charCodeAt(i)] ?? 0) : 0;
    if (kind === 2) digits++;
    if (kind !== 0) continue;
    if (digits >= MIN_DIGITS) regions.push({ start: Math.max(0, start - MARGIN_BEFORE), end: Math.min(text.length, i + MARGIN_AFTER) });
    start = i + 1;
    digits = 0;
  }
  return regions;
}

export interface Matched extends Span {
  readonly match: RegExpExecArray;
}

/** Matches of a global pattern within a region, with their places in the text. Not `matchAll`: it makes a pattern anew each time. */
export function matchesIn(text: string, region: Span, pattern: RegExp): Matched[] {
  const found: Matched[] = [];
  const part = text.slice(region.start, region.end);
  pattern.lastIndex = 0;
  for (let match = pattern.exec(part); match !== null; match = pattern.exec(part)) {
    const start = region.start + match.index;
    found.push({ match, start, end: start + match[0].length });
  }
  return found;
}
