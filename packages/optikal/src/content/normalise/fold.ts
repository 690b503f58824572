/**
 * One pass over the characters: escapes undone, styled letters made plain (NFKC, UAX 15), letters and their marks composed, invisible
 * characters taken out. Linear: each step writes at most four units or makes what is written shorter.
 */

import { enclosedLetter, hasCompatibility, isBidi, isComposing, isInvisible, isStackingMark, isStyle } from './classes.ts';
import type { Mapped, TextCounts } from './contract.ts';
import { type Escaped, isHex, takeBackslash, takeEscape } from './escapes.ts';
import { Sink } from './sink.ts';
import { PLAIN_FORMS, STRICT_LOOKALIKES, STYLED_LETTERS } from './tables.ts';

export type Counts = { -readonly [Name in keyof TextCounts]: number };

/** What was folded, and what was smuggled beside it in characters that are never shown. */
export interface Folded {
  readonly mapped: Mapped;
  readonly tags: Mapped | null;
  readonly selectors: Mapped | null;
  /** Some letter looks like a Latin one. */
  readonly lookalikes: boolean;
}

const REPLACEMENT = 0xfffd;
const MAX_EXPANSION = 4;
/** All else stays as it is. */
const SPECIAL = /[^\n\x20-\x7e]|[&%\\]/;
/** Flags of regions take five tag characters, an emoji one selector. */
const MIN_SMUGGLED = 8;

export function fold(source: Mapped, counts: Counts): Folded {
  if (!SPECIAL.test(source.text)) return { mapped: source, tags: null, selectors: null, lookalikes: false };
  return new Folding(source, counts).run();
}

class Folding {
  readonly #text: string;
  readonly #from: Int32Array | null;
  readonly #counts: Counts;
  readonly #out: Sink;
  #tags: Sink | null = null;
  #selectors: Sink | null = null;
  /** Where the smuggled texts end. */
  #tagsEnd = 0;
  #selectorsEnd = 0;
  #lookalikes = false;
  /** Length after a carriage return: a line feed right behind it is the same line end. */
  #afterReturn = -1;
  /** Length after a line that goes on: the next line's indentation is not part of it. */
  #afterContinued = -1;
  /** Index of the next unit of the source. */
  #next = 0;

  constructor(source: Mapped, counts: Counts) {
    this.#text = source.text;
    this.#from = source.starts;
    this.#counts = counts;
    this.#out = new Sink(source.text.length);
  }

  run(): Folded {
    const { length } = this.#text;
    while (this.#next < length) {
      const i = this.#next++;
      this.#unit(this.#text.charCodeAt(i), this.#at(i));
    }
    const end = this.#at(length);
    return {
      mapped: this.#out.mapped(end),
      tags: this.#tags !== null && this.#tags.length >= MIN_SMUGGLED ? this.#tags.mapped(this.#tagsEnd) : null,
      selectors: this.#selectors !== null && this.#selectors.length >= MIN_SMUGGLED ? this.#selectors.mapped(this.#selectorsEnd) : null,
      lookalikes: this.#lookalikes,
    };
  }

  #at(i: number): number {
    return this.#from === null ? i : this.#from[i];
  }

  /** A unit of the source, or one half of a pair that an escape stood for. */
  #unit(unit: number, at: number): void {
    if (unit < 0x80) this.#ascii(unit, at);
    else if (unit >= 0xd800 && unit < 0xdc00)
      this.#out.push(unit, at); // its second half may come from an escape
    else if (unit >= 0xdc00 && unit < 0xe000) {
      const high = this.#out.back(1);
      if (high < 0xd800 || high >= 0xdc00) this.#out.push(REPLACEMENT, at);
      else {
        const first = this.#out.pop(1);
        this.#wide(0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00), first);
      }
    } else this.#wide(unit, at);
  }

  #ascii(unit: number, at: number): void {
    const out = this.#out;
    if (unit < 0x20 || unit === 0x7f) {
      this.#control(unit, at);
      return;
    }
    if (unit === 0x20 && this.#afterContinued === out.length) return;
    out.push(unit, at);
    if (out.back(2) === 0x5c && this.#isBackslashEscape(unit)) this.#escaped(takeBackslash(out));
    else if (unit === 0x3b || unit === 0x7d || isHex(unit)) this.#escaped(takeEscape(out));
  }

  #control(unit: number, at: number): void {
    const out = this.#out;
    if (unit === 0x0a) {
      if (this.#afterReturn === out.length) {
        this.#afterReturn = -1;
        return;
      }
      out.push(unit, at);
      if (out.back(2) === 0x5c) this.#escaped(takeBackslash(out));
    } else if (unit === 0x0d) {
      this.#afterReturn = -1;
      this.#control(0x0a, at);
      this.#afterReturn = out.length;
    } else if (unit === 0x0b || unit === 0x0c) this.#control(0x0a, at);
    else if (unit === 0x09) this.#ascii(0x20, at);
    else this.#counts.invisible++;
  }

  /** LaTeX and paths are full of `\t` and `\r` before a letter; texts are not. */
  #isBackslashEscape(unit: number): boolean {
    if (unit === 0x6e || unit === 0x22 || unit === 0x27 || unit === 0x2f || unit === 0x20) return true;
    if (unit !== 0x74 && unit !== 0x72) return false;
    const next = this.#next < this.#text.length ? this.#text.charCodeAt(this.#next) : 0;
    return !(next >= 0x61 && next <= 0x7a);
  }

  #escaped(found: Escaped | null): void {
    if (found === null) return;
    const { char, at, needless } = found;
    this.#afterContinued = -1;
    this.#counts.escapes++;
    if (needless) this.#counts.needlessEscapes++;
    if (char === 0) this.#afterContinued = this.#out.length;
    else if (char < 0x10000) this.#unit(char, at);
    else this.#wide(char, at);
  }

  /** Everything beyond ASCII. */
  #wide(char: number, at: number): void {
    const out = this.#out;
    if (isInvisible(char)) {
      this.#invisible(char, at);
      return;
    }
    const plain = PLAIN_FORMS.get(char);
    if (plain !== undefined) {
      this.#ascii(plain, at);
      return;
    }
    if (isComposing(char)) {
      this.#compose(char, at);
      return;
    }
    const letter = STYLED_LETTERS.get(char) ?? enclosedLetter(char);
    if (letter !== undefined) {
      this.#counts.styled++;
      out.push(letter, at);
      return;
    }
    if (char >= 0x2500 && char < 0x25a0) {
      this.#ascii(0x20, at); // frames and blocks
      return;
    }
    if (hasCompatibility(char) && this.#compatible(char, at)) return;
    if (STRICT_LOOKALIKES.has(char)) this.#lookalikes = true;
    this.#push(char, at);
  }

  #push(char: number, at: number): void {
    if (char < 0x10000) this.#out.push(char, at);
    else {
      this.#out.push(0xd800 + ((char - 0x10000) >> 10), at);
      this.#out.push(0xdc00 + ((char - 0x10000) & 0x3ff), at);
    }
  }

  #compatible(char: number, at: number): boolean {
    const text = String.fromCodePoint(char);
    const plain = text.normalize('NFKC');
    if (plain === text || plain.length > MAX_EXPANSION) return false;
    if (isStyle(char)) this.#counts.styled++;
    for (const one of plain) {
      const code = one.codePointAt(0)!;
      if (code < 0x80) this.#ascii(code, at);
      else this.#wide(code, at); // has no other form any more, but may be a mark, a sign with a plain form, a look-alike
    }
    return true;
  }

  #compose(mark: number, at: number): void {
    const last = this.#out.back(1);
    if (last > 0x20) {
      const whole = String.fromCharCode(last, mark).normalize('NFC');
      if (whole.length === 1) {
        const first = this.#out.pop(1);
        this.#out.push(whole.charCodeAt(0), first);
        return;
      }
    }
    if (isStackingMark(mark)) this.#counts.marks++;
    else this.#push(mark, at);
  }

  #invisible(char: number, at: number): void {
    if (char >= 0xe0000 && char < 0xe0080) {
      this.#counts.smuggled++;
      if (char >= 0xe0020 && char < 0xe007f) {
        this.#tags ??= new Sink(64);
        this.#tags.push(char - 0xe0000, at);
        this.#tagsEnd = this.#at(this.#next);
      }
      return;
    }
    const byte = char >= 0xfe00 && char < 0xfe10 ? char - 0xfe00 : char >= 0xe0100 && char < 0xe01f0 ? char - 0xe0100 + 16 : -1;
    if (byte >= 0) {
      this.#selectors ??= new Sink(64);
      this.#selectors.push(byte, at);
      this.#selectorsEnd = this.#at(this.#next);
      if (byte !== 15 || this.#out.back(1) < 0x80) this.#counts.smuggled++; // an emoji needs the sixteenth
      return;
    }
    if (isBidi(char)) this.#counts.bidi++;
    else if (!(char === 0xfeff && at === 0) && !((char === 0x200c || char === 0x200d) && this.#out.back(1) >= 0x80))
      this.#counts.invisible++;
  }
}
