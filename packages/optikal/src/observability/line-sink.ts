/**
 * Where lines go without ever holding up or ending the program. One write is under way at a time, off the event loop; what comes meanwhile waits
 * in a bounded buffer. Delivery: a line is written whole or counted as dropped: when the buffer is full, the disk has no space, or the reader
 * has left (then for good). The number of dropped lines is told as soon as something can be written again.
 */
import { close, write } from 'node:fs';
import type { Writable } from 'node:stream';

const BUFFER_CHARS = 1_048_576;
const CHUNK_CHARS = 65_536;
/** A pipe that is full is looked at again after this time, a disk after a longer one. */
const BUSY_MS = 50;
const FAILED_MS = 1000;
const CLOSE_MS = 250;
const NEWLINE = 0x0a;

export interface LineSink {
  /** Takes a line that ends with a newline. Never throws, never waits. */
  write(line: string): void;
  readonly dropped: number;
  /** Waits a moment for what is buffered. */
  close(): Promise<void>;
}

export interface FileSinkOptions {
  readonly fd: number;
  /** The descriptor is this sink's own, to be closed with it. */
  readonly owned: boolean;
  /** The line that tells of lost ones. */
  readonly droppedLine: (count: number) => string;
  readonly bufferChars?: number;
  /** For tests: in place of the file system. */
  readonly writeTo?: (bytes: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void) => void;
}

export function createFileSink(options: FileSinkOptions): LineSink {
  return new FileSink(options);
}

class FileSink implements LineSink {
  dropped = 0;
  readonly #options: FileSinkOptions;
  #lines: string[] = [];
  #chars = 0;
  #told = 0;
  #busy = false;
  /** A chunk was cut: the next one begins on a new line. */
  #torn = false;
  #ended = false;
  #idle: (() => void) | null = null;

  constructor(options: FileSinkOptions) {
    this.#options = options;
  }

  write(line: string): void {
    if (this.#ended) {
      this.dropped++;
      return;
    }
    if (this.#chars + line.length > (this.#options.bufferChars ?? BUFFER_CHARS)) {
      this.dropped++;
      return;
    }
    this.#lines.push(line);
    this.#chars += line.length;
    if (!this.#busy) this.#next();
  }

  async close(): Promise<void> {
    if (this.#busy) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        timer = setTimeout(resolve, CLOSE_MS);
      });
      clearTimeout(timer);
    }
    this.#ended = true;
    if (this.#options.owned && !this.#busy) close(this.#options.fd, () => {});
  }

  #next(): void {
    const lost = this.dropped - this.#told;
    if (this.#ended || (this.#lines.length === 0 && lost === 0)) {
      this.#busy = false;
      this.#idle?.();
      return;
    }
    this.#busy = true;
    const head = this.#torn ? '\n' : '';
    if (lost > 0) {
      const onWritten = () => {
        this.#told += lost;
      };
      this.#write(Buffer.from(head + this.#options.droppedLine(lost)), onWritten, false);
      return;
    }
    let text = head;
    let count = 0;
    while (count < this.#lines.length && text.length < CHUNK_CHARS) text += this.#lines[count++];
    this.#lines.splice(0, count);
    this.#chars -= text.length - head.length;
    this.#write(Buffer.from(text), () => {}, true);
  }

  /** `counts`: what cannot be written of it is lost. */
  #write(bytes: Buffer, onWritten: () => void, counts: boolean): void {
    const done = (error: NodeJS.ErrnoException | null, written: number) => {
      if (error === null) {
        this.#torn = bytes[written - 1] !== NEWLINE;
        if (written < bytes.length) return this.#write(bytes.subarray(written), onWritten, counts);
        onWritten();
        return this.#next();
      }
      if (error.code === 'EAGAIN' || error.code === 'EBUSY' || error.code === 'EINTR')
        return void setTimeout(() => this.#write(bytes, onWritten, counts), BUSY_MS).unref();
      if (counts) this.dropped += bytes.reduce((sum, byte) => sum + Number(byte === NEWLINE), 0);
      if (error.code !== 'EPIPE' && error.code !== 'EBADF') return void setTimeout(() => this.#next(), FAILED_MS).unref();
      // Nobody reads any more, and nobody will.
      this.dropped += this.#lines.length;
      this.#lines = [];
      this.#ended = true;
      this.#next();
    };
    if (this.#options.writeTo !== undefined) this.#options.writeTo(bytes, done);
    else write(this.#options.fd, bytes, 0, bytes.length, null, done);
  }
}

/** Into a stream of this process: tests, and whoever embeds the server. */
export function createStreamSink(stream: Writable): LineSink {
  let dropped = 0;
  stream.on('error', () => {});
  return {
    get dropped() {
      return dropped;
    },
    write(line) {
      if (stream.destroyed || stream.writableEnded || stream.writableLength > BUFFER_CHARS) dropped++;
      else stream.write(line);
    },
    close: async () => {},
  };
}
