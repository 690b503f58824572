/** Wires the process to `run`: signals, terminals, closed pipes, exit code. */
import { EXIT } from './exit.ts';
import { run } from './run.ts';

/** What is left to do after a stop must fit into this; then the process ends anyway. */
const STOP_MS = 1900;

export async function main(): Promise<void> {
  const stop = new AbortController();
  let heeded = false;
  let readerLeft = false;
  const end = (code: number) => {
    stop.abort();
    setTimeout(() => process.exit(code), STOP_MS).unref();
  };
  // The reader of a pipe may leave (`| head`): that ends a filter quietly, it is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' || !heeded) process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed);
    if (!readerLeft) end(EXIT.ok);
    readerLeft = true;
  });
  // Nobody listens to what is told: the work goes on.
  process.stderr.on('error', () => {});
  const code = await run(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    terminal: { stdout: process.stdout.isTTY === true, stderr: process.stderr.isTTY === true },
    columns: () => process.stdout.columns ?? process.stderr.columns ?? 80,
    stop: () => {
      if (!heeded)
        for (const signal of ['SIGINT', 'SIGTERM'] as const)
          process.on(signal, () => {
            // A second signal does not wait.
            if (stop.signal.aborted) process.exit(EXIT.interrupted);
            end(EXIT.interrupted);
          });
      heeded = true;
      return stop.signal;
    },
  });
  process.exitCode = readerLeft ? EXIT.ok : code;
}
