/**
 * Escapes at the end of what is written: HTML entities, `%41`, `\u0041`, `\x41`, `\u{41}`, `\n`, `\"`. Each is looked for when its last unit
 * is written and becomes its character at once, so an escape of an escape (`&amp;lt;`, `%2541`, `\\n`) is undone in the same pass: every
 * step makes the text shorter, and looks back over a bounded number of units.
 */
import type { Sink } from './sink.ts';
import { ENTITIES } from './tables.ts';

const MAX_ENTITY = 32;
const MAX_BRACED = 10;
const BACKSLASH = 0x5c;
const PERCENT = 0x25;

/** A character that an escape stood for, and where the escape began. */
export interface Escaped {
  /** Code point; 0 = nothing is left of it. */
  readonly char: number;
  readonly at: number;
  /** Only a disguise writes printable ASCII so. */
  readonly needless: boolean;
}

/** The escape that ends with the unit written last, taken out of the sink; null = none does. */
export function takeEscape(sink: Sink): Escaped | null {
  const last = sink.back(1);
  if (last === 0x3b) return takeEntity(sink);
  if (last === 0x7d) return takeBraced(sink);
  if (isHex(last)) {
    if (sink.back(3) === PERCENT && isHex(sink.back(2))) return takePercent(sink);
    if (sink.back(4) === BACKSLASH && sink.back(3) === 0x78) return takeCode(sink, 2);
    if (sink.back(6) === BACKSLASH && sink.back(5) === 0x75) return takeCode(sink, 4);
  }
  return null;
}

/** `\n`, `\t`, `\"`, `\'`, `\/`, a backslash before a blank or a line end; the unit after the backslash is the one written last. */
export function takeBackslash(sink: Sink): Escaped | null {
  if (sink.back(2) !== BACKSLASH) return null;
  const last = sink.back(1);
  const char = last === 0x6e || last === 0x72 ? 10 : last === 0x74 ? 0x20 : last === 10 ? 0 : last;
  return { char, at: popWithBackslashes(sink, 1), needless: false };
}

/** Also the backslashes that escape the backslash. */
function popWithBackslashes(sink: Sink, count: number): number {
  let at = sink.pop(count);
  while (sink.back(1) === BACKSLASH) at = sink.pop(1);
  return at;
}

function takeEntity(sink: Sink): Escaped | null {
  let length = 2;
  while (length <= MAX_ENTITY && isEntityUnit(sink.back(length))) length++;
  if (sink.back(length) !== 0x26 || length < 4) return null;
  const name = String.fromCharCode(...sink.units.subarray(sink.length - length + 1, sink.length - 1));
  const char = name.startsWith('#') ? numericEntity(name) : ENTITIES.get(name);
  if (char === undefined) return null;
  return { char, at: sink.pop(length), needless: name.startsWith('#') && isWordChar(char) };
}

function numericEntity(name: string): number | undefined {
  const hex = /^#[xX]0*([0-9a-fA-F]{1,6})$/.exec(name);
  const decimal = /^#0*([0-9]{1,7})$/.exec(name);
  const char = hex ? Number.parseInt(hex[1]!, 16) : decimal ? Number.parseInt(decimal[1]!, 10) : Number.NaN;
  return char > 0 && char <= 0x10ffff ? char : undefined;
}

function takeBraced(sink: Sink): Escaped | null {
  let length = 2;
  while (length <= MAX_BRACED && isHex(sink.back(length))) length++;
  if (length === 2 || sink.back(length) !== 0x7b || sink.back(length + 1) !== 0x75 || sink.back(length + 2) !== BACKSLASH) return null;
  const char = hexValue(sink, length - 1, 2);
  if (char === 0 || char > 0x10ffff) return null;
  return { char, at: popWithBackslashes(sink, length + 2), needless: isWordChar(char) };
}

function takeCode(sink: Sink, digits: number): Escaped | null {
  for (let i = 1; i <= digits; i++) if (!isHex(sink.back(i))) return null;
  const char = hexValue(sink, digits, 1);
  if (char === 0) return null;
  return { char, at: popWithBackslashes(sink, digits + 2), needless: isWordChar(char) };
}

/** One byte, or the last byte of a character of several (RFC 3629). */
function takePercent(sink: Sink): Escaped | null {
  const last = hexValue(sink, 2, 1);
  if (last === 0) return null;
  if (last < 0x80) return { char: last, at: sink.pop(3), needless: isWordChar(last) };
  if (last > 0xbf) return null;
  let char = last & 0x3f;
  for (let bytes = 2; bytes <= 4; bytes++) {
    if (sink.back(bytes * 3) !== PERCENT || !isHex(sink.back(bytes * 3 - 1)) || !isHex(sink.back(bytes * 3 - 2))) return null;
    const byte = hexValue(sink, bytes * 3 - 1, bytes * 3 - 2);
    if (byte >= 0x80 && byte < 0xc0) char |= (byte & 0x3f) << (6 * (bytes - 1));
    else {
      const expected = byte >= 0xf0 && byte < 0xf5 ? 4 : byte >= 0xe0 && byte < 0xf0 ? 3 : byte >= 0xc2 && byte < 0xe0 ? 2 : 0;
      if (expected !== bytes) return null;
      char |= (byte & (0x7f >> bytes)) << (6 * (bytes - 1));
      return char > 0x10ffff ? null : { char, at: sink.pop(bytes * 3), needless: false };
    }
  }
  return null;
}

/** Of the hexadecimal digits from `from` to `to` places before the end. */
function hexValue(sink: Sink, from: number, to: number): number {
  let value = 0;
  for (let back = from; back >= to; back--) value = value * 16 + digitOf(sink.back(back));
  return value;
}

function digitOf(unit: number): number {
  return unit <= 0x39 ? unit - 0x30 : (unit | 0x20) - 0x57;
}

export function isHex(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x46) || (unit >= 0x61 && unit <= 0x66);
}

function isEntityUnit(unit: number): boolean {
  return unit === 0x23 || (unit >= 0x30 && unit <= 0x39) || isWordChar(unit);
}

/** Letters: digits and punctuation are escaped for honest reasons too. */
function isWordChar(char: number): boolean {
  return (char >= 0x41 && char <= 0x5a) || (char >= 0x61 && char <= 0x7a);
}
