/**
 * Fits as plain data. What learns says beforehand all that it wants fitted (a plan), and goes on with the models when they are there: so it
 * stays a function of its arguments, and where the jobs are run, in which order and on how many cores cannot change a byte of the result.
 */
import type { Threat } from '@optikal/contracts';
import { type BaseScorer, decodeScorer, type Lstm, lstmOf, readModelFile } from '@optikal/ml';
import { BASE_SPECS, type BaseSpec, fitThreat } from './bases.ts';
import type { FitSample } from './dataset.ts';

export interface FitJob {
  readonly model: { readonly base: string } | { readonly threat: Threat };
  /** Positions of the samples that it may see, ascending; null = all. */
  readonly rows: Int32Array | null;
  /** Positions of samples, none of them in `rows`, that say when to stop; null = it is not stopped. Spent, as `rows` are: not out-of-fold. */
  readonly stopping: Int32Array | null;
  readonly seed: string;
}

/** Each knows its file. */
export type FittedModel = BaseScorer | Lstm;

/** In the order of the jobs; null where the samples of a job hold nothing to learn from. */
export type FittedModels = readonly (FittedModel | null)[];

export interface FitPlan<T> {
  readonly jobs: readonly FitJob[];
  readonly finish: (models: FittedModels) => T;
}

export type OnProgress = (done: number, total: number) => void;

/** Runs jobs on samples, somewhere. The same jobs and samples give models of the same bytes. */
export type RunJobs = (samples: readonly FitSample[], jobs: readonly FitJob[], onProgress?: OnProgress) => Promise<FittedModels>;

export function runJob(samples: readonly FitSample[], job: FitJob, specs: readonly BaseSpec[] = BASE_SPECS): FittedModel | null {
  const { model, seed } = job;
  const seen = job.rows === null ? samples : samplesAt(samples, job.rows);
  if ('threat' in model) return fitThreat(seen, model.threat, seed);
  const spec = specs.find(({ name }) => name === model.base)!; // a plan names bases of its own list
  return spec.fit(seen, seed, job.stopping === null ? [] : samplesAt(samples, job.stopping));
}

/** One job after the other, at once. */
export function runHere(
  samples: readonly FitSample[],
  jobs: readonly FitJob[],
  onProgress?: OnProgress,
  specs?: readonly BaseSpec[],
): FittedModels {
  return jobs.map((job, i) => {
    const model = runJob(samples, job, specs);
    onProgress?.(i + 1, jobs.length);
    return model;
  });
}

/** The model of a job that came back as its file. */
export function decodeFitted(bytes: Uint8Array): FittedModel {
  const content = readModelFile(bytes);
  return content.kind === 'lstm' ? lstmOf(content) : decodeScorer(bytes);
}

function samplesAt(samples: readonly FitSample[], rows: Int32Array): FitSample[] {
  return Array.from(rows, (row) => samples[row]!);
}
