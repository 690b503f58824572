/**
 * A segment read once into units: words, names, destinations, numbers, marks. What differs from page to page and says nothing of intent
 * (addresses, numbers, paths, tags) keeps only its class, so that a model cannot learn the pages by heart. Every pattern is bounded: linear.
 */
import { meaningOf } from './lexicon.ts';

/** Classes of units; `word` keeps its letters, `mark` its character. An `element` is a tag of HTML, which says nothing; a `tag` any other. */
export const UNIT = { word: 0, mark: 1, line: 2, email: 3, url: 4, account: 5, path: 6, tag: 7, name: 8, number: 9, element: 10 } as const;

export interface Units {
  readonly count: number;
  readonly kinds: Uint8Array;
  /** 32-bit hash of a word's letters (lower case), of a mark's character, of the class for the rest. */
  readonly hashes: Int32Array;
  /** What a word may mean, as bits of `MEANING`; 0 for the rest. */
  readonly meanings: Int32Array;
  /** Where it begins in `text`, and where it ends. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Lower case. */
  readonly text: string;
  /** Capital letters of the segment. */
  readonly capitals: number;
  /** Letters outside Latin. */
  readonly foreign: number;
  readonly letters: number;
}

/** Groups: 1 e-mail, 2 URL, 3 tag, 4 path, 5 account, 6 name, 7 word, 8 number, 9 line, 10 mark. */
const PATTERN =
  /([a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8})|((?:https?:\/\/|www\.)[^\s"'`<>]{1,2048})|(<[/|!]?[a-z][^<>\n]{0,80}>)|((?:~|\.{1,2})?(?:\/[\w.-]{1,64}){2,32}\/?)|([a-z]{2}\d{8,40})|([a-z][a-z0-9]{0,40}(?:_[a-z0-9]{1,40}){1,8})|(\p{L}[\p{L}\p{M}'’]{0,39})|(\d[\d.,:/-]{0,39})|(\n+)|(\S)/giu;

const ELEMENTS = new Set(
  'a abbr address article aside audio b blockquote body br button canvas caption center cite code col colgroup dd details div dl doctype dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins label legend li link main mark meta nav noscript object ol optgroup option p param path picture pre q s script section select small source span strike strong style sub summary sup svg table tbody td textarea tfoot th thead time title tr tt u ul video wbr'.split(
    ' ',
  ),
);
/** `<input_file>` is not of HTML: its name ends at a blank, a slash or the end. */
const ELEMENT = /^<[/!]?([a-z0-9]+)[\s/>]/;

const MULTIPLIER = 0x9e3779b1;

/** One round of a multiplicative hash; `finish` spreads the bits. */
export function mix(hash: number, next: number): number {
  const mixed = Math.imul(hash ^ next, MULTIPLIER);
  return mixed ^ (mixed >>> 15);
}

export function hashOf(text: string, start = 0, end = text.length, seed = 17): number {
  let hash = seed;
  for (let i = start; i < end; i++) hash = mix(hash, text.charCodeAt(i));
  return hash;
}

export function unitsOf(segment: string): Units {
  const text = segment.toLowerCase();
  const most = text.length;
  const kinds = new Uint8Array(most);
  const hashes = new Int32Array(most);
  const meanings = new Int32Array(most);
  const starts = new Int32Array(most);
  const ends = new Int32Array(most);
  let count = 0;
  PATTERN.lastIndex = 0;
  for (let match = PATTERN.exec(text); match !== null; match = PATTERN.exec(text)) {
    const kind = kindOf(match);
    const start = match.index;
    kinds[count] = kind;
    starts[count] = start;
    ends[count] = PATTERN.lastIndex;
    if (kind === UNIT.word || kind === UNIT.mark) {
      hashes[count] = hashOf(text, start, PATTERN.lastIndex);
      if (kind === UNIT.word) meanings[count] = meaningOf(match[0]);
    } else hashes[count] = mix(kind, 0x51ed270b);
    count++;
  }
  return {
    count,
    kinds: kinds.slice(0, count),
    hashes: hashes.slice(0, count),
    meanings: meanings.slice(0, count),
    starts: starts.slice(0, count),
    ends: ends.slice(0, count),
    text,
    ...lettersOf(segment),
  };
}

function kindOf(match: RegExpExecArray): number {
  if (match[7] !== undefined) return UNIT.word;
  if (match[10] !== undefined) return UNIT.mark;
  if (match[8] !== undefined) return UNIT.number;
  if (match[9] !== undefined) return UNIT.line;
  if (match[6] !== undefined) return UNIT.name;
  if (match[1] !== undefined) return UNIT.email;
  if (match[2] !== undefined) return UNIT.url;
  if (match[3] !== undefined) return ELEMENTS.has(ELEMENT.exec(match[3])?.[1] ?? '') ? UNIT.element : UNIT.tag;
  return match[4] === undefined ? UNIT.account : UNIT.path;
}

function lettersOf(text: string): { capitals: number; foreign: number; letters: number } {
  let capitals = 0;
  let foreign = 0;
  let letters = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 97 && code <= 122) letters++;
    else if (code >= 65 && code <= 90) {
      capitals++;
      letters++;
    } else if (code >= 0x370 && code < 0x2000) {
      foreign++;
      letters++;
    } else if (code >= 0x3040 && code < 0xfe00) {
      foreign++;
      letters++;
    } else if (code >= 0xc0 && code < 0x250) letters++;
  }
  return { capitals, foreign, letters };
}
