/** Lines of files and streams, bounded: a line longer than the limit is cut and marked, so that no input can exhaust memory. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { gunzipSync } from 'node:zlib';

const CHUNK_BYTES = 1 << 20;
/** Past this many characters the rest of a line is dropped; the parser then refuses it as too large. */
export const MAX_LINE_CHARS = 2_097_152;

/** Splits text that comes in pieces. */
export class LineSplitter {
  #rest = '';
  #dropping = false;
  readonly #maxChars: number;

  constructor(maxChars = MAX_LINE_CHARS) {
    this.#maxChars = maxChars;
  }

  *push(text: string): Generator<string> {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      const line = this.#rest + text.slice(start, end);
      if (!this.#dropping) yield line.endsWith('\r') ? line.slice(0, -1) : line;
      else yield this.#rest;
      this.#rest = '';
      this.#dropping = false;
      start = end + 1;
    }
    if (this.#dropping) return;
    this.#rest += text.slice(start);
    if (this.#rest.length <= this.#maxChars) return;
    this.#rest = this.#rest.slice(0, this.#maxChars);
    this.#dropping = true;
  }

  *end(): Generator<string> {
    if (this.#rest !== '') yield this.#rest;
    this.#rest = '';
  }
}

/** Lines of a file, read in pieces; `.gz` is unpacked. Synchronous, so that pure code can iterate twice. */
export function* fileLines(path: string): Generator<string> {
  const splitter = new LineSplitter();
  if (path.endsWith('.gz')) {
    yield* splitter.push(gunzipSync(readFileSync(path)).toString('utf8'));
    yield* splitter.end();
    return;
  }
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    const decoder = new StringDecoder('utf8');
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer))
      yield* splitter.push(decoder.write(buffer.subarray(0, length)));
    yield* splitter.push(decoder.end());
    yield* splitter.end();
  } finally {
    closeSync(file);
  }
}

/**
 * Lines of a stream in the groups in which they arrive: a filter works on what is there, and waits for more. Where `stop` aborts, the stream is
 * left, also in the middle of a wait, and what came of its last line is dropped.
 */
export async function* streamLines(stream: Readable, stop?: AbortSignal, maxChars?: number): AsyncGenerator<readonly string[]> {
  const splitter = new LineSplitter(maxChars);
  const decoder = new StringDecoder('utf8');
  const leave = () => void stream.destroy();
  if (stop?.aborted === true) leave();
  stop?.addEventListener('abort', leave, { once: true });
  try {
    for await (const piece of stream) {
      const lines = [...splitter.push(typeof piece === 'string' ? piece : decoder.write(piece as Buffer))]; // a byte stream gives strings or buffers
      if (lines.length > 0) yield lines;
    }
  } catch (error) {
    if (stop?.aborted !== true) throw error;
  } finally {
    stop?.removeEventListener('abort', leave);
  }
  if (stop?.aborted === true) return;
  const rest = [...splitter.push(decoder.end()), ...splitter.end()];
  if (rest.length > 0) yield rest;
}
