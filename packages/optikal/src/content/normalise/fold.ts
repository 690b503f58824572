/**
 * One pass over the characters: escapes undone, styled letters made plain (NFKC, UAX 15), letters and their marks composed, invisible
 * characters taken out. Linear: each step writes at most four units or makes what is written shorter.
 */
import type { Mapped, TextCounts } from './contract.ts';
import { type Escaped, takeBackslash, takeEscape } from './escapes.ts';
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
    else if (unit === 0x3b || unit === 0x7d || isHexUnit(unit)) this.#escaped(takeEscape(out));
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

function isHexUnit(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x46) || (unit >= 0x61 && unit <= 0x66);
}

function isBidi(char: number): boolean {
  return (char >= 0x202a && char <= 0x202e) || (char >= 0x2066 && char <= 0x2069);
}

/** Default-ignorable characters (UAX 44), C1 controls, and fillers that show nothing. */
function isInvisible(char: number): boolean {
  if (char < 0x200b) {
    return (
      (char >= 0x80 && char < 0xa0 && char !== 0x85) ||
      char === 0xad ||
      char === 0x34f ||
      char === 0x61c ||
      char === 0x115f ||
      char === 0x1160 ||
      char === 0x17b4 ||
      char === 0x17b5 ||
      (char >= 0x180b && char <= 0x180f)
    );
  }
  if (char < 0x10000)
    return (
      char <= 0x200f ||
      (char >= 0x202a && char <= 0x202e) ||
      (char >= 0x2060 && char <= 0x206f) ||
      char === 0x3164 ||
      (char >= 0xfe00 && char <= 0xfe0f) ||
      char === 0xfeff ||
      char === 0xffa0 ||
      (char >= 0xfff9 && char <= 0xfffb)
    );
  return (char >= 0x1bca0 && char <= 0x1bca3) || (char >= 0x1d173 && char <= 0x1d17a) || (char >= 0xe0000 && char < 0xe1000);
}

/** Marks that are stacked on Latin letters; those of other scripts are letters to their readers. */
function isStackingMark(char: number): boolean {
  return (
    (char >= 0x300 && char <= 0x36f) ||
    (char >= 0x483 && char <= 0x489) ||
    (char >= 0x1ab0 && char <= 0x1aff) ||
    (char >= 0x1dc0 && char <= 0x1dff) ||
    (char >= 0x20d0 && char <= 0x20ff) ||
    (char >= 0xfe20 && char <= 0xfe2f)
  );
}

/** Stacking marks, second and third parts of a Korean syllable, voicing marks of kana. */
function isComposing(char: number): boolean {
  if (char < 0x300) return false;
  return (
    isStackingMark(char) || (char >= 0x1161 && char <= 0x1175) || (char >= 0x11a8 && char <= 0x11c2) || char === 0x3099 || char === 0x309a
  );
}

/** White on black, which NFKC leaves: 🅐 and 🅰. */
function enclosedLetter(char: number): number | undefined {
  if (char >= 0x1f150 && char <= 0x1f169) return char - 0x1f150 + 0x41;
  if (char >= 0x1f170 && char <= 0x1f189) return char - 0x1f170 + 0x41;
  return undefined;
}

/** Blocks in which something has another form under NFKC; whole alphabets without one are left out to save the question. */
function hasCompatibility(char: number): boolean {
  if (char < 0x2b0) return char < 0xc0 || (char >= 0x132 && char <= 0x17f) || char >= 0x1c4;
  if (char < 0x1d2c)
    return char < 0x370
      ? char <= 0x2ff || char >= 0x340
      : char < 0x400 || (char >= 0x587 && char <= 0x6ff) || (char >= 0xe33 && char <= 0xf77);
  if (char < 0x2000) return char < 0x1dc0 || char >= 0x1e9a;
  if (char < 0x3041) return char < 0x2fe0 || char >= 0x3000;
  if (char < 0x3400) return char >= 0x309b && (char < 0x30a1 || char >= 0x30ff);
  if (char < 0xf900) return char >= 0xa69c && char < 0xac00;
  return (
    char < 0x10000 || (char >= 0x1d400 && char < 0x1f300) || (char >= 0x1fbf0 && char < 0x1fc00) || (char >= 0x2f800 && char < 0x2fa20)
  );
}

/** Another look of a letter or digit, not another sign. */
function isStyle(char: number): boolean {
  return (
    (char >= 0x2460 && char < 0x2500) ||
    (char >= 0xff00 && char < 0xff5f) ||
    (char >= 0x1d400 && char < 0x1d800) ||
    (char >= 0x1f100 && char < 0x1f200)
  );
}
