/**
 * A data set → a bundle: bases with out-of-fold margins, Platt's or the beta calibration, threshold at the operating point, threat models, fleet snapshot,
 * usual values. Without labels: an isolation forest on the fleet's own windows, and the supervised bases of another bundle.
 */
import { FEATURE_SETS } from '@optikal/contracts';
import { auroc, type DriftReference, fitCalibration, type MetaModel } from '@optikal/ml';
import type { AgentDriftModel } from '../detection/agent-drift/model.ts';
import type { BaseModel, Bundle, BundleContent, TrainedOn, UsualValues } from '../detection/ensemble/bundle.ts';
import type { Ensemble } from '../detection/ensemble/judge.ts';
import { type PlaneView, viewOf } from '../detection/ensemble/planes.ts';
import { DetectionError } from '../detection/errors.ts';
import type { FleetSnapshot } from '../detection/fleet.ts';
import type { ToolCatalogue } from '../detection/tools/index.ts';
import { type ActedFit, planActed } from './acted.ts';
import { BASE_SPECS } from './bases.ts';
import type { Dataset, WindowSample } from './dataset.ts';
import { driftReferenceOf, driftSamples } from './drift-reference.ts';
import { baseFigures, gainCells } from './ensemble-figures.ts';
import { type FitPlan, type OnProgress, type RunJobs, runHere } from './jobs.ts';
import { baselines, headline, measure } from './measure.ts';
import { type OperatingWish, solveOperatingPoint } from './operating-point.ts';
import { maskedRows, planePopulations } from './plane-sets.ts';
import type { SequenceOptions } from './sequence-base.ts';
import { marginsOf, planStack, type Stack, type StackOptions, scoresOf, spreadOf } from './stack.ts';
import { planThreats, type Threats } from './threats.ts';
import { usualValues } from './usual.ts';

export interface FitOptions {
  readonly dataset: Dataset;
  readonly snapshot: FleetSnapshot;
  readonly tools: ToolCatalogue;
  readonly seed: string;
  readonly wish: OperatingWish;
  /** The prevalence of attacks that shown probabilities assume. */
  readonly prevalence: number;
  readonly starter: boolean;
  readonly unitOf: (sample: WindowSample) => string;
  /** Whose supervised bases serve where the data has no labels; its gateway and its model of other models come along in any case. */
  readonly base?: Bundle;
  /** Where the data came from, in the words of the caller. */
  readonly source: string;
  /** What it learns from, in words and counts. Default: nothing said. */
  readonly trainedOn?: readonly TrainedOn[];
  /** Finds another model under an agent's name (`fitAgentDrift`). Default: nothing looks for one. */
  readonly agentDrift?: AgentDriftModel;
  /** The model file of the gateway's detector that travels with the bundle. Default: none. */
  readonly gateway?: Uint8Array;
  /** Thresholds and calibrations apart for each set of planes that a window can have. Default true; false = one for all, and a quicker fit. */
  readonly byPlanes?: boolean;
  /** Folds of the out-of-fold margins. Default 5. */
  readonly folds?: number;
  /** Of the sequence model. Default: its own. */
  readonly sequence?: SequenceOptions;
  /** Sees the out-of-fold margins of the samples, which a bundle does not keep. Not called where the data has no labels. */
  readonly onOutOfFold?: (stack: Stack) => void;
}

const DEFAULT_FOLDS = 5;
const LEAST_WINDOWS = 200;
const HOUR_MS = 3_600_000;

/** The bundle, fitted here and at once. Errors as planBundle. */
export function fitBundle(options: FitOptions, onProgress?: OnProgress): BundleContent {
  const { jobs, finish } = planBundle(options);
  return finish(runHere(options.dataset.samples, jobs, onProgress));
}

/** The same bundle, its models fitted where `run` likes. Errors as planBundle, and those of `run`. */
export async function fitBundleWith(run: RunJobs, options: FitOptions, onProgress?: OnProgress): Promise<BundleContent> {
  const { jobs, finish } = planBundle(options);
  return finish(await run(options.dataset.samples, jobs, onProgress));
}

/**
 * Errors: too_few_windows; no_attacks (labels without attacks on two units, which nothing can be checked on, or no labels, and no base).
 */
export function planBundle(options: FitOptions): FitPlan<BundleContent> {
  const { samples, labelled } = options.dataset;
  if (samples.length < LEAST_WINDOWS)
    throw new DetectionError('too_few_windows', `expected at least ${LEAST_WINDOWS} windows with activity, found ${samples.length}`);
  const attacked = new Set(samples.filter((sample) => headline(sample) && sample.label === 2).map(options.unitOf));
  if (labelled && attacked.size > 1 && samples.some((sample) => headline(sample) && sample.label === 0)) return planLabelled(options);
  if (options.base !== undefined) return planUnlabelled(options, options.base);
  throw new DetectionError(
    'no_attacks',
    `expected truth.jsonl with attacks on at least two agents, or a base bundle whose supervised models serve (--base BUNDLE), found ${
      labelled ? `attacks on ${attacked.size}` : 'no labels'
    }`,
  );
}

function planLabelled(options: FitOptions): FitPlan<BundleContent> {
  const { samples } = options.dataset;
  const stack = planStack(samples, { ...stackOptions(options), byPlanes: options.byPlanes ?? true });
  const threats = planThreats(samples, options.seed);
  const acted = planActed(samples, stackOptions(options));
  const jobs = [...stack.jobs, ...threats.jobs, ...acted.jobs];
  return {
    jobs,
    finish: (models) => {
      const from = stack.jobs.length + threats.jobs.length;
      const ofThreats = threats.finish(models.slice(stack.jobs.length, from));
      return finishLabelled(options, stack.finish(models.slice(0, stack.jobs.length)), ofThreats, acted.finish(models.slice(from)));
    },
  };
}

function finishLabelled(options: FitOptions, stack: Stack, threats: Threats, acted: ActedFit): BundleContent {
  const { samples } = options.dataset;
  const { bases, meta, margins, trials } = stack;
  options.onOutOfFold?.(stack);
  const kept = samples.flatMap((sample, i) => (headline(sample) && Number.isFinite(margins[i]) ? [i] : []));
  const keptSamples = kept.map((i) => samples[i]!);
  const keptMargins = Float64Array.from(kept, (i) => margins[i]!);
  const { calibration, ...compared } = fitCalibration(
    keptMargins,
    keptSamples.map((sample) => (sample.label === 2 ? 1 : 0)),
    { ...calibrationFolds(keptSamples.map(options.unitOf)), seed: options.seed },
  );
  return finish(
    options,
    { bases, meta, calibration, threats: threats.model, acted: acted.head, byPlanes: viewsOf(options, stack) },
    keptMargins.filter((_, i) => keptSamples[i]!.label === 0),
    {
      labels: 'truth.jsonl',
      outOfFold: measure(keptSamples, keptMargins, options.unitOf, options.seed),
      baselines: baselines(keptSamples),
      bases: baseFigures(samples, [...stack.baseMargins, { name: 'ensemble', margins }]),
      cells: gainCells(samples, margins, stack.baseMargins, options.unitOf, options.seed),
      trials,
      calibration: compared,
      threats: threats.report,
      acted: actedFigures(acted),
    },
  );
}

/**
 * An operating point and a calibration for each set of planes, on out-of-fold margins as the others are. Where little is known of a window many have
 * one margin, and another one in each fold: the threshold is at least what the models that serve ask for.
 */
function viewsOf({ dataset, wish, unitOf, seed }: FitOptions, { byPlanes }: Stack): PlaneView[] {
  const windowsPerDay = windowsPerDayOf(dataset);
  return byPlanes.map(({ planes, rows, meta, margins, served }) => {
    const kept = Array.from(rows.keys()).filter((i) => Number.isFinite(margins[i]));
    const samples = kept.map((i) => dataset.samples[rows[i]!]!);
    const own = Float64Array.from(kept, (i) => margins[i]!);
    const labels = samples.map((sample) => (sample.label === 2 ? 1 : 0));
    const quiet = (all: Float64Array) => all.filter((_, i) => labels[i] === 0);
    const { calibration } = fitCalibration(own, labels, { ...calibrationFolds(samples.map(unitOf), VIEW_CALIBRATION_FOLDS), seed });
    const { operatingPoint, benignMargins } = pointOf(wish, quiet(own), windowsPerDay, seed);
    const serving = pointOf(wish, quiet(Float64Array.from(kept, (i) => served[i]!)), windowsPerDay, seed).operatingPoint;
    const threshold = Math.max(operatingPoint.threshold, serving.threshold);
    return { planes, meta, calibration, operatingPoint: { ...operatingPoint, threshold }, benignMargins };
  });
}

/** Nobody reads the interval of a view's threshold: as few resamples as there may be. */
const UNREAD = 20;

function pointOf(wish: OperatingWish, quiet: Float64Array, windowsPerDay: number, seed: string) {
  const { kind, value, fpr, threshold } = solveOperatingPoint(wish, quiet, windowsPerDay, seed, UNREAD);
  return { operatingPoint: { kind, value, fpr, threshold }, benignMargins: quiet.toSorted() };
}

/** How well acted is told from ignored, on windows that the head did not see; without a head how many there were. */
function actedFigures({ head, report: { acted, ignored, margins, labels } }: ActedFit): Record<string, unknown> {
  return { acted, ignored, auroc: head === null ? null : auroc(margins, labels) };
}

const CALIBRATION_FOLDS = 5;
/** There are up to a dozen views, and no figure of theirs is told. */
const VIEW_CALIBRATION_FOLDS = 3;

/** Platt's and the beta calibration are compared on units that neither saw. */
function calibrationFolds(groups: readonly string[], most = CALIBRATION_FOLDS): { groups: readonly string[]; folds: number } {
  return { groups, folds: Math.min(most, new Set(groups).size) };
}

function planUnlabelled(options: FitOptions, base: Bundle): FitPlan<BundleContent> {
  const { samples } = options.dataset;
  const own = planStack(samples, { ...stackOptions(options), specs: BASE_SPECS.filter((spec) => !spec.supervised) });
  return { jobs: own.jobs, finish: (models) => finishUnlabelled(options, own.finish(models), base) };
}

function finishUnlabelled(options: FitOptions, own: Stack, base: Bundle): BundleContent {
  const { samples } = options.dataset;
  // The supervised bases never saw these windows: every score of theirs is out-of-fold.
  const supervised: BaseModel[] = base.bases
    .filter(({ name }) => BASE_SPECS.some((spec) => spec.supervised && spec.name === name))
    .map((model) => ({ ...model, ...spreadOf(scoresOf(model, samples)) }));
  const bases = [...own.bases, ...supervised];
  const meta = metaFrom(base, bases);
  const quiet = samples.filter((sample) => sample.label === 0);
  const { calibration, threats, acted, fingerprint } = base;
  const byPlanes = viewsFrom(options, { bases, meta }, base, quiet);
  return finish(options, { bases, meta, calibration, threats, acted, byPlanes }, marginsOf({ bases, meta, byPlanes }, quiet), {
    labels: 'none',
    supervisedFrom: fingerprint,
  });
}

/** The other bundle's views with thresholds of these windows; a view that none of them fits is left out. */
function viewsFrom(
  { dataset, wish, unitOf, seed }: FitOptions,
  ensemble: Ensemble,
  base: Bundle,
  quiet: readonly WindowSample[],
): PlaneView[] {
  return planePopulations(quiet, { unitOf, seed, labelled: false }).map((population) => {
    const { planes } = population;
    const view = viewOf(base, planes);
    const meta = view === null ? null : metaFrom({ bases: base.bases, meta: view.meta }, ensemble.bases);
    const margins = marginsOf({ ...ensemble, meta: meta ?? ensemble.meta }, maskedRows(quiet, population)).filter((margin) =>
      Number.isFinite(margin),
    );
    return { planes, meta, calibration: view?.calibration ?? base.calibration, ...pointOf(wish, margins, windowsPerDayOf(dataset), seed) };
  });
}

/** The other bundle's meta-model for bases in another order: each has the weight of its name there, or none. */
function metaFrom({ bases: known, meta }: Pick<Bundle, 'bases' | 'meta'>, bases: readonly BaseModel[]): MetaModel | null {
  if (meta === null) return null;
  const at = bases.map(({ name }) => known.findIndex((base) => base.name === name));
  const taken = (values: Float64Array) => Float64Array.from(at, (k) => (k < 0 ? 0 : values[k]!));
  return { ...meta, weights: taken(meta.weights), absent: taken(meta.absent) };
}

/** An agent alone is split by the hour: neighbours in time stay together. */
function stackOptions({ dataset, unitOf, folds, seed, sequence }: FitOptions): StackOptions {
  const alone = new Set(dataset.samples.map(unitOf)).size < 2;
  return {
    unitOf: alone ? (sample) => `${unitOf(sample)}|${Math.floor(sample.startMs / HOUR_MS)}` : unitOf,
    folds: folds ?? DEFAULT_FOLDS,
    seed,
    ...(sequence === undefined ? {} : { sequence }),
  };
}

function finish(
  options: FitOptions,
  models: Pick<BundleContent, 'bases' | 'meta' | 'calibration' | 'threats' | 'acted' | 'byPlanes'>,
  benignMargins: Float64Array,
  report: Record<string, unknown>,
): BundleContent {
  const { dataset, snapshot, tools } = options;
  const windowsPerDay = windowsPerDayOf(dataset);
  const solved = solveOperatingPoint(options.wish, benignMargins, windowsPerDay, options.seed);
  const { kind, value, fpr, threshold } = solved;
  const agentDrift = options.agentDrift ?? options.base?.agentDrift;
  return {
    featureSet: 'fused1',
    starter: options.starter,
    ...models,
    drift: driftOf(dataset.samples),
    prevalence: options.prevalence,
    operatingPoint: { kind, value, fpr, threshold },
    // What one's own agents cannot teach comes along from the base.
    gateway: options.gateway ?? options.base?.gateway ?? null,
    ...(agentDrift === undefined ? {} : { agentDrift }),
    trainedOn: [...(options.trainedOn ?? []), ...(options.base?.trainedOn ?? [])],
    snapshot,
    tools,
    usual: usualOf(dataset.samples),
    benignMargins: benignMargins.filter((margin) => Number.isFinite(margin)).sort(),
    windowsPerDay,
    report: {
      ...report,
      source: options.source,
      seed: options.seed,
      agents: dataset.agents,
      windows: dataset.samples.length,
      days: dataset.days,
      operatingPoint: solved,
    },
  };
}

function windowsPerDayOf({ samples, days }: Dataset): number {
  return samples.length / days;
}

/** As many benign windows as bins need; with fewer there is nothing to compare live windows with. */
const LEAST_DRIFT_WINDOWS = 20;

function driftOf(samples: readonly WindowSample[]): DriftReference | null {
  return driftSamples(samples).length < LEAST_DRIFT_WINDOWS ? null : driftReferenceOf(samples);
}

function usualOf(samples: readonly WindowSample[]): UsualValues {
  const benign = samples.filter((sample) => sample.label === 0);
  const roles = new Map<string, Float64Array[]>();
  for (const { role, row } of benign)
    if (role !== null) {
      const known = roles.get(role);
      if (known === undefined) roles.set(role, [row]);
      else known.push(row);
    }
  return {
    fleet: usualValues(
      benign.map((sample) => sample.row),
      FEATURE_SETS.fused1.length,
    ),
    roles: new Map(
      [...roles].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([role, rows]) => [role, usualValues(rows, FEATURE_SETS.fused1.length)]),
    ),
    calls: usualValues(
      benign.flatMap((sample) => sample.callRows),
      FEATURE_SETS.call1.length,
    ),
  };
}
