/**
 * Boosting of ours and of its rivals on the same sets: what `bench/boosting-parity.ts` shows and what `write-goldens.ts` keeps. Sets are written
 * to files for the rivals, who run in a Python environment of their own (`setup.sh`).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { auroc, fitBoosting, type Matrix, rowOf, takeRows } from '@optikal/ml';
import { PARITY_DATA, PARITY_OPTIONS, parityData } from '../../packages/ml/test/parity-data.ts';
import { hasTabularSets, readTabularSet } from '../../packages/ml/test/tabular.ts';

export interface ParitySet {
  readonly name: string;
  readonly sha256: string;
  readonly matrix: Matrix;
  readonly labels: Uint8Array;
  /** 1 = the first trainRows are fitted and the rest judged; more = each fold (row index modulo folds) by a model of the others. */
  readonly folds: number;
  readonly trainRows: number;
}

export interface Figures {
  /** Mean of the folds. */
  readonly auroc: number;
  /** Of all judged rows. */
  readonly logLoss: number;
  /** Processor time of each fit, binning included. */
  readonly seconds: readonly number[];
}

export interface Rival {
  readonly version: string;
  readonly sets: Readonly<Record<string, Figures>>;
}

export const MADE_UP = 'made-up';
const REAL = ['cardio', 'mammography', 'satellite'];
const FOLDS = 5;
const PYTHON = resolve(import.meta.dirname, '../../.cache/rivals/bin/python');

/** The made-up rows, and the public sets where the data folder is there. */
export function paritySets(): ParitySet[] {
  const { bytes, sha256, train, test } = parityData();
  const values = new Float64Array(train.matrix.values.length + test.matrix.values.length);
  values.set(train.matrix.values);
  values.set(test.matrix.values, train.matrix.values.length);
  const { rows, cols, trainRows } = PARITY_DATA;
  const labels = bytes.slice(rows * cols * 8);
  const real = hasTabularSets(REAL) ? REAL.map((name) => ({ name, ...readTabularSet(name), folds: FOLDS, trainRows: 0 })) : [];
  return [{ name: MADE_UP, sha256, matrix: { rows, cols, values }, labels, folds: 1, trainRows }, ...real];
}

export function measureOurs({ matrix, labels, folds, trainRows }: ParitySet, runs: number): Figures {
  const seconds: number[] = [];
  const areas: number[] = [];
  let loss = 0;
  let judged = 0;
  for (let fold = 0; fold < folds; fold++) {
    const isTest = (r: number) => (folds > 1 ? r % folds === fold : r >= trainRows);
    const all = Array.from({ length: matrix.rows }, (_, r) => r);
    const fitted = all.filter((r) => !isTest(r));
    const held = all.filter(isTest);
    const pick = (rows: readonly number[]) => Uint8Array.from(rows, (r) => labels[r]);
    const [train, trainLabels] = [takeRows(matrix, fitted), pick(fitted)];
    const fits = Array.from({ length: runs }, () => {
      const start = process.cpuUsage();
      const model = fitBoosting(train, trainLabels, PARITY_OPTIONS);
      const { user, system } = process.cpuUsage(start);
      return { model, seconds: (user + system) / 1e6 };
    });
    seconds.push(...fits.map((fit) => fit.seconds));
    const { model } = fits[0];
    const scores = Float64Array.from(held, (r) => model.score(rowOf(matrix, r)));
    held.forEach((r, i) => {
      loss += Math.max(scores[i], 0) - scores[i] * labels[r] + Math.log1p(Math.exp(-Math.abs(scores[i])));
    });
    judged += held.length;
    areas.push(auroc(scores, pick(held)));
  }
  return { auroc: areas.reduce((sum, area) => sum + area, 0) / folds, logLoss: loss / judged, seconds };
}

/** By name of the rival. Fails with what to do where the environment is not there. */
export function measureRivals(sets: readonly ParitySet[], runs: number): Readonly<Record<string, Rival>> {
  if (!existsSync(PYTHON)) throw new Error('the rivals need an environment of their own: bench/rivals/setup.sh makes it');
  const folder = mkdtempSync(join(tmpdir(), 'optikal-rivals-'));
  try {
    const job = join(folder, 'job.json');
    const files = sets.map(({ name, matrix, labels, folds, trainRows }) => {
      const file = join(folder, `${name}.bin`);
      writeFileSync(file, Buffer.concat([Buffer.from(matrix.values.buffer, matrix.values.byteOffset, matrix.values.byteLength), labels]));
      return { name, file, rows: matrix.rows, cols: matrix.cols, folds, trainRows };
    });
    writeFileSync(job, JSON.stringify({ options: PARITY_OPTIONS, runs, sets: files }));
    const { status, stdout, stderr } = spawnSync(PYTHON, [join(import.meta.dirname, 'boosting.py'), job], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`boosting.py ended with ${status}\n${stderr}`);
    return JSON.parse(stdout) as Record<string, Rival>; // what boosting.py prints
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
