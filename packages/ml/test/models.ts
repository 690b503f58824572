/** Every model of the package behind one shape, for the suites that all of them pass. A new model is a line in MODELS. */

import { type ClassScorer, decodeClassScorer } from '../src/class-scorer.ts';
import { fitDrift } from '../src/drift/drift.ts';
import { decodeDrift } from '../src/drift/model.ts';
import {
  type BaseScorer,
  type Calibration,
  calibratedLogOdds,
  calibrationOf,
  contributions,
  decodeScorer,
  encodeMetaModel,
  fitBeta,
  fitBoosting,
  fitIsolationForest,
  fitLstm,
  fitMetaModel,
  fitPlatt,
  fitSparseLogistic,
  type Lstm,
  lstmOf,
  type MetaModel,
  MlError,
  metaModelOf,
  metaScore,
  readModelFile,
  rowOf,
  type SparseLogistic,
  type SparseRow,
  sparseLogisticOf,
  sparseRowsOf,
} from '../src/index.ts';
import { fitRandomForest } from '../src/random-forest/random-forest.ts';
import type { FittedModel, ModelData, ModelUnderTest } from '../src/test-support/model-conformance.ts';

/** What every probed value is once. */
const PROBES = [0, 1, -2.5, Number.NaN, Infinity, -Infinity, 1e300];

/** Rows of `cols` probes: of one value throughout, and a mixed one. */
function probeRows(cols: number): Float64Array[] {
  if (!(cols <= 65_536)) throw new Error(`a model of ${cols} features was let through`);
  const mixed = Float64Array.from({ length: cols }, (_, c) => PROBES[c % PROBES.length]);
  return [...PROBES.map((value) => new Float64Array(cols).fill(value)), mixed];
}

function scorer(kind: string, fit: (data: ModelData, seed: number) => BaseScorer): ModelUnderTest {
  const wrap = (model: BaseScorer): FittedModel => ({
    encode: () => model.encode(),
    outputs: () => {
      const rows = probeRows(model.featureCount);
      const { baseValue, attributions } = model.explain(rows[rows.length - 1]);
      return Float64Array.of(...rows.map((row) => model.score(row)), baseValue, sum(attributions));
    },
  });
  return {
    kind,
    isModelFile: true,
    fit: (data, seed) => wrap(fit(data, seed)),
    decode: (bytes) => wrap(ofKind(decodeScorer(bytes), kind)),
    inputs: { empty: 'ML_EMPTY_INPUT', oneRow: 'ML_EMPTY_INPUT', constant: 'fits', missing: 'fits', infinite: 'ML_INFINITE_VALUE' },
  };
}

/** `decodeScorer` reads two kinds: the other one is refused here as a reader of one kind would. */
function ofKind(model: BaseScorer, kind: string): BaseScorer {
  if (model.kind !== kind) throw new MlError('ML_FILE_KIND', { expected: kind, found: model.kind });
  return model;
}

const boosting = scorer('boosting', ({ matrix, labels }, seed) =>
  fitBoosting(matrix, labels, { rounds: 4, leaves: 4, minDataInLeaf: 3, columnShare: 0.7, seed }),
);
const isolationForest = scorer('isolation-forest', ({ matrix }, seed) =>
  fitIsolationForest(matrix, { treeCount: 4, subsampleSize: 8, seed }),
);

const randomForest: ModelUnderTest = {
  kind: 'random-forest',
  isModelFile: true,
  fit: ({ matrix, labels }, seed) =>
    classes(
      fitRandomForest(
        matrix,
        Int32Array.from(labels, (label, r) => label + (r % 3 === 0 ? label : 0)),
        { treeCount: 4, maxDepth: 3, classCount: 4, seed },
      ).forest,
    ),
  decode: (bytes) => classes(decodeClassScorer(bytes)),
  inputs: { empty: 'ML_EMPTY_INPUT', oneRow: 'ML_EMPTY_INPUT', constant: 'fits', missing: 'fits', infinite: 'ML_INFINITE_VALUE' },
};

function classes(model: ClassScorer): FittedModel {
  return {
    encode: () => model.encode(),
    outputs: () => {
      const rows = probeRows(model.featureCount);
      const { baseValue, attributions } = model.explain(rows[rows.length - 1], model.classCount - 1);
      return Float64Array.of(...rows.flatMap((row) => [...model.predictProba(row)]), baseValue, sum(attributions));
    },
  };
}

/** Sequences of one to four rows; the label of the last row. */
const lstm: ModelUnderTest = {
  kind: 'lstm',
  isModelFile: true,
  fit: ({ matrix, labels }, seed) => {
    const starts: number[] = [0];
    for (let at = 0; at < matrix.rows; at = starts.at(-1) ?? 0) starts.push(Math.min(matrix.rows, at + 1 + (starts.length % 4)));
    const ends = starts.slice(1).map((end) => labels[end - 1]);
    const sequences = { cols: matrix.cols, values: matrix.values, starts: Int32Array.from(starts) };
    return sequenceModel(fitLstm(sequences, Uint8Array.from(ends), { hidden: 4, dense: 3, steps: 3, epochs: 2, batch: 16, seed }));
  },
  decode: (bytes) => sequenceModel(lstmOf(readModelFile(bytes))),
  inputs: { empty: 'ML_EMPTY_INPUT', oneRow: 'ML_EMPTY_INPUT', constant: 'fits', missing: 'fits', infinite: 'ML_INFINITE_VALUE' },
};

function sequenceModel(model: Lstm): FittedModel {
  return {
    encode: () => model.encode(),
    outputs: () => {
      const rows = probeRows(model.featureCount);
      const two = Float64Array.from([...rows[0], ...rows[rows.length - 1]]);
      const { mean, spread } = model.predictWithUncertainty(two, { passes: 3, seed: 'probe' });
      const { attention } = model.predictWithAttention(two);
      const { baseValue, attributions, residual } = model.explain(two);
      return Float64Array.of(...rows.map((row) => model.score(row)), mean, spread, ...attention, baseValue, sum(attributions), residual);
    },
  };
}

const metaModel: ModelUnderTest = {
  kind: 'meta-model',
  isModelFile: true,
  fit: ({ matrix, labels }, seed) => stacked(fitMetaModel(matrix, labels, { seed })),
  decode: (bytes) => stacked(metaModelOf(readModelFile(bytes))),
  inputs: { empty: 'ML_EMPTY_INPUT', oneRow: 'ML_EMPTY_INPUT', constant: 'fits', missing: 'fits', infinite: 'ML_INFINITE_VALUE' },
};

function stacked(model: MetaModel): FittedModel {
  return {
    encode: () => encodeMetaModel(model),
    outputs: () => {
      const rows = probeRows(model.weights.length);
      return Float64Array.of(...rows.map((row) => metaScore(model, row)), ...contributions(model, rows[rows.length - 1]));
    },
  };
}

/** Each value is an entry, in a column of its own out of 1,024. */
const sparseLogistic: ModelUnderTest = {
  kind: 'sparse-logistic',
  isModelFile: true,
  fit: ({ matrix, labels }) => {
    const columns = Int32Array.from({ length: matrix.cols }, (_, c) => 7 + 100 * c);
    const rows = Array.from({ length: matrix.rows }, (_, r): SparseRow => ({ indices: columns, values: rowOf(matrix, r).slice() }));
    return sparse(fitSparseLogistic(sparseRowsOf(rows, 1024), labels, { classWeights: 'balanced', hashing: { bits: 10 } }));
  },
  decode: (bytes) => sparse(sparseLogisticOf(readModelFile(bytes))),
  inputs: { empty: 'ML_EMPTY_INPUT', oneRow: 'ML_EMPTY_INPUT', constant: 'fits', missing: 'ML_NOT_FINITE', infinite: 'ML_NOT_FINITE' },
};

function sparse(model: SparseLogistic): FittedModel {
  const rows: SparseRow[] = [
    { indices: new Int32Array(0), values: new Float64Array(0) },
    ...[7, 107, 207].map((index) => ({ indices: Int32Array.of(index % model.cols), values: Float64Array.of(2) })),
  ];
  return {
    encode: () => model.encode(),
    outputs: () => {
      const tokens = ['a', 'b', 'a', 'résumé'];
      const { baseValue, contributions: own } = model.explain(rows[1]);
      const said = model.hashing === null ? 0 : model.scoreTokens(tokens);
      return Float64Array.of(...rows.map((row) => model.score(row)), said, baseValue, ...own.map(({ contribution }) => contribution));
    },
  };
}

/** The first column is the margin. */
function calibration(kind: string, fit: (margins: Float64Array, labels: Uint8Array) => Calibration): ModelUnderTest {
  return {
    kind,
    isModelFile: false,
    fit: ({ matrix, labels }) =>
      calibrated(
        fit(
          Float64Array.from({ length: matrix.rows }, (_, r) => matrix.values[r * matrix.cols]),
          labels,
        ),
      ),
    decode: (bytes) => calibrated(calibrationOf(jsonOf(bytes))),
    inputs: { empty: 'ML_EMPTY_INPUT', oneRow: 'ML_EMPTY_INPUT', constant: 'fits', missing: 'ML_NOT_FINITE', infinite: 'ML_NOT_FINITE' },
  };
}

function calibrated(model: Calibration): FittedModel {
  return {
    encode: () => new TextEncoder().encode(JSON.stringify(model)),
    outputs: () =>
      Float64Array.from(
        [0, 1, -2.5, 40, 1e300].flatMap((margin) => [calibratedLogOdds(model, margin), calibratedLogOdds(model, margin, 0.001)]),
      ),
  };
}

/** What is no JSON is nothing that a bundle's manifest would hand on. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

const drift: ModelUnderTest = {
  kind: 'drift',
  isModelFile: true,
  fit: ({ matrix }) =>
    watching(fitDrift(matrix, { bins: 4, columns: [0, 2], groups: Int32Array.from({ length: matrix.rows }, (_, r) => r % 3) })),
  decode: (bytes) => watching(decodeDrift(bytes)),
  inputs: { empty: 'ML_EMPTY_INPUT', oneRow: 'ML_EMPTY_INPUT', constant: 'fits', missing: 'fits', infinite: 'ML_INFINITE_VALUE' },
};

function watching(model: ReturnType<typeof decodeDrift>): FittedModel {
  return {
    encode: () => model.encode(),
    outputs: () => {
      const detector = model.detector({ bufferSize: 20 });
      probeRows(model.featureCount).forEach((row: Float64Array, i) => {
        detector.update(row, i * 60_000);
      });
      return Float64Array.from(
        detector
          .summary()
          .features.flatMap(({ psi, jensenShannon, ks, pValue, critical, effectiveRows }) => [
            psi,
            jensenShannon,
            ks,
            pValue,
            critical,
            effectiveRows,
          ]),
      );
    },
  };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

export const MODELS: readonly ModelUnderTest[] = [
  isolationForest,
  boosting,
  randomForest,
  lstm,
  metaModel,
  calibration('platt', fitPlatt),
  calibration('beta', (margins, labels) => fitBeta(margins, labels)),
  sparseLogistic,
  drift,
];
