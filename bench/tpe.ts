/**
 * The search of @optikal/ml beside Optuna's TPE on the same objectives: best value after 50 and 500 trials over 30 seeds, processor time of the
 * search itself, and a journal of ours that Optuna goes on with. Needs `bench/rivals/setup.sh`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createStudy, restoreStudy, type Trial } from '@optikal/ml';
import { median, type Row, rowOf } from './support/rows.ts';

export const name = 'tpe';
export const title = 'TPE search against Optuna: best value of 30 seeds, overhead, the journal read by both';

const SEEDS = 30;
const TRIALS = [50, 500];
/** Worse than the median of Optuna's seeds by no more than this share of their standard deviation. */
const WORSE = 0.1;
const OVERHEAD = 0.2;
const PYTHON = resolve(import.meta.dirname, '../.cache/rivals/bin/python');
const SCRIPT = resolve(import.meta.dirname, 'rivals/tpe.py');

const branin = (trial: Trial) => {
  const x = trial.suggestFloat('x', -5, 10);
  const y = trial.suggestFloat('y', 0, 15);
  return (y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6) ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
};

const A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const P = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];
const ALPHA = [1, 1.2, 3, 3.2];

const hartmann6 = (trial: Trial) => {
  const v = A[0].map((_, i) => trial.suggestFloat(`x${i}`, 0, 1));
  return -ALPHA.reduce((sum, alpha, i) => sum + alpha * Math.exp(-A[i].reduce((s, w, j) => s + w * (v[j] - P[i][j]) ** 2, 0)), 0);
};

const KINDS = { a: 0, b: 0.3, c: 0.6, d: 1 };
const mixed = (trial: Trial) => {
  const rate = trial.suggestFloat('rate', 1e-5, 1, { log: true });
  const leaves = trial.suggestInt('leaves', 2, 256, { log: true });
  const rounds = trial.suggestInt('rounds', 10, 500, { step: 10 });
  const kind = trial.suggestCategorical('kind', ['a', 'b', 'c', 'd'] as const);
  const share = trial.suggestFloat('share', 0, 1, { step: 0.05 });
  const x = trial.suggestFloat('x', -3, 3);
  return (
    (Math.log10(rate) + 2) ** 2 +
    0.2 * (Math.log2(leaves) - 5) ** 2 +
    ((rounds - 200) / 200) ** 2 +
    KINDS[kind] +
    (share - 0.7) ** 2 +
    0.3 * x * x
  );
};

/** With the least value there is. */
const OBJECTIVES = {
  Branin: { evaluate: branin, least: 0.397887357729738 },
  Hartmann6: { evaluate: hartmann6, least: -3.32236801141551 },
  mixed: { evaluate: mixed, least: 0 },
};

interface Found {
  readonly best: readonly number[];
  /** Processor time of each study. */
  readonly seconds: readonly number[];
}

export async function run(): Promise<Row[]> {
  const theirs = ask({ trials: TRIALS, seeds: SEEDS }) as { version: string; found: Readonly<Record<string, Found>> }; // as tpe.py prints it
  const rows: Row[] = [];
  for (const [objective, { evaluate, least }] of Object.entries(OBJECTIVES))
    for (const trials of TRIALS) {
      const ours = measure(evaluate, trials);
      const rival = theirs.found[`${objective} ${trials}`];
      const beside = (runs: readonly number[]) => ({ name: 'Optuna', version: theirs.version, runs });
      const above = (values: readonly number[]) => values.map((value) => value - least);
      const work = `${objective}, ${trials} trials`;
      rows.push(
        rowOf({
          work: `${work}: best value above the least there is, median of ${SEEDS} seeds`,
          unit: '',
          runs: above(ours.best),
          better: 'less',
          rival: beside(above(rival.best)),
        }),
      );
      rows.push(
        rowOf({
          work: `${work}: median worse than Optuna's, in its standard deviations`,
          unit: '',
          runs: [(median(ours.best) - median(rival.best)) / deviation(rival.best)],
          better: 'less',
          floor: WORSE,
        }),
      );
      const ratio = median(ours.seconds) / median(rival.seconds);
      rows.push(
        rowOf({ work: `${work}: processor time of a study`, unit: 's', runs: ours.seconds, better: 'less', rival: beside(rival.seconds) }),
      );
      if (trials === 500 && objective === 'mixed')
        rows.push(rowOf({ work: `${work}: share of Optuna's processor time`, unit: '', runs: [ratio], better: 'less', floor: OVERHEAD }));
    }
  return [...rows, journalRow()];
}

function measure(evaluate: (trial: Trial) => number, trials: number): Found {
  const best: number[] = [];
  const seconds: number[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const start = process.cpuUsage();
    const study = createStudy({ seed });
    study.optimize(evaluate, trials);
    const { user, system } = process.cpuUsage(start);
    seconds.push((user + system) / 1e6);
    best.push(study.best!.value!);
  }
  return { best, seconds };
}

/** Ours begins, Optuna goes on, ours reads what came of it: trials in all. */
function journalRow(): Row {
  const folder = mkdtempSync(join(tmpdir(), 'optikal-tpe-'));
  try {
    const path = join(folder, 'journal.log');
    const lines: string[] = [];
    createStudy({ seed: 1, name: 'bench', onLine: (line) => lines.push(line) }).optimize(mixed, 20);
    writeFileSync(path, `${lines.join('\n')}\n`);
    ask({ journal: path, name: 'bench', objective: 'mixed', more: 10 });
    const { study } = restoreStudy(readFileSync(path, 'utf8'));
    return rowOf({
      work: 'a journal of 20 trials, 10 more by Optuna: trials that both have seen',
      unit: 'trials',
      runs: [study.trials.filter(({ state }) => state === 'complete').length],
      better: 'more',
      floor: 30,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ask(job: object): unknown {
  const { status, stdout, stderr } = spawnSync(PYTHON, [SCRIPT, JSON.stringify(job)], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`optuna: ${stderr}; bench/rivals/setup.sh makes its environment`);
  return JSON.parse(stdout);
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
