/**
 * Fits on several cores: each thread takes the next job when it has done its last. A model comes back as its file and has its place by the
 * number of its job, so neither the number of threads nor who is done first can be seen in a bundle.
 */
import { Worker } from 'node:worker_threads';
import type { FitSample } from '../../training/dataset.ts';
import { decodeFitted, type FitJob, type FittedModel, type RunJobs, runHere } from '../../training/jobs.ts';
import { ServiceError } from '../errors.ts';
import type { WorkerReply, WorkerRequest } from './protocol.ts';
import { shareSamples } from './shared-samples.ts';

export interface TrainingWorkers {
  /** Rejects with training_worker_failed where a thread ends, or a job fails in it; nothing else can be run after that. */
  readonly run: RunJobs;
  /** Ends the threads, also in the middle of a job. */
  close(): Promise<void>;
}

/** One worker is this thread: nothing is started. */
export function openTrainingWorkers(count: number, script = new URL('./worker.ts', import.meta.url)): TrainingWorkers {
  if (count === 1) return { run: async (samples, jobs, onProgress) => runHere(samples, jobs, onProgress), close: async () => {} };
  const threads = Array.from({ length: count }, (_, i) => new Thread(script, `optikal-fit-${i}`));
  let shared: readonly FitSample[] | null = null;
  const run: RunJobs = async (samples, jobs, onProgress) => {
    if (shared !== samples) {
      const copy = shareSamples(samples);
      for (const thread of threads) thread.tell({ samples: copy });
      shared = samples;
    }
    const models = jobs.map((): FittedModel | null => null);
    let next = 0;
    let done = 0;
    const work = async (thread: Thread) => {
      while (next < jobs.length) {
        const at = next++;
        models[at] = await thread.fit(jobs[at]!);
        onProgress?.(++done, jobs.length);
      }
    };
    try {
      await Promise.all(threads.map(work));
    } finally {
      next = jobs.length; // after a failure the others take no further job
    }
    return models;
  };
  return { run, close: async () => void (await Promise.all(threads.map((thread) => thread.close()))) };
}

/** One thread, one job at a time. When it ends, the job under way and all later ones are rejected: a caller never hangs. */
class Thread {
  private readonly worker: Worker;
  private ended: ServiceError | null = null;
  private waiting: PromiseWithResolvers<FittedModel | null> | null = null;

  constructor(script: URL, name: string) {
    this.worker = new Worker(script, { execArgv: [], name });
    this.worker.on('message', (reply: WorkerReply) => this.settle(reply));
    this.worker.on('error', (error) => this.end(error instanceof Error ? error.message : String(error)));
    this.worker.on('exit', (code) => this.end(`it exited with ${code}`));
  }

  tell(request: WorkerRequest): void {
    this.worker.postMessage(request);
  }

  fit(job: FitJob): Promise<FittedModel | null> {
    if (this.ended !== null) return Promise.reject(this.ended);
    this.waiting = Promise.withResolvers();
    this.tell({ job });
    return this.waiting.promise;
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private settle(reply: WorkerReply): void {
    const { waiting } = this;
    this.waiting = null;
    if ('failure' in reply) waiting?.reject(failed(reply.failure));
    else waiting?.resolve(reply.model === null ? null : decodeFitted(reply.model));
  }

  private end(why: string): void {
    this.ended ??= failed(why);
    this.waiting?.reject(this.ended);
    this.waiting = null;
  }
}

function failed(why: string): ServiceError {
  return new ServiceError('training_worker_failed', `a thread that fits models failed: ${why}`);
}
