/**
 * A text as its reader would understand it, and what else it says when parts of it are decoded. Pure; time and memory are linear in the text.
 */
import type { Encoding, Mapped, Normalised, Reading } from './contract.ts';
import { type Counts, fold } from './fold.ts';
import { foldHomoglyphs } from './homoglyphs.ts';
import { regionsOf } from './regions.ts';
import { evenSpaces } from './spaces.ts';

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
  const plain = read({ text, starts: null }, [], counts);
  return { readings: [plain], counts };
}

function read(source: Mapped, chain: readonly Encoding[], counts: Counts): Reading {
  const folded = fold(source, counts);
  let mapped = folded.mapped;
  if (folded.lookalikes) {
    const homoglyphs = foldHomoglyphs(mapped);
    counts.homoglyphs += homoglyphs.folded;
    mapped = homoglyphs.mapped;
  }
  mapped = evenSpaces(mapped);
  const span =
    source.starts === null ? { start: 0, end: source.text.length } : { start: source.starts[0], end: source.starts[source.text.length] };
  return { ...mapped, chain, span, regions: regionsOf(mapped.text) };
}
