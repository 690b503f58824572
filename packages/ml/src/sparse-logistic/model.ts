/** A fitted sparse logistic regression, and its model file. */
import { MlError } from '../errors.ts';
import { arrayOf, type ModelContent, numberOf, writeModelFile } from '../model-file.ts';
import { lengthOf } from '../options.ts';
import { type Hashing, hashedNames, hashedRow } from './hash-features.ts';
import { placeOf } from './objective.ts';
import { MAX_COLS, type SparseRow } from './rows.ts';

/** The kind in the header of a model file. */
export const SPARSE_LOGISTIC_KIND = 'sparse-logistic';
/** No fit is near it; scores of larger weights could overflow. */
const MOST_WEIGHT = 1e100;

/** How the fit ended. */
export interface Convergence {
  readonly converged: boolean;
  readonly iterations: number;
  /** Largest absolute partial derivative of the mean loss at the end. */
  readonly gradient: number;
}

/** What one column adds to a score. */
export interface SparseContribution {
  readonly index: number;
  /** Who is behind the column; empty where the caller did not say. More than one where tokens share it. */
  readonly names: readonly string[];
  /** Weight times value. */
  readonly contribution: number;
}

/** Why a row got its score. INVARIANT: baseValue + Σ contributions = score, within rounding. */
export interface SparseAttribution {
  /** The intercept. */
  readonly baseValue: number;
  /** Those that are not 0, the strongest first. */
  readonly contributions: readonly SparseContribution[];
}

/** Everything that a model is. */
export interface SparseLogisticParts {
  readonly cols: number;
  /** Ascending columns whose weight is not 0. */
  readonly indices: Int32Array;
  readonly weights: Float64Array;
  readonly intercept: number;
  readonly convergence: Convergence;
  readonly hashing: Hashing | null;
}

/** Made by `fitSparseLogistic` or `sparseLogisticOf`. Immutable. */
export class SparseLogistic {
  readonly kind = SPARSE_LOGISTIC_KIND;
  readonly cols: number;
  readonly intercept: number;
  readonly convergence: Convergence;
  /** How tokens become columns; null where the model was fitted to rows of another making. */
  readonly hashing: Hashing | null;
  readonly #indices: Int32Array;
  readonly #weights: Float64Array;

  constructor({ cols, indices, weights, intercept, convergence, hashing }: SparseLogisticParts) {
    this.cols = cols;
    this.intercept = intercept;
    this.convergence = convergence;
    this.hashing = hashing;
    this.#indices = indices;
    this.#weights = weights;
  }

  /** Columns whose weight is not 0. */
  get weightCount(): number {
    return this.#indices.length;
  }

  /** Weights by column, 0 where there is none: `cols` numbers, for callers that score many rows of their own making. */
  denseWeights(): Float64Array {
    const dense = new Float64Array(this.cols);
    for (let i = 0; i < this.#indices.length; i++) dense[this.#indices[i]] = this.#weights[i];
    return dense;
  }

  /**
   * Log-odds of label 1, before calibration. The row's indices ascend; a row without entries has the intercept. Allocates nothing.
   * ML_SHAPE_MISMATCH, ML_BAD_OPTION (indices), ML_NOT_FINITE.
   */
  score(row: SparseRow): number {
    const { indices, values } = row;
    if (values.length !== indices.length) lengthOf('values', values, indices.length);
    let sum = this.intercept;
    let place = 0;
    let last = -1;
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i];
      if (!(index > last && index < this.cols)) throw outside(i, last, this.cols, index);
      if (!Number.isFinite(values[i])) throw new MlError('ML_NOT_FINITE', { name: 'values', found: String(values[i]), position: i });
      last = index;
      place = placeOf(this.#indices, index, place);
      if (this.#indices[place] === index) sum += this.#weights[place] * values[i];
    }
    return sum;
  }

  /** The score of the row that `hashFeatures` makes of `tokens` with the model's own hashing. ML_BAD_OPTION where it has none. */
  scoreTokens(tokens: Iterable<string>): number {
    return this.score(hashedRow(tokens, this.#ownHashing()));
  }

  /** Weight times value of each column, with the names that the caller knows. ML_SHAPE_MISMATCH, ML_BAD_OPTION, ML_NOT_FINITE. */
  explain(row: SparseRow, names: ReadonlyMap<number, readonly string[]> = new Map()): SparseAttribution {
    this.score(row);
    const contributions = Array.from(row.indices, (index, i) => {
      const place = placeOf(this.#indices, index);
      const weight = this.#indices[place] === index ? this.#weights[place] : 0;
      return { index, names: names.get(index) ?? [], contribution: weight * row.values[i] };
    }).filter(({ contribution }) => contribution !== 0);
    contributions.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution) || a.index - b.index);
    return { baseValue: this.intercept, contributions };
  }

  /** The same for tokens, which are the names. ML_BAD_OPTION where the model has no hashing. */
  explainTokens(tokens: Iterable<string>): SparseAttribution {
    const kept = [...tokens];
    const hashing = this.#ownHashing();
    return this.explain(hashedRow(kept, hashing), hashedNames(kept, hashing));
  }

  encode(): Uint8Array {
    const { cols, intercept, hashing } = this;
    const { converged, iterations, gradient } = this.convergence;
    const hash = hashing === null ? {} : { bits: hashing.bits, signed: Number(hashing.signed), seed: hashing.seed };
    const numbers = { cols, intercept, converged: Number(converged), iterations, gradient, ...hash };
    return writeModelFile({ kind: SPARSE_LOGISTIC_KIND, numbers, arrays: { indices: this.#indices, weights: this.#weights } });
  }

  #ownHashing(): Hashing {
    if (this.hashing !== null) return this.hashing;
    throw new MlError('ML_BAD_OPTION', { name: 'hashing', expected: 'given when the model was fitted', found: 'none' });
  }
}

/** The model of a model file. ML_FILE_KIND, ML_FILE_CORRUPT. */
export function sparseLogisticOf(content: ModelContent): SparseLogistic {
  if (content.kind !== SPARSE_LOGISTIC_KIND)
    throw new MlError('ML_FILE_KIND', { expected: SPARSE_LOGISTIC_KIND, found: `\`${content.kind}\`` });
  const whole = (name: string, low: number, high: number) => {
    const value = numberOf(content, name);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw corrupt(`number \`${name}\``, `an integer from ${low} to ${high}`, value);
  };
  const cols = whole('cols', 1, MAX_COLS);
  const indices = arrayOf(content, 'indices', Int32Array);
  const weights = arrayOf(content, 'weights', Float64Array);
  if (indices.length !== weights.length) throw corrupt('array `weights`', `of length ${indices.length}`, weights.length);
  for (let i = 0; i < indices.length; i++) {
    const last = i === 0 ? -1 : indices[i - 1];
    if (!(indices[i] > last && indices[i] < cols)) throw corrupt('array `indices`', `ascending and below ${cols}`, indices[i]);
    if (!(Math.abs(weights[i]) <= MOST_WEIGHT)) throw corrupt('array `weights`', `within ±${MOST_WEIGHT}`, weights[i]);
  }
  const intercept = numberOf(content, 'intercept');
  if (Math.abs(intercept) > MOST_WEIGHT) throw corrupt('number `intercept`', `within ±${MOST_WEIGHT}`, intercept);
  const gradient = numberOf(content, 'gradient');
  if (gradient < 0) throw corrupt('number `gradient`', 'at least 0', gradient);
  const convergence = { converged: whole('converged', 0, 1) === 1, iterations: whole('iterations', 0, MAX_COLS), gradient };
  return new SparseLogistic({ cols, indices, weights, intercept, convergence, hashing: hashingOf(content, cols, whole) });
}

function hashingOf(content: ModelContent, cols: number, whole: (name: string, low: number, high: number) => number): Hashing | null {
  if (!Object.hasOwn(content.numbers, 'bits')) return null;
  const bits = whole('bits', 1, 22);
  if (2 ** bits !== cols) throw corrupt('number `bits`', `the logarithm of ${cols}`, bits);
  return { bits, signed: whole('signed', 0, 1) === 1, seed: whole('seed', 0, 0xffffffff) };
}

function outside(i: number, last: number, cols: number, found: number): MlError {
  return new MlError('ML_BAD_OPTION', { name: `indices[${i}]`, expected: `above ${last} and below ${cols}`, found });
}

function corrupt(name: string, expected: string, found: number): MlError {
  return new MlError('ML_FILE_CORRUPT', { name, expected, found: String(found) });
}
