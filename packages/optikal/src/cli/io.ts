/** What a command may touch of the outside: streams, colours, signals, progress. Handed in, so that tests run commands in their own process. */
import type { Readable, Writable } from 'node:stream';
import progress from 'cli-progress';
import picocolors from 'picocolors';
import { wrap } from './wrap.ts';

export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The two ends of a terminal; colours, wrapping and progress bars appear only there. */
  readonly terminal: { readonly stdout: boolean; readonly stderr: boolean };
  /** Width of the terminal at this moment. */
  readonly columns: () => number;
  /**
   * From the first call on, SIGINT and SIGTERM abort this signal instead of ending the process. Commands that compute without a pause
   * never call it: they leave nothing half written, and are ended at once.
   */
  readonly stop: () => AbortSignal;
}

export type Colors = ReturnType<typeof picocolors.createColors>;
type Stream = 'stdout' | 'stderr';

export function colorsFor(io: Io, stream: Stream): Colors {
  return picocolors.createColors(io.terminal[stream] && (io.env.NO_COLOR ?? '') === '');
}

/** A line for machines on stdout, as it is. */
export function print(io: Io, text: string): void {
  io.stdout.write(`${text}\n`);
}

/** A line for machines on stderr, as it is. */
export function tell(io: Io, text: string): void {
  io.stderr.write(`${text}\n`);
}

/** Lines for people: wrapped between words where the stream is a terminal, continued `hang` columns in. */
export function say(io: Io, text: string, { on = 'stdout', hang = 0 }: { on?: Stream; hang?: number } = {}): void {
  io[on].write(`${io.terminal[on] ? wrap(text, io.columns(), hang) : text}\n`);
}

/** Waits until the consumer has taken what was written: a filter must not fill memory when its reader is slow. A reader that left ends the wait. */
export async function printPatiently(io: Io, text: string): Promise<void> {
  const { stdout } = io;
  if (stdout.destroyed || stdout.write(`${text}\n`)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      for (const event of ['drain', 'close', 'error']) stdout.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stdout.on(event, done);
  });
}

export interface Progress {
  readonly update: (done: number, total: number) => void;
  readonly stop: () => void;
}

/** A bar on stderr where that is a terminal, silence elsewhere. The cursor stays visible: a command that is ended leaves a whole terminal. */
export function progressBar(io: Io, label: string): Progress {
  if (!io.terminal.stderr) return { update: () => {}, stop: () => {} };
  const bar = new progress.SingleBar(
    {
      format: `${label.padEnd(14)} {bar} {percentage} %`,
      stream: io.stderr as NodeJS.WritableStream, // a Writable is what the bar writes to
      hideCursor: null,
      barsize: 24,
      forceRedraw: false,
    },
    progress.Presets.shades_classic,
  );
  let started = false;
  return {
    update: (done, total) => {
      if (!started) bar.start(Math.max(total, 1), done);
      else bar.setTotal(Math.max(total, 1));
      started = true;
      bar.update(done);
    },
    stop: () => {
      if (started) bar.stop();
      started = false;
    },
  };
}

/** One bar after the other, for work in steps that name themselves. */
export function progressSteps<Step extends string>(
  io: Io,
  labels: Readonly<Record<Step, string>>,
): { readonly start: (step: Step) => Progress['update']; readonly stop: () => void } {
  let bar: Progress | null = null;
  const stop = () => {
    bar?.stop();
    bar = null;
  };
  return {
    start: (step) => {
      stop();
      bar = progressBar(io, labels[step]);
      return bar.update;
    },
    stop,
  };
}
