/**
 * A text into segments of all its readings. Lengths suit the injection detector: a line of a few words to a few sentences; what is longer is
 * cut, what is shorter joined. Pure; time, memory and the number of segments are linear in the text.
 */
import { type Normalised, normalise, originalSpan, type Reading } from '../normalise/index.ts';
import type { Segment, SegmentedText } from './contract.ts';
import { stretchesOf } from './cut.ts';

/** Of longer texts all sizes grow with the length, so that the number of segments stays bounded (some 40,000). */
const FULL_SIZE_CHARS = 1_000_000;

/** Normalises the text and cuts every reading. */
export function segmentText(text: string): SegmentedText {
  return segmentsOf(normalise(text));
}

export function segmentsOf({ readings, counts }: Normalised): SegmentedText {
  const segments: Segment[] = [];
  for (const reading of readings) cutReading(reading, segments);
  return { segments, counts };
}

function cutReading(reading: Reading, segments: Segment[]): void {
  const { text, chain } = reading;
  for (const stretch of stretchesOf(text, reading.regions, Math.max(1, text.length / FULL_SIZE_CHARS))) {
    const { region, joined } = stretch;
    let { start, end } = stretch;
    while (start < end && isSpace(text.charCodeAt(start))) start++;
    while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
    if (start === end) continue;
    segments.push({
      ...originalSpan(reading, start, end),
      text: text.slice(start, end),
      origin: region?.kind ?? chain.at(-1) ?? 'text',
      chain,
      joined,
      index: segments.length,
    });
  }
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a;
}
