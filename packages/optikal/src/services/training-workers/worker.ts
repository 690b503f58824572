/** A thread that fits models. It holds the samples of the fit and does one job after the other. */
import { parentPort } from 'node:worker_threads';
import type { FitSample } from '../../training/dataset.ts';
import { encodeFitted, type FitJob, runJob } from '../../training/jobs.ts';
import type { WorkerReply, WorkerRequest } from './protocol.ts';
import { samplesOf } from './shared-samples.ts';

const port = parentPort!; // this file runs as a thread only
let samples: readonly FitSample[] = [];

port.on('message', (request: WorkerRequest) => {
  if ('samples' in request) {
    samples = samplesOf(request.samples);
    return;
  }
  port.postMessage(answer(request.job));
});

function answer(job: FitJob): WorkerReply {
  try {
    const model = runJob(samples, job);
    return { model: model === null ? null : encodeFitted(model) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}
