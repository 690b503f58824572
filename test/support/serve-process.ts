/** `optikal` as a user starts it: a process of its own, to be watched, stopped and killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';

const MAIN = fileURLToPath(new URL('../../packages/optikal/src/cli/main.ts', import.meta.url));
const POLL_MS = 25;
const PATIENCE_MS = 120_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface OptikalProcess {
  readonly child: ChildProcess;
  readonly exit: Promise<Exit>;
  /** All that it wrote so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
}

export interface Served extends OptikalProcess {
  /** Resolves to the port; null = it ended before it was ready. */
  readonly ready: Promise<number | null>;
}

export function startOptikal(args: readonly string[], env: Readonly<Record<string, string>> = {}): OptikalProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      texts[name] += chunk.toString();
    });
  child.stdin.on('error', () => {}); // it may end before it has read all
  const exit = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Exit); // the arguments of 'close'
  return { child, exit, stdout: () => texts.stdout, stderr: () => texts.stderr };
}

/** Runs a command to its end. */
export async function optikal(args: readonly string[], { stdin = '', env = {} }: { stdin?: string; env?: Record<string, string> } = {}) {
  const running = startOptikal(args, env);
  running.child.stdin?.end(stdin);
  const { code } = await running.exit;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

/** Every option as its flag, `--clock events --port 0` among them. */
export function startServe(dataDir: string, flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Served {
  const running = startOptikal(['serve', '--data-dir', dataDir, '--clock', 'events', '--port', '0', ...flags], env);
  const ready = (async () => {
    while (!running.stdout().includes('\n')) {
      if (running.child.exitCode !== null || running.child.signalCode !== null) return null;
      await pause(POLL_MS);
    }
    return (JSON.parse(running.stdout().split('\n')[0]) as { port: number }).port; // the first line of serve
  })();
  return { ...running, ready };
}

/** Until every partition has committed all of its log, or the process is gone. */
export async function caughtUp(served: OptikalProcess, dataDir: string, patienceMs = PATIENCE_MS): Promise<void> {
  const reader = openEmbeddedReader(dataDir);
  try {
    for (let waited = 0; reader.partitionStates().some(({ next, end }) => next < end); waited += POLL_MS) {
      if (served.child.exitCode !== null || served.child.signalCode !== null) throw new Error(`serve ended: ${served.stderr()}`);
      if (waited > patienceMs) throw new Error(`serve does not catch up: ${served.stderr()}`);
      await pause(POLL_MS);
    }
  } finally {
    reader.close();
  }
}

/** SIGTERM, and how it ended. */
export async function stopServe(served: OptikalProcess, signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<Exit> {
  served.child.kill(signal);
  return served.exit;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
