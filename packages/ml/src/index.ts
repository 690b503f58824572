/** The public names of @optikal/ml. */
export { fitBoosting } from './boosting/boosting.ts';
export { Boosting } from './boosting/model.ts';
export type { BoostingOptions, EarlyStopping, Labels } from './boosting/options.ts';
export { type BetaCalibration, type FirstLogistic, fitBeta } from './calibration/beta.ts';
export { type Calibration, calibratedLogOdds, calibratedProbability, calibrationOf } from './calibration/calibration.ts';
export { type CalibrationOptions, type ChosenCalibration, fitCalibration } from './calibration/choose.ts';
export { fitPlatt, type PlattCalibration } from './calibration/platt.ts';
export { type ClassScorer, decodeClassScorer } from './class-scorer.ts';
export { decodeScorer } from './decode-scorer.ts';
export type { DriftBand, DriftSummary, FeatureDrift } from './drift/compare.ts';
export type { DriftDetector } from './drift/detector.ts';
export { fitDrift } from './drift/drift.ts';
export type { HourMatch } from './drift/hours.ts';
export { DRIFT_KIND, DriftReference, decodeDrift, driftOf } from './drift/model.ts';
export type { DriftDetectorOptions, DriftGroup, DriftOptions } from './drift/options.ts';
export { ML_ERROR_CODES, ML_ERROR_PATTERNS, MlError, type MlErrorCode } from './errors.ts';
export { fitIsolationForest } from './isolation-forest/isolation-forest.ts';
export { IsolationForest } from './isolation-forest/model.ts';
export type { IsolationForestOptions } from './isolation-forest/options.ts';
export { averagePathLength } from './isolation-forest/path-length.ts';
export type { DropoutPlace } from './lstm/dropout.ts';
export { fitLstm } from './lstm/lstm.ts';
export { type AttendedScore, Lstm, lstmOf, type SequenceAttribution, type UncertainScore } from './lstm/model.ts';
export type { LstmOptions, SequenceEarlyStopping, TrainingKernel } from './lstm/options.ts';
export { type Sequences, sequencesOf, stepsOf } from './lstm/sequences.ts';
export { exp, log, logistic, logit } from './math.ts';
export { checkMatrix, type Matrix, matrixOf, rowOf, takeRows } from './matrix.ts';
export { type AurocEstimate, type AurocIntervalOptions, aurocDifference, aurocInterval } from './metrics/auroc-interval.ts';
export { ksDistance } from './metrics/kolmogorov-smirnov.ts';
export {
  balancedAccuracy,
  brierScore,
  brierSkill,
  type ReliabilityBin,
  reliability,
  wilsonInterval,
} from './metrics/probability.ts';
export { quantile } from './metrics/quantile.ts';
export { auroc, averagePrecision, partialAuroc, type RecallAtFpr, recallAtFpr } from './metrics/ranking.ts';
export {
  type Group,
  type GroupBootstrapOptions,
  groupBootstrap,
  groupedFolds,
  type Interval,
  type TimeSplit,
  timeOrderedSplits,
} from './metrics/resampling.ts';
export { bestStump, type Stump } from './metrics/stump.ts';
export { type TailQuantile, type TailQuantileOptions, tailQuantile } from './metrics/tail-quantile.ts';
export {
  arrayOf,
  MODEL_FORMAT_VERSION,
  type ModelArray,
  type ModelContent,
  numberOf,
  readModelFile,
  writeModelFile,
} from './model-file.ts';
export { createRandom, type Random } from './random.ts';
export { RandomForest } from './random-forest/model.ts';
export type { ClassLabels, RandomForestOptions } from './random-forest/options.ts';
export type { OutOfBag } from './random-forest/out-of-bag.ts';
export { type FittedRandomForest, fitRandomForest } from './random-forest/random-forest.ts';
export type { Attribution, BaseScorer } from './scorer.ts';
export { createTreeExplainer, type TreeExplainer } from './shap/tree-shap.ts';
export { type HashOptions, hashedNames, hashFeatures } from './sparse-logistic/hash-features.ts';
export {
  type Convergence,
  type SparseAttribution,
  type SparseContribution,
  SparseLogistic,
  sparseLogisticOf,
} from './sparse-logistic/model.ts';
export { murmurHash3 } from './sparse-logistic/murmur3.ts';
export type { SparseLogisticOptions } from './sparse-logistic/options.ts';
export { checkSparseRows, type SparseRow, type SparseRows, sparseRowOf, sparseRowsOf } from './sparse-logistic/rows.ts';
export { fitSparseLogistic } from './sparse-logistic/sparse-logistic.ts';
export { contributions, encodeMetaModel, fitMetaModel, type MetaModel, metaModelOf, metaScore } from './stacking/meta-model.ts';
export type { MetaModelOptions } from './stacking/options.ts';
export { type ImportanceOptions, type ParameterImportance, parameterImportances } from './study/importance.ts';
export type { HalvingPruning, MedianPruning, StudyOptions } from './study/options.ts';
export type { Choices, Distribution, FloatOptions, FloatRange, IntOptions, IntRange, ParameterValue } from './study/space.ts';
export { createStudy, type RestoredStudy, restoreStudy, type Study, type Trial, type TrialView } from './study/study.ts';
export { checkTrees, joinTrees, type TreeEnsemble } from './tree/ensemble.ts';
export { type PreparedTrees, prepareTrees, scoreTrees, scoreTreesMany, scoreTreesPlainly } from './tree/score.ts';
