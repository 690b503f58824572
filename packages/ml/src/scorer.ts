/** The contract of a base scorer: what an ensemble stacks, an explanation explains and a bundle stores. */

/** Why a row got its score. INVARIANT: baseValue + Σ attributions = score(row), within 1e-6. */
export interface Attribution {
  /** The mean score over the training rows, in the units of `score`. */
  readonly baseValue: number;
  /** One signed share a feature, in the units of `score`; positive pushes towards anomalous. */
  readonly attributions: Float64Array;
}

/** A fitted model of single rows. Implementations are immutable; all pass `test-support/scorer-conformance.ts`. */
export interface BaseScorer {
  /** The kind in the header of its model file. */
  readonly kind: string;
  readonly featureCount: number;
  /**
   * The raw score (margin) of a row; higher is more anomalous. NaN is missing; an infinite value counts as a
   * very large or very small one. Allocates nothing, leaves the row as it was. ML_SHAPE_MISMATCH.
   */
  score(row: Float64Array): number;
  /** Exact path-dependent TreeSHAP of `score(row)`. ML_SHAPE_MISMATCH. */
  explain(row: Float64Array): Attribution;
  /** The model file; `decodeScorer` gives a model with the same scores. */
  encode(): Uint8Array;
}
