/** From the start of `optikal serve` with a bundle until it says that it is ready, and what it holds when nothing happens. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoBundle } from '../packages/optikal/src/services/demo-bundle.ts';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'startup';
export const title = '`serve --bundle` until ready, first and second start of a data directory, and memory when idle; 5 runs';

const RUNS = 5;
const IDLE_MS = 3000;
const MAIN = join(import.meta.dirname, '../packages/optikal/src/cli/main.ts');

export async function run(): Promise<Row[]> {
  const { folder } = await demoBundle('bench', process.env);
  const [first, second, rss]: [number[], number[], number[]] = [[], [], []];
  for (let n = 0; n < RUNS; n++) {
    const dataDir = mkdtempSync(join(tmpdir(), 'optikal-bench-'));
    try {
      first.push((await serve(dataDir, folder, 0)).seconds);
      const again = await serve(dataDir, folder, IDLE_MS);
      second.push(again.seconds);
      rss.push(again.rssMb);
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  }
  return [
    rowOf({ work: 'serve ready, new data directory', unit: 's', better: 'less', floor: 1.5, runs: first }),
    rowOf({ work: 'serve ready, second start', unit: 's', better: 'less', floor: 1.5, runs: second }),
    rowOf({ work: `memory (RSS) ${IDLE_MS / 1000} s after, idle`, unit: 'MB', better: 'less', floor: 300, runs: rss }),
  ];
}

async function serve(dataDir: string, bundle: string, idleMs: number): Promise<{ readonly seconds: number; readonly rssMb: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, [MAIN, 'serve', '--bundle', bundle, '--data-dir', dataDir, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<never>((_, reject) => child.once('exit', (code) => reject(new Error(`serve ended with ${code}`))));
  const ready = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  await Promise.race([ready, ended]);
  const seconds = (performance.now() - start) / 1000;
  await sleep(idleMs);
  const rssMb = rssOf(child.pid!); // it runs
  ended.catch(() => {});
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
  return { seconds, rssMb };
}

/** From /proc: NaN where there is none. */
function rssOf(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}
