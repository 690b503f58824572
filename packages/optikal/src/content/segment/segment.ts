/**
 * A text into segments of all its readings. Lengths suit the injection detector: a line of a few words to a few sentences; what is longer is
 * cut, what is shorter joined. Pure; time, memory and the number of segments are linear in the text.
 */
import { type Normalised, normalise, originalSpan, type Reading } from '../normalise/index.ts';
import type { Segment, SegmentedText } from './contract.ts';
import { type Sizes, stretchesOf } from './cut.ts';

const SIZES: Sizes = { block: 200, joined: 360 };
/** Of longer texts all sizes grow with the length, so that the number of segments stays bounded (about 30,000). */
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
  const scale = Math.max(1, text.length / FULL_SIZE_CHARS);
  const sizes = { block: Math.round(SIZES.block * scale), joined: Math.round(SIZES.joined * scale) };
  for (const { start, end, region, joined } of stretchesOf(text, reading.regions, sizes)) {
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
