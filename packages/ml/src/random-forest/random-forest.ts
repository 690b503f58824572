/**
 * Step 6: a random forest of several classes. Breiman 2001: each tree on a bootstrap of the rows, each split among a few columns drawn anew;
 * splits from histograms, as in boosting; leaves hold class shares, and their mean is the forest's probability.
 */
import { checkMatrix, type Matrix } from '../matrix.ts';
import { lengthOf } from '../options.ts';
import { createRandom } from '../random.ts';
import { binMatrix, findBinEdges } from '../tree/binning.ts';
import { joinTrees, type TreeEnsemble } from '../tree/ensemble.ts';
import { createDistributions } from './distributions.ts';
import { createClassTreeGrower } from './grower.ts';
import { RandomForest } from './model.ts';
import { type ClassLabels, type RandomForestOptions, resolveRandomForestOptions } from './options.ts';
import { createOutOfBagVotes, type OutOfBag } from './out-of-bag.ts';

/** What a fit gives: the model, and how it did on rows that its trees had not seen. */
export interface FittedRandomForest {
  readonly forest: RandomForest;
  readonly outOfBag: OutOfBag;
}

/**
 * Fits on the rows of `matrix` (rows × features; NaN is missing and goes where a split gains most; where a split saw none it follows the
 * larger child). Labels are integers from 0 to classCount - 1, two different ones at least; a class without rows gets probability 0.
 * Errors: ML_EMPTY_INPUT (fewer than 2 rows), ML_SHAPE_MISMATCH, ML_INFINITE_VALUE, ML_BAD_CLASS, ML_SINGLE_CLASS, ML_BAD_OPTION,
 * ML_UNKNOWN_OPTION, ML_BAD_TREE (more nodes than scoring can lay out: 80 million).
 *
 * @example
 * const { forest, outOfBag } = fitRandomForest(matrix, labels, { classCount: 6, seed: 7 });
 * forest.predictProba(row); // six probabilities
 * outOfBag.error; // share of wrong classes to expect on new rows
 */
export function fitRandomForest(matrix: Matrix, labels: ClassLabels, options: RandomForestOptions = {}): FittedRandomForest {
  checkMatrix(matrix, 2);
  lengthOf('labels', labels, matrix.rows);
  const resolved = resolveRandomForestOptions(options, labels, matrix.cols);
  const { treeCount, classCount } = resolved;
  const distributions = createDistributions(classCount);
  const grower = createClassTreeGrower(binMatrix(matrix, findBinEdges(matrix)), labels, resolved, distributions);
  const votes = createOutOfBagVotes(matrix, labels, classCount, distributions);
  const random = createRandom(resolved.seed).fork('random-forest');
  const draws = new Int32Array(matrix.rows);
  const grown: TreeEnsemble[] = [];
  for (let t = 0; t < treeCount; t++) {
    const stream = random.fork(`tree ${t}`);
    draws.fill(0);
    for (let i = 0; i < matrix.rows; i++) draws[stream.nextInt(matrix.rows)]++;
    const tree = grower.grow(draws, stream);
    votes.add(tree, draws);
    grown.push(tree);
  }
  return { forest: new RandomForest(joinTrees(grown), distributions.shares().slice(), classCount), outOfBag: votes.result() };
}
