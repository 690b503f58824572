/** The page that a segment stands in, and the user's request: what a segment is compared with. */
import { destinationsOf } from '../destinations.ts';
import { containsAll, textKeys, valueKeys } from '../words.ts';
import { UNIT, type Units } from './units.ts';

/** Shorter words are in every text. */
const LEAST_LETTERS = 4;

export interface Page {
  readonly foreign: number;
  readonly prose: number;
  readonly hasRequest: boolean;
  compare(units: Units): Comparison;
}

export interface Comparison {
  /** Share of the segment's distinct longer words that stand nowhere else in the page; 0 where the page has little else. */
  readonly newWords: number;
  /** Share of them that the user's request contains. */
  readonly inRequest: number;
  /** Some destination of the segment is named in the request. */
  readonly destinationInRequest: boolean;
}

/** What a request holds; null = not known. */
export interface RequestKeys {
  readonly words: ReadonlySet<number>;
  readonly keys: ReadonlySet<string>;
}

export function requestKeysOf(request: string | null, read: (text: string) => Units): RequestKeys | null {
  if (request === null) return null;
  return { words: new Set(longWords(read(request))), keys: textKeys(request) };
}

function longWords({ count, kinds, hashes, starts, ends }: Units): number[] {
  const words: number[] = [];
  for (let i = 0; i < count; i++) if (kinds[i] === UNIT.word && ends[i]! - starts[i]! >= LEAST_LETTERS) words.push(hashes[i]!);
  return words;
}

/** `segments` may overlap: a word counts as standing elsewhere if it is in a segment that is no neighbour. */
export function pageOf(segments: readonly Units[], request: RequestKeys | null): Page {
  // Of each word: the first and the last segment that has it. Neighbours overlap by one.
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  const places = new Map<Units, number>();
  const distinct = segments.map((units) => new Set(longWords(units)));
  let letters = 0;
  let foreign = 0;
  let words = 0;
  let all = 0;
  segments.forEach((units, s) => {
    places.set(units, s);
    for (const word of distinct[s]!) {
      if (!first.has(word)) first.set(word, s);
      last.set(word, s);
    }
    letters += units.letters;
    foreign += units.foreign;
    for (let i = 0; i < units.count; i++) {
      if (units.kinds[i] === UNIT.word) words++;
      if (units.kinds[i] !== UNIT.line) all++;
    }
  });
  return {
    foreign: letters === 0 ? 0 : foreign / letters,
    prose: all === 0 ? 0 : words / all,
    hasRequest: request !== null,
    compare(units) {
      const s = places.get(units) ?? 0;
      const own = distinct[s]!;
      let fresh = 0;
      let asked = 0;
      for (const word of own) {
        if ((first.get(word) ?? s) >= s - 1 && (last.get(word) ?? s) <= s + 1) fresh++;
        if (request?.words.has(word) === true) asked++;
      }
      return {
        newWords: own.size === 0 || segments.length < 4 ? 0 : fresh / own.size,
        inRequest: own.size === 0 ? 0 : asked / own.size,
        destinationInRequest:
          request !== null && destinationsOf(units.text).some((destination) => containsAll(request.keys, valueKeys(destination))),
      };
    },
  };
}
