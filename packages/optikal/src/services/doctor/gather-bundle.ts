/** The facts of the bundle: the one that is named, else the one that the log has in force; and whether the log's bundles are all kept. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelEpoch } from '@optikal/contracts';
import type { Bundle } from '../../detection/ensemble/bundle.ts';
import { toolOf } from '../../detection/tools/index.ts';
import { readBundle } from '../bundle-files.ts';
import { keptBundle } from '../data-folder.ts';
import type { BundleFacts, DatabaseFacts } from './facts.ts';
import { codeOf } from './gather-files.ts';

const SHA256 = /^[0-9a-f]{64}$/;

export function gatherBundle(dataDir: string, named: string | null, database: DatabaseFacts | null): BundleFacts {
  const epochs = epochsOf(database);
  const inForce = epochs.at(-1) ?? null;
  const missing = [...new Set(epochs.map(({ bundle }) => bundle))].filter(
    (sha) => !existsSync(join(dataDir, 'bundles', sha, 'manifest.json')),
  );
  const from = named !== null ? 'flag' : inForce !== null ? 'log' : 'none';
  const folder = named ?? (inForce === null ? '' : join(dataDir, 'bundles', inForce.bundle));
  const base = { from, folder, missing } as const;
  if (from === 'none') return { ...base, read: null, error: null, unknownTools: null };
  try {
    const bundle = named !== null ? readBundle(named) : keptBundle(dataDir, inForce!.bundle); // from is 'log': one is in force
    const judging = inForce?.bundle === bundle.fingerprint ? inForce : null;
    return {
      ...base,
      read: {
        fingerprint: bundle.fingerprint,
        starter: bundle.starter,
        writtenMs: statSync(join(folder, 'manifest.json')).mtimeMs,
        toolCount: Object.keys(bundle.tools.tools).length,
        inForce: judging !== null,
        fpr: fprOf(bundle, judging?.threshold ?? null),
      },
      error: null,
      unknownTools: unknownTools(bundle, database),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...base, read: null, error: { code: codeOf(error), message }, unknownTools: null };
  }
}

/** Names come from a log that may be anybody's: what is no fingerprint never becomes a path. */
function epochsOf(database: DatabaseFacts | null): readonly ModelEpoch[] {
  const states = (database?.partitions ?? []).flatMap(({ state }) =>
    state === null || !Array.isArray(state.epochs) ? [] : [state.epochs],
  );
  const longest = states.sort((a, b) => b.length - a.length)[0] ?? [];
  return longest.filter((epoch) => typeof epoch?.bundle === 'string' && SHA256.test(epoch.bundle));
}

/** The share of benign windows at or above a threshold that is not the bundle's own. */
function fprOf(bundle: Bundle, threshold: number | null): number {
  const { benignMargins, operatingPoint } = bundle;
  if (threshold === null || benignMargins.length === 0) return operatingPoint.fpr;
  return benignMargins.reduce((sum, margin) => sum + (margin >= threshold ? 1 : 0), 0) / benignMargins.length;
}

function unknownTools({ tools }: Bundle, database: DatabaseFacts | null): BundleFacts['unknownTools'] {
  const sample = database?.sample;
  if (sample === undefined || sample === null) return null;
  let [calls, unknown] = [0, 0];
  for (const { tool, calls: some } of sample.tools) {
    calls += some;
    if (toolOf(tools, tool).effect === 'unknown') unknown += some;
  }
  return { calls, unknown };
}
