/** One life of `optikal serve` on a log that is not at its end: how soon it scores, its death, and what it left behind. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import type { Kill } from '../../test/support/kill-chain.ts';
import { readTrace } from '../../test/support/kill-chain.ts';
import { committed, differences, type PlacedAlert } from '../../test/support/prepared-log.ts';
import { pause, startServe, stopServe } from '../../test/support/serve-process.ts';

const POLL_MS = 4;
const PATIENCE_MS = 300_000;

export interface Life {
  /** False = it came to the end of the log before its death, and was stopped there. */
  readonly killed: boolean;
  /** From the start of the process; null = it died before. */
  readonly readyMs: number | null;
  readonly firstScoreMs: number | null;
  /** A batch was processed and not committed. */
  readonly lostWork: boolean;
  /** Alerts lost, changed, twice or foreign, in words. */
  readonly wrong: readonly string[];
}

export async function live(dataDir: string, reference: readonly PlacedAlert[], kill: Kill | null): Promise<Life> {
  const trace = join(dataDir, '..', `${dataDir.split('/').at(-1)}.trace`);
  const scores = new ScoreWatch(dataDir);
  const before = scores.last();
  const startMs = performance.now();
  const served = startServe(dataDir, [], {
    OPTIKAL_TRACE_PROCESSED: trace,
    ...(kill !== null && 'failpoint' in kill ? { OPTIKAL_FAILPOINT: `${kill.failpoint}:${kill.pass}` } : {}),
  });
  let readyMs: number | null = null;
  let firstScoreMs: number | null = null;
  let over = false;
  void served.exit.then(() => {
    over = true;
  });
  const isReady = () => served.stdout().includes('\n');
  for (;;) {
    const nowMs = performance.now() - startMs;
    if (readyMs === null && isReady()) readyMs = nowMs;
    if (firstScoreMs === null && scores.last() > before) firstScoreMs = nowMs;
    if (over) break;
    if (kill !== null && 'afterMs' in kill && readyMs !== null && nowMs - readyMs >= kill.afterMs) {
      served.child.kill('SIGKILL');
      break;
    }
    if (readyMs !== null && scores.isCaughtUp()) break;
    if (nowMs > PATIENCE_MS) throw new Error(`serve does not come to the end of its log: ${served.stderr()}`);
    await pause(POLL_MS);
  }
  if (!over && !served.child.killed) await stopServe(served);
  const { signal, code } = await served.exit;
  if (signal === null && code !== 0) throw new Error(`serve ended with ${code}: ${served.stderr()}`);
  scores.close();
  const reader = openEmbeddedReader(dataDir);
  const nexts = committed(reader);
  reader.close();
  const processed = existsSync(trace) ? readTrace(trace, 1) : [];
  const lostWork = signal !== null && nexts.some((next, partition) => (processed[partition] ?? 0) > next);
  return { killed: signal !== null, readyMs, firstScoreMs, lostWork, wrong: differences(dataDir, reference) };
}

/** The newest scored window and the position, asked of the file itself every few milliseconds. */
class ScoreWatch {
  private readonly db: DatabaseSync;
  private readonly lastScore;
  private readonly behind;

  constructor(dataDir: string) {
    this.db = new DatabaseSync(join(dataDir, 'bus.db'), { readOnly: true, timeout: 5000 });
    this.lastScore = this.db.prepare('SELECT max(rowid) AS row FROM scores');
    this.behind = this.db.prepare('SELECT (SELECT max(place) + 1 FROM log) - next AS lag FROM partition_state');
  }

  last(): number {
    return Number(this.lastScore.get()?.row ?? 0);
  }

  isCaughtUp(): boolean {
    return Number(this.behind.get()?.lag) <= 0;
  }

  close(): void {
    this.db.close();
  }
}

/** Of a process, from /proc: NaN where there is none. */
export function memoryMb(pid: number, which: 'VmRSS' | 'VmHWM'): number {
  if (process.platform !== 'linux') return Number.NaN;
  return Number(new RegExp(`^${which}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
