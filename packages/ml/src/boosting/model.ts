/** A fitted boosting model and its model file. */
import { logistic } from '../math.ts';
import { type ModelContent, numberOf, writeModelFile } from '../model-file.ts';
import type { Attribution, BaseScorer } from '../scorer.ts';
import { createTreeExplainer, type TreeExplainer } from '../shap/tree-shap.ts';
import type { TreeEnsemble } from '../tree/ensemble.ts';
import { treeArrays, treesOf } from '../tree/file.ts';
import { type PreparedTrees, prepareTrees, scoreTrees, scoreTreesMany } from '../tree/score.ts';

/** The kind in the header of a model file. */
export const BOOSTING_KIND = 'boosting';

/** Made by `fitBoosting` or `decodeScorer`. */
export class Boosting implements BaseScorer {
  readonly kind = BOOSTING_KIND;
  readonly featureCount: number;
  readonly trees: TreeEnsemble;
  /** Log-odds of the training prevalence: where round 1 started from. */
  readonly baseLogOdds: number;
  readonly #prepared: PreparedTrees;
  #explainer: TreeExplainer | undefined;

  constructor(trees: TreeEnsemble, baseLogOdds: number) {
    this.trees = trees;
    this.featureCount = trees.featureCount;
    this.baseLogOdds = baseLogOdds;
    this.#prepared = prepareTrees(trees);
  }

  /** Rounds that were kept. */
  get rounds(): number {
    return this.trees.roots.length;
  }

  /** Log-odds of label 1, before calibration. ML_SHAPE_MISMATCH. */
  score(row: Float64Array): number {
    return this.baseLogOdds + scoreTrees(this.#prepared, row);
  }

  /** `score` of each row, in their order: the same numbers in less time. ML_SHAPE_MISMATCH. */
  scoreMany(rows: readonly Float64Array[]): Float64Array {
    const scores = scoreTreesMany(this.#prepared, rows);
    for (let r = 0; r < scores.length; r++) scores[r] = this.baseLogOdds + scores[r];
    return scores;
  }

  /** 1/(1 + e^-score) in [0, 1]: the model's own probability, not a calibrated one. ML_SHAPE_MISMATCH. */
  probability(row: Float64Array): number {
    return logistic(this.score(row));
  }

  explain(row: Float64Array): Attribution {
    this.#explainer ??= createTreeExplainer(this.trees, this.baseLogOdds);
    return this.#explainer.explain(row);
  }

  encode(): Uint8Array {
    const numbers = { featureCount: this.featureCount, baseLogOdds: this.baseLogOdds };
    return writeModelFile({ kind: this.kind, numbers, arrays: treeArrays(this.trees) });
  }
}

/** The model of a model file. ML_FILE_CORRUPT, ML_BAD_TREE. */
export function boostingOf(content: ModelContent): Boosting {
  return new Boosting(treesOf(content), numberOf(content, 'baseLogOdds'));
}
