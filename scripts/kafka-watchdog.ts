/**
 * Ends what a process leaves behind, however that process ends: `node kafka-watchdog.ts FOLDER`. It is told process ids on its standard input
 * (`+PID`, `-PID`, a line each). When the input closes it kills those that are left and removes the folder. In a process group of its own, so that
 * Ctrl-C does not reach it before it is needed.
 */
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('expected a folder');
const alive = new Set<number>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const pid = Number(line.slice(1));
  if (line.startsWith('+')) alive.add(pid);
  else alive.delete(pid);
});
lines.on('close', () => {
  for (const pid of alive) if (isOurs(pid)) kill(pid);
  // A killed process may still be writing its last file.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** The id may have gone to somebody else; where the system can tell, the command line has our folder in it. */
function isOurs(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder!);
  } catch {
    return process.platform !== 'linux';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone by itself
  }
}
