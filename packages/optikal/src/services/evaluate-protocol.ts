/** `evaluate --protocol`: what training on recorded agents is worth on the ones that were left out. */
import { calibratedProbability, fitPlatt, recallAtFpr } from '@optikal/ml';
import { type Judged, type Part, type ProtocolReport, reportFigures } from '../report/index.ts';
import type { Dataset, WindowSample } from '../training/dataset.ts';
import { headline } from '../training/measure.ts';
import { cellOf, type LeftOut, leaveOneOut, permutedAuroc, type SessionMeta } from '../training/protocol.ts';
import { type NotedCalls, noteAttackCalls } from './attack-calls.ts';
import type { DataSource } from './data-source.ts';
import { ServiceError } from './errors.ts';
import { catalogueOf, extractSource } from './train.ts';

export interface ProtocolRequest {
  readonly leave: readonly ('model' | 'suite')[];
  readonly seed: string;
  readonly permutations: number;
  readonly useTools: boolean;
  readonly progress?: (done: number, total: number) => void;
}

/** No bundle, no operating point of its own: the usual first question to a detector. */
const FPR = 0.01;
const NO_BUNDLE = 'The protocol fits one ensemble a group that is left out and keeps none of them;';

/** Recorded agents only: their data say what to leave out. Errors: data_unrecognised; those of the source. */
export function runProtocol(source: DataSource, { leave, seed, permutations, useTools, progress }: ProtocolRequest): ProtocolReport {
  const { metaOf } = source;
  if (metaOf === null)
    throw new ServiceError('data_unrecognised', 'expected recorded agents: only they say which model and suite a window comes from');
  const noted = noteAttackCalls(source);
  const { dataset } = extractSource(noted.source, catalogueOf(source, useTools));
  const { samples } = dataset;
  const runs = leave.map((what) => {
    const left = leaveOneOut({ samples, metaOf, leave: what, seed, ...(progress === undefined ? {} : { onProgress: progress }) });
    const groups = samples.map(({ key }) => metaOf(key)[what]);
    const { kept: _kept, margins: _margins, everyMargin: _everyMargin, ...result } = left;
    return { ...result, figures: reportFigures(judgedOf(left, dataset, groups, metaOf, noted, seed)) };
  });
  const values = permutations === 0 ? [] : permutedAuroc({ samples, metaOf, leave: 'suite', seed }, permutations);
  return {
    kind: 'protocol',
    source: source.description,
    seed,
    runs,
    permuted: permutations === 0 ? null : { permutations, mean: values.reduce((sum, value) => sum + value, 0) / values.length, values },
  };
}

function judgedOf(
  { leave, everyMargin }: LeftOut,
  { samples, days, agents }: Dataset,
  groups: readonly string[],
  metaOf: (key: string) => SessionMeta,
  noted: NotedCalls,
  seed: string,
): Judged {
  return {
    samples,
    margins: everyMargin,
    thresholds: otherThresholds(samples, everyMargin, groups),
    asked: `at most 1 % of quiet windows, for each ${leave} by the margins of all others`,
    unitOf: ({ key }) => cellOf(metaOf(key)),
    days,
    agents,
    seed,
    labelled: true,
    surrogateClock: true,
    probabilities: otherProbabilities(samples, everyMargin, groups),
    named: { missing: `${NO_BUNDLE} models that tell threats apart are part of a bundle. The evaluation of a bundle has this figure.` },
    bases: { missing: `${NO_BUNDLE} margins of single bases are not kept. Reports of bundles have this figure.` },
    sequence: {
      missing: `${NO_BUNDLE} what sequence models say beside their margins is not kept. The evaluation of a bundle has this figure.`,
    },
    calibrator: null,
    attackCalls: (i) => noted.callsOf(samples[i]!),
    reasons: { missing: `${NO_BUNDLE} reasons are those of a bundle.` },
  };
}

/** The rows of all other groups that count for the headline and have a margin. */
function others(samples: readonly WindowSample[], margins: Float64Array, groups: readonly string[], group: string): number[] {
  return samples.flatMap((sample, i) => (groups[i] !== group && headline(sample) && Number.isFinite(margins[i]) ? [i] : []));
}

/** By sample: what the other groups say a threshold of this rate is. Where they hold one class only nothing alerts. */
export function otherThresholds(samples: readonly WindowSample[], margins: Float64Array, groups: readonly string[]): Float64Array {
  const found = new Map(
    [...new Set(groups)].map((group) => {
      const rows = others(samples, margins, groups, group);
      const labels = rows.map((i) => (samples[i]!.label === 2 ? 1 : 0));
      const scores = rows.map((i) => margins[i]!);
      return [group, bothIn(labels) ? recallAtFpr(scores, labels, FPR).threshold : Number.POSITIVE_INFINITY];
    }),
  );
  return Float64Array.from(groups, (group) => found.get(group)!); // every group has its entry
}

/** Margins become probabilities by what the other groups saw. */
function otherProbabilities(samples: readonly WindowSample[], margins: Float64Array, groups: readonly string[]): Part<Float64Array> {
  const models = new Map<string, ReturnType<typeof fitPlatt>>();
  for (const group of new Set(groups)) {
    const rows = others(samples, margins, groups, group);
    const labels = rows.map((i) => (samples[i]!.label === 2 ? 1 : 0));
    if (!bothIn(labels)) return { missing: `Without ${group} there is one class only, and nothing to calibrate on.` };
    models.set(
      group,
      fitPlatt(
        rows.map((i) => margins[i]!),
        labels,
      ),
    );
  }
  return margins.map((margin, i) => calibratedProbability(models.get(groups[i]!)!, margin)); // every group has its model
}

function bothIn(labels: readonly number[]): boolean {
  return labels.includes(0) && labels.includes(1);
}
