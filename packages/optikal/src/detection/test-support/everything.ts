/**
 * A bundle with everything that a bundle can hold, each part really fitted and small: forest, boosting over windows and calls, an LSTM over
 * sequences, a meta-model that does not listen to one of them, beta calibration, a forest of threats, a drift reference, two views by planes, a
 * head for who acted, a file of a gateway.
 */
import { FEATURE_SETS, THREATS } from '@optikal/contracts';
import { createRandom, fitDrift, fitLstm, fitRandomForest, type Lstm, type MetaModel, type Random, sequencesOf } from '@optikal/ml';
import { type BaseModel, type Bundle, type BundleContent, decodeBundle, encodeBundle } from '../ensemble/bundle.ts';
import type { PlaneView } from '../ensemble/planes.ts';
import { SEQUENCE_STEPS } from '../steps.ts';
import { fittedContent, rows } from './bundles.ts';

const WINDOW = FEATURE_SETS.fused1;
const STEP = FEATURE_SETS.step1;

/** Of the bases in their order; the isolation forest is not listened to. */
export const META: MetaModel = {
  kind: 'meta-model',
  weights: Float64Array.of(0, 0.7, 0.4, 0.9),
  absent: Float64Array.of(0.125, -0.25, -0.5, 0.375),
  intercept: -0.4,
};

export function everythingContent(seed = 'a'): BundleContent {
  const content = fittedContent(seed);
  const matrix = rows(240, WINDOW.length, `${seed}:t`);
  const classes = Uint8Array.from({ length: matrix.rows }, (_, r) =>
    Math.min(2, Math.floor((matrix.values[r * matrix.cols + 4]! || 0) / 2)),
  );
  const { forest } = fitRandomForest(matrix, classes, { treeCount: 6, classCount: 3, seed });
  const drift = fitDrift(rows(120, WINDOW.length, `${seed}:d`), { names: WINDOW.map(({ name }) => name), groups: groupsOf(120) });
  const lstm: BaseModel = { name: 'lstm', on: 'sequence', scorer: fittedLstm(seed), mean: -0.1, sd: 0.5 };
  return {
    ...content,
    bases: [...content.bases, lstm],
    meta: META,
    calibration: { kind: 'beta', slope: 1.2, intercept: 0.3, prevalence: 0.1, a: 0.8, b: 1.4, c: -1.5 },
    threats: { kind: 'forest', threats: THREATS.slice(0, 3), forest },
    drift,
    byPlanes: [viewOf(true, 1.5), viewOf(false, 0.75)],
    acted: {
      bases: content.bases.flatMap((base) => (base.on !== 'sequence' && base.name !== 'isolation-forest' ? [base] : [])),
      meta: { kind: 'meta-model', weights: Float64Array.of(0.5, 1.5), absent: Float64Array.of(0, -0.5), intercept: 0.2 },
      calibration: { kind: 'platt', slope: 0.7, intercept: 0.1, prevalence: 0.4 },
    },
    gateway: Uint8Array.of(0, 1, 2, 255),
    trainedOn: [{ what: 'windows made by hand', count: 240 }],
  };
}

function viewOf(content: boolean, threshold: number): PlaneView {
  return {
    planes: { behaviour: true, provenance: true, content, authority: false },
    meta: null,
    calibration: { kind: 'platt', slope: threshold, intercept: -1, prevalence: 0.1 },
    operatingPoint: { kind: 'fpr', value: 0.01, fpr: 0.01, threshold },
    benignMargins: Float64Array.of(-1, 0, threshold),
  };
}

export function everythingBundle(seed = 'a'): Bundle {
  return decodeBundle(encodeBundle(everythingContent(seed)).files);
}

/** 1 to 10 steps of small counts, a fifth of them missing, in half precision as an agent's memory holds them. */
export function stepsLike(random: Random, count = 1 + random.nextInt(SEQUENCE_STEPS)): Float16Array[] {
  return Array.from({ length: count }, () =>
    Float16Array.from({ length: STEP.length }, () => (random.nextFloat() < 0.2 ? Number.NaN : random.nextInt(6))),
  );
}

/** What counts is the sum of two columns over the last windows: something to learn of those before. */
function fittedLstm(seed: string): Lstm {
  const random = createRandom(`${seed}:l`);
  const sequences = Array.from({ length: 96 }, () => stepsLike(random));
  const sum = (steps: readonly Float16Array[]) => steps.reduce((total, step) => total + (step[1]! || 0) + (step[4]! || 0), 0);
  const labels = Uint8Array.from(sequences, (steps) => (sum(steps) > 4 * steps.length ? 1 : 0));
  return fitLstm(sequencesOf(sequences), labels, { hidden: 8, dense: 6, epochs: 4, batch: 16, learningRate: 0.02, seed });
}

const groupsOf = (count: number) => Int32Array.from({ length: count }, (_, i) => Math.floor(i / 20));
