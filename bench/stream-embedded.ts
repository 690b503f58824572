/** The streaming path through the durable bus: what it carries, what a window costs, how long an alert takes, what a fleet of 100,000 holds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runPaced } from './support/paced.ts';
import { benchBundle, embedded, inMemory, type PipelineOptions, type PipelineRun, runPipeline, thresholdFor } from './support/pipeline.ts';
import { quantileOf, type Row, rowOf } from './support/rows.ts';

export const name = 'stream-embedded';
export const title =
  'ingest (parse) → embedded bus (synchronous=FULL) → detector with 3 bases: 10,000 agents × 6 messages a minute × 5 calls, 200 s of log time';

const RUNS = 3;
const FLEET = { agents: 10_000, messagesPerMinute: 6, hijackShare: 0.01, seed: 'stream' } as const;
const SPAN = { logSeconds: 200, sliceSeconds: 5 } as const;
/** Windows that alert, at least: what a busy day would be. */
const ALERT_SHARE = 0.005;

export async function run(): Promise<Row[]> {
  const bundle = await benchBundle();
  const threshold = await thresholdFor(bundle, 1.5 * ALERT_SHARE, FLEET);

  const options = { ...FLEET, ...SPAN, bundle, threshold };
  const [durable, memory]: [PipelineRun[], PipelineRun[]] = [[], []];
  for (let n = 0; n < RUNS; n++) {
    durable.push(await alerting({ ...options, open: embedded }));
    memory.push(await alerting({ ...options, open: inMemory }));
  }
  const busy = await runPipeline({ ...options, open: embedded, agents: 2500, messagesPerMinute: 60, logSeconds: 130 });
  const crowd = await runPipeline({ ...options, open: embedded, agents: 100_000, messagesPerMinute: 1, logSeconds: 140 });
  const latency = await runPaced({ ...FLEET, open: embedded, bundle, threshold, boundaries: 2 });
  const small = await runPaced({ ...FLEET, open: embedded, agents: 1000, messagesPerMinute: 60, bundle, threshold, boundaries: 2 });

  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../packages/optikal/package.json'), 'utf8')) as {
    version: string;
  };
  const each = (runs: readonly PipelineRun[], of: (run: PipelineRun) => number) => runs.map(of);
  const rate = (run: PipelineRun) => run.records / run.wallSeconds;
  const cpuRate = (run: PipelineRun) => run.records / run.cpuSeconds;
  const rival = (of: (run: PipelineRun) => number) => ({ name: 'bus in memory', version, runs: each(memory, of) });
  const rows = [
    rowOf({ work: 'durable records', unit: 'records/s', better: 'more', floor: 5000, runs: each(durable, rate), rival: rival(rate) }),
    rowOf({
      work: 'durable records, all threads',
      unit: 'records/CPU s',
      better: 'more',
      runs: each(durable, cpuRate),
      rival: rival(cpuRate),
    }),
    rowOf({ work: 'durable records, 2,500 agents × 60 a minute', unit: 'records/s', better: 'more', floor: 5000, runs: [rate(busy)] }),
    rowOf({
      work: 'a window of 30 calls, p99: analyse and judge',
      unit: 'ms',
      better: 'less',
      runs: each(durable, (r) => quantileOf(r.windowMs, 0.99)),
    }),
    rowOf({ work: 'longest stall of the event loop', unit: 'ms', better: 'less', floor: 100, runs: each(durable, (r) => r.stallMs) }),
    rowOf({
      work: 'longest turn of the event loop, its processor time',
      unit: 'ms',
      better: 'less',
      runs: each(durable, (r) => r.turnCpuMs),
    }),
    rowOf({ work: 'memory (RSS), all windows open', unit: 'MB', better: 'less', runs: each(durable, (r) => r.rssMb) }),
    rowOf({
      work: 'due tick → alert p99, 1,000 records/s, 10,000 agents',
      unit: 'ms',
      better: 'less',
      runs: [quantileOf(latency.alertMs, 0.99)],
    }),
    rowOf({
      work: 'due tick → alert p99, 1,000 records/s, 1,000 agents',
      unit: 'ms',
      better: 'less',
      runs: [quantileOf(small.alertMs, 0.99)],
    }),
    rowOf({ work: 'durable records, 100,000 agents × 1 a minute', unit: 'records/s', better: 'more', floor: 5000, runs: [rate(crowd)] }),
    rowOf({ work: 'longest stall of the event loop, 100,000 agents', unit: 'ms', better: 'less', floor: 100, runs: [crowd.stallMs] }),
    rowOf({
      work: 'longest turn of the event loop, its processor time, 100,000 agents',
      unit: 'ms',
      better: 'less',
      runs: [crowd.turnCpuMs],
    }),
    rowOf({ work: 'memory (RSS), 100,000 agents', unit: 'MB', better: 'less', runs: [crowd.rssMb] }),
    rowOf({
      work: 'stored state of an agent, largest of 1,000',
      unit: 'bytes',
      better: 'less',
      floor: 4096,
      runs: [Math.max(...crowd.stateBytes)],
    }),
  ];
  return rows;
}

async function alerting(options: PipelineOptions): Promise<PipelineRun> {
  const run = await runPipeline(options);
  const { alerts, windows } = run.counters;
  if (alerts < ALERT_SHARE * windows) throw new Error(`expected alerts for ${ALERT_SHARE * windows} windows, found ${alerts}`);
  return run;
}
