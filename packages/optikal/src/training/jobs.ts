/**
 * Fits as plain data. What learns says beforehand all that it wants fitted (a plan), and goes on with the models when they are there: so it
 * stays a function of its arguments, and where the jobs are run, in which order and on how many cores cannot change a byte of the result.
 */
import type { Threat } from '@optikal/contracts';
import type { BaseScorer } from '@optikal/ml';
import { BASE_SPECS, type BaseSpec, fitThreat } from './bases.ts';
import type { FitSample } from './dataset.ts';

export interface FitJob {
  readonly model: { readonly base: string } | { readonly threat: Threat };
  /** Positions of the samples that it may see, ascending; null = all. */
  readonly rows: Int32Array | null;
  readonly seed: string;
}

/** In the order of the jobs; null where the samples of a job hold nothing to learn from. */
export type FittedModels = readonly (BaseScorer | null)[];

export interface FitPlan<T> {
  readonly jobs: readonly FitJob[];
  readonly finish: (models: FittedModels) => T;
}

export type OnProgress = (done: number, total: number) => void;

/** Runs jobs on samples, somewhere. The same jobs and samples give models of the same bytes. */
export type RunJobs = (samples: readonly FitSample[], jobs: readonly FitJob[], onProgress?: OnProgress) => Promise<FittedModels>;

export function runJob(samples: readonly FitSample[], job: FitJob, specs: readonly BaseSpec[] = BASE_SPECS): BaseScorer | null {
  const seen = job.rows === null ? samples : Array.from(job.rows, (row) => samples[row]!);
  if ('threat' in job.model) return fitThreat(seen, job.model.threat, job.seed);
  const { base } = job.model;
  return specs.find(({ name }) => name === base)!.fit(seen, job.seed); // a plan names bases of its own list
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
