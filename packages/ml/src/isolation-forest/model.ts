/** A fitted isolation forest and its model file. */
import { MlError } from '../errors.ts';
import { exp, LN2, logistic } from '../math.ts';
import { type ModelContent, numberOf, writeModelFile } from '../model-file.ts';
import type { Attribution, BaseScorer } from '../scorer.ts';
import { createTreeExplainer, type TreeExplainer } from '../shap/tree-shap.ts';
import type { TreeEnsemble } from '../tree/ensemble.ts';
import { treeArrays, treesOf } from '../tree/file.ts';
import { type PreparedTrees, prepareTrees, scoreTrees, scoreTreesMany } from '../tree/score.ts';

/** The kind in the header of a model file. */
export const ISOLATION_FOREST_KIND = 'isolation-forest';

/** What a forest knows beside its trees. */
export interface IsolationForestNumbers {
  /** Rows that each tree was grown from. */
  readonly sampleSize: number;
  /** Anomaly score above which a row is anomalous, in (0, 1]. */
  readonly threshold: number;
  /** Scales of the sigmoid below and above the threshold, in anomaly score. */
  readonly scaleBelow: number;
  readonly scaleAbove: number;
}

/** Made by `fitIsolationForest` or `decodeIsolationForest`. The trees sum to −E[h]/c(n). */
export class IsolationForest implements BaseScorer {
  readonly kind = ISOLATION_FOREST_KIND;
  readonly featureCount: number;
  readonly trees: TreeEnsemble;
  readonly sampleSize: number;
  /** Anomaly score above which a row is anomalous, in (0, 1]. */
  readonly threshold: number;
  readonly #numbers: IsolationForestNumbers;
  readonly #prepared: PreparedTrees;
  #explainer: TreeExplainer | undefined;

  constructor(trees: TreeEnsemble, numbers: IsolationForestNumbers) {
    this.trees = trees;
    this.featureCount = trees.featureCount;
    this.sampleSize = numbers.sampleSize;
    this.threshold = numbers.threshold;
    this.#numbers = numbers;
    this.#prepared = prepareTrees(trees);
  }

  /** −E[h]/c(n): at most 0, higher (a shorter path) is more anomalous. ML_SHAPE_MISMATCH. */
  score(row: Float64Array): number {
    return scoreTrees(this.#prepared, row);
  }

  /** `score` of each row, in their order: the same numbers in less time. ML_SHAPE_MISMATCH. */
  scoreMany(rows: readonly Float64Array[]): Float64Array {
    return scoreTreesMany(this.#prepared, rows);
  }

  /** 2^(−E[h]/c(n)) in (0, 1], higher is more anomalous (Liu et al. 2008, equation 2). ML_SHAPE_MISMATCH. */
  anomalyScore(row: Float64Array): number {
    return anomalyScoreOf(this.score(row));
  }

  /**
   * The anomaly score spread over [0, 1] for people: 0.5 at the threshold, 0.01 at the least and 0.99 at the
   * greatest training score, a logistic curve on each side. Keeps the order; not a probability. ML_SHAPE_MISMATCH.
   */
  sigmoidScore(row: Float64Array): number {
    const distance = this.anomalyScore(row) - this.threshold;
    return logistic(distance / (distance < 0 ? this.#numbers.scaleBelow : this.#numbers.scaleAbove));
  }

  /** Attributions of `score`: a shorter path raises it, so positive pushes towards anomalous. ML_SHAPE_MISMATCH. */
  explain(row: Float64Array): Attribution {
    this.#explainer ??= createTreeExplainer(this.trees);
    return this.#explainer.explain(row);
  }

  encode(): Uint8Array {
    const numbers = { featureCount: this.featureCount, ...this.#numbers };
    return writeModelFile({ kind: this.kind, numbers, arrays: treeArrays(this.trees) });
  }
}

/** 2^score: the anomaly score of a raw score. */
export function anomalyScoreOf(score: number): number {
  return exp(score * LN2);
}

/** The forest of a model file. ML_FILE_CORRUPT, ML_BAD_TREE. */
export function isolationForestOf(content: ModelContent): IsolationForest {
  const numbers: IsolationForestNumbers = {
    sampleSize: numberOf(content, 'sampleSize'),
    threshold: numberOf(content, 'threshold'),
    scaleBelow: numberOf(content, 'scaleBelow'),
    scaleAbove: numberOf(content, 'scaleAbove'),
  };
  for (const name of ['scaleBelow', 'scaleAbove'] as const) {
    if (!(numbers[name] > 0)) throw new MlError('ML_FILE_CORRUPT', { name, expected: 'above 0', found: numbers[name] });
  }
  return new IsolationForest(treesOf(content), numbers);
}
