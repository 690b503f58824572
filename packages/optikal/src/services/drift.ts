/** `drift`: do the archived windows of a data directory still look like the windows that a bundle was fitted on? */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURE_SETS } from '@optikal/contracts';
import type { DriftReference, DriftSummary } from '@optikal/ml';
import { type ArchiveReader, openArchiveReader } from '../bus/embedded/archive-reader.ts';
import { restoreWindow } from '../detection/archive.ts';
import type { DriftFeature, DriftReport } from '../report/drift/report.ts';
import { readBundle } from './bundle-files.ts';
import { keptBundle } from './data-folder.ts';
import { notesOf, verdictOf } from './drift-words.ts';
import { ServiceError } from './errors.ts';

const HOUR_MS = 3_600_000;
/** What is compared where nothing is said: a whole day. */
export const DRIFT_HOURS = 24;
/** Windows that are compared at once: enough for any critical value, and a second of work. */
const MOST_WINDOWS = 50_000;
const FINGERPRINT = /^[0-9a-f]{6,64}$/;

export interface DriftQuestion {
  readonly dataDir: string;
  /** A folder, or the beginning of the fingerprint of a bundle that the directory keeps; null = the one that judged the newest window. */
  readonly bundle: string | null;
  /** Hours of event time up to the newest window. */
  readonly hours: number;
}

/** Errors: no_scored_windows, no_drift_reference; those of the data directory and the bundle. */
export function findDrift({ dataDir, bundle: wanted, hours }: DriftQuestion): DriftReport {
  const reader = openArchiveReader(dataDir);
  try {
    const newestMs = reader.newestMs();
    if (newestMs === null) throw new ServiceError('no_scored_windows', `no closed window has been scored in \`${dataDir}\` yet`);
    const afterMs = newestMs - hours * HOUR_MS;
    const bundle = bundleOf(dataDir, wanted ?? newestJudge(reader, afterMs));
    if (bundle.drift === null)
      throw new ServiceError(
        'no_drift_reference',
        `bundle ${bundle.fingerprint.slice(0, 12)} has no drift reference: it is of an earlier version, or was fitted on too few benign windows; train a new one`,
      );
    const judges = reader.judgedBy(afterMs);
    const own = judges.get(bundle.fingerprint) ?? 0;
    let others = 0;
    for (const count of judges.values()) others += count;
    const judgedByOthers = own === 0;
    const { summary, taken } = compareWindows(bundle.drift, reader, afterMs, judgedByOthers ? null : bundle.fingerprint);
    const leftOut = judgedByOthers ? 0 : others - own;
    const tooMany = (judgedByOthers ? others : own) - taken;
    const features = worstFirst(summary);
    return {
      ...summary,
      kind: 'drift',
      source: dataDir,
      fingerprint: bundle.fingerprint,
      windowsOfOtherBundles: leftOut,
      windowsTooMany: tooMany,
      verdict: verdictOf(summary, features),
      notes: notesOf(summary, leftOut, judgedByOthers, tooMany),
      features,
    };
  } finally {
    reader.close();
  }
}

function compareWindows(reference: DriftReference, reader: ArchiveReader, afterMs: number, fingerprint: string | null) {
  const detector = reference.detector({ bufferSize: MOST_WINDOWS });
  let taken = 0;
  for (const { key, windowStartMs, body } of reader.scored(afterMs, fingerprint)) {
    if (taken === MOST_WINDOWS) break;
    detector.update(restoreWindow(body).rows.row, windowStartMs, key);
    taken++;
  }
  return { summary: detector.summary(), taken };
}

function worstFirst({ features }: DriftSummary): DriftFeature[] {
  const specs = new Map(FEATURE_SETS.fused1.map((spec) => [spec.name, spec]));
  return features
    .map((feature) => ({ ...feature, label: specs.get(feature.name)?.label ?? feature.name, unit: specs.get(feature.name)?.unit ?? '' }))
    .sort((a, b) => Number(b.alarm) - Number(a.alarm) || a.pValue - b.pValue || b.psi - a.psi || (a.name < b.name ? -1 : 1));
}

function newestJudge(reader: ArchiveReader, afterMs: number): string {
  for (const { fingerprint } of reader.scored(afterMs, null)) return fingerprint;
  throw new ServiceError('no_scored_windows', 'no closed window has been scored in these hours');
}

/** A folder of that name wins over a fingerprint. */
function bundleOf(dataDir: string, wanted: string) {
  if (existsSync(wanted) || !FINGERPRINT.test(wanted)) return readBundle(wanted);
  const folder = join(dataDir, 'bundles');
  const kept = existsSync(folder) ? readdirSync(folder).filter((name) => name.length === 64 && name.startsWith(wanted)) : [];
  const [only] = kept;
  return only === undefined || kept.length > 1 ? readBundle(wanted) : keptBundle(dataDir, only);
}
