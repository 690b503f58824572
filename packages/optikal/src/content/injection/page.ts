/** The page that a segment stands in, and the user's request: what a segment is compared with. */
import { destinationsOf } from '../destinations.ts';
import { containsAll, textKeys, valueKeys } from '../words.ts';
import { MEANING } from './lexicon.ts';
import { UNIT, type Units } from './units.ts';

/** Shorter words are in every text. */
const LEAST_LETTERS = 4;

export interface Page {
  readonly foreign: number;
  readonly prose: number;
  readonly hasRequest: boolean;
  /** The request sends the agent to do what it will read: tasks, instructions, a list. */
  readonly delegated: boolean;
  /** Share of the page's characters that were written in an unusual way, saturated: 1 = one in 20. */
  readonly disguised: number;
  readonly start: number;
  readonly end: number;
  compare(part: PagePart): Comparison;
}

/** A segment that was read. `joined` ones repeat what others hold. */
export interface PagePart {
  readonly units: Units;
  readonly start: number;
  readonly end: number;
  readonly joined: boolean;
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
  readonly delegates: boolean;
}

export function requestKeysOf(request: string | null, read: (text: string) => Units): RequestKeys | null {
  if (request === null) return null;
  const units = read(request);
  const delegates = units.meanings.some((meaning) => (meaning & MEANING.delegation) !== 0);
  return { words: new Set(longWords(units)), keys: textKeys(request), delegates };
}

function longWords({ count, kinds, hashes, starts, ends }: Units): number[] {
  const words: number[] = [];
  for (let i = 0; i < count; i++) if (kinds[i] === UNIT.word && ends[i]! - starts[i]! >= LEAST_LETTERS) words.push(hashes[i]!);
  return words;
}

/** Of fewer segments nothing can be unlike the rest. */
const LEAST_PARTS = 4;

export function pageOf(parts: readonly PagePart[], request: RequestKeys | null, disguised: number): Page {
  const alone = parts.filter(({ joined }) => !joined);
  /** Of each word: where the first segment that has it begins, and where the last one ends. */
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  let [letters, foreign, words, all] = [0, 0, 0, 0];
  for (const { units, start, end } of alone) {
    for (const word of longWords(units)) {
      first.set(word, Math.min(first.get(word) ?? start, start));
      last.set(word, Math.max(last.get(word) ?? end, end));
    }
    letters += units.letters;
    foreign += units.foreign;
    for (let i = 0; i < units.count; i++) {
      if (units.kinds[i] === UNIT.word) words++;
      if (units.kinds[i] !== UNIT.line) all++;
    }
  }
  return {
    foreign: letters === 0 ? 0 : foreign / letters,
    prose: all === 0 ? 0 : words / all,
    hasRequest: request !== null,
    delegated: request?.delegates ?? false,
    disguised,
    start: Math.min(...alone.slice(0, 1).map(({ start }) => start)),
    end: alone.reduce((most, { end }) => Math.max(most, end), 0),
    compare({ units, start, end }) {
      const own = new Set(longWords(units));
      let fresh = 0;
      let asked = 0;
      for (const word of own) {
        if ((first.get(word) ?? start) >= start && (last.get(word) ?? end) <= end) fresh++;
        if (request?.words.has(word) === true) asked++;
      }
      return {
        newWords: own.size === 0 || alone.length < LEAST_PARTS ? 0 : fresh / own.size,
        inRequest: own.size === 0 ? 0 : asked / own.size,
        destinationInRequest:
          request !== null && destinationsOf(units.text).some((destination) => containsAll(request.keys, valueKeys(destination))),
      };
    },
  };
}
