/**
 * Runs that are text in base64 (RFC 4648, both alphabets, also in lines), hex or binary digits. A run is read as far as it makes sense; what
 * does not is some other file. Runs do not overlap within one code, and each is shorter decoded than written.
 */
import { MIN_DECODED, textOfBytes } from './bytes.ts';
import type { Encoding, Mapped } from './contract.ts';

export interface Decoded {
  readonly encoding: Encoding;
  readonly mapped: Mapped;
}

const MIN_BASE64 = 20;
/** A line of base64 that goes on in the next one. */
const MIN_BASE64_LINE = 40;
const HEX = /(?<![0-9a-z])(?:0x|\\x)?[0-9a-f]{2}(?:[ ,:;-]{0,2}(?:0x|\\x)?[0-9a-f]{2}){11,}/gi;
const BINARY = /(?<![0-9])[01]{8}(?:[ ,]?[01]{8}){11,}/g;

/** Value of each unit in base64; 255 = no digit of it. */
const SEXTETS = new Uint8Array(0x80).fill(255);
for (const [i, char] of Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').entries())
  SEXTETS[char.charCodeAt(0)] = i;
SEXTETS[0x2d] = 62;
SEXTETS[0x5f] = 63;

export function decodedRuns(source: Mapped): Decoded[] {
  const found: Decoded[] = [];
  base64Runs(source, found);
  digitRuns(source, HEX, 'hex', 4, found);
  digitRuns(source, BINARY, 'binary', 1, found);
  return found;
}

function base64Runs(source: Mapped, found: Decoded[]): void {
  const { text } = source;
  let start = 0;
  while (start < text.length) {
    if (!isSextet(text, start)) {
      start++;
      continue;
    }
    let end = sextetsEnd(text, start);
    for (let line = end - start; line >= MIN_BASE64_LINE && text.charCodeAt(end) === 0x0a; ) {
      const next = sextetsEnd(text, end + 1);
      // A last line that goes on in words is no code.
      if (next === end + 1 || text.charCodeAt(next) === 0x20) break;
      [line, end] = [next - end - 1, next];
    }
    if (end - start >= MIN_BASE64) {
      const mapped = bestAlignment(source, start, end);
      if (mapped !== null) found.push({ encoding: 'base64', mapped });
    }
    start = end;
  }
}

function sextetsEnd(text: string, start: number): number {
  let end = start;
  while (isSextet(text, end)) end++;
  return end;
}

function isSextet(text: string, i: number): boolean {
  const unit = text.charCodeAt(i); // NaN behind the end
  return unit < 0x80 && SEXTETS[unit] !== 255;
}

/** What stands before the code may belong to its alphabet: all four ways to begin are tried, the one that gives most text wins. */
function bestAlignment(source: Mapped, start: number, end: number): Mapped | null {
  let best: Mapped | null = null;
  for (let skip = 0; skip < 4; skip++) {
    const mapped = decodeBase64(source, start + skip, end);
    if (mapped !== null && mapped.text.length > (best?.text.length ?? 0)) best = mapped;
  }
  return best;
}

function decodeBase64({ text, starts }: Mapped, start: number, end: number): Mapped | null {
  const bytes = new Uint8Array(end - start);
  const from = new Int32Array(end - start + 1);
  let [length, bits, held, at] = [0, 0, 0, start];
  for (let i = start; i < end; i++) {
    const sextet = SEXTETS[text.charCodeAt(i)];
    if (sextet === 255) continue; // a line end
    bits = ((bits << 6) | sextet) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    from[length] = starts === null ? at : starts[at];
    bytes[length++] = (bits >> held) & 0xff;
    at = held === 0 ? i + 1 : i;
  }
  from[length] = starts === null ? end : starts[end];
  return textOfBytes(bytes, length, from);
}

function digitRuns({ text, starts }: Mapped, pattern: RegExp, encoding: Encoding, bitsPerDigit: number, found: Decoded[]): void {
  const perByte = 8 / bitsPerDigit;
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    const bytes = new Uint8Array(Math.ceil(match[0].length / perByte));
    const from = new Int32Array(bytes.length + 1);
    let [length, digits, value] = [0, 0, 0];
    for (let i = match.index; i < end; i++) {
      const digit = Number.parseInt(text[i]!, 16);
      if (Number.isNaN(digit)) continue;
      if (digit === 0 && (text.charCodeAt(i + 1) | 0x20) === 0x78) continue; // 0x
      if (digits === 0) from[length] = starts === null ? i : starts[i];
      value = (value << bitsPerDigit) | digit;
      if (++digits < perByte) continue;
      bytes[length++] = value;
      [digits, value] = [0, 0];
    }
    if (length < MIN_DECODED) continue;
    from[length] = starts === null ? end : starts[end];
    const mapped = textOfBytes(bytes, length, from);
    if (mapped !== null) found.push({ encoding, mapped });
  }
}
