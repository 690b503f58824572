/**
 * A text as its reader would understand it, and what else it says when parts of it are decoded. Codes (base64 and the like) are read within one
 * another down to a depth, each shorter than what it was written in; a disguise of words is undone once, at the end of a chain. So a text of n
 * units has readings of at most 14 n, whatever it holds, and the time is linear in it.
 */
import { type Decoded, decodedRuns } from './codes.ts';
import type { Encoding, Mapped, Normalised, Reading } from './contract.ts';
import { undisguised } from './disguises.ts';
import { type Counts, fold } from './fold.ts';
import { foldHomoglyphs } from './homoglyphs.ts';
import { regionsOf } from './regions.ts';
import { smuggledTexts } from './smuggled.ts';
import { evenSpaces } from './spaces.ts';
import { respaced } from './spacing.ts';

/** Codes within codes. */
const MAX_DEPTH = 3;

export function normalise(text: string): Normalised {
  const counts: Counts = {
    chars: text.length,
    invisible: 0,
    bidi: 0,
    smuggled: 0,
    homoglyphs: 0,
    styled: 0,
    marks: 0,
    needlessEscapes: 0,
    escapes: 0,
    decoded: 0,
  };
  const further: Reading[] = [];
  const plain = read({ text, starts: null }, [], counts, further);
  further.sort((a, b) => a.span.start - b.span.start); // stable: what was found first comes first
  return { readings: [plain, ...further], counts };
}

/** What the text says; what else its parts say goes to `further`. */
function read(source: Mapped, chain: readonly Encoding[], counts: Counts, further: Reading[]): Reading {
  const folded = fold(source, counts);
  let mapped = folded.mapped;
  if (folded.lookalikes) {
    const homoglyphs = foldHomoglyphs(mapped);
    counts.homoglyphs += homoglyphs.folded;
    mapped = homoglyphs.mapped;
  }
  const even = evenSpaces(mapped);
  const reading = readingOf(even, chain, source);
  const keep = ({ encoding, mapped: part }: Decoded) => {
    further.push(readingOf(evenSpaces(part), [...chain, encoding], part));
  };
  for (const part of respaced(mapped)) keep(part);
  for (const part of undisguised(even)) keep(part);
  if (chain.length < MAX_DEPTH)
    for (const { encoding, mapped: part } of [...smuggledTexts(folded), ...decodedRuns(even)]) {
      further.push(read(part, [...chain, encoding], counts, further));
    }
  if (chain.length === 0) counts.decoded = further.reduce((sum, { text }) => sum + text.length, 0);
  return reading;
}

function readingOf(mapped: Mapped, chain: readonly Encoding[], source: Mapped): Reading {
  const { text, starts } = source;
  const span = starts === null ? { start: 0, end: text.length } : { start: starts[0], end: starts[text.length] };
  return { ...mapped, chain, span, regions: regionsOf(mapped.text) };
}
