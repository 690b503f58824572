/** `evaluate`: a bundle against labelled data it has not seen, or the learning protocol (leave one model or suite out) on recorded agents. */
import type { Bundle } from '../detection/ensemble/bundle.ts';
import { type Baselines, baselines, headline, type Measured, measure } from '../training/measure.ts';
import { leaveOneOut, type ProtocolResult, permutedAuroc } from '../training/protocol.ts';
import { marginsOf } from '../training/stack.ts';
import type { DataSource } from './data-source.ts';
import { ServiceError } from './errors.ts';
import { catalogueOf, extractSource } from './train.ts';

export interface Evaluation {
  readonly source: string;
  readonly fingerprint: string;
  readonly windows: { readonly benign: number; readonly exposed: number; readonly acted: number; readonly excluded: number };
  readonly measured: Measured;
  readonly baselines: Baselines;
  /** At the bundle's threshold: campaigns with at least one alert, alerts on benign windows a day and a week of one agent. */
  readonly operating: {
    readonly threshold: number;
    readonly falsePositiveRate: number;
    readonly falseAlarmsPerDay: number;
    readonly falseAlarmsPerAgentWeek: number;
    readonly windowRecall: number;
    readonly campaigns: readonly { readonly threat: string; readonly intensity: string; readonly caught: number; readonly all: number }[];
  };
}

export function evaluateBundle(
  bundle: Bundle,
  source: DataSource,
  threshold: number,
  progress?: (done: number, total: number) => void,
): Evaluation {
  if (source.truth === null)
    throw new ServiceError('no_truth', 'expected truth.jsonl beside events.jsonl: without labels there is nothing to measure against');
  const { dataset } = extractSource(source, bundle.tools, progress, bundle);
  const { samples } = dataset;
  const margins = marginsOf(bundle.bases, samples);
  const kept = samples.flatMap((sample, i) => (headline(sample) ? [i] : []));
  const keptSamples = kept.map((i) => samples[i]!);
  const benign = kept.filter((i) => samples[i]!.label === 0);
  const acted = kept.filter((i) => samples[i]!.label === 2);
  if (benign.length === 0 || acted.length === 0)
    throw new ServiceError('no_truth', `expected attacked and quiet windows, found ${acted.length} and ${benign.length}`);
  const alarms = benign.filter((i) => margins[i]! >= threshold).length;
  const unitOf =
    source.metaOf === null
      ? (s: { key: string }) => s.key
      : (s: { key: string }) => `${source.metaOf!(s.key).model}|${source.metaOf!(s.key).suite}`;
  const campaigns = new Map<string, { threat: string; intensity: string; caught: Set<string>; all: Set<string> }>();
  samples.forEach((sample, i) => {
    if (sample.label !== 2 || sample.campaign === null) return;
    const name = `${sample.threat}|${sample.intensity}`;
    const entry = campaigns.get(name) ?? {
      threat: sample.threat ?? '',
      intensity: sample.intensity ?? '',
      caught: new Set(),
      all: new Set(),
    };
    campaigns.set(name, entry);
    entry.all.add(sample.campaign);
    if (margins[i]! >= threshold) entry.caught.add(sample.campaign);
  });
  return {
    source: source.description,
    fingerprint: bundle.fingerprint,
    windows: {
      benign: samples.filter((s) => s.label === 0).length,
      exposed: samples.filter((s) => s.label === 1).length,
      acted: samples.filter((s) => s.label === 2).length,
      excluded: samples.filter((s) => s.exclude).length,
    },
    measured: measure(
      keptSamples,
      Float64Array.from(kept, (i) => margins[i]!),
      unitOf,
      bundle.fingerprint,
    ),
    baselines: baselines(keptSamples),
    operating: {
      threshold,
      falsePositiveRate: alarms / benign.length,
      falseAlarmsPerDay: alarms / dataset.days,
      falseAlarmsPerAgentWeek: alarms / (dataset.days / 7) / dataset.agents,
      windowRecall: acted.filter((i) => margins[i]! >= threshold).length / acted.length,
      campaigns: [...campaigns.values()]
        .map(({ threat, intensity, caught, all }) => ({ threat, intensity, caught: caught.size, all: all.size }))
        .sort((a, b) => (`${a.threat}${a.intensity}` < `${b.threat}${b.intensity}` ? -1 : 1)),
    },
  };
}

export interface ProtocolReport {
  readonly source: string;
  readonly runs: readonly ProtocolResult[];
  readonly permuted: { readonly permutations: number; readonly mean: number } | null;
}

export interface ProtocolRequest {
  readonly leave: readonly ('model' | 'suite')[];
  readonly seed: string;
  readonly permutations: number;
  readonly useTools: boolean;
  readonly progress?: (done: number, total: number) => void;
}

/** Recorded agents only: their data say what to leave out. */
export function runProtocol(source: DataSource, { leave, seed, permutations, useTools, progress }: ProtocolRequest): ProtocolReport {
  const { metaOf } = source;
  if (metaOf === null)
    throw new ServiceError('data_unrecognised', 'expected recorded agents: only they say which model and suite a window comes from');
  const { dataset } = extractSource(source, catalogueOf(source, useTools));
  const runs = leave.map((what) => {
    const {
      kept: _kept,
      margins: _margins,
      everyMargin: _everyMargin,
      ...result
    } = leaveOneOut({ samples: dataset.samples, metaOf, leave: what, seed, ...(progress === undefined ? {} : { onProgress: progress }) });
    return result;
  });
  const found = permutations === 0 ? [] : permutedAuroc({ samples: dataset.samples, metaOf, leave: 'suite', seed }, permutations);
  return {
    source: source.description,
    runs,
    permuted: permutations === 0 ? null : { permutations, mean: found.reduce((sum, value) => sum + value, 0) / found.length },
  };
}
