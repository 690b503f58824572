/**
 * The models of a bundle as files: the name of each, and the way back with what has to hold of it. No code in them; lengths are checked by each
 * model's own reader.
 */
import { FEATURE_SETS, type FeatureSetName } from '@optikal/contracts';
import {
  type BaseScorer,
  type ClassScorer,
  type DriftReference,
  decodeClassScorer,
  decodeDrift,
  decodeScorer,
  encodeMetaModel,
  type Lstm,
  lstmOf,
  type MetaModel,
  metaModelOf,
  readModelFile,
} from '@optikal/ml';
import { DetectionError } from '../errors.ts';
import { SEQUENCE_STEPS } from '../steps.ts';
import type { ActedHead } from './acted.ts';
import type { BaseModel, BundleContent, RowBase } from './bundle.ts';
import type { ListedActed, ListedThreats, Manifest } from './manifest.ts';
import type { ThreatModel } from './threat.ts';

type Models = Pick<BundleContent, 'bases' | 'meta' | 'threats' | 'drift' | 'acted'>;
type Listed = Pick<Manifest, 'bases' | 'meta' | 'threats' | 'drift' | 'acted'>;
type Add = (file: string, bytes: Uint8Array) => string;
type ReadFile = <T>(name: string, read: (bytes: Uint8Array) => T) => T;

const META = 'meta.model';
const DRIFT = 'drift.model';
const FOREST = 'threats.model';
const ACTED_META = 'acted.model';
const SET_OF = { window: 'fused1', call: 'call1', sequence: 'step1' } as const satisfies Record<BaseModel['on'], FeatureSetName>;
const WINDOW = FEATURE_SETS.fused1.length;

/** The feature sets that a bundle's models see. */
export function usedFeatureSets({ bases, acted }: Listed): ReadonlySet<string> {
  return new Set(['fused1', ...[...bases, ...(acted?.bases ?? [])].map(({ on }) => SET_OF[on])]);
}

/** Adds a file for each model, and says in a manifest's words which is which. */
export function encodeModels({ bases, meta, threats, drift, acted }: Models, files: Map<string, Uint8Array>): Listed {
  const add: Add = (file, bytes) => {
    if (files.has(file)) throw new Error(`two models of a bundle have the file \`${file}\``); // their names are the caller's
    files.set(file, bytes);
    return file;
  };
  return {
    bases: bases.map((base) => ({
      name: base.name,
      on: base.on,
      file: add(`${base.name}.model`, base.scorer.encode()),
      mean: base.mean,
      sd: base.sd,
      ...(base.on === 'sequence' ? { trainedWith: base.scorer.trainedWith } : {}),
    })),
    meta: meta === null ? null : add(META, encodeMetaModel(meta)),
    threats: threats === null ? null : listThreats(threats, add),
    drift: drift === null ? null : add(DRIFT, drift.encode()),
    acted: acted === null ? null : listActed(acted, add),
  };
}

function listActed({ bases, meta, calibration }: ActedHead, add: Add): ListedActed {
  return {
    bases: bases.map(({ name, on, mean, sd, scorer }) => ({ name, on, mean, sd, file: add(`acted-${name}.model`, scorer.encode()) })),
    meta: meta === null ? null : add(ACTED_META, encodeMetaModel(meta)),
    calibration,
  };
}

function listThreats(model: ThreatModel, add: Add): ListedThreats {
  if (model.kind === 'forest') return { kind: 'forest', threats: model.threats, file: add(FOREST, model.forest.encode()) };
  const models = model.models.map(({ threat, scorer }) => ({ threat, file: add(`threat-${threat}.model`, scorer.encode()) }));
  return { kind: 'one-vs-rest', models };
}

/** Errors: those of `read`; what is refused here names what was expected. */
export function decodeModels({ bases, meta, threats, drift, acted }: Listed, read: ReadFile): Models {
  return {
    bases: bases.map((base) => readBase(base, read)),
    meta: meta === null ? null : read(meta, (bytes) => metaOf(bytes, bases.length)),
    threats: threats === null ? null : readThreats(threats, read),
    drift: drift === null ? null : read(drift, driftOf),
    acted: acted === null ? null : readActed(acted, read),
  };
}

function readActed({ bases, meta, calibration }: ListedActed, read: ReadFile): ActedHead {
  return {
    bases: bases.map((base) => readRowBase(base, read)),
    meta: meta === null ? null : read(meta, (bytes) => metaOf(bytes, bases.length)),
    calibration,
  };
}

function readBase({ file, on, name, mean, sd, trainedWith }: Listed['bases'][number], read: ReadFile): BaseModel {
  const features = FEATURE_SETS[SET_OF[on]].length;
  if (on === 'sequence') {
    const scorer = read(file, (bytes) => sequenceScorerOf(bytes, features));
    if (trainedWith !== scorer.trainedWith)
      throw new DetectionError('bundle_format', `bundle: expected \`${name}\` trained with ${scorer.trainedWith}, found ${trainedWith}`);
    return { name, on, mean, sd, scorer };
  }
  return readRowBase({ name, on, mean, sd, file }, read);
}

function readRowBase({ file, ...base }: ListedActed['bases'][number], read: ReadFile): RowBase {
  return { ...base, scorer: read(file, (bytes) => scorerOf(bytes, FEATURE_SETS[SET_OF[base.on]].length)) };
}

function readThreats(listed: ListedThreats, read: ReadFile): ThreatModel {
  if (listed.kind === 'forest') {
    const { threats, file } = listed;
    return { kind: 'forest', threats, forest: read(file, (bytes) => classScorerOf(bytes, threats.length)) };
  }
  return {
    kind: 'one-vs-rest',
    models: listed.models.map(({ threat, file }) => ({ threat, scorer: read(file, (bytes) => scorerOf(bytes, WINDOW)) })),
  };
}

function scorerOf(bytes: Uint8Array, featureCount: number): BaseScorer {
  const scorer = decodeScorer(bytes);
  checkFeatures(scorer.featureCount, featureCount);
  return scorer;
}

function sequenceScorerOf(bytes: Uint8Array, featureCount: number): Lstm {
  const scorer = lstmOf(readModelFile(bytes));
  checkFeatures(scorer.featureCount, featureCount);
  if (scorer.steps > SEQUENCE_STEPS)
    throw new DetectionError('bundle_features', `expected a model of at most ${SEQUENCE_STEPS} steps, found ${scorer.steps}`);
  return scorer;
}

function classScorerOf(bytes: Uint8Array, classCount: number): ClassScorer {
  const scorer = decodeClassScorer(bytes);
  checkFeatures(scorer.featureCount, WINDOW);
  if (scorer.classCount !== classCount)
    throw new DetectionError('bundle_format', `expected a class for each of ${classCount} threats, found ${scorer.classCount}`);
  return scorer;
}

function driftOf(bytes: Uint8Array): DriftReference {
  const reference = decodeDrift(bytes);
  checkFeatures(reference.featureCount, WINDOW);
  return reference;
}

/** One weight for each base. Errors: bundle_format. */
export function metaOf(bytes: Uint8Array, bases: number): MetaModel {
  const meta = metaModelOf(readModelFile(bytes));
  if (meta.weights.length !== bases)
    throw new DetectionError('bundle_format', `expected one weight for each of ${bases} bases, found ${meta.weights.length}`);
  return meta;
}

function checkFeatures(found: number, expected: number): void {
  if (found !== expected) throw new DetectionError('bundle_features', `expected a model of ${expected} features, found ${found}`);
}
