/**
 * Words that are not written in one piece: letters apart (`i g n o r e`), words run together (`IgnoreAllPrevious`), words broken by markup
 * (`ig<b></b>nore`). Read before white space is evened, since a wider gap is all that parts the words of spaced letters. Linear.
 */
import { Clusters } from './clusters.ts';
import type { Decoded } from './codes.ts';
import type { Mapped } from './contract.ts';
import { hashUnit, KNOWN, knownByHash } from './lexicon.ts';
import { Sink } from './sink.ts';

/** Single letters in a row that are no accident. */
const MIN_APART = 6;
const MAX_GAP = 8;
const SEPARATORS = ' \t.*_~|-/,';
/** Letters of words in one piece, the share of them in known words, and the blanks that must come in for it to be another reading. */
const MIN_RUN = 12;
const MIN_KNOWN = 0.6;
const MIN_PARTED = 3;
const MAX_WORD = 14;
/** Longer than nearly all words and names. */
const LONG_RUN = /[A-Za-z]{18,400}/g;
/** Units beside words in one piece that are read with them. */
const AROUND = 400;
const BREAKS =
  /(?<=[A-Za-z])(?:<!--[^<>]{0,40}-->|<\/?(?:b|i|u|em|strong|span|font|s|sub|sup|wbr|small|mark|code|tt|big|ins|del)(?:\s[^<>]{0,80})?>)+(?=[A-Za-z])/g;

export function respaced(source: Mapped): Decoded[] {
  return [...lettersApart(source), ...runTogether(source), ...brokenWords(source)];
}

function lettersApart(source: Mapped): Decoded[] {
  const { text } = source;
  const found: Decoded[] = [];
  let i = 0;
  while (i < text.length) {
    if (!isAlone(text, i)) {
      i++;
      continue;
    }
    const sink = new Sink(32);
    const separator = text[i + 1]!;
    let [last, letters] = [i, 1];
    sink.push(text.charCodeAt(i), positionOf(source, i));
    for (;;) {
      let next = last + 1;
      while (next <= last + MAX_GAP && (text[next] === separator || isSpace(text.charCodeAt(next)))) next++;
      if (next === last + 1 || next >= text.length || isSpace(text.charCodeAt(next)) || !endsAlone(text, next)) break;
      if (next > last + 2 || text[last + 1] !== separator) sink.push(0x20, positionOf(source, last + 1));
      sink.push(text.charCodeAt(next), positionOf(source, next));
      if (isLetter(text.charCodeAt(next))) letters++;
      last = next;
    }
    if (letters >= MIN_APART && letters * 2 > sink.length)
      found.push({ encoding: 'spaced', mapped: parted(sink.mapped(positionOf(source, last + 1))) });
    i = last + 1;
  }
  return found;
}

function runTogether(source: Mapped): Decoded[] {
  const { text } = source;
  const found: Decoded[] = [];
  let done = 0;
  for (const match of text.matchAll(LONG_RUN)) {
    if (match.index < done || cutsOf(text, match.index, match.index + match[0].length).length < MIN_PARTED) continue;
    let [start, end] = [match.index, match.index + match[0].length];
    const [least, most] = [Math.max(done, start - AROUND), end + AROUND];
    while (start > least && !isSpace(text.charCodeAt(start - 1))) start--;
    while (end < text.length && end < most && !isSpace(text.charCodeAt(end))) end++;
    const starts = Int32Array.from({ length: end - start + 1 }, (_, k) => positionOf(source, start + k));
    found.push({ encoding: 'spaced', mapped: parted({ text: text.slice(start, end), starts }) });
    done = end;
  }
  return found;
}

/** Blanks between the words of each long run of letters that is mostly known words. */
function parted(source: Mapped): Mapped {
  const { text } = source;
  const sink = new Sink(text.length + 16);
  let i = 0;
  while (i < text.length) {
    let end = i;
    while (end < text.length && isLetter(text.charCodeAt(end))) end++;
    const cuts = end - i >= MIN_RUN ? cutsOf(text, i, end) : [];
    for (let next = 0; i < end; i++) {
      if (cuts[next] === i) {
        sink.push(0x20, positionOf(source, i));
        next++;
      }
      sink.push(text.charCodeAt(i), positionOf(source, i));
    }
    if (i < text.length) sink.push(text.charCodeAt(i), positionOf(source, i));
    i++;
  }
  return sink.mapped(positionOf(source, text.length));
}

/** Where words begin within a run of letters; none where too little of it is known. */
function cutsOf(text: string, start: number, end: number): number[] {
  const cuts: number[] = [];
  let [known, i, behindWord] = [0, start, false];
  while (i < end) {
    const length = knownLength(text, i);
    if (i > start && (isHump(text, i) || length > 0 || behindWord)) cuts.push(i);
    behindWord = length > 0;
    known += length;
    i += Math.max(1, length);
  }
  return known >= MIN_KNOWN * (end - start) ? cuts : [];
}

/** Of the longest known word of at least three letters that begins here; 0 = there is none. */
function knownLength(text: string, start: number): number {
  let [hash, longest] = [0, 0];
  for (let i = start; i < text.length && i < start + MAX_WORD && isLetter(text.charCodeAt(i)); i++) {
    if (i > start && isHump(text, i)) break;
    hash = hashUnit(hash, text.charCodeAt(i) | 0x20);
    if (i - start >= 2 && (knownByHash(hash) & KNOWN.plain) !== 0) longest = i - start + 1;
  }
  return longest;
}

function brokenWords(source: Mapped): Decoded[] {
  const { text } = source;
  if (!text.includes('<')) return [];
  const breaks = [...text.matchAll(BREAKS)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
  const clusters = new Clusters(text, 2);
  for (const { start, end } of breaks) clusters.add(start, end);
  let next = 0;
  return clusters.done().map(({ start, end }) => {
    const sink = new Sink(end - start);
    for (let i = start; i < end; i++) {
      while (next < breaks.length && breaks[next]!.end <= i) next++;
      if (next < breaks.length && i >= breaks[next]!.start) i = breaks[next]!.end - 1;
      else sink.push(text.charCodeAt(i), positionOf(source, i));
    }
    return { encoding: 'broken', mapped: sink.mapped(positionOf(source, end)) };
  });
}

function positionOf({ starts }: Mapped, i: number): number {
  return starts === null ? i : starts[i];
}

/** A capital behind a small letter. */
function isHump(text: string, i: number): boolean {
  return isUpper(text.charCodeAt(i)) && isLower(text.charCodeAt(i - 1));
}

/** A letter, then a separator, then one sign again. */
function isAlone(text: string, i: number): boolean {
  if (
    !isLetter(text.charCodeAt(i)) ||
    isLetter(text.charCodeAt(i + 1)) ||
    !SEPARATORS.includes(text[i + 1] ?? 'x') ||
    !endsAlone(text, i + 2)
  )
    return false;
  return i === 0 || !isLetter(text.charCodeAt(i - 1));
}

/** One sign that no letter or digit follows. */
function endsAlone(text: string, i: number): boolean {
  const behind = text.charCodeAt(i + 1);
  return !isLetter(behind) && !(behind >= 0x30 && behind <= 0x39);
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x09;
}

function isLower(unit: number): boolean {
  return unit >= 0x61 && unit <= 0x7a;
}

function isUpper(unit: number): boolean {
  return unit >= 0x41 && unit <= 0x5a;
}

/** Also letters beyond ASCII, roughly. */
function isLetter(unit: number): boolean {
  return isLower(unit) || isUpper(unit) || (unit >= 0xc0 && unit < 0x2000);
}
