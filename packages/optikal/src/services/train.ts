/** `train`: a data folder → a bundle: tools resolved, windows extracted by the serving code, models fitted, threshold set. */
import type { Bundle, BundleContent } from '../detection/ensemble/bundle.ts';
import { resolveTools, type ToolCatalogue, toolLookup } from '../detection/tools/index.ts';
import { type Extraction, extract } from '../training/extract.ts';
import { type FitOptions, fitBundleWith } from '../training/fit.ts';
import type { OperatingWish } from '../training/operating-point.ts';
import type { Stack } from '../training/stack.ts';
import type { DataSource } from './data-source.ts';
import { openTrainingWorkers } from './training-workers/pool.ts';

export interface TrainOptions {
  readonly source: DataSource;
  readonly seed: string;
  readonly wish: OperatingWish;
  readonly prevalence: number;
  readonly starter?: boolean;
  readonly base?: Bundle;
  readonly folds?: number;
  /** false: one operating point for windows of all planes, and a quicker fit. Default true. */
  readonly byPlanes?: boolean;
  /** false: the user's tools.yaml is ignored and the name classifier judges every tool. */
  readonly useTools?: boolean;
  /** Threads that fit models; 1 = this one alone. The bundle is the same. Default 1. */
  readonly workers?: number;
  /** Sees the out-of-fold margins; not called where the data has no labels. */
  readonly onOutOfFold?: (stack: Stack) => void;
  readonly progress?: (step: 'events' | 'models') => (done: number, total: number) => void;
}

/** What alerts at most, where the user says nothing: one benign window in two thousand. */
export const DEFAULT_WISH: OperatingWish = { kind: 'fpr', value: 0.0005 };
export const DEFAULT_PREVALENCE = 0.01;

export function catalogueOf(source: DataSource, useTools = true): ToolCatalogue {
  return resolveTools(useTools && source.tools !== null ? { user: source.tools } : {});
}

/** Windows of a source as training rows. `known`: roles that a bundle knows are seen through its snapshot. */
export function extractSource(
  source: DataSource,
  tools: ToolCatalogue,
  progress?: (done: number, total: number) => void,
  known?: Bundle,
): Extraction {
  return extract({
    events: source.events,
    truth: source.truth,
    tools: toolLookup(tools),
    relatives: source.relatives,
    ...(known === undefined ? {} : { known: known.snapshot }),
    ...(progress === undefined ? {} : { onProgress: progress }),
  });
}

/** Errors: those of planBundle and of the source, training_worker_failed. */
export async function trainBundle(options: TrainOptions): Promise<{ readonly content: BundleContent; readonly extraction: Extraction }> {
  // Opened first: threads load their code while the events are read.
  const workers = openTrainingWorkers(options.workers ?? 1);
  try {
    const { fit, extraction } = prepareTraining(options);
    return { content: await fitBundleWith(workers.run, fit, options.progress?.('models')), extraction };
  } finally {
    await workers.close();
  }
}

/** All that is done before the first model is fitted. */
export function prepareTraining(options: TrainOptions): { readonly fit: FitOptions; readonly extraction: Extraction } {
  const { source } = options;
  const tools = catalogueOf(source, options.useTools);
  const extraction = extractSource(source, tools, options.progress?.('events'));
  const fit = {
    dataset: extraction.dataset,
    snapshot: extraction.snapshot,
    tools,
    seed: options.seed,
    wish: options.wish,
    prevalence: options.prevalence,
    starter: options.starter ?? false,
    unitOf: unitOf(source),
    source: source.description,
    ...(options.base === undefined ? {} : { base: options.base }),
    ...(options.folds === undefined ? {} : { folds: options.folds }),
    ...(options.byPlanes === undefined ? {} : { byPlanes: options.byPlanes }),
    ...(options.onOutOfFold === undefined ? {} : { onOutOfFold: options.onOutOfFold }),
  };
  return { fit, extraction };
}

/** Agents, or (model, suite) of recorded ones: windows of one unit are not independent of each other. */
export function unitOf({ metaOf }: DataSource): (sample: { readonly key: string }) => string {
  return metaOf === null
    ? ({ key }) => key
    : ({ key }) => {
        const { model, suite } = metaOf(key);
        return `${model}|${suite}`;
      };
}
