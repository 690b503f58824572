/** The options of a random forest, resolved and checked once. */
import { MlError } from '../errors.ts';
import { integerWithin, lengthOf, numberWithin, refuseUnknownKeys, seedOf } from '../options.ts';

/** Classes at most: a row's class and its draws share one integer while a tree grows. */
export const MAX_CLASSES = 64;

/** Classes of rows: integers from 0 to classCount - 1. */
export type ClassLabels = Uint8Array | Int32Array;

/** Options of `fitRandomForest`. */
export interface RandomForestOptions {
  /** Trees. Default 200; 1 to 10,000. */
  readonly treeCount?: number;
  /** Classes, those without a training row included. Default: the greatest label + 1; 2 to 64. */
  readonly classCount?: number;
  /** Columns drawn for each split; more are drawn where none of them has a split. Default ⌊√columns⌋; 1 to the number of columns. */
  readonly columnsPerSplit?: number;
  /** Edges on a path at most. Default 32; 1 to 256. */
  readonly maxDepth?: number;
  /**
   * Different training rows in a leaf at least, however often each was drawn. Default 5, since leaves hold probabilities: probability
   * forests of ranger (Wright & Ziegler 2017) leave a node below 10 rows whole. 1 to 1,000,000,000.
   */
  readonly minDataInLeaf?: number;
  /** What a split gains: the fall of Gini impurity or of entropy. Default 'gini'. */
  readonly criterion?: 'gini' | 'entropy';
  /**
   * Weight of a row by its class, from 1e-6 to 1e6 each, in splits and leaves (Chen, Liaw & Breiman 2004); bags are drawn evenly. 'balanced':
   * rows / (classes with rows · rows of the class), so that probabilities are those of a world in which these classes are equally common.
   * All 1: those of the training rows. Default 'balanced'.
   */
  readonly classWeights?: 'balanced' | Float64Array;
  /** Seed of bags and columns. Default 0. */
  readonly seed?: number | string;
}

/** The same, without optionals. */
export interface ResolvedRandomForestOptions {
  readonly treeCount: number;
  readonly classCount: number;
  readonly columnsPerSplit: number;
  readonly maxDepth: number;
  readonly minDataInLeaf: number;
  readonly criterion: 'gini' | 'entropy';
  /** By class; 0 for a class without rows. */
  readonly classWeights: Float64Array;
  readonly seed: number | string;
}

const KNOWN: readonly (keyof RandomForestOptions)[] = [
  'treeCount',
  'classCount',
  'columnsPerSplit',
  'maxDepth',
  'minDataInLeaf',
  'criterion',
  'classWeights',
  'seed',
];

/** Resolves and checks for `labels` and `cols` columns. ML_UNKNOWN_OPTION, ML_BAD_OPTION, ML_SHAPE_MISMATCH, ML_BAD_CLASS, ML_SINGLE_CLASS. */
export function resolveRandomForestOptions(options: RandomForestOptions, labels: ClassLabels, cols: number): ResolvedRandomForestOptions {
  refuseUnknownKeys(options, KNOWN);
  const { criterion = 'gini', classWeights = 'balanced' } = options;
  if (criterion !== 'gini' && criterion !== 'entropy') {
    throw new MlError('ML_BAD_OPTION', { name: 'criterion', expected: '`gini` or `entropy`', found: String(criterion) });
  }
  if (classWeights !== 'balanced' && !(classWeights instanceof Float64Array)) {
    throw new MlError('ML_BAD_OPTION', { name: 'classWeights', expected: '`balanced` or a Float64Array', found: typeof classWeights });
  }
  const given = options.classCount === undefined ? MAX_CLASSES : integerWithin('classCount', options.classCount, 2, MAX_CLASSES);
  const rowsOfClass = countClasses(labels, given);
  const present = rowsOfClass.filter((rows) => rows > 0).length;
  if (present < 2) throw new MlError('ML_SINGLE_CLASS', { name: 'labels', found: String(labels[0]) });
  const classCount = options.classCount ?? rowsOfClass.findLastIndex((rows) => rows > 0) + 1;
  return {
    treeCount: integerWithin('treeCount', options.treeCount ?? 200, 1, 10_000),
    classCount,
    columnsPerSplit: integerWithin('columnsPerSplit', options.columnsPerSplit ?? Math.floor(Math.sqrt(cols)), 1, cols),
    maxDepth: integerWithin('maxDepth', options.maxDepth ?? 32, 1, 256),
    minDataInLeaf: integerWithin('minDataInLeaf', options.minDataInLeaf ?? 5, 1, 1e9),
    criterion,
    classWeights: weightsOf(classWeights, rowsOfClass.subarray(0, classCount), labels.length / present),
    seed: seedOf(options.seed ?? 0),
  };
}

function countClasses(labels: ClassLabels, classCount: number): Int32Array {
  const counts = new Int32Array(classCount);
  for (let r = 0; r < labels.length; r++) {
    const label = labels[r];
    if (!Number.isInteger(label) || label < 0 || label >= classCount) {
      throw new MlError('ML_BAD_CLASS', { name: 'labels', expected: classCount - 1, found: String(label), position: r });
    }
    counts[label]++;
  }
  return counts;
}

function weightsOf(given: 'balanced' | Float64Array, rowsOfClass: Int32Array, rowsPerClass: number): Float64Array {
  if (given !== 'balanced') {
    lengthOf('classWeights', given, rowsOfClass.length);
    for (let k = 0; k < given.length; k++) numberWithin(`classWeights[${k}]`, given[k], 1e-6, 1e6);
  }
  return Float64Array.from(rowsOfClass, (rows, k) => (rows === 0 ? 0 : given === 'balanced' ? rowsPerClass / rows : given[k]));
}
