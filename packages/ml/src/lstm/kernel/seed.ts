/** Seeds the mask stream of a kernel from the UTF-8 bytes of a text; without allocation where the text is ASCII. */
import type { LstmKernel } from './kernel.ts';

/** Bytes handed over at once, where the steps' raw values lie: every arena has as many. */
const PART = 16;

export function seedMasks(kernel: LstmKernel, seed: number | string): void {
  seedFrom(kernel.functions, kernel.at.raw, kernel.bytes('raw', PART), seed);
}

/** The same with a view that the caller keeps, of 16 bytes or more at `address`. */
export function seedFrom(functions: LstmKernel['functions'], address: number, view: Uint8Array, seed: number | string): void {
  const text = String(seed);
  functions.beginSeed();
  const encoded = isAscii(text) ? null : new TextEncoder().encode(text);
  const length = encoded === null ? text.length : encoded.length;
  for (let from = 0; from < length; from += view.length) {
    const count = Math.min(view.length, length - from);
    for (let i = 0; i < count; i++) view[i] = encoded === null ? text.charCodeAt(from + i) : encoded[from + i]!;
    functions.addToSeed(address, count);
  }
  functions.endSeed();
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
