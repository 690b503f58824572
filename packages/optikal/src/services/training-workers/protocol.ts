/** What the threads that fit models are told, and what they answer: one answer a job, in the order of the jobs. */
import type { EncodedModel, FitJob } from '../../training/jobs.ts';
import type { SharedSamples } from './shared-samples.ts';

export type WorkerRequest = { readonly samples: SharedSamples } | { readonly job: FitJob };

/** A model travels as bytes; null where there was nothing to learn. */
export type WorkerReply = { readonly model: EncodedModel | null } | { readonly failure: string };
