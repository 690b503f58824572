/**
 * Fits as plain data. What learns says beforehand all that it wants fitted (a plan), and goes on with the models when they are there: so it
 * stays a function of its arguments, and where the jobs are run, in which order and on how many cores cannot change a byte of the result.
 */
import type { Threat } from '@optikal/contracts';
import { type BaseScorer, decodeClassScorer, decodeScorer, type Lstm, lstmOf, readModelFile } from '@optikal/ml';
import { ACTED_SPECS, BASE_SPECS, type BaseSpec } from './bases.ts';
import type { FitSample } from './dataset.ts';
import type { SequenceOptions } from './sequence-base.ts';
import { type FittedThreats, fitThreats, type OutOfBagFigures } from './threats.ts';

export interface FitJob {
  readonly model: { readonly base: string } | { readonly threats: readonly Threat[] };
  /** Positions of the samples that it may see, ascending; null = all. */
  readonly rows: Int32Array | null;
  /** Positions of samples, none of them in `rows`, that say when to stop; null = it is not stopped. Spent, as `rows` are: not out-of-fold. */
  readonly stopping: Int32Array | null;
  readonly seed: string;
  /** Of the sequence model; absent = its defaults. */
  readonly sequence?: SequenceOptions;
}

export type FittedModel = BaseScorer | Lstm | FittedThreats;

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
  if ('threats' in model) return fitThreats(seen, model.threats, seed);
  const spec = [...specs, ...ACTED_SPECS].find(({ name }) => name === model.base)!; // a plan names bases of its own list, or of the head
  const stopping = job.stopping === null ? [] : samplesAt(samples, job.stopping);
  return spec.on === 'sequence' ? spec.fit(seen, seed, stopping, job.sequence) : spec.fit(seen, seed, stopping);
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

/** A model as bytes, and what is known of it beside them: so it comes back from a thread. */
export interface EncodedModel {
  readonly file: Uint8Array;
  /** Of the forest of threats. */
  readonly outOfBag: OutOfBagFigures | null;
}

export function encodeFitted(model: FittedModel): EncodedModel {
  return 'outOfBag' in model ? { file: model.forest.encode(), outOfBag: model.outOfBag } : { file: model.encode(), outOfBag: null };
}

export function decodeFitted({ file, outOfBag }: EncodedModel): FittedModel {
  if (outOfBag !== null) return { kind: 'threats', forest: decodeClassScorer(file), outOfBag };
  const content = readModelFile(file);
  return content.kind === 'lstm' ? lstmOf(content) : decodeScorer(file);
}

function samplesAt(samples: readonly FitSample[], rows: Int32Array): FitSample[] {
  return Array.from(rows, (row) => samples[row]!);
}
