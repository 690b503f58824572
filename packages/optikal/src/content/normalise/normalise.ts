/**
 * A text as its reader would understand it, and what else it says when parts of it are decoded. Codes (base64 and the like) are read within one
 * another down to a depth, each shorter than what it was written in; a disguise of words is undone once, at the end of a chain. All further
 * readings together are a few times as long as the text at most, whatever it holds, and the time is linear in it.
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

/** Units of further readings for each unit of the text; no text that has been thought of comes near. */
const MAX_GROWTH = 8;
/** Codes within codes, and escapes behind look-alikes. */
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
  const found: Reading[] = [];
  const plain = read({ text, starts: null }, [], counts, found);
  const further = found.slice(1).sort((a, b) => a.span.start - b.span.start); // stable: the outer one comes first
  return { readings: [plain, ...further], counts };
}

/** What the text says; that, and what else its parts say, is appended to `found`. */
function read(source: Mapped, chain: readonly Encoding[], counts: Counts, found: Reading[]): Reading {
  const { mapped, smuggled } = foldAll(source, counts);
  const even = evenSpaces(mapped);
  const reading = readingOf(even, chain, source);
  found.push(reading);
  const fits = ({ mapped: { text } }: Decoded) => {
    if (counts.decoded + text.length > MAX_GROWTH * counts.chars) return false;
    counts.decoded += text.length;
    return true;
  };
  for (const { encoding, mapped: part } of [...respaced(mapped), ...undisguised(even)].filter(fits))
    found.push(readingOf(evenSpaces(part), [...chain, encoding], part));
  if (chain.length < MAX_DEPTH)
    for (const { encoding, mapped: part } of [...smuggled, ...decodedRuns(even)].filter(fits))
      read(part, [...chain, encoding], counts, found);
  return reading;
}

/** Characters, then look-alikes; these may have hidden an escape (`%4а` with a Cyrillic letter), so characters once more. */
function foldAll(source: Mapped, counts: Counts): { mapped: Mapped; smuggled: Decoded[] } {
  const smuggled: Decoded[] = [];
  let mapped = source;
  for (let round = 0; round < MAX_DEPTH; round++) {
    const folded = fold(mapped, counts);
    smuggled.push(...smuggledTexts(folded));
    mapped = folded.mapped;
    if (!folded.lookalikes) break;
    const homoglyphs = foldHomoglyphs(mapped);
    counts.homoglyphs += homoglyphs.folded;
    mapped = homoglyphs.mapped;
    if (homoglyphs.folded === 0 || !/[&%\\]/.test(mapped.text)) break;
  }
  return { mapped, smuggled };
}

function readingOf(mapped: Mapped, chain: readonly Encoding[], source: Mapped): Reading {
  const { text, starts } = source;
  const span = starts === null ? { start: 0, end: text.length } : { start: starts[0], end: starts[text.length] };
  return { ...mapped, chain, span, regions: regionsOf(mapped.text) };
}
