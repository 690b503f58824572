/**
 * Stacking (Wolpert 1992): the margins of several base scorers become one log-odds. A base can only vote for what it found (its weight is at
 * least 0: Breiman 1996), and a base that has nothing to say adds its own constant instead, learnt from rows in which bases were hidden.
 */
import { MlError } from '../errors.ts';
import { checkMatrix, type Matrix } from '../matrix.ts';
import { arrayOf, type ModelContent, numberOf, writeModelFile } from '../model-file.ts';
import { bothClasses, lengthOf } from '../options.ts';
import { createRandom } from '../random.ts';
import { solveBoundedLogistic } from './bounded-logistic.ts';
import { type MetaModelOptions, resolveMetaModelOptions } from './options.ts';

/** The kind in the header of a model file. */
export const META_MODEL_KIND = 'meta-model';

/** No standardised margin is near it; the square of a larger one would overflow in the fit. */
const MOST_MARGIN = 1e100;
/** The same for what a file may hold, so that a score stays finite. */
const MOST_WEIGHT = 1e100;

export interface MetaModel {
  readonly kind: typeof META_MODEL_KIND;
  /** One a base, at least 0. */
  readonly weights: Float64Array;
  /** What a base adds where it is absent. */
  readonly absent: Float64Array;
  readonly intercept: number;
}

/**
 * Fits to out-of-fold `margins` (rows × bases; NaN = the base has nothing to say), standardised. Rows that a base was fitted or stopped on do
 * not belong here. ML_EMPTY_INPUT, ML_SHAPE_MISMATCH, ML_INFINITE_VALUE, ML_BAD_LABEL, ML_SINGLE_CLASS (also where all rows of a class weigh
 * nothing), ML_BAD_WEIGHT, ML_UNKNOWN_OPTION, ML_BAD_OPTION (also a margin beyond ±1e100).
 *
 * @example
 * const model = fitMetaModel(matrixOf(outOfFold), labels);
 * metaScore(model, Float64Array.of(1.2, Number.NaN)); // log-odds
 */
export function fitMetaModel(margins: Matrix, labels: ArrayLike<number>, options: MetaModelOptions = {}): MetaModel {
  checkMatrix(margins, 2);
  const { rows, cols } = margins;
  lengthOf('labels', labels, rows);
  bothClasses('labels', labels);
  const { l2, baseDropout, weights, seed } = resolveMetaModelOptions(options, rows);
  refuseUnusable(margins, labels, weights);
  const random = createRandom(seed).fork('base-dropout');
  const copies = baseDropout > 0 ? 2 : 1;
  // Columns: the margins, 0 where absent, then one bit a base that is absent. Both copies of a row share its weight.
  const values = new Float64Array(copies * rows * 2 * cols);
  for (let r = 0; r < copies * rows; r++) {
    for (let c = 0; c < cols; c++) {
      const margin = margins.values[(r % rows) * cols + c]!;
      const absent = Number.isNaN(margin) || (r >= rows && random.nextFloat() < baseDropout);
      values[r * 2 * cols + c] = absent ? 0 : margin;
      values[r * 2 * cols + cols + c] = absent ? 1 : 0;
    }
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const found = solveBoundedLogistic({
    rows: copies * rows,
    cols: 2 * cols,
    values,
    labels: Uint8Array.from({ length: copies * rows }, (_, r) => labels[r % rows]!),
    weights: Float64Array.from({ length: copies * rows }, (_, r) => weights[r % rows]! / copies),
    bounded: Uint8Array.from({ length: 2 * cols }, (_, c) => (c < cols ? 1 : 0)),
    l2: l2 * total,
  });
  return {
    kind: META_MODEL_KIND,
    weights: found.weights.slice(0, cols),
    absent: found.weights.slice(cols),
    intercept: found.intercept,
  };
}

/** What one base adds to the log-odds; an infinite margin counts as a very large or very small one. */
function voteOf({ weights, absent }: MetaModel, margins: ArrayLike<number>, base: number): number {
  const margin = margins[base]!;
  if (Number.isNaN(margin)) return absent[base]!;
  return weights[base]! * Math.min(MOST_MARGIN, Math.max(-MOST_MARGIN, margin));
}

/** Log-odds of label 1, before calibration. Allocates nothing. ML_SHAPE_MISMATCH. */
export function metaScore(model: MetaModel, margins: ArrayLike<number>): number {
  if (margins.length !== model.weights.length) lengthOf('margins', margins, model.weights.length);
  let sum = model.intercept;
  for (let base = 0; base < model.weights.length; base++) sum += voteOf(model, margins, base);
  return sum;
}

/**
 * What each base adds: its weight times its margin, or its constant where it is absent. INVARIANT: the intercept and the contributions, added
 * in their order, are the score bit for bit. ML_SHAPE_MISMATCH.
 *
 * @example
 * contributions(model, [1.2, Number.NaN]); // what base 0 says, and what the silence of base 1 says
 */
export function contributions(model: MetaModel, margins: ArrayLike<number>): Float64Array {
  lengthOf('margins', margins, model.weights.length);
  return Float64Array.from(model.weights, (_, base) => voteOf(model, margins, base));
}

export function encodeMetaModel({ weights, absent, intercept }: MetaModel): Uint8Array {
  return writeModelFile({ kind: META_MODEL_KIND, numbers: { intercept }, arrays: { weights, absent } });
}

/** The model of a model file. ML_FILE_KIND, ML_FILE_CORRUPT. */
export function metaModelOf(content: ModelContent): MetaModel {
  if (content.kind !== META_MODEL_KIND) throw new MlError('ML_FILE_KIND', { expected: META_MODEL_KIND, found: `\`${content.kind}\`` });
  const weights = arrayOf(content, 'weights', Float64Array);
  const absent = arrayOf(content, 'absent', Float64Array);
  const holds = weights.length > 0 && weights.length === absent.length && weights.every((x) => x >= 0 && x <= MOST_WEIGHT);
  const intercept = numberOf(content, 'intercept');
  if (!holds || !(Math.abs(intercept) <= MOST_WEIGHT) || !absent.every((x) => Math.abs(x) <= MOST_WEIGHT))
    throw new MlError('ML_FILE_CORRUPT', {
      name: 'array `weights`',
      expected: `as many weights from 0 to ${MOST_WEIGHT} as absent values`,
      found: weights.length,
    });
  return { kind: META_MODEL_KIND, weights, absent, intercept };
}

function refuseUnusable({ values }: Matrix, labels: ArrayLike<number>, weights: Float64Array): void {
  for (const margin of values) {
    if (Math.abs(margin) > MOST_MARGIN)
      throw new MlError('ML_BAD_OPTION', { name: 'margins', expected: 'standardised', found: String(margin) });
  }
  bothClasses(
    'labels of rows with a weight',
    Array.from(labels).filter((_, r) => weights[r]! > 0),
  );
}
