/**
 * Words that are known only when a disguise is undone: rot13, backwards, digits for letters, accents, slips. One pass finds them; where several stand
 * together, that stretch is read again without the disguise, beside being read as it is.
 */
import { type Cluster, Clusters } from './clusters.ts';
import type { Decoded } from './codes.ts';
import type { Encoding, Mapped } from './contract.ts';
import { hashUnit, KNOWN, knownByHash, rot13 } from './lexicon.ts';
import { Sink } from './sink.ts';
import { pairs } from './tables.ts';
import { meantBy } from './typos.ts';

const MIN_WORD = 3;
const MAX_WORD = 16;
const MIN_TYPO = 4;

/** Digits and signs that stand for letters; 1 may be an i or an l. */
const LEET = pairs('0o1i2z3e4a5s6g7t8b9g@a$s!i|l+t');

export function undisguised(source: Mapped): Decoded[] {
  const { text } = source;
  const rot = new Clusters(text, 3, 0.3);
  const reversed = new Clusters(text, 3, 0.3);
  const leet = new Clusters(text, 2);
  const accents = new Clusters(text, 2);
  const typos = new Clusters(text, 4);
  let i = 0;
  while (i < text.length) {
    if (!isWordUnit(text.charCodeAt(i))) {
      i++;
      continue;
    }
    const start = i;
    let [hash, plain, other, wide] = [0, 0, 0, 0];
    for (; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      const lower = unit | 0x20;
      if (lower >= 0x61 && lower <= 0x7a && unit < 0x80) {
        hash = hashUnit(hash, lower);
        plain++;
      } else if (!isWordUnit(unit)) break;
      else if (unit < 0x80) other++;
      else wide++;
    }
    const length = i - start;
    if (length < MIN_WORD || length > MAX_WORD) continue;
    if (plain === length) {
      const known = knownByHash(hash);
      if ((known & KNOWN.plain) !== 0) continue;
      if (known === 0 && length >= MIN_TYPO && meantBy(text.slice(start, i).toLowerCase(), hash) !== null) {
        typos.add(start, i, length >= 6 ? 2 : 1);
      }
      if ((known & KNOWN.rot13) !== 0) rot.add(start, i);
      if ((known & KNOWN.reversed) !== 0) reversed.add(start, i);
    } else if (wide === 0 && plain + other === length) {
      if (plain > 0 && leetKnown(text, start, i)) leet.add(start, i, length >= 5 ? 2 : 1);
    } else if (other === 0 && plain > 0 && (knownByHash(bareHash(text, start, i)) & KNOWN.plain) !== 0) accents.add(start, i);
  }
  return [
    ...rot.done().map((cluster) => converted(source, cluster, 'rot13', (part) => mapUnits(part, rot13))),
    ...reversed.done().map((cluster) => backwards(source, cluster)),
    ...leet.done().map((cluster) => converted(source, cluster, 'leet', withoutLeet)),
    ...accents.done().map((cluster) => converted(source, cluster, 'accents', (part) => mapUnits(part, bare))),
    ...typos.done().map((cluster) => corrected(source, cluster)),
  ];
}

/** Letters, and what may stand for one inside a word. */
function isWordUnit(unit: number): boolean {
  if (unit >= 0x80) return (unit >= 0xc0 && unit < 0x250) || (unit >= 0x1e00 && unit < 0x1f00);
  return (
    (unit >= 0x61 && unit <= 0x7a) ||
    (unit >= 0x40 && unit <= 0x5a) ||
    (unit >= 0x30 && unit <= 0x39) ||
    unit === 0x24 ||
    unit === 0x21 ||
    unit === 0x7c ||
    unit === 0x2b
  );
}

function leetKnown(text: string, start: number, end: number): boolean {
  return isKnownLeet(text.slice(start, end)) !== null;
}

/** The word, where it is one: with i, or with l, for each 1; an exclamation mark may also be one. */
function isKnownLeet(word: string): string | null {
  const lower = word.toLowerCase().replace(/!+$/, '');
  for (const one of [0x69, 0x6c]) {
    let [letters, hash] = ['', 0];
    for (let i = 0; i < lower.length; i++) {
      const letter = lower[i] === '1' ? one : (LEET.get(lower.charCodeAt(i)) ?? lower.charCodeAt(i));
      letters += String.fromCharCode(letter);
      hash = hashUnit(hash, letter);
    }
    if (letters !== lower && (knownByHash(hash) & KNOWN.plain) !== 0) return letters + word.slice(lower.length);
  }
  return null;
}

/** Every word in which digits stand between letters; numbers and addresses stay. Lengths do not change. */
function withoutLeet(part: string): string {
  return part.replace(/[A-Za-z0-9@$!|+]+/g, (word) => {
    const known = isKnownLeet(word);
    if (known !== null) return known;
    if (!/[A-Za-z]/.test(word) || !/[0-9$|+]/.test(word)) return word;
    return mapUnits(word, (unit) => (unit === 0x40 ? unit : (LEET.get(unit) ?? unit))); // an address keeps its sign
  });
}

function mapUnits(text: string, change: (unit: number) => number): string {
  let changed = '';
  for (let i = 0; i < text.length; i++) changed += String.fromCharCode(change(text.charCodeAt(i)));
  return changed;
}

/** A Latin letter without its accents. */
function bare(unit: number): number {
  if (unit < 0xc0 || (unit >= 0x250 && (unit < 0x1e00 || unit >= 0x1f00))) return unit;
  return String.fromCharCode(unit).normalize('NFD').charCodeAt(0);
}

function bareHash(text: string, start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) hash = hashUnit(hash, bare(text.charCodeAt(i)) | 0x20);
  return hash;
}

/** `change` keeps the length. */
function converted({ text, starts }: Mapped, { start, end }: Cluster, encoding: Encoding, change: (part: string) => string): Decoded {
  const from = Int32Array.from({ length: end - start + 1 }, (_, i) => (starts === null ? start + i : starts[start + i]));
  return { encoding, mapped: { text: change(text.slice(start, end)), starts: from } };
}

/** Words as they were meant. */
function corrected({ text, starts }: Mapped, { start, end }: Cluster): Decoded {
  const sink = new Sink(end - start);
  const at = (i: number) => (starts === null ? i : starts[i]);
  let done = start;
  const copy = (to: number) => {
    for (; done < to; done++) sink.push(text.charCodeAt(done), at(done));
  };
  for (const match of text.slice(start, end).matchAll(/[A-Za-z]{4,16}/g)) {
    const from = start + match.index;
    const word = match[0].toLowerCase();
    const hash = Array.from(word).reduce((sum, char) => hashUnit(sum, char.charCodeAt(0)), 0);
    const meant = (knownByHash(hash) & KNOWN.plain) !== 0 ? null : meantBy(word, hash);
    copy(from);
    if (meant === null) continue;
    for (let i = 0; i < meant.length; i++) sink.push(meant.charCodeAt(i), at(from + Math.min(i, word.length - 1)));
    done = from + word.length;
  }
  copy(end);
  return { encoding: 'typos', mapped: sink.mapped(at(end)) };
}

/** Where a part of it is, is not kept: it would run the other way. */
function backwards({ text, starts }: Mapped, { start, end }: Cluster): Decoded {
  const from = new Int32Array(end - start + 1).fill(starts === null ? start : starts[start]);
  from[end - start] = starts === null ? end : starts[end];
  return { encoding: 'reversed', mapped: { text: Array.from(text.slice(start, end)).reverse().join(''), starts: from } };
}
