/**
 * What a kill -9 costs: a server over a log with 100,000 agents in the middle of a window is killed again and again, at failpoints and at random
 * moments. How soon does the next one score, and is anything lost?
 */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedBus, openEmbeddedReader } from '../packages/optikal/src/bus/index.ts';
import type { Failpoint } from '../packages/optikal/src/observability/failpoint.ts';
import { demoBundle } from '../packages/optikal/src/services/demo-bundle.ts';
import { verifyDataDir } from '../packages/optikal/src/services/verify.ts';
import { inParallel, type Kill } from '../test/support/kill-chain.ts';
import { drawFrom } from '../test/support/mangle.ts';
import { type PlacedAlert, referenceOf } from '../test/support/prepared-log.ts';
import { caughtUp, startServe, stopServe } from '../test/support/serve-process.ts';
import { thresholdFor } from './support/pipeline.ts';
import { type Life, live, memoryMb } from './support/recovery-cycle.ts';
import { BUSY, CROWD, CROWDED_TICK, prepareRecovery } from './support/recovery-log.ts';
import { quantileOf, type Row, rowOf } from './support/rows.ts';

export const name = 'recovery';
export const title =
  '200 kills -9 of `serve` over a log with 100,000 agents whose windows are open and a busy fleet of 2,000; 2 copies of the log';

const KILLS = 200;
/** Copies of the log, and processes at a time. */
const CHAINS = 2;
const SEED = 20_260_106;
/** So many windows alert that each commit has something to lose. */
const ALERT_SHARE = 0.3;
const FAILPOINTS: readonly Failpoint[] = [
  'detector.batch.processed',
  'bus.commit.begin',
  'bus.commit.after_state',
  'bus.commit.after_alerts',
  'bus.commit.before_commit',
  'bus.commit.after_commit',
  'bus.restore',
  'detector.epoch.switch',
];
/** These are passed once in a life. */
const ONCE: ReadonlySet<Failpoint> = new Set(['bus.restore', 'detector.epoch.switch']);

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'optikal-recovery-'));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(folder: string): Promise<Row[]> {
  const prepared = join(folder, 'prepared');
  const { folder: bundleFolder, bundle } = await demoBundle('bench', process.env);
  const threshold = await thresholdFor(bundle, ALERT_SHARE, { ...BUSY, seed: 'threshold' });
  const events = await prepareRecovery(prepared, { folder: bundleFolder, fingerprint: bundle.fingerprint, threshold });
  const reference = await referenceOf(prepared);
  if (reference.length < 1000) throw new Error(`expected 1,000 alerts to lose, found ${reference.length}`);
  say(`${events} events, ${reference.length} alerts`);
  const lives: Life[] = [];
  const kills = plannedKills();
  let taken = 0;
  const killCount = () => lives.filter(({ killed }) => killed).length;
  const chains = Array.from({ length: CHAINS }, (_, n) => async () => {
    const lost: number[] = [];
    const dataDir = join(folder, `chain-${n}`);
    const lifeOf = async (kill: Kill | null) => {
      if (!existsSync(dataDir)) cpSync(prepared, dataDir, { recursive: true });
      const life = await live(dataDir, reference, kill);
      if (lives.push(life) % 20 === 0) say(`${lives.length} lives, ${killCount()} kills`);
      return life;
    };
    while (killCount() < KILLS && taken < kills.length) {
      if ((await lifeOf(kills[taken++])).killed) continue;
      // A log that was gone through is exchanged for a fresh one.
      lost.push(recordsOff(dataDir, events));
      rmSync(dataDir, { recursive: true });
    }
    await lifeOf(null);
    lost.push(recordsOff(dataDir, events));
    return lost;
  });
  const lost = (await inParallel(chains, CHAINS)).flat();
  const { equal } = await verifyDataDir(join(folder, 'chain-0'));
  const restart = await restartOfAll(join(folder, 'chain-0'));
  return rowsOf(lives, { lost, reference, equal, restart });
}

function rowsOf(
  lives: readonly Life[],
  { lost, reference, equal, restart }: { lost: readonly number[]; reference: readonly PlacedAlert[]; equal: boolean; restart: Restart },
): Row[] {
  const killed = lives.filter((life) => life.killed);
  const wrong = lives.flatMap((life) => life.wrong);
  for (const one of wrong) say(one);
  const firstScores = lives.flatMap(({ firstScoreMs }) => (firstScoreMs === null ? [] : [firstScoreMs / 1000]));
  const ready = lives.flatMap(({ readyMs }) => (readyMs === null ? [] : [readyMs / 1000]));
  const less = (work: string, unit: string, value: number, floor?: number) =>
    rowOf({ work, unit, better: 'less', runs: [value], ...(floor === undefined ? {} : { floor }) });
  return [
    rowOf({ work: 'kills -9 of a server with 100,000 agents', unit: 'kills', better: 'more', runs: [killed.length], floor: KILLS }),
    less('kills that lost work not yet committed', '%', (100 * killed.filter(({ lostWork }) => lostWork).length) / killed.length),
    less(
      'records lost or processed twice',
      'records',
      lost.reduce((sum, one) => sum + one, 0),
      0,
    ),
    less(`alerts lost, changed, twice or foreign, of ${reference.length}, looked at after each kill`, 'findings', wrong.length, 0),
    rowOf({ work: 'alerts of a replay equal those stored (1 = yes)', unit: 'verify', better: 'more', runs: [equal ? 1 : 0], floor: 1 }),
    less('restart → first score, median', 's', quantileOf(firstScores, 0.5)),
    less('restart → first score, p99', 's', quantileOf(firstScores, 0.99)),
    less('restart → ready, 100,000 agents with open windows, median', 's', quantileOf(ready, 0.5)),
    less('memory (RSS) when ready, 100,000 agents with open windows', 'MB', restart.readyMb),
    less('restart → the windows of 100,000 agents loaded, judged and committed', 's', restart.seconds),
    less('memory (RSS), most of it, all 100,000 loaded and judged', 'MB', restart.mostMb),
  ];
}

interface Restart {
  readonly readyMb: number;
  readonly seconds: number;
  readonly mostMb: number;
}

/** One restart in front of the tick that makes every window due. */
async function restartOfAll(dataDir: string): Promise<Restart> {
  const bus = await openEmbeddedBus({ dataDir, partitions: 1 });
  await bus.append([CROWDED_TICK]);
  await bus.close();
  const startMs = performance.now();
  const served = startServe(dataDir);
  await served.ready;
  const readyMb = memoryMb(served.child.pid!, 'VmRSS'); // it runs
  await caughtUp(served, dataDir, 600_000);
  const seconds = (performance.now() - startMs) / 1000;
  const mostMb = memoryMb(served.child.pid!, 'VmHWM');
  await stopServe(served);
  const { windows } = countersOf(dataDir);
  if (windows < CROWD) throw new Error(`expected ${CROWD} windows and more, found ${windows}`);
  return { readyMb, seconds, mostMb };
}

/** By how many events the detector's own count differs from the log's, at its end. */
function recordsOff(dataDir: string, events: number): number {
  return Math.abs(countersOf(dataDir).events - events);
}

function countersOf(dataDir: string): { readonly events: number; readonly windows: number } {
  const reader = openEmbeddedReader(dataDir);
  const [{ partitionState }] = reader.partitionStates();
  reader.close();
  return (JSON.parse(partitionState!) as { counters: { events: number; windows: number } }).counters; // written by encodePartition
}

/** More than are needed: a server that comes to the end of its log was not killed. */
function plannedKills(): Kill[] {
  const draw = drawFrom(SEED);
  return Array.from({ length: 2 * KILLS }, (_, n): Kill => {
    if (n % 2 === 0) return { afterMs: draw(0, 400) };
    const failpoint = FAILPOINTS[draw(0, FAILPOINTS.length - 1)];
    return { failpoint, pass: ONCE.has(failpoint) ? 1 : draw(1, 4) };
  });
}

function say(text: string): void {
  console.error(`  ${text}`);
}
