/**
 * Loaded before `optikal serve` (NODE_OPTIONS=--import=…): writes what only the process itself knows, once a second, as JSON lines to the
 * file that OPTIKAL_BENCH_PROBE names. The server's own code is untouched.
 */
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** One second of the process. */
export interface Probe {
  readonly timeMs: number;
  readonly rssMb: number;
  readonly heapUsedMb: number;
  readonly externalMb: number;
  /** Longest turn of the event loop in this second, beyond the timer's own period. */
  readonly stallMs: number;
  /** Processor time of all threads in this second. */
  readonly cpuMs: number;
}

const RESOLUTION_MS = 5;
const MB = 2 ** 20;
const path = process.env.OPTIKAL_BENCH_PROBE;

if (path !== undefined && isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let cpu = process.cpuUsage();
  setInterval(() => {
    const { rss, heapUsed, external } = process.memoryUsage();
    const used = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    const probe: Probe = {
      timeMs: Date.now(),
      rssMb: rss / MB,
      heapUsedMb: heapUsed / MB,
      externalMb: external / MB,
      stallMs: Math.max(0, delay.max / 1e6 - RESOLUTION_MS),
      cpuMs: (used.user + used.system) / 1000,
    };
    delay.reset();
    appendFileSync(path, `${JSON.stringify(probe)}\n`);
  }, 1000).unref();
}
