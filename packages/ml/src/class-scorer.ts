/** The contract of a scorer of several classes, such as the one that names a threat; and its way back from a model file. */
import { MlError } from './errors.ts';
import { type ModelContent, readModelFile } from './model-file.ts';
import { RANDOM_FOREST_KIND, randomForestOf } from './random-forest/model.ts';
import type { Attribution } from './scorer.ts';

/** A fitted classifier of single rows. Implementations are immutable; all pass `test-support/class-scorer-conformance.ts`. */
export interface ClassScorer {
  /** The kind in the header of its model file. */
  readonly kind: string;
  readonly featureCount: number;
  /** Classes are the integers from 0 to classCount - 1. */
  readonly classCount: number;
  /**
   * The probability of each class, in [0, 1], summing to 1. NaN is missing; an infinite value counts as a very large or very small one.
   * Leaves the row as it was. ML_SHAPE_MISMATCH.
   */
  predictProba(row: Float64Array): Float64Array;
  /** As `predictProba`, into `out` (classCount long), without allocating. ML_SHAPE_MISMATCH. */
  probabilitiesInto(row: Float64Array, out: Float64Array): void;
  /** Why a class got its probability: base value + Σ attributions = that probability, within 1e-6. ML_SHAPE_MISMATCH, ML_BAD_OPTION. */
  explain(row: Float64Array, classIndex: number): Attribution;
  /** The model file; `decodeClassScorer` gives a model with the same probabilities. */
  encode(): Uint8Array;
}

const DECODERS: ReadonlyMap<string, (content: ModelContent) => ClassScorer> = new Map([[RANDOM_FOREST_KIND, randomForestOf]]);

/**
 * The scorer of a model file: same probabilities, same attributions, same bytes again. ML_FILE_MAGIC, ML_FILE_VERSION, ML_FILE_TRUNCATED,
 * ML_FILE_CORRUPT, ML_FILE_KIND, ML_BAD_TREE.
 */
export function decodeClassScorer(bytes: Uint8Array): ClassScorer {
  const content = readModelFile(bytes);
  const decode = DECODERS.get(content.kind);
  if (decode === undefined) {
    throw new MlError('ML_FILE_KIND', { expected: [...DECODERS.keys()].join(' or '), found: `\`${content.kind}\`` });
  }
  return decode(content);
}
