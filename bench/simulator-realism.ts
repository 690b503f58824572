/**
 * How close the simulator is to real agents, and what it teaches: benign minutes beside benign minutes of recorded sessions (Kolmogorov–
 * Smirnov distance), and a bundle that has seen simulated fleets only, judged on recorded attacks. Only metrics that both really have are
 * compared; the recordings' clock, CPU, memory and response time are made by formulas. The rival are rows of the simple generator.
 */
import { join, resolve } from 'node:path';
import { RAW_METRIC_NAMES, type RawMetricName } from '../packages/contracts/src/index.ts';
import { bestStump, ksDistance, matrixOf } from '../packages/ml/src/index.ts';
import { decodeBundle, encodeBundle } from '../packages/optikal/src/detection/ensemble/bundle.ts';
import type { EvaluationReport } from '../packages/optikal/src/report/index.ts';
import { type DataSource, openDataSource } from '../packages/optikal/src/services/data-source.ts';
import { evaluateBundle } from '../packages/optikal/src/services/evaluate.ts';
import { catalogueOf, DEFAULT_PREVALENCE, DEFAULT_WISH, trainBundle } from '../packages/optikal/src/services/train.ts';
import { generateSimpleScenarios } from '../packages/optikal/src/training/simulator/index.ts';
import {
  benignWindows,
  COMPARED,
  LENGTHS,
  observed,
  simulatedSource,
} from '../packages/optikal/src/training/simulator/test-support/realism.ts';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'simulator-realism';
export const title =
  'benign minutes of 200 simulated agents × 1 day beside 472 recorded sessions, and AUROC there after training here; 3 seeds';

const SEEDS = ['1', '2', '3'];
const FLEET = { agents: 200, days: 1 };
const SIMPLE_ROWS = 20_000;
const FURTHEST = 0.35;

export async function run(): Promise<Row[]> {
  const folder = join(resolve(import.meta.dirname, '..', process.env.OPTIKAL_DATA ?? '../shared/data'), 'agents');
  const recorded = openDataSource(folder, { content: 'none' });
  return [...distances(recorded), ...(await transfer(recorded)), simpleSplit()];
}

function distances(recorded: DataSource): Row[] {
  const theirs = benignWindows(recorded);
  const ours = SEEDS.map((seed) => benignWindows(simulatedSource({ ...FLEET, seed })));
  const simple = [...generateSimpleScenarios({ rows: SIMPLE_ROWS, seed: 7, threatShare: 0 })];
  const row = (what: string, feature: string, rival: RawMetricName | null): Row => {
    const real = observed(theirs, feature);
    return rowOf({
      work: `benign minutes, ${what}: distance to recorded ones`,
      unit: 'KS',
      runs: ours.map((windows) => ksDistance(observed(windows, feature), real)),
      better: 'less',
      floor: FURTHEST,
      ...(rival === null
        ? {}
        : {
            rival: {
              name: 'simple generator',
              version: `${SIMPLE_ROWS} rows`,
              runs: [
                ksDistance(
                  simple.map((one) => one[rival]!), // the generator leaves nothing out
                  real,
                ),
              ],
            },
          }),
    });
  };
  return [
    ...RAW_METRIC_NAMES.flatMap((metric) => {
      const feature = COMPARED[metric];
      return feature === undefined ? [] : [row(metric, feature, metric)];
    }),
    ...Object.entries(LENGTHS).map(([what, feature]) => row(what, feature, null)),
  ];
}

/** Tools are the data's own, as whoever puts a bundle to work names his. */
async function transfer(recorded: DataSource): Promise<Row[]> {
  const found: EvaluationReport[] = [];
  for (const seed of SEEDS) {
    const source = simulatedSource({ ...FLEET, seed });
    const { content } = await trainBundle({ source, seed, wish: DEFAULT_WISH, prevalence: DEFAULT_PREVALENCE });
    const { files, fingerprint } = encodeBundle(content);
    const bundle = { ...decodeBundle(files, fingerprint), tools: catalogueOf(recorded) };
    found.push(
      evaluateBundle(bundle, recorded, { threshold: bundle.operatingPoint.threshold, asked: 'the bundle’s own', words: () => [] }),
    );
  }
  const { measured, baselines } = found[0]!; // one for each seed
  const { interval } = measured.auroc;
  const label = 'trained on the simulator, tested on recorded sessions, content none';
  return [
    rowOf({
      work: `${label}: AUROC${interval === null ? '' : ` [${interval.low.toFixed(2)}–${interval.high.toFixed(2)}]`}`,
      unit: '',
      runs: found.map((one) => one.measured.auroc.value),
      better: 'more',
      rival: { name: 'number of calls alone', version: '', runs: [baselines.callCount] },
    }),
    ...measured.recallAtFpr.map(({ fpr }, i) =>
      rowOf({
        work: `${label}: recall at FPR ${fpr}`,
        unit: '',
        runs: found.map((one) => one.measured.recallAtFpr[i]!.recall.value), // the same windows for each seed
        better: 'more',
      }),
    ),
  ];
}

function simpleSplit(): Row {
  const rows = [...generateSimpleScenarios({ rows: SIMPLE_ROWS, seed: 7 })];
  const matrix = matrixOf(rows.map((row) => RAW_METRIC_NAMES.map((metric) => row[metric]!))); // the generator leaves nothing out
  const { feature, balancedAccuracy } = bestStump(
    matrix,
    Uint8Array.from(rows, ({ label }) => label),
  );
  return rowOf({
    work: `simple generator: best split of one metric (${RAW_METRIC_NAMES[feature]})`,
    unit: 'balanced accuracy',
    runs: [balancedAccuracy],
    better: 'less',
  });
}
