/** What a command may touch of the outside: streams, colours, progress. Handed in, so that tests run commands in their own process. */
import type { Readable, Writable } from 'node:stream';
import progress from 'cli-progress';
import picocolors from 'picocolors';

export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The two ends of a terminal; colours and progress bars appear only there. */
  readonly terminal: { readonly stdout: boolean; readonly stderr: boolean };
  /** Aborts on SIGINT and SIGTERM. */
  readonly stop: AbortSignal;
}

export type Colors = ReturnType<typeof picocolors.createColors>;

export function colorsFor(io: Io, stream: 'stdout' | 'stderr'): Colors {
  return picocolors.createColors(io.terminal[stream] && io.env.NO_COLOR === undefined);
}

export function print(io: Io, text: string): void {
  io.stdout.write(`${text}\n`);
}

export function tell(io: Io, text: string): void {
  io.stderr.write(`${text}\n`);
}

/** Waits until the consumer has taken what was written: a filter must not fill memory when its reader is slow. */
export async function printPatiently(io: Io, text: string): Promise<void> {
  if (io.stdout.write(`${text}\n`)) return;
  await new Promise<void>((resolve) => io.stdout.once('drain', resolve));
}

export interface Progress {
  update(done: number, total: number): void;
  stop(): void;
}

/** A bar on stderr where that is a terminal, silence elsewhere. */
export function progressBar(io: Io, label: string): Progress {
  if (!io.terminal.stderr) return { update: () => {}, stop: () => {} };
  const bar = new progress.SingleBar(
    {
      format: `${label} {bar} {percentage}% {value}/{total}`,
      stream: io.stderr as NodeJS.WritableStream, // a Writable is what the bar writes to
      hideCursor: true,
      barsize: 24,
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
    },
  };
}
