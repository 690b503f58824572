/** Bundles for tests: small models that are really fitted, and a plain sum of features whose margins can be worked out by hand. */
import { type Control, type Event, FEATURE_SETS, type ModelEpoch } from '@optikal/contracts';
import { type BaseScorer, createRandom, fitBoosting, fitIsolationForest, type Matrix } from '@optikal/ml';
import type { LogRecord } from '../../bus/contract.ts';
import { type Bundle, type BundleContent, decodeBundle, encodeBundle } from '../ensemble/bundle.ts';
import { type FleetSnapshot, fleetViews, snapshotOf } from '../fleet.ts';
import type { Model, Models } from '../step.ts';
import { TOOLS } from './events.ts';
import { contribution } from './windows.ts';

const WINDOW = FEATURE_SETS.fused1;
const CALL = FEATURE_SETS.call1;

export const SNAPSHOT: FleetSnapshot = snapshotOf([
  contribution(
    'clerk',
    [
      ['read', 'send'],
      ['read', 'read'],
    ],
    [0, 1, 2],
  ),
  contribution(null, [['fetch']], [1]),
]);

/** Rows of small counts, a fifth of them missing. */
export function rows(count: number, columns: number, seed: string): Matrix {
  const random = createRandom(seed);
  const values = Float64Array.from({ length: count * columns }, () =>
    random.nextFloat() < 0.2 ? Number.NaN : Math.floor(random.nextFloat() * 6),
  );
  return { rows: count, cols: columns, values };
}

function fitted(columns: number, seed: string): BaseScorer {
  const matrix = rows(400, columns, seed);
  const labels = Uint8Array.from({ length: 400 }, (_, r) =>
    matrix.values[r * columns + 1]! + matrix.values[r * columns + 3]! > 6 ? 1 : 0,
  );
  return fitBoosting(matrix, labels, { rounds: 20, leaves: 6, minDataInLeaf: 5, seed });
}

/** Three fitted bases and two threats. */
export function fittedContent(seed = 'a'): BundleContent {
  const forest = fitIsolationForest(rows(256, WINDOW.length, seed), { treeCount: 20, subsampleSize: 64, seed });
  const usual = (length: number, value: number) => new Float64Array(length).fill(value);
  return {
    featureSet: 'fused1',
    starter: false,
    bases: [
      { name: 'isolation-forest', on: 'window', scorer: forest, mean: -0.5, sd: 0.1 },
      { name: 'boosting', on: 'window', scorer: fitted(WINDOW.length, `${seed}:w`), mean: -1, sd: 2 },
      { name: 'call-boosting', on: 'call', scorer: fitted(CALL.length, `${seed}:c`), mean: -1.5, sd: 1.5 },
    ],
    meta: null,
    calibration: { slope: 1.5, intercept: -2, prevalence: 0.1 },
    prevalence: 0.01,
    operatingPoint: { kind: 'fpr', value: 0.01, fpr: 0.01, threshold: 0.25 },
    byPlanes: [],
    acted: null,
    gateway: null,
    trainedOn: [],
    threats: {
      kind: 'one-vs-rest',
      models: [
        { threat: 'data_exfiltration', scorer: fitted(WINDOW.length, `${seed}:x`) },
        { threat: 'resource_abuse', scorer: fitted(WINDOW.length, `${seed}:r`) },
      ],
    },
    drift: null,
    snapshot: SNAPSHOT,
    tools: { formatVersion: 1, tools: { read: { effect: 'read', kind: 'file', untrusted: false, belief: 'user', confidence: 1 } } },
    usual: {
      fleet: usual(WINDOW.length, 1),
      calls: usual(CALL.length, 0),
      roles: new Map([
        ['clerk', usual(WINDOW.length, 2)],
        ['coder', usual(WINDOW.length, Number.NaN)],
      ]),
    },
    benignMargins: Float64Array.from([-1, -0.5, 0, 0.25]),
    windowsPerDay: 500,
    report: { source: 'test', nested: { list: [1, null, 'x'] } },
  };
}

export function fittedBundle(seed = 'a'): Bundle {
  return decodeBundle(encodeBundle(fittedContent(seed)).files);
}

/** Σ weight · value; a missing value counts as −1 where its weight is below 1 (every value of a row moves the score), else as nothing. */
export function linearScorer(set: 'fused1' | 'call1', weightOf: (name: string, i: number) => number): BaseScorer {
  const weights = Float64Array.from(FEATURE_SETS[set], ({ name }, i) => weightOf(name, i));
  const terms = (row: Float64Array) =>
    weights.map((weight, i) => weight * (Number.isNaN(row[i]) ? (Math.abs(weight) < 1 ? -1 : 0) : row[i]!));
  return {
    kind: 'linear',
    featureCount: weights.length,
    score: (row) => terms(row).reduce((sum, term) => sum + term, 0),
    explain: (row) => ({ baseValue: 0, attributions: terms(row) }),
    encode: () => new Uint8Array(weights.buffer.slice(0)),
  };
}

/** A bundle whose margin feels every feature a little and side effects after taint, secrets and forbids a lot; many tasks calm it. */
export function sensitiveBundle(fingerprint = 'f'.repeat(64)): Bundle {
  const grave = new Map([
    ['side_after_taint', 4],
    ['secrets', 4],
    ['denied', 4],
    ['tasks', -2],
    ['call_unrequested_side', 2],
  ]);
  const weight = (name: string, i: number) => grave.get(name) ?? 0.001 * Math.sin(i + 1);
  return {
    ...fittedContent('s'),
    bases: [
      { name: 'window', on: 'window', scorer: linearScorer('fused1', weight), mean: 0, sd: 1 },
      { name: 'call', on: 'call', scorer: linearScorer('call1', weight), mean: 0, sd: 1 },
    ],
    fingerprint,
  };
}

export const epochOf = (bundle: Bundle, effectiveFromMs = 946_684_800_000): ModelEpoch => ({
  kind: 'model_epoch',
  bundle: bundle.fingerprint,
  threshold: null,
  backend: 'local',
  effectiveFromMs,
});

/** One bundle for every epoch of its fingerprint; before its epoch nothing is judged. */
export function modelsOf(bundle: Bundle, threshold = bundle.operatingPoint.threshold, more: Partial<Models> = {}): Models {
  const lens = { tools: TOOLS, fleetOf: fleetViews(bundle.snapshot) };
  const model: Model = { bundle, threshold, lens: () => lens };
  const none: Model = { bundle: null, threshold: Number.POSITIVE_INFINITY, lens: () => lens };
  return {
    of: (epoch) => (epoch === null ? none : model),
    fingerprint: (event: Event) => ({ sizeBytes: JSON.stringify(event).length, hmac: '00' }),
    ...more,
  };
}

type Entry =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'tick'; readonly timeMs: number }
  | { readonly kind: 'control'; readonly control: Control };
/** Numbers the entries of a log. */
export const recordsOf = (entries: Iterable<Entry>): LogRecord[] => [...entries].map((entry, offset) => ({ ...entry, offset }));
