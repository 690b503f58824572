/**
 * A bundle: all that a detector needs, as files. The manifest lists every file with its SHA-256; the SHA-256 of the manifest is the
 * fingerprint, and the manifest holds a digest of itself. Pure: files come and go as bytes. No code in them, lengths checked by each reader.
 */
import { FEATURE_SETS, type FeatureSetName } from '@optikal/contracts';
import { type BaseScorer, type Calibration, type DriftReference, encodeMetaModel, type Lstm, type MetaModel } from '@optikal/ml';
import { type AgentDriftModel, decodeAgentDrift, encodeAgentDrift } from '../agent-drift/model.ts';
import { DetectionError } from '../errors.ts';
import { decodeSnapshot, encodeSnapshot, type FleetSnapshot } from '../fleet.ts';
import type { ToolCatalogue } from '../tools/index.ts';
import type { ActedHead } from './acted.ts';
import {
  checkCatalogue,
  checkSnapshot,
  encodeManifest,
  FORMAT_VERSION,
  jsonOf,
  objectOf,
  parseManifest,
  sha256,
  text,
} from './manifest.ts';
import { decodeModels, encodeModels, metaOf, usedFeatureSets } from './model-files.ts';
import { PLANE_NAMES, type Planes, type PlaneView } from './planes.ts';
import type { ThreatModel } from './threat.ts';

const MANIFEST = 'manifest.json';
const GATEWAY = 'gateway.model';
const AGENT_DRIFT = 'agent-drift.model';

/**
 * One base scorer: over the window's row, over each call's row with the maximum taken, or over the sequence of the agent's last windows.
 * Margins are standardised by mean and sd.
 */
export type BaseModel = RowBase | SequenceBase;

export interface RowBase extends Standardised {
  readonly on: 'window' | 'call';
  readonly scorer: BaseScorer;
}

export interface SequenceBase extends Standardised {
  readonly on: 'sequence';
  readonly scorer: Lstm;
}

/** A scorer, and what it scores. */
export type ScorerOn = Pick<RowBase, 'on' | 'scorer'> | Pick<SequenceBase, 'on' | 'scorer'>;

interface Standardised {
  readonly name: string;
  readonly mean: number;
  readonly sd: number;
}

/** What the analyst asked for, and the margin that gives it. */
export interface OperatingPoint {
  readonly kind: 'fpr' | 'alerts_per_day';
  readonly value: number;
  /** The false-positive rate per window that this means. */
  readonly fpr: number;
  readonly threshold: number;
}

/** Median of each feature over benign training windows: "usual" in an explanation. NaN = never observed. */
export interface UsualValues {
  readonly fleet: Float64Array;
  readonly roles: ReadonlyMap<string, Float64Array>;
  readonly calls: Float64Array;
}

/** One thing that a bundle learnt from, and how many of it: `simulated agents`, 120. */
export interface TrainedOn {
  readonly what: string;
  readonly count: number;
}

export interface BundleContent {
  readonly featureSet: FeatureSetName;
  /** Ships with the package: every alert says so. */
  readonly starter: boolean;
  readonly bases: readonly BaseModel[];
  /** One weight a base, in their order; null = the mean of those that have a score. */
  readonly meta: MetaModel | null;
  readonly calibration: Calibration;
  /** The prevalence that shown probabilities assume. */
  readonly prevalence: number;
  /** Of all windows as they were; also what a rate that is asked for later is solved from. */
  readonly operatingPoint: OperatingPoint;
  /** The same apart by the planes that a window had; empty = all are judged alike. */
  readonly byPlanes: readonly PlaneView[];
  /** Acted on what it read, or not; null = there was nothing to learn it from. */
  readonly acted: ActedHead | null;
  /** The gateway's own detector as its model file, which is not read here; null = none. */
  readonly gateway: Uint8Array | null;
  /** Finds another model under an agent's name; absent = nothing looks for one. */
  readonly agentDrift?: AgentDriftModel;
  /** null = it names none: the data it was fitted on held too few of them. */
  readonly threats: ThreatModel | null;
  /** What the features of live windows are compared with; null = nothing. */
  readonly drift: DriftReference | null;
  readonly snapshot: FleetSnapshot;
  readonly tools: ToolCatalogue;
  readonly usual: UsualValues;
  /** Ascending out-of-fold margins of benign windows: what any other operating point is solved from. */
  readonly benignMargins: Float64Array;
  /** Windows with activity a day, in the fleet it was fitted on: turns alerts a day into a rate. */
  readonly windowsPerDay: number;
  /** What it learnt from, in the words of who made it. */
  readonly trainedOn: readonly TrainedOn[];
  /** How it was trained and how well it did; for people and for `doctor`, never read by the detector. */
  readonly report: Readonly<Record<string, unknown>>;
}

export interface Bundle extends BundleContent {
  readonly fingerprint: string;
}

export type BundleFiles = ReadonlyMap<string, Uint8Array>;

/** Names and order of the features, so that a bundle of another version is refused and not misread. */
export function featureHashes(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(FEATURE_SETS).map(([name, features]) => [name, sha256(text(features.map((feature) => feature.name)))]),
  );
}

/** The same content gives the same files and the same fingerprint. */
export function encodeBundle(content: BundleContent): { readonly files: BundleFiles; readonly fingerprint: string } {
  const files = new Map<string, Uint8Array>();
  const models = encodeModels(content, files);
  files.set('fleet.json', text(encodeSnapshot(content.snapshot)));
  files.set('tools.json', text(content.tools));
  files.set('usual.json', text(encodeUsual(content.usual)));
  files.set('margins.bin', encodeDoubles(content.benignMargins));
  const byPlanes = content.byPlanes.map(({ benignMargins, planes, meta, calibration, operatingPoint }) => {
    const letters = lettersOf(planes);
    const [margins, own] = [`margins-${letters}.bin`, `meta-${letters}.model`];
    files.set(margins, encodeDoubles(benignMargins));
    if (meta !== null) files.set(own, encodeMetaModel(meta));
    return { planes, meta: meta === null ? null : own, calibration, operatingPoint, margins };
  });
  if (content.gateway !== null) files.set(GATEWAY, content.gateway);
  if (content.agentDrift !== undefined) files.set(AGENT_DRIFT, encodeAgentDrift(content.agentDrift));
  const bytes = encodeManifest({
    formatVersion: FORMAT_VERSION,
    featureSet: content.featureSet,
    features: featureHashes(),
    starter: content.starter,
    ...models,
    calibration: content.calibration,
    prevalence: content.prevalence,
    operatingPoint: content.operatingPoint,
    byPlanes,
    gateway: content.gateway === null ? null : GATEWAY,
    ...(content.agentDrift === undefined ? {} : { agentDrift: AGENT_DRIFT }),
    trainedOn: content.trainedOn,
    windowsPerDay: content.windowsPerDay,
    files: Object.fromEntries([...files].map(([name, found]) => [name, { sha256: sha256(found), sizeBytes: found.length }])),
    report: content.report,
  });
  files.set(MANIFEST, bytes);
  return { files, fingerprint: sha256(bytes) };
}

/** Names of the files that a manifest lists, the manifest included; for whoever copies a bundle. Errors: bundle_format, bundle_altered. */
export function bundleFileNames(manifest: Uint8Array): readonly string[] {
  return [MANIFEST, ...Object.keys(parseManifest(manifest).files)];
}

/**
 * `fingerprint` is the one that the caller expects, where he knows. Errors: bundle_missing_file, bundle_altered, bundle_format,
 * bundle_features; the codes of a model file's own reader become bundle_altered.
 */
export function decodeBundle(files: BundleFiles, fingerprint?: string): Bundle {
  const bytes = fileOf(files, MANIFEST);
  if (fingerprint !== undefined && sha256(bytes) !== fingerprint)
    throw new DetectionError('bundle_altered', `expected the fingerprint ${fingerprint}, found ${sha256(bytes)}`);
  const manifest = parseManifest(bytes);
  const used = usedFeatureSets(manifest);
  for (const [name, hash] of Object.entries(featureHashes()))
    if (used.has(name) && manifest.features[name] !== hash)
      throw new DetectionError('bundle_features', `expected the features of ${name} of this version`);
  for (const [name, entry] of Object.entries(manifest.files)) {
    const found = fileOf(files, name);
    if (found.length !== entry.sizeBytes || sha256(found) !== entry.sha256)
      throw new DetectionError('bundle_altered', `\`${name}\` does not have the size and SHA-256 of the manifest`);
  }
  const content = <T>(name: string, read: (bytes: Uint8Array) => T): T => readAs(name, fileOf(files, name), read);
  return {
    fingerprint: sha256(bytes),
    featureSet: manifest.featureSet,
    starter: manifest.starter,
    ...decodeModels(manifest, content),
    calibration: manifest.calibration,
    prevalence: manifest.prevalence,
    operatingPoint: manifest.operatingPoint,
    byPlanes: manifest.byPlanes.map(({ margins, meta, ...view }) => ({
      ...view,
      meta: meta === null ? null : content(meta, (found) => metaOf(found, manifest.bases.length)),
      benignMargins: content(margins, decodeDoubles),
    })),
    gateway: manifest.gateway === null ? null : content(manifest.gateway, (found) => found),
    ...(manifest.agentDrift === undefined ? {} : { agentDrift: content(manifest.agentDrift, decodeAgentDrift) }),
    trainedOn: manifest.trainedOn,
    windowsPerDay: manifest.windowsPerDay,
    benignMargins: content('margins.bin', decodeDoubles),
    snapshot: content('fleet.json', (found) => decodeSnapshot(checkSnapshot(jsonOf(found)))),
    tools: content('tools.json', (found) => checkCatalogue(jsonOf(found))),
    usual: content('usual.json', (found) => decodeUsual(jsonOf(found))),
    report: manifest.report,
  };
}

/** The first letters of the planes: `bpc`. */
function lettersOf(planes: Planes): string {
  return PLANE_NAMES.map((name) => (planes[name] ? name[0] : '')).join('');
}

/** Whatever a file's reader refuses, the file is not what its writer wrote. */
function readAs<T>(name: string, bytes: Uint8Array, read: (bytes: Uint8Array) => T): T {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof DetectionError && error.code !== 'bundle_format') throw error;
    throw new DetectionError('bundle_altered', `\`${name}\`: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function encodeUsual({ fleet, calls, roles }: UsualValues): unknown {
  const encode = (values: Float64Array) => Array.from(values, (value) => (Number.isNaN(value) ? null : value));
  return {
    fleet: encode(fleet),
    calls: encode(calls),
    roles: Object.fromEntries([...roles].map(([role, values]) => [role, encode(values)])),
  };
}

function decodeUsual(value: unknown): UsualValues {
  const usual = objectOf(value, 'usual values');
  const decode = (set: FeatureSetName, values: unknown) => {
    if (!Array.isArray(values) || values.length !== FEATURE_SETS[set].length || !values.every((x) => x === null || typeof x === 'number'))
      throw new DetectionError('bundle_format', `expected ${FEATURE_SETS[set].length} usual values`);
    return Float64Array.from(values as (number | null)[], (x) => x ?? Number.NaN);
  };
  return {
    fleet: decode('fused1', usual.fleet),
    calls: decode('call1', usual.calls),
    roles: new Map(Object.entries(objectOf(usual.roles, 'roles')).map(([role, values]) => [role, decode('fused1', values)])),
  };
}

function encodeDoubles(values: Float64Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => {
    bytes.setFloat64(8 * i, value, true);
  });
  return new Uint8Array(bytes.buffer);
}

function decodeDoubles(bytes: Uint8Array): Float64Array {
  if (bytes.byteLength % 8 !== 0) throw new DetectionError('bundle_format', 'expected whole doubles');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: bytes.byteLength >> 3 }, (_, i) => view.getFloat64(8 * i, true));
}

function fileOf(files: BundleFiles, name: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined) throw new DetectionError('bundle_missing_file', `expected \`${name}\` in the bundle`);
  return bytes;
}
