/**
 * What a second worker saves when a bundle is fitted: the demo's fleet, read once, its models fitted on one thread and on two, in turns. Wall time:
 * what somebody waits. The bundle has the same bytes (packages/optikal/src/services/training-workers/pool.test.ts).
 */
import { version } from 'node:process';
import { parseToolsYaml } from '../packages/optikal/src/detection/tools/index.ts';
import { prepareTraining } from '../packages/optikal/src/services/train.ts';
import { openTrainingWorkers } from '../packages/optikal/src/services/training-workers/pool.ts';
import type { WindowSample } from '../packages/optikal/src/training/dataset.ts';
import { fitBundleWith } from '../packages/optikal/src/training/fit.ts';
import { indexTruth } from '../packages/optikal/src/training/labels.ts';
import { simulateFleet, toolsYaml } from '../packages/optikal/src/training/simulator/index.ts';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'fit-workers';
export const title =
  'the models of a bundle on one thread and on two: 300 agents × 12 h, 3 folds, 5 runs; 8,000 windows with a larger LSTM, 5 folds';

const RUNS = 5;
/** A fit that somebody waits for: everything on 8,000 windows, the LSTM with 64 cells for 20 epochs, never stopped. */
const LARGE = { windows: 8000, folds: 5, sequence: { hidden: 64, epochs: 20, patience: 20 }, seconds: 60, runs: 3 };

export async function run(): Promise<Row[]> {
  const fleet = simulateFleet({ agents: 300, days: 0.5, startHour: 7, attackedShare: 0.3, campaignsPerAgent: 2, seed: 'bench:train' });
  const source = {
    kind: 'fleet',
    description: 'simulated fleet',
    events: () => fleet.events(),
    truth: indexTruth(fleet.truth),
    tools: parseToolsYaml(toolsYaml()),
    relatives: () => [],
    metaOf: null,
    refused: () => 0,
  } as const;
  const { fit } = prepareTraining({ source, seed: 'bench', wish: { kind: 'fpr', value: 0.0003 }, prevalence: 0.01, folds: 3 });
  // Threads load their code while events are read: what is timed begins when they are ready.
  const [one, two] = [openTrainingWorkers(1), openTrainingWorkers(2)];
  try {
    const secondsOf = async ({ run: runJobs }: typeof one, options = fit) => {
      const started = performance.now();
      await fitBundleWith(runJobs, options);
      return (performance.now() - started) / 1000;
    };
    await secondsOf(two);
    await secondsOf(one);
    const [alone, both]: [number[], number[]] = [[], []];
    for (let n = 0; n < RUNS; n++) {
      alone.push(await secondsOf(one));
      both.push(await secondsOf(two));
    }
    const { samples } = fit.dataset;
    const large = { ...fit, folds: LARGE.folds, sequence: LARGE.sequence, dataset: { ...fit.dataset, samples: thinned(samples) } };
    const whole: number[] = [];
    for (let n = 0; n < LARGE.runs; n++) whole.push(await secondsOf(two, large));
    return [
      rowOf({
        work: `everything on ${LARGE.windows} windows, ${LARGE.sequence.epochs} epochs of an LSTM with ${LARGE.sequence.hidden} cells, ${LARGE.folds} folds, two workers`,
        unit: 's',
        runs: whole,
        better: 'less',
        floor: LARGE.seconds,
      }),
      rowOf({
        work: 'fit of the models, two workers',
        unit: 's',
        runs: both,
        better: 'less',
        rival: { name: 'one worker', version: `Node ${version}`, runs: alone },
      }),
    ];
  } finally {
    await two.close();
  }
}

/** So many windows, evenly from all agents, so that the last ones of each sequence stay what they were. */
function thinned(samples: readonly WindowSample[]): readonly WindowSample[] {
  return Array.from({ length: LARGE.windows }, (_, i) => samples[Math.floor((i * samples.length) / LARGE.windows)]);
}
