/**
 * The manifest of a bundle, read as what it is: a file that anybody may have written. Everything is checked here, so that the rest of the
 * program can believe its type. A digest of its own finds accidents; against forgery there is the fingerprint that a log names.
 */
import { createHash } from 'node:crypto';
import { EFFECTS, THREATS, type Threat } from '@optikal/contracts';
import { type Calibration, calibrationOf, type TrainingKernel } from '@optikal/ml';
import canonicalize from 'canonicalize';
import { DetectionError } from '../errors.ts';
import type { EncodedSnapshot } from '../fleet.ts';
import { HABIT_METRICS } from '../habit.ts';
import type { ToolCatalogue } from '../tools/index.ts';
import type { BaseModel, BundleContent, RowBase } from './bundle.ts';
import { PLANE_NAMES, type PlaneView } from './planes.ts';

export const FORMAT_VERSION = 3;
/**
 * Format 1 had no meta-model and no sequences: its margin is the mean of its bases. Its threats were a list of one-vs-rest models. Format 2 had one
 * operating point for windows of all planes, no head for who acted, no gateway.
 */
const FORMAT_VERSIONS: readonly unknown[] = [1, 2, FORMAT_VERSION];
/** Far above any real manifest, far below what would exhaust memory. */
const MAX_MANIFEST_BYTES = 4_194_304;
const MAX_FILES = 64;
const MAX_FILE_BYTES = 1_073_741_824;
/** A prevalence lies in (0, 1). */
const ALMOST_ONE = 1 - Number.EPSILON / 2;
const FILE_NAME = /^[a-z0-9][a-z0-9_-]{0,63}\.(model|json|bin)$/;
/** Begins with a letter: as keys of an archived window's JSON, numbers would come before all others. */
const BASE_NAME = /^[a-z][a-z0-9_-]{0,57}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const REQUIRED_FILES = ['fleet.json', 'tools.json', 'usual.json', 'margins.bin'];

const MAX_TRAINED_ON = 64;
const MAX_WORDS = 512;

type Plain = Pick<
  BundleContent,
  'featureSet' | 'starter' | 'calibration' | 'prevalence' | 'operatingPoint' | 'trainedOn' | 'windowsPerDay' | 'report'
>;

export interface Manifest extends Plain {
  readonly formatVersion: number;
  readonly features: Readonly<Record<string, unknown>>;
  readonly bases: readonly (Pick<BaseModel, 'name' | 'on' | 'mean' | 'sd'> & {
    readonly file: string;
    /** Of a model of sequences: the kernels that trained it. What `relaxed` ones give belongs to the machine. */
    readonly trainedWith?: TrainingKernel;
  })[];
  /** Name of its file; null = none. */
  readonly meta: string | null;
  readonly acted: ListedActed | null;
  /** `margins`, and `meta` where there is one: names of files. */
  readonly byPlanes: readonly (Omit<PlaneView, 'benignMargins' | 'meta'> & { readonly margins: string; readonly meta: string | null })[];
  /** Name of its file; null = none. */
  readonly gateway: string | null;
  /** Name of its file; absent = none. */
  readonly agentDrift?: string;
  readonly threats: ListedThreats | null;
  /** Name of its file; null = none. */
  readonly drift: string | null;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly sizeBytes: number }>>;
}

/** Files of the head that tells acted from ignored. */
export interface ListedActed {
  readonly bases: readonly (Pick<RowBase, 'name' | 'on' | 'mean' | 'sd'> & { readonly file: string })[];
  readonly meta: string | null;
  readonly calibration: Calibration;
}

/** Files of what names a threat. */
export type ListedThreats =
  | { readonly kind: 'one-vs-rest'; readonly models: readonly { readonly threat: Threat; readonly file: string }[] }
  | { readonly kind: 'forest'; readonly threats: readonly Threat[]; readonly file: string };

export const text = (value: unknown): Uint8Array => new TextEncoder().encode(`${canonicalize(value)}\n`);
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** RFC 8785 JSON, with the SHA-256 of itself without that field. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return text({ ...manifest, digest: sha256(text(manifest)) });
}

/** Errors: bundle_format (not a manifest of this version), bundle_altered (its digest or its spelling is not its writer's). */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES) throw wrong(`a manifest of at most ${MAX_MANIFEST_BYTES} bytes`, String(bytes.length));
  const { digest, ...manifest } = objectOf(jsonOf(bytes), 'a manifest');
  if (!FORMAT_VERSIONS.includes(manifest.formatVersion))
    throw wrong(`format version ${FORMAT_VERSIONS.join(' or ')}`, shown(manifest.formatVersion));
  if (typeof digest !== 'string' || !sameBytes(bytes, { ...manifest, digest }) || sha256(text(manifest)) !== digest)
    throw new DetectionError('bundle_altered', '`manifest.json` does not have its own digest');
  return checkManifest(upgrade(manifest));
}

/** What an earlier format says, in the words of this one. */
function upgrade(manifest: Record<string, unknown>): Record<string, unknown> {
  if (manifest.formatVersion === FORMAT_VERSION) return manifest;
  const second = manifest.formatVersion === 1 ? fromFirst(manifest) : manifest;
  return { ...second, acted: null, byPlanes: [], gateway: null, trainedOn: [] };
}

function fromFirst(manifest: Record<string, unknown>): Record<string, unknown> {
  const models = listOf(manifest.threats, '`threats`');
  return { ...manifest, meta: null, drift: null, threats: models.length === 0 ? null : { kind: 'one-vs-rest', models } };
}

/** A file that canonical JSON cannot spell (a lone surrogate) was not written by `encodeManifest`. */
function sameBytes(bytes: Uint8Array, value: unknown): boolean {
  try {
    return Buffer.compare(bytes, text(value)) === 0;
  } catch {
    return false;
  }
}

function checkManifest(manifest: Record<string, unknown>): Manifest {
  const { featureSet } = manifest;
  if (featureSet !== 'fused1') throw wrong('the feature set `fused1`', shown(featureSet));
  if (typeof manifest.starter !== 'boolean') throw wrong('`starter` true or false', shown(manifest.starter));
  objectOf(manifest.features, '`features`');
  objectOf(manifest.report, '`report`');
  const calibration = checkCalibration(manifest.calibration);
  number(manifest.prevalence, 'prevalence', Number.MIN_VALUE, ALMOST_ONE);
  number(manifest.windowsPerDay, 'windowsPerDay', 0);
  checkPoint(manifest.operatingPoint);
  const files = checkFiles(manifest.files);
  checkBases(manifest.bases, files);
  for (const name of ['meta', 'drift', 'gateway']) if (manifest[name] !== null) checkFile(manifest[name], `\`${name}\`, or null`, files);
  if (manifest.agentDrift !== undefined) checkFile(manifest.agentDrift, '`agentDrift`', files);
  checkThreats(manifest.threats, files);
  const byPlanes = checkViews(manifest.byPlanes, files);
  const acted = checkActed(manifest.acted, files);
  checkTrainedOn(manifest.trainedOn);
  return { ...manifest, calibration, byPlanes, acted } as unknown as Manifest; // every field was checked above
}

function checkPoint(value: unknown): void {
  const point = objectOf(value, '`operatingPoint`');
  if (point.kind !== 'fpr' && point.kind !== 'alerts_per_day')
    throw wrong('an operating point of fpr or alerts_per_day', shown(point.kind));
  for (const name of ['value', 'fpr', 'threshold']) number(point[name], `operatingPoint.${name}`);
}

/** Distinct sets of planes, each with a file of its own. */
function checkViews(value: unknown, files: ReadonlySet<string>): readonly unknown[] {
  const known = new Set<unknown>();
  return listOf(value, '`byPlanes`').map((item) => {
    const view = objectOf(item, 'a view by planes');
    const planes = objectOf(view.planes, '`planes` of a view');
    for (const name of PLANE_NAMES) if (typeof planes[name] !== 'boolean') throw wrong(`\`${name}\` true or false`, shown(planes[name]));
    checkPoint(view.operatingPoint);
    checkFile(view.margins, 'the margins of each view', files);
    if (view.meta !== null) checkFile(view.meta, 'the meta-model of a view, or null', files);
    const had = PLANE_NAMES.map((name) => planes[name]).join();
    for (const once of [had, view.margins]) {
      if (known.has(once)) throw wrong('distinct planes and files of views', shown(once));
      known.add(once);
    }
    return { ...view, calibration: checkCalibration(view.calibration) };
  });
}

function checkActed(value: unknown, files: ReadonlySet<string>): unknown {
  if (value === null) return null;
  const head = objectOf(value, '`acted`');
  checkBases(head.bases, files, ['window', 'call'], false);
  if (head.meta !== null) checkFile(head.meta, 'the meta-model of `acted`, or null', files);
  return { ...head, calibration: checkCalibration(head.calibration) };
}

function checkTrainedOn(value: unknown): void {
  if (!Array.isArray(value) || value.length > MAX_TRAINED_ON)
    throw wrong(`\`trainedOn\` as a list of at most ${MAX_TRAINED_ON}`, shown(value));
  for (const item of value) {
    const { what, count } = objectOf(item, 'what it was trained on');
    if (typeof what !== 'string' || what.length === 0 || what.length > MAX_WORDS) throw wrong(`words of at most ${MAX_WORDS}`, shown(what));
    number(count, 'count of `trainedOn`', 0);
  }
}

function checkCalibration(value: unknown): Calibration {
  try {
    return calibrationOf(value);
  } catch (error) {
    throw new DetectionError('bundle_format', `bundle: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function checkFiles(value: unknown): ReadonlySet<string> {
  const files = Object.entries(objectOf(value, '`files`'));
  if (files.length > MAX_FILES) throw wrong(`at most ${MAX_FILES} files`, String(files.length));
  for (const [name, entry] of files) {
    if (!FILE_NAME.test(name)) throw wrong('file names of lower-case letters, digits, - and _', shown(name));
    const { sha256: hash, sizeBytes } = objectOf(entry, `the entry of \`${name}\``);
    if (typeof hash !== 'string' || !SHA256.test(hash)) throw wrong(`a SHA-256 for \`${name}\``, shown(hash));
    number(sizeBytes, `files.${name}.sizeBytes`, 0, MAX_FILE_BYTES);
  }
  const names = new Set(files.map(([name]) => name));
  for (const name of REQUIRED_FILES) if (!names.has(name)) throw wrong(`\`${name}\` among the files`, 'none');
  return names;
}

/** At least one window base, so that every window has a margin; at most one call base, so that one call is the decisive one, and one on sequences. */
function checkBases(
  value: unknown,
  files: ReadonlySet<string>,
  kinds: readonly unknown[] = ['window', 'call', 'sequence'],
  needsWindow = true,
): void {
  const names = new Set<unknown>();
  const on: unknown[] = [];
  for (const item of listOf(value, '`bases`')) {
    const base = objectOf(item, 'a base');
    if (typeof base.name !== 'string' || !BASE_NAME.test(base.name) || names.has(base.name))
      throw wrong('distinct names of bases', shown(base.name));
    if (!kinds.includes(base.on)) throw wrong(`a base on ${kinds.join(' or ')}`, shown(base.on));
    checkFile(base.file, 'each base', files);
    if (base.on === 'sequence' && typeof base.trainedWith !== 'string')
      throw wrong('what a model of sequences was trained with', shown(base.trainedWith));
    number(base.mean, `mean of ${base.name}`);
    number(base.sd, `sd of ${base.name}`, Number.MIN_VALUE);
    names.add(base.name);
    on.push(base.on);
  }
  if (on.length === 0 || (needsWindow && !on.includes('window'))) throw wrong('a base on windows', 'none');
  for (const kind of ['call', 'sequence'])
    if (on.filter((found) => found === kind).length > 1) throw wrong(`at most one base on each ${kind}`, String(on.length));
}

function checkThreats(value: unknown, files: ReadonlySet<string>): void {
  if (value === null) return;
  const { kind, models, threats, file } = objectOf(value, '`threats`');
  if (kind !== 'one-vs-rest' && kind !== 'forest') throw wrong('threats by one-vs-rest or a forest', shown(kind));
  const named = kind === 'forest' ? [...listOf(threats, '`threats`')] : [];
  if (kind === 'forest') checkFile(file, 'the forest of threats', files);
  else
    for (const item of listOf(models, 'models of `threats`')) {
      const model = objectOf(item, 'a model of a threat');
      checkFile(model.file, 'each threat', files);
      named.push(model.threat);
    }
  if (named.length === 0) throw wrong('a threat in `threats`, or null', 'none');
  const known = new Set<unknown>();
  for (const threat of named) {
    if (!THREATS.some((name) => name === threat) || known.has(threat)) throw wrong('distinct known threats', shown(threat));
    known.add(threat);
  }
}

function checkFile(name: unknown, of: string, files: ReadonlySet<string>): void {
  if (typeof name !== 'string' || !files.has(name)) throw wrong(`a listed file for ${of}`, shown(name));
}

/** Counts and sums of roles and fleet, as `encodeSnapshot` writes them. */
export function checkSnapshot(value: unknown): EncodedSnapshot {
  const { fleet, roles } = objectOf(value, 'a snapshot');
  checkGroup(fleet);
  if (!Array.isArray(roles)) throw wrong('a list of roles', shown(roles));
  for (const role of roles) {
    if (typeof objectOf(role, 'a role').role !== 'string') throw wrong('a name for each role', 'none');
    checkGroup(role);
  }
  return value as EncodedSnapshot; // checked above
}

function checkGroup(value: unknown): void {
  const { counts, sums } = objectOf(value, 'a group');
  if (!Array.isArray(counts) || counts.length !== 2) throw wrong('tables of tools and steps', shown(counts));
  for (const table of counts)
    if (!Array.isArray(table) || !table.every(isCount)) throw wrong('pairs of a token and its count', 'something else');
  const lists = objectOf(sums, 'sums');
  for (const name of ['n', 'sum', 'squares']) {
    const list = lists[name];
    if (!Array.isArray(list) || list.length !== HABIT_METRICS.length || !list.every((x) => Number.isFinite(x)))
      throw wrong(`${HABIT_METRICS.length} numbers in sums.${name}`, 'something else');
  }
}

function isCount(pair: unknown): boolean {
  return Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string' && Number.isInteger(pair[1]) && pair[1] > 0;
}

/** A tool catalogue, as `tools/` writes it. */
export function checkCatalogue(value: unknown): ToolCatalogue {
  const { formatVersion, tools } = objectOf(value, 'a tool catalogue');
  if (formatVersion !== 1) throw wrong('format version 1 of the tool catalogue', shown(formatVersion));
  for (const [name, entry] of Object.entries(objectOf(tools, 'tools'))) {
    const { effect, kind, untrusted, belief } = objectOf(entry, `tool \`${name.slice(0, 64)}\``);
    if (!EFFECTS.some((known) => known === effect)) throw wrong('an effect of each tool', shown(effect));
    if (kind !== null && !['network', 'file', 'api'].some((known) => known === kind)) throw wrong('a kind of each tool', shown(kind));
    if (typeof untrusted !== 'boolean') throw wrong('`untrusted` true or false', shown(untrusted));
    if (!['user', 'mcp', 'classifier', 'unknown'].some((known) => known === belief)) throw wrong('a belief of each tool', shown(belief));
  }
  return value as ToolCatalogue; // checked above; `confidence` is for people
}

export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new DetectionError('bundle_format', 'expected JSON');
  }
}

export function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(`${what} as an object`, shown(value));
  return value as Record<string, unknown>; // checked above
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > MAX_FILES) throw wrong(`${what} as a list of at most ${MAX_FILES}`, shown(value));
  return value;
}

function number(value: unknown, what: string, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): void {
  if (!(typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most))
    throw wrong(`\`${what}\` as a number${least > 0 ? ' above 0' : ''}`, shown(value));
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `\`${value.slice(0, 64)}\``;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? `a list of ${value.length}` : value === null ? 'null' : typeof value;
}

function wrong(expected: string, found: string): DetectionError {
  return new DetectionError('bundle_format', `bundle: expected ${expected}, found ${found}`);
}
