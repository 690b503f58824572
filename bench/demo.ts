/**
 * What a newcomer sees: the demo's bundle fitted on a simulated fleet, then 200 other agents for 4 hours through the durable log and the
 * detector, unpaced. Five seeds, each with its own fleets and bundle; the floors hold for the worst of them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDemo } from '../packages/optikal/src/services/demo.ts';
import { demoBundle } from '../packages/optikal/src/services/demo-bundle.ts';
import type { DemoSummary } from '../packages/optikal/src/services/demo-summary.ts';
import { type Measured, type Row, rowOf } from './support/rows.ts';

export const name = 'demo';
export const title = 'the demo: fit, campaigns caught, false alarms, time to the alert; 5 seeds × 200 agents × 4 h';

const SEEDS = ['demo', 'a', 'b', 'c', 'd'];

interface Found {
  readonly fitSeconds: number;
  readonly summary: DemoSummary;
}

export async function run(): Promise<Row[]> {
  const found: Found[] = [];
  for (const seed of SEEDS) found.push(await runSeed(seed));
  const runs = (value: (of: Found) => number) => found.map(value);
  const caught = (intensity: string) =>
    runs(({ summary }) => {
      const own = summary.campaigns.filter((entry) => entry.intensity === intensity);
      return own.reduce((sum, entry) => sum + entry.caught, 0) / own.reduce((sum, entry) => sum + entry.all, 0);
    });
  return [
    rowOf({
      work: 'fit of the bundle, 420 agents × 12 h',
      unit: 's',
      runs: runs(({ fitSeconds }) => fitSeconds),
      better: 'less',
      floor: 15,
    }),
    ...worstAndMean({
      work: 'campaigns caught, blatant and moderate',
      unit: 'share',
      runs: runs(({ summary }) => summary.caught / summary.campaignCount),
      better: 'more',
      floor: 0.7,
    }),
    rowOf({ work: 'campaigns caught, blatant', unit: 'share', runs: caught('blatant'), better: 'more' }),
    rowOf({ work: 'campaigns caught, moderate', unit: 'share', runs: caught('moderate'), better: 'more' }),
    ...worstAndMean({
      work: 'false alarms',
      unit: 'per agent-week',
      runs: runs(({ summary }) => summary.falseAlarmsPerAgentWeek),
      better: 'less',
      floor: 1,
    }),
    rowOf({
      work: 'first malicious call → alert, median',
      unit: 's of event time',
      runs: runs(({ summary }) => summary.latencySeconds?.median ?? Number.POSITIVE_INFINITY),
      better: 'less',
    }),
    rowOf({
      work: 'first malicious call → alert, 90 %',
      unit: 's of event time',
      runs: runs(({ summary }) => summary.latencySeconds?.p90 ?? Number.POSITIVE_INFINITY),
      better: 'less',
    }),
  ];
}

/** A floor that a typical seed holds says little to whoever drew the worst one; a mean of counts says more than their median. */
function worstAndMean(measured: Measured): Row[] {
  const { runs, better, work, floor: _, ...rest } = measured;
  const worst = better === 'more' ? Math.min(...runs) : Math.max(...runs);
  const mean = runs.reduce((sum, value) => sum + value, 0) / runs.length;
  return [
    rowOf({ ...measured, work: `${work}, worst seed`, runs: [worst] }),
    rowOf({ ...rest, better, work: `${work}, mean of ${runs.length} seeds`, runs: [mean] }),
  ];
}

async function runSeed(seed: string): Promise<Found> {
  const root = mkdtempSync(join(tmpdir(), 'optikal-bench-demo-'));
  try {
    const started = performance.now();
    const { folder } = await demoBundle(seed, { OPTIKAL_CACHE_DIR: join(root, 'cache') });
    const fitSeconds = (performance.now() - started) / 1000;
    const summary = await runDemo({
      dataDir: join(root, 'var'),
      bundleFolder: folder,
      agents: 200,
      hours: 4,
      seed,
      speed: Number.POSITIVE_INFINITY,
      stop: new AbortController().signal,
      onAlert: () => {},
      onTime: () => {},
    });
    return { fitSeconds, summary };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
