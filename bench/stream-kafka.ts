/** The streaming path over a real broker on the same two cores: what it carries beside the embedded bus, how long an alert takes, what agents cost. */

import { type KafkaRig, startRig } from './support/kafka-rig.ts';
import { runPaced } from './support/paced.ts';
import { benchBundle, embedded, type PipelineOptions, type PipelineRun, runPipeline, thresholdFor } from './support/pipeline.ts';
import { quantileOf, type Row, rowOf } from './support/rows.ts';

export const name = 'stream-kafka';
export const title =
  'ingest (parse) → Kafka (one broker on the same cores) → detector with transactions: 10,000 agents × 6 messages a minute × 5 calls, 200 s of log time';

const RUNS = 3;
const FLEET = { agents: 10_000, messagesPerMinute: 6, hijackShare: 0.01, seed: 'stream' } as const;
const SPAN = { logSeconds: 200, sliceSeconds: 5 } as const;
/** Windows that alert, at least: what a busy day would be. */
const ALERT_SHARE = 0.005;
/** Of the long run, which must not grow. */
const LONG_RECORDS = 2_000_000;

export async function run(): Promise<Row[]> {
  const rig = await startRig();
  try {
    return await measure(rig);
  } finally {
    await rig.end();
  }
}

async function measure({ open }: KafkaRig): Promise<Row[]> {
  const bundle = await benchBundle();
  const threshold = await thresholdFor(bundle, 1.5 * ALERT_SHARE, FLEET);
  const options = { ...FLEET, ...SPAN, bundle, threshold };
  const [kafka, beside]: [PipelineRun[], PipelineRun[]] = [[], []];
  for (let n = 0; n < RUNS; n++) {
    kafka.push(await alerting({ ...options, open }));
    beside.push(await alerting({ ...options, open: embedded }));
  }
  const sizes: [number, PipelineRun][] = [[10_000, kafka[0]]];
  for (const [agents, messagesPerMinute] of [
    [1000, 60],
    [100_000, 1],
  ] as const)
    sizes.push([agents, await runPipeline({ ...options, open, agents, messagesPerMinute, logSeconds: 130 })]);
  const latency = await runPaced({ ...FLEET, open, bundle, threshold, boundaries: 2 });
  const long = await runPipeline({
    ...options,
    open,
    logSeconds: Math.ceil(LONG_RECORDS / ((FLEET.agents * FLEET.messagesPerMinute) / 60)),
  });

  const rate = (run: PipelineRun) => run.records / run.wallSeconds;
  const rival = { name: 'the embedded bus', version: 'this', runs: beside.map(rate) };
  return [
    rowOf({ work: 'records end to end', unit: 'records/s', better: 'more', floor: 5000, runs: kafka.map(rate), rival }),
    rowOf({
      work: 'due tick → alert p99, 1,000 records/s, 10,000 agents',
      unit: 'ms',
      better: 'less',
      floor: 50,
      runs: [quantileOf(latency.alertMs, 0.99)],
    }),
    ...sizes
      .sort(([a], [b]) => a - b)
      .map(([agents, { cpuSeconds, records }]) =>
        rowOf({
          work: `processor time of a record here (the broker's own beside), ${agents.toLocaleString('en')} agents`,
          unit: 'µs',
          better: 'less',
          runs: [(1e6 * cpuSeconds) / records],
        }),
      ),
    rowOf({
      work: `memory (RSS), slope over ${LONG_RECORDS.toLocaleString('en')} records`,
      unit: 'MB per 1,000,000 records',
      better: 'less',
      floor: 5,
      runs: [slopeOf(long)],
    }),
    rowOf({ work: 'longest stall of the event loop', unit: 'ms', better: 'less', runs: kafka.map(({ stallMs }) => stallMs) }),
  ];
}

async function alerting(options: PipelineOptions): Promise<PipelineRun> {
  const run = await runPipeline(options);
  const { alerts, windows } = run.counters;
  if (alerts < ALERT_SHARE * windows) throw new Error(`expected alerts for ${ALERT_SHARE * windows} windows, found ${alerts}`);
  return run;
}

/** Least squares over the last two thirds, MB a million records. */
function slopeOf({ memory }: PipelineRun): number {
  const points = memory.slice(Math.floor(memory.length / 3));
  const mean = (of: (point: (typeof points)[number]) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(({ records }) => records), mean(({ rssMb }) => rssMb)];
  const covariance = mean(({ records, rssMb }) => (records - x) * (rssMb - y));
  return (1e6 * covariance) / mean(({ records }) => (records - x) ** 2);
}
