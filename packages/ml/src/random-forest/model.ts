/** A fitted random forest and its model file. */
import type { ClassScorer } from '../class-scorer.ts';
import { MlError } from '../errors.ts';
import { arrayOf, type ModelContent, numberOf, writeModelFile } from '../model-file.ts';
import { integerWithin, lengthOf } from '../options.ts';
import type { Attribution } from '../scorer.ts';
import { createTreeExplainer, type TreeExplainer } from '../shap/tree-shap.ts';
import type { TreeEnsemble } from '../tree/ensemble.ts';
import { treeArrays, treesOf } from '../tree/file.ts';
import { type PreparedTrees, prepareTrees, scoreTrees } from '../tree/score.ts';
import { MAX_CLASSES } from './options.ts';
import { likeliestClass } from './out-of-bag.ts';

/** The kind in the header of a model file. */
export const RANDOM_FOREST_KIND = 'random-forest';

/** How far from 1 the shares of a leaf may sum: rounding of up to 64 of them. */
const SUM_SLACK = 1e-9;

/**
 * Made by `fitRandomForest` or `decodeClassScorer`. A row's probabilities are the mean, over the trees, of the class shares of its leaves:
 * under the class weights of the fit, not calibrated.
 */
export class RandomForest implements ClassScorer {
  readonly kind = RANDOM_FOREST_KIND;
  readonly featureCount: number;
  readonly classCount: number;
  /** A leaf's value is the number of its class distribution in `shares`; covers count the draws of a bag. */
  readonly trees: TreeEnsemble;
  /** Share of class k in distribution i at i * classCount + k; each distribution sums to 1. */
  readonly shares: Float64Array;
  readonly #prepared: PreparedTrees;
  readonly #scratch: Float64Array;
  readonly #explainers = new Map<number, TreeExplainer>();

  /** ML_BAD_TREE where trees and shares do not fit together. */
  constructor(trees: TreeEnsemble, shares: Float64Array, classCount: number) {
    this.#prepared = prepareTrees(trees);
    checkShares(trees, shares, classCount);
    this.trees = trees;
    this.shares = shares;
    this.featureCount = trees.featureCount;
    this.classCount = classCount;
    this.#scratch = new Float64Array(classCount);
  }

  /** The probability of each class, summing to 1; a class without training rows has 0. ML_SHAPE_MISMATCH. */
  predictProba(row: Float64Array): Float64Array {
    const out = new Float64Array(this.classCount);
    this.probabilitiesInto(row, out);
    return out;
  }

  /** As `predictProba`, into `out` (classCount long), without allocating. ML_SHAPE_MISMATCH. */
  probabilitiesInto(row: Float64Array, out: Float64Array): void {
    const { classCount, shares } = this;
    if (out.length !== classCount) lengthOf('out', out, classCount);
    scoreTrees(this.#prepared, row); // its sum of numbers means nothing: `leaves` names the distribution that each tree found
    const { leaves, treeCount } = this.#prepared;
    out.fill(0);
    for (let tree = 0; tree < treeCount; tree++) {
      const at = leaves[tree] * classCount;
      for (let k = 0; k < classCount; k++) out[k] += shares[at + k];
    }
    for (let k = 0; k < classCount; k++) out[k] /= treeCount;
  }

  /** The likeliest class; of equally likely ones the first. Allocates nothing. ML_SHAPE_MISMATCH. */
  predict(row: Float64Array): number {
    this.probabilitiesInto(row, this.#scratch);
    return likeliestClass(this.#scratch);
  }

  /**
   * Exact path-dependent TreeSHAP of the probability of one class; positive pushes towards the class. The base value is the class's mean
   * probability over the rows as the bags drew them. ML_SHAPE_MISMATCH, ML_BAD_OPTION (no such class).
   */
  explain(row: Float64Array, classIndex: number): Attribution {
    integerWithin('classIndex', classIndex, 0, this.classCount - 1);
    let explainer = this.#explainers.get(classIndex);
    if (explainer === undefined) {
      explainer = createTreeExplainer(classTrees(this, classIndex));
      this.#explainers.set(classIndex, explainer);
    }
    return explainer.explain(row);
  }

  encode(): Uint8Array {
    const numbers = { featureCount: this.featureCount, classCount: this.classCount };
    return writeModelFile({ kind: this.kind, numbers, arrays: { ...treeArrays(this.trees), shares: this.shares } });
  }
}

/** One class of a forest as a sum of trees: its probability is the sum of their leaf values. */
export function classTrees({ trees, shares, classCount }: RandomForest, classIndex: number): TreeEnsemble {
  const treeCount = trees.roots.length;
  const value = trees.value.map((number, node) => (trees.feature[node] < 0 ? shares[number * classCount + classIndex] / treeCount : 0));
  return { ...trees, value };
}

/** The model of a model file. ML_FILE_CORRUPT, ML_BAD_TREE. */
export function randomForestOf(content: ModelContent): RandomForest {
  return new RandomForest(treesOf(content), arrayOf(content, 'shares', Float64Array), numberOf(content, 'classCount'));
}

function checkShares({ feature, value, roots }: TreeEnsemble, shares: Float64Array, classCount: number): void {
  require(Number.isInteger(classCount) &&
    classCount >= 2 &&
    classCount <= MAX_CLASSES, 'class count', `from 2 to ${MAX_CLASSES}`, classCount);
  require(roots.length > 0, 'tree count', 'at least 1', roots.length);
  const count = shares.length / classCount;
  require(Number.isInteger(count), 'length of class shares', `a multiple of ${classCount}`, shares.length);
  for (let node = 0; node < feature.length; node++) {
    if (feature[node] >= 0) continue;
    const number = value[node];
    require(Number.isInteger(number) && number >= 0 && number < count, 'value of a leaf', `an integer below ${count}`, number);
  }
  for (let at = 0; at < shares.length; at += classCount) {
    let sum = 0;
    for (let k = 0; k < classCount; k++) {
      require(shares[at + k] >= 0 && shares[at + k] <= 1, 'class share', 'from 0 to 1', shares[at + k]);
      sum += shares[at + k];
    }
    require(Math.abs(sum - 1) <= SUM_SLACK, 'sum of class shares', '1', sum);
  }
}

function require(holds: boolean, name: string, expected: string, found: number): void {
  if (!holds) throw new MlError('ML_BAD_TREE', { name, expected, found: String(found) });
}
