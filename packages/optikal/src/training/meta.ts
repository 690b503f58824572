/**
 * How the margins of the bases become one: the meta-model, fitted on out-of-fold margins. Its own margins are out-of-fold too: those of a fold
 * come from a meta-model of the other folds, so that threshold, calibration and figures are of windows that neither level has seen.
 */
import { createRandom, fitMetaModel, type Matrix, type MetaModel, metaScore } from '@optikal/ml';
import type { WindowSample } from './dataset.ts';
import type { Folds } from './folds.ts';
import { isSure } from './rows.ts';

/** Out-of-fold margins of one base, standardised; NaN where it had nothing to score. */
export type OutOfFoldMargins = Float64Array;

/** Few numbers are learnt: more quiet windows than this cost time and change nothing. Those that are taken count for the rest. */
const MAX_BENIGN = 2000;
const META = { l2: 0.001, baseDropout: 0.15 };

/** The meta-model of these bases, on all samples; null where there are not both classes. */
export function fitMeta(bases: readonly OutOfFoldMargins[], samples: readonly WindowSample[], seed: string): MetaModel | null {
  return fitOn(
    bases,
    samples,
    samples.flatMap((sample, i) => (isSure(sample) ? [i] : [])),
    seed,
  );
}

export interface Metas {
  /** Fitted on all samples; null where there are not both classes. */
  readonly meta: MetaModel | null;
  /** Of each fold, fitted on the others. */
  readonly metas: readonly (MetaModel | null)[];
}

/**
 * What the bases are worth beside each other comes, in each fold, from the other folds; scale and intercept are those of all, two numbers that
 * order nothing within a fold: each fold on its own would only blur the order between folds.
 */
export function fitMetas(bases: readonly OutOfFoldMargins[], samples: readonly WindowSample[], folds: Folds, seed: string): Metas {
  const meta = fitMeta(bases, samples, seed);
  const metas = Array.from({ length: folds.count }, (_, k) => {
    const others = samples.flatMap((sample, i) => (folds.of[i] !== k && isSure(sample) ? [i] : []));
    return onScaleOf(meta, fitOn(bases, samples, others, `${seed}:${k}`));
  });
  return { meta, metas };
}

/** Out-of-fold margins of the ensemble, each by the meta-model of its fold. */
export function stackedMargins(bases: readonly OutOfFoldMargins[], folds: Folds, metas: Metas['metas']): Float64Array {
  return combinedMargins(bases, folds.of.length, (i) => metas[folds.of[i]!]!);
}

/** Margins of the ensemble, each by the meta-model of its sample (null: the mean); −Infinity where no base has anything to score. */
export function combinedMargins(bases: readonly OutOfFoldMargins[], count: number, metaOf: (i: number) => MetaModel | null): Float64Array {
  const row = new Float64Array(bases.length);
  return Float64Array.from({ length: count }, (_, i) => {
    for (let b = 0; b < bases.length; b++) row[b] = bases[b]![i]!;
    return combined(metaOf(i), row);
  });
}

/** The same votes, on the scale and from the intercept of another. */
function onScaleOf(whole: MetaModel | null, meta: MetaModel | null): MetaModel | null {
  if (whole === null || meta === null) return meta;
  const total = (weights: Float64Array) => weights.reduce((sum, weight) => sum + weight, 0);
  const [wanted, own] = [total(whole.weights), total(meta.weights)];
  if (!(wanted > 0 && own > 0)) return { ...meta, intercept: whole.intercept };
  const scale = wanted / own;
  return {
    ...meta,
    weights: meta.weights.map((weight) => weight * scale),
    absent: meta.absent.map((value) => value * scale),
    intercept: whole.intercept,
  };
}

/** Log-odds of an attack that a meta-model of these samples would give if no base knew anything, its weights of classes included. */
export function priorLogOdds(samples: readonly WindowSample[]): number {
  const sure = samples.filter(isSure);
  const attacks = sure.filter(({ label }) => label === 2).length;
  // The weight of an attack is the square root of balance: half of the log-odds are left.
  return attacks === 0 || attacks === sure.length ? 0 : 0.5 * Math.log(attacks / (sure.length - attacks));
}

/** As `judge` combines. */
function combined(meta: MetaModel | null, row: Float64Array): number {
  const known = row.filter((margin) => !Number.isNaN(margin));
  if (known.length === 0) return Number.NEGATIVE_INFINITY;
  return meta === null ? known.reduce((sum, margin) => sum + margin, 0) / known.length : metaScore(meta, row);
}

function fitOn(
  bases: readonly OutOfFoldMargins[],
  samples: readonly WindowSample[],
  rows: readonly number[],
  seed: string,
): MetaModel | null {
  const attacks = rows.filter((i) => samples[i]!.label === 2);
  const quiet = rows.filter((i) => samples[i]!.label === 0);
  if (bases.length === 0 || attacks.length === 0 || quiet.length === 0) return null;
  const taken =
    quiet.length <= MAX_BENIGN
      ? quiet
      : createRandom(`${seed}:thin`)
          .shuffle([...quiet])
          .slice(0, MAX_BENIGN)
          .sort(ascending);
  const used = [...attacks, ...taken];
  const labels = Uint8Array.from(used, (i) => (samples[i]!.label === 2 ? 1 : 0));
  // As `classWeights` of all: what is thinned must not move the intercept.
  const [ofAttack, ofQuiet] = [Math.sqrt(quiet.length / attacks.length), quiet.length / taken.length];
  const weights = Float64Array.from(labels, (label) => (label === 1 ? ofAttack : ofQuiet));
  return fitMetaModel(matrixAt(bases, used), labels, { ...META, weights, seed: `${seed}:meta` });
}

function matrixAt(bases: readonly OutOfFoldMargins[], rows: readonly number[]): Matrix {
  const values = new Float64Array(rows.length * bases.length);
  rows.forEach((i, r) => {
    for (let b = 0; b < bases.length; b++) values[r * bases.length + b] = bases[b]![i]!;
  });
  return { rows: rows.length, cols: bases.length, values };
}

function ascending(a: number, b: number): number {
  return a - b;
}
