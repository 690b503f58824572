/** Bytes that may be text: UTF-8 (RFC 3629) read as far as it makes sense to a reader. */
import type { Mapped } from './contract.ts';
import { Sink } from './sink.ts';

/** Shorter texts hold no instruction, and come about by chance. */
export const MIN_DECODED = 12;
/** Share of letters, digits, blanks and what escapes are made of: below it, bytes happen to be printable. */
const MIN_WRITTEN = 0.75;

/**
 * Every printable stretch of at least `MIN_DECODED` characters, blank where something lies between; null = there is none. `starts`: where each
 * byte came from, and the end.
 */
export function textOfBytes(bytes: Uint8Array, length: number, starts: Int32Array): Mapped | null {
  const sink = new Sink(length);
  let kept = 0;
  let stretch = 0;
  const close = (at: number) => {
    if (stretch >= MIN_DECODED && isWritten(sink, kept)) {
      sink.push(0x0a, at);
      kept = sink.length;
    } else sink.length = kept;
    stretch = 0;
  };
  let i = 0;
  while (i < length) {
    const size = sizeAt(bytes, i, length);
    if (size === 0) {
      if (stretch > 0) close(starts[i]);
      i++;
      continue;
    }
    pushChar(sink, bytes, i, size, starts[i]);
    stretch++;
    i += size;
  }
  close(starts[length]);
  return kept === 0 ? null : sink.mapped(starts[length]);
}

function isWritten(sink: Sink, from: number): boolean {
  let written = 0;
  for (let i = from; i < sink.length; i++) {
    const unit = sink.units[i];
    const letter = (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a;
    if (letter || unit >= 0x80 || (unit >= 0x30 && unit <= 0x39) || ' &#;%\\\n'.includes(String.fromCharCode(unit))) written++;
  }
  return written >= MIN_WRITTEN * (sink.length - from);
}

/** Bytes of the printable character at `i`; 0 = there is none. */
function sizeAt(bytes: Uint8Array, i: number, length: number): number {
  const first = bytes[i];
  if (first < 0x80) return (first >= 0x20 && first < 0x7f) || first === 0x0a || first === 0x0d || first === 0x09 ? 1 : 0;
  const size = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (size === 0 || i + size > length) return 0;
  for (let k = 1; k < size; k++) if ((bytes[i + k] & 0xc0) !== 0x80) return 0;
  return size;
}

function pushChar(sink: Sink, bytes: Uint8Array, i: number, size: number, at: number): void {
  if (size === 1) {
    sink.push(bytes[i], at);
    return;
  }
  let char = bytes[i] & (0x7f >> size);
  for (let k = 1; k < size; k++) char = (char << 6) | (bytes[i + k] & 0x3f);
  if (char < 0x10000) sink.push(char, at);
  else {
    sink.push(0xd800 + ((char - 0x10000) >> 10), at);
    sink.push(0xdc00 + ((char - 0x10000) & 0x3ff), at);
  }
}
