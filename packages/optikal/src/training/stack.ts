/**
 * Fits the bases of an ensemble, their out-of-fold margins, and the meta-model over them: rows of a unit (an agent, or a (model, suite) pair)
 * are never on both sides. Out-of-fold raw scores give each base its mean and spread; the final bases are fitted on all samples. A base on trial
 * has a weight only where it improves on the others beyond the group interval.
 */
import { type BaseScorer, type Interval, Lstm, type MetaModel } from '@optikal/ml';
import type { BaseModel, ScorerOn } from '../detection/ensemble/bundle.ts';
import { baseScore, type Ensemble, judge, type Rows } from '../detection/ensemble/judge.ts';
import { planesOf, viewOf } from '../detection/ensemble/planes.ts';
import { BASE_SPECS, type BaseSpec } from './bases.ts';
import type { WindowSample } from './dataset.ts';
import { type Folds, foldsOf, splitForStopping, type UnitOf } from './folds.ts';
import { type FitJob, type FitPlan, type FittedModel, type FittedModels, type OnProgress, runHere } from './jobs.ts';
import { combinedMargins, fitMetas, type Metas, stackedMargins } from './meta.ts';
import { eachMasked, type Population, planePopulations } from './plane-sets.ts';
import { everyRow, finite, intervalOf, rankingOf } from './ranking.ts';
import { isSure } from './rows.ts';
import type { SequenceOptions } from './sequence-base.ts';

export interface StackOptions {
  readonly unitOf: UnitOf;
  /** At most; fewer where there are fewer units. At least two units are needed. */
  readonly folds: number;
  readonly seed: string;
  readonly specs?: readonly BaseSpec[];
  /** Of the sequence model. Default: its own. */
  readonly sequence?: SequenceOptions;
  /** Out-of-fold margins of windows with planes missing too. Default false. */
  readonly byPlanes?: boolean;
}

export interface Stack extends Ensemble {
  /** Also those without a weight. */
  readonly bases: readonly BaseModel[];
  /** One weight a base, 0 after a failed trial; null without labels of both classes: then the mean is taken. */
  readonly meta: MetaModel | null;
  /** Out-of-fold ensemble margin of each sample, at both levels; −Infinity where no base had anything to score. */
  readonly margins: Float64Array;
  /** The same of each base alone, standardised; NaN where it had nothing to score. */
  readonly baseMargins: readonly { readonly name: string; readonly margins: Float64Array }[];
  readonly trials: readonly Trial[];
  /** The same margins with planes missing; empty where they were not asked for. */
  readonly byPlanes: readonly StackView[];
}

/** Windows with these planes alone: how their bases are combined, and their out-of-fold margins. */
export interface StackView extends Population {
  readonly meta: MetaModel | null;
  readonly margins: Float64Array;
  /** Of the models that serve, which have seen these windows. */
  readonly served: Float64Array;
}

/** What a base on trial adds to the others' out-of-fold average precision, and whether it has a weight for it. */
export interface Trial {
  readonly name: string;
  readonly gain: number;
  readonly interval: Interval | null;
  readonly kept: boolean;
  /** In the meta-model; 0 where it was not kept. */
  readonly weight: number;
}

const TRIAL_RESAMPLES = 100;

/** The stack, fitted here and at once. */
export function fitStack(samples: readonly WindowSample[], options: StackOptions, onProgress?: OnProgress): Stack {
  const plan = planStack(samples, options);
  return plan.finish(runHere(samples, plan.jobs, onProgress, options.specs));
}

/** Jobs of each base: one a fold, on the other folds, and one on all samples. */
export function planStack(samples: readonly WindowSample[], options: StackOptions): FitPlan<Stack> {
  const { unitOf, seed, sequence, specs = BASE_SPECS } = options;
  const folds = foldsOf(samples, unitOf, options.folds, seed);
  const others = Array.from({ length: folds.count }, (_, k) => Int32Array.from(samples.keys().filter((i) => folds.of[i] !== k)));
  const everything = Int32Array.from(samples.keys());
  const jobs = specs.flatMap(({ name, on, stopsEarly }): FitJob[] =>
    [...others, everything].map((rows, k): FitJob => {
      const all = rows === everything;
      const own = on === 'sequence' && sequence !== undefined ? { sequence } : {};
      const job = { model: { base: name }, seed: all ? `${seed}:${name}` : `${seed}:${name}:${k}`, ...own };
      if (stopsEarly) return { ...job, ...splitForStopping(samples, rows, unitOf, job.seed) };
      return { ...job, rows: all ? null : rows, stopping: null };
    }),
  );
  return { jobs, finish: (models) => finishStack(samples, options, folds, models) };
}

function finishStack(samples: readonly WindowSample[], options: StackOptions, folds: Folds, models: FittedModels): Stack {
  const specs = options.specs ?? BASE_SPECS;
  const perBase = folds.count + 1;
  const fitted = specs.flatMap((spec, s): OutOfFold[] => {
    const scores = new Float64Array(samples.length).fill(Number.NaN);
    for (let k = 0; k < folds.count; k++) {
      const model = models[s * perBase + k]!;
      if (model !== null) scoreInto(scores, samples, (i) => folds.of[i] === k, scorerOn(spec, model));
    }
    const last = models[(s + 1) * perBase - 1]!;
    // A base that had nothing to learn from, or nothing to score, in any fold is no part of the ensemble.
    if (last === null || scores.every((score) => Number.isNaN(score))) return [];
    const { mean, sd } = spreadOf(scores);
    const base = { name: spec.name, ...scorerOn(spec, last), mean, sd };
    return [{ spec, base, margins: scores.map((score) => (score - mean) / sd), first: s * perBase }];
  });
  const whole = combine(fitted, samples, options, folds, true);
  const populations = options.byPlanes === true ? planePopulations(samples, options) : [];
  const byPlanes = populations.map((population) => viewOfPlanes(population, fitted, samples, options, folds, models, whole.meta));
  const metasFor = (i: number) => viewOf({ byPlanes }, planesOf(samples[i]!.row))?.metas ?? whole.metas;
  return {
    bases: fitted.map(({ base }) => base),
    meta: whole.meta,
    margins: combinedMargins(marginsIn(fitted), samples.length, (i) => metasFor(i)[folds.of[i]!]!),
    byPlanes,
    baseMargins: fitted.map(({ spec, margins }) => ({ name: spec.name, margins })),
    trials: whole.trials.map((trial) => ({
      ...trial,
      weight: whole.meta?.weights[fitted.findIndex(({ spec }) => spec.name === trial.name)] ?? 0,
    })),
  };
}

interface OutOfFold {
  readonly spec: BaseSpec;
  readonly base: BaseModel;
  /** Standardised; NaN where it had nothing to score. */
  readonly margins: Float64Array;
  /** Place of its first fold's model among the models. */
  readonly first: number;
}

/** One weight for each base, 0 after a failed trial. */
interface Combined extends Metas {
  readonly trials: readonly Omit<Trial, 'weight'>[];
}

/** Meta-models of some of the bases, in their order. */
type MetasOf = (bases: readonly OutOfFold[]) => Metas;

/** Which bases have a say, and which. `told` false: nobody reads the intervals of trials. */
function combine(
  all: readonly OutOfFold[],
  samples: readonly WindowSample[],
  options: StackOptions,
  folds: Folds,
  told: boolean,
): Combined {
  const known = new Map<string, Metas>();
  const metasOf = (bases: readonly OutOfFold[]): Metas => {
    const key = bases.map(({ spec }) => all.findIndex((base) => base.spec === spec)).join();
    const found = known.get(key) ?? fitMetas(marginsIn(bases), samples, folds, options.seed);
    known.set(key, found);
    return found;
  };
  const trials = tryOut(all, samples, options, folds, metasOf, told);
  const kept = all.filter(({ spec }) => !trials.some((trial) => trial.name === spec.name && !trial.kept));
  const spread = (meta: MetaModel | null) => (meta === null ? null : spreadOut(meta, kept, all));
  const { meta, metas } = metasOf(kept);
  return { trials, meta: spread(meta), metas: metas.map(spread) };
}

/** The bases with their out-of-fold margins, standardised as they are, over windows with these planes alone. */
function maskedBases(
  fitted: readonly OutOfFold[],
  samples: readonly WindowSample[],
  population: Population,
  folds: Folds,
  models: FittedModels,
): OutOfFold[] {
  const { rows } = population;
  const scorers = fitted.map(({ spec, first }) =>
    models.slice(first, first + folds.count).map((model) => (model === null ? null : scorerOn(spec, model))),
  );
  const bases = fitted.map((base) => ({ ...base, margins: new Float64Array(rows.length).fill(Number.NaN) }));
  eachMasked(samples, population, (masked, sample, j) => {
    const i = rows[j]!;
    bases.forEach(({ base: { mean, sd }, margins }, b) => {
      const scorer = scorers[b]![folds.of[i]!]!;
      if (masked === sample) margins[j] = fitted[b]!.margins[i]!;
      else if (scorer !== null) margins[j] = (baseScore(scorer, masked).score - mean) / sd;
    });
  });
  return bases;
}

/** What the bases are worth beside each other where these planes are all there is: each is tried out again. */
function viewOfPlanes(
  population: Population,
  fitted: readonly OutOfFold[],
  samples: readonly WindowSample[],
  options: StackOptions,
  folds: Folds,
  models: FittedModels,
  metaOfAll: MetaModel | null,
): StackView & Pick<Combined, 'metas'> {
  const { planes, rows } = population;
  const own = Array.from(rows, (i) => samples[i]!);
  const ownFolds = { of: rows.map((i) => folds.of[i]!), count: folds.count };
  const bases = maskedBases(fitted, samples, population, folds, models);
  const { meta, metas } = combine(bases, own, options, ownFolds, false);
  const margins = stackedMargins(marginsIn(bases), ownFolds, metas);
  return { planes, rows, meta, metas, margins, served: servedMargins(fitted, meta ?? metaOfAll, samples, population) };
}

/** Margins of the ensemble that serves. A base that adds nothing is not asked, where another one has something to score in every window. */
function servedMargins(
  fitted: readonly OutOfFold[],
  meta: MetaModel | null,
  samples: readonly WindowSample[],
  population: Population,
): Float64Array {
  const bases = fitted.map(({ base }) => base);
  const marginsBy = (ensemble: Ensemble) => {
    const margins = new Float64Array(population.rows.length);
    eachMasked(samples, population, (masked, _, j) => {
      margins[j] = judge(ensemble, masked).margin;
    });
    return margins;
  };
  const asked = [...bases.keys()].filter((b) => meta !== null && (meta.weights[b] !== 0 || meta.absent[b] !== 0));
  if (meta === null || !asked.some((b) => bases[b]!.on === 'window')) return marginsBy({ bases, meta });
  const of = (values: Float64Array) => Float64Array.from(asked, (b) => values[b]!);
  const own = { ...meta, weights: of(meta.weights), absent: of(meta.absent) };
  return marginsBy({ bases: asked.map((b) => bases[b]!), meta: own });
}

/** What a job of this base made. */
function scorerOn(spec: BaseSpec, model: FittedModel): ScorerOn {
  if (spec.on === 'sequence') {
    if (model instanceof Lstm) return { on: spec.on, scorer: model };
    throw new TypeError(`expected a sequence model of ${spec.name}, found ${model.kind}`);
  }
  return { on: spec.on, scorer: model as BaseScorer }; // a RowSpec fits nothing else
}

/** The same meta-model over more bases: those that it was not fitted on weigh nothing, and their absence says nothing. */
function spreadOut(meta: MetaModel, kept: readonly OutOfFold[], all: readonly OutOfFold[]): MetaModel {
  const at = all.map((base) => kept.indexOf(base));
  const spread = (values: Float64Array) => Float64Array.from(at, (k) => (k < 0 ? 0 : values[k]!));
  return { ...meta, weights: spread(meta.weights), absent: spread(meta.absent) };
}

/** In their order, each beside those not on trial and those kept before. A trial needs labels, and others to improve on. */
function tryOut(
  tried: readonly OutOfFold[],
  samples: readonly WindowSample[],
  { unitOf, seed }: StackOptions,
  folds: Folds,
  metasOf: MetasOf,
  told: boolean,
): Omit<Trial, 'weight'>[] {
  const sure = samples.flatMap((sample, i) => (isSure(sample) ? [i] : []));
  const labels = Uint8Array.from(sure, (i) => (samples[i]!.label === 2 ? 1 : 0));
  let others = tried.filter((base) => !base.spec.onTrial);
  if (others.every(({ spec }) => spec.on === 'call') || !labels.includes(1) || !labels.includes(0)) return [];
  const groups = sure.map((i) => unitOf(samples[i]!));
  const rank = (bases: readonly OutOfFold[]) => {
    const margins = stackedMargins(marginsIn(bases), folds, metasOf(bases).metas);
    const ranking = rankingOf(finite(Float64Array.from(sure, (i) => margins[i]!)), labels);
    // Every trial draws the same resamples: what they say of those already in is known after the first.
    const drawn: number[] = [];
    const ofDraw = (k: number, counts: ArrayLike<number>) => (drawn[k] ??= ranking.averagePrecision(counts));
    return { value: ranking.averagePrecision(everyRow(sure.length)), ofDraw };
  };
  let without = rank(others);
  return tried.flatMap((base) => {
    if (!base.spec.onTrial) return [];
    const ranking = rank([...others, base]);
    const before = without;
    const gain = ranking.value - before.value;
    let draws = 0;
    const gainOf = (counts: ArrayLike<number>) => {
      const k = draws++;
      return ranking.ofDraw(k, counts) - before.ofDraw(k, counts);
    };
    // What does not improve on the others is not kept, whatever its interval.
    const interval = told || gain > 0 ? intervalOf(groups, gainOf, TRIAL_RESAMPLES, seed) : null;
    const kept = gain > 0 && interval !== null && interval.low > 0;
    if (kept) {
      others = tried.filter((other) => other === base || others.includes(other));
      without = ranking;
    }
    return [{ name: base.spec.name, gain, interval, kept }];
  });
}

function marginsIn(bases: readonly OutOfFold[]): Float64Array[] {
  return bases.map(({ margins }) => margins);
}

/** Ensemble margins of other samples. */
export function marginsOf(ensemble: Ensemble, samples: readonly Rows[]): Float64Array {
  return Float64Array.from(samples, (sample) => judge(ensemble, sample).margin);
}

/** Raw scores of one base; NaN where it has nothing to score. */
export function scoresOf(base: ScorerOn, samples: readonly WindowSample[]): Float64Array {
  const scores = new Float64Array(samples.length);
  scoreInto(scores, samples, () => true, base);
  return scores;
}

function scoreInto(scores: Float64Array, samples: readonly Rows[], take: (i: number) => boolean, base: ScorerOn): void {
  for (let i = 0; i < samples.length; i++) if (take(i)) scores[i] = baseScore(base, samples[i]!).score;
}

/** Mean and standard deviation of the known scores. */
export function spreadOf(scores: ArrayLike<number>): { readonly mean: number; readonly sd: number } {
  const known = Array.from(scores).filter((score) => Number.isFinite(score));
  const mean = known.reduce((sum, score) => sum + score, 0) / Math.max(1, known.length);
  const variance = known.reduce((sum, score) => sum + (score - mean) ** 2, 0) / Math.max(1, known.length);
  return { mean, sd: variance > 0 ? Math.sqrt(variance) : 1 };
}
