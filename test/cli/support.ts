/** A command line run in this process, its ends collected; and events as lines. */
import { PassThrough, Readable, Writable } from 'node:stream';
import { type Event, toCloudEvent } from '@optikal/contracts';
import type { Io } from '../../packages/optikal/src/cli/io.ts';
import { run } from '../../packages/optikal/src/cli/run.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly stdin?: string | Readable;
  readonly env?: Readonly<Record<string, string>>;
  /** Both ends are a terminal, this wide. */
  readonly terminal?: number;
  readonly stop?: AbortSignal;
}

export async function cli(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { io, out, err } = collected(options);
  const code = await run(args, io);
  return { code, out: out(), err: err() };
}

export function collected({ stdin = '', env = {}, terminal, stop }: RunOptions = {}) {
  const texts = { stdout: '', stderr: '' };
  const collect = (name: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        texts[name] += chunk.toString();
        done();
      },
    });
  const both = terminal !== undefined;
  // The progress bar asks the stream itself.
  const end = (name: 'stdout' | 'stderr') => Object.assign(collect(name), { isTTY: both });
  const io: Io = {
    stdin: typeof stdin === 'string' ? Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]) : stdin,
    stdout: end('stdout'),
    stderr: end('stderr'),
    env,
    terminal: { stdout: both, stderr: both },
    columns: () => terminal ?? 80,
    stop: () => stop ?? new AbortController().signal,
  };
  return { io, out: () => texts.stdout, err: () => texts.stderr };
}

export function openInput(): PassThrough {
  return new PassThrough();
}

export function linesOf(events: Iterable<Event>): string {
  return [...events].map((event) => `${JSON.stringify(toCloudEvent(event))}\n`).join('');
}

export function jsonLines<T = Record<string, unknown>>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T); // the caller says what the command promises
}
