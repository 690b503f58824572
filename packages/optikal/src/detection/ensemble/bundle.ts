/**
 * A bundle: all that a detector needs, as files. The manifest lists every file with its SHA-256; the SHA-256 of the manifest is the
 * fingerprint. Pure: files come and go as bytes. No code in them, lengths checked by each reader.
 */
import { createHash } from 'node:crypto';
import { FEATURE_SETS, type FeatureSetName, type Threat } from '@optikal/contracts';
import { type BaseScorer, decodeScorer, type PlattCalibration } from '@optikal/ml';
import canonicalize from 'canonicalize';
import { DetectionError } from '../errors.ts';
import { decodeSnapshot, type EncodedSnapshot, encodeSnapshot, type FleetSnapshot } from '../fleet.ts';
import type { ToolCatalogue } from '../tools/index.ts';

const FORMAT_VERSION = 1;
const MANIFEST = 'manifest.json';

/** One base scorer: over the window's row, or over each call's row with the maximum taken. Margins are standardised by mean and sd. */
export interface BaseModel {
  readonly name: string;
  readonly on: 'window' | 'call';
  readonly scorer: BaseScorer;
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

export interface BundleContent {
  readonly featureSet: FeatureSetName;
  /** Ships with the package: every alert says so. */
  readonly starter: boolean;
  readonly bases: readonly BaseModel[];
  readonly calibration: PlattCalibration;
  /** The prevalence that shown probabilities assume. */
  readonly prevalence: number;
  readonly operatingPoint: OperatingPoint;
  readonly threats: readonly { readonly threat: Threat; readonly scorer: BaseScorer }[];
  readonly snapshot: FleetSnapshot;
  readonly tools: ToolCatalogue;
  readonly usual: UsualValues;
  /** Ascending out-of-fold margins of benign windows: what any other operating point is solved from. */
  readonly benignMargins: Float64Array;
  /** Windows with activity a day, in the fleet it was fitted on: turns alerts a day into a rate. */
  readonly windowsPerDay: number;
  /** What it was trained on and how well it did; for people and for `doctor`, never read by the detector. */
  readonly report: Readonly<Record<string, unknown>>;
}

export interface Bundle extends BundleContent {
  readonly fingerprint: string;
}

export type BundleFiles = ReadonlyMap<string, Uint8Array>;

interface Manifest {
  readonly formatVersion: number;
  readonly featureSet: FeatureSetName;
  readonly features: Record<string, string>;
  readonly starter: boolean;
  readonly bases: readonly { readonly name: string; readonly on: 'window' | 'call'; readonly file: string; readonly mean: number; readonly sd: number }[];
  readonly calibration: PlattCalibration;
  readonly prevalence: number;
  readonly operatingPoint: OperatingPoint;
  readonly windowsPerDay: number;
  readonly threats: readonly { readonly threat: Threat; readonly file: string }[];
  readonly files: Record<string, { readonly sha256: string; readonly sizeBytes: number }>;
  readonly report: Readonly<Record<string, unknown>>;
}

const text = (value: unknown): Uint8Array => new TextEncoder().encode(`${canonicalize(value)}\n`);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const nullable = (values: Float64Array): (number | null)[] => Array.from(values, (value) => (Number.isNaN(value) ? null : value));
const numbers = (values: readonly (number | null)[]): Float64Array => Float64Array.from(values, (value) => value ?? Number.NaN);

/** Names and order of the features, so that a bundle of another version is refused and not misread. */
export function featureHashes(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(FEATURE_SETS).map(([name, features]) => [name, sha256(text(features.map((feature) => feature.name)))]),
  );
}

export function encodeBundle(content: BundleContent): { readonly files: BundleFiles; readonly fingerprint: string } {
  const files = new Map<string, Uint8Array>();
  const bases = content.bases.map(({ name, on, scorer, mean, sd }) => {
    files.set(`${name}.model`, scorer.encode());
    return { name, on, file: `${name}.model`, mean, sd };
  });
  const threats = content.threats.map(({ threat, scorer }) => {
    files.set(`threat-${threat}.model`, scorer.encode());
    return { threat, file: `threat-${threat}.model` };
  });
  files.set('fleet.json', text(encodeSnapshot(content.snapshot)));
  files.set('tools.json', text(content.tools));
  files.set(
    'usual.json',
    text({
      fleet: nullable(content.usual.fleet),
      calls: nullable(content.usual.calls),
      roles: Object.fromEntries([...content.usual.roles].map(([role, values]) => [role, nullable(values)])),
    }),
  );
  files.set('margins.bin', encodeDoubles(content.benignMargins));
  const manifest: Manifest = {
    formatVersion: FORMAT_VERSION,
    featureSet: content.featureSet,
    features: featureHashes(),
    starter: content.starter,
    bases,
    calibration: content.calibration,
    prevalence: content.prevalence,
    operatingPoint: content.operatingPoint,
    windowsPerDay: content.windowsPerDay,
    threats,
    files: Object.fromEntries([...files].map(([name, bytes]) => [name, { sha256: sha256(bytes), sizeBytes: bytes.length }])),
    report: content.report,
  };
  const bytes = text(manifest);
  files.set(MANIFEST, bytes);
  return { files, fingerprint: sha256(bytes) };
}

/** Names of the files that a manifest lists, the manifest included; for whoever copies a bundle. */
export function bundleFileNames(manifest: Uint8Array): readonly string[] {
  return [MANIFEST, ...Object.keys(parseManifest(manifest).files)];
}

/** Errors: bundle_missing_file, bundle_altered, bundle_format, bundle_features; a model file's own codes are wrapped as bundle_altered. */
export function decodeBundle(files: BundleFiles): Bundle {
  const bytes = fileOf(files, MANIFEST);
  const manifest = parseManifest(bytes);
  for (const [name, hash] of Object.entries(featureHashes()))
    if (manifest.features[name] !== hash) throw new DetectionError('bundle_features', `expected the features of ${name} of this version`);
  for (const [name, entry] of Object.entries(manifest.files)) {
    const found = fileOf(files, name);
    if (sha256(found) !== entry.sha256) throw new DetectionError('bundle_altered', `\`${name}\` does not have the SHA-256 of the manifest`);
  }
  const json = (name: string): unknown => JSON.parse(new TextDecoder().decode(fileOf(files, name)));
  // The three casts hold because the files have the SHA-256 that their writer, `encodeBundle`, put into the manifest.
  const usual = json('usual.json') as { fleet: (number | null)[]; calls: (number | null)[]; roles: Record<string, (number | null)[]> };
  return {
    fingerprint: sha256(bytes),
    featureSet: manifest.featureSet,
    starter: manifest.starter,
    bases: manifest.bases.map(({ file, ...base }) => ({ ...base, scorer: decodeScorer(fileOf(files, file)) })),
    calibration: manifest.calibration,
    prevalence: manifest.prevalence,
    operatingPoint: manifest.operatingPoint,
    windowsPerDay: manifest.windowsPerDay,
    benignMargins: decodeDoubles(fileOf(files, 'margins.bin')),
    threats: manifest.threats.map(({ threat, file }) => ({ threat, scorer: decodeScorer(fileOf(files, file)) })),
    snapshot: decodeSnapshot(json('fleet.json') as EncodedSnapshot),
    tools: json('tools.json') as ToolCatalogue,
    usual: {
      fleet: numbers(usual.fleet),
      calls: numbers(usual.calls),
      roles: new Map(Object.entries(usual.roles).map(([role, values]) => [role, numbers(values)])),
    },
    report: manifest.report,
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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: bytes.byteLength >> 3 }, (_, i) => view.getFloat64(8 * i, true));
}

function fileOf(files: BundleFiles, name: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined) throw new DetectionError('bundle_missing_file', `expected \`${name}\` in the bundle`);
  return bytes;
}

function parseManifest(bytes: Uint8Array): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new DetectionError('bundle_format', 'expected `manifest.json` to be JSON');
  }
  const manifest = value as Partial<Manifest> | null; // every field that is read before the hashes hold is checked here
  if (manifest?.formatVersion !== FORMAT_VERSION || typeof manifest.files !== 'object' || typeof manifest.features !== 'object')
    throw new DetectionError('bundle_format', `expected format version ${FORMAT_VERSION}, found \`${String(manifest?.formatVersion)}\``);
  return manifest as Manifest;
}
