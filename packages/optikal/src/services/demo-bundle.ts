/** The demo's bundle: fitted on a simulated fleet, cached by the hash of the code and the seed, so that a second start is instant. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bundle } from '../detection/ensemble/bundle.ts';
import { parseToolsYaml } from '../detection/tools/index.ts';
import { indexTruth } from '../training/labels.ts';
import { simulateFleet, toolsYaml } from '../training/simulator/index.ts';
import { readBundle, writeBundle } from './bundle-files.ts';
import type { DataSource } from './data-source.ts';
import { trainBundle } from './train.ts';

/** Enough agents and campaigns for every threat and intensity, few enough for a fit in seconds. */
const TRAINING = { agents: 200, days: 1, startHour: 6, attackedShare: 0.3, campaignsPerAgent: 2 } as const;
/** About one false alarm per agent and fortnight on a fleet that is busy all day. */
const WISH = { kind: 'fpr', value: 0.001 } as const;

export interface DemoBundle {
  readonly bundle: Bundle;
  readonly folder: string;
  readonly cached: boolean;
}

export function demoBundle(
  seed: string,
  env: Readonly<Record<string, string | undefined>>,
  progress?: (step: 'events' | 'models') => (done: number, total: number) => void,
): DemoBundle {
  const cache = env.OPTIKAL_CACHE_DIR ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'optikal');
  const folder = join(cache, `demo-${codeHash(seed)}`);
  if (existsSync(join(folder, 'manifest.json'))) return { bundle: readBundle(folder), folder, cached: true };
  const { content } = trainBundle({
    source: simulatedSource(seed),
    seed,
    wish: WISH,
    prevalence: 0.01,
    starter: true,
    folds: 3,
    ...(progress === undefined ? {} : { progress }),
  });
  mkdirSync(cache, { recursive: true });
  writeBundle(folder, content);
  return { bundle: readBundle(folder), folder, cached: false };
}

function simulatedSource(seed: string): DataSource {
  const fleet = simulateFleet({ ...TRAINING, seed: `${seed}:train` });
  return {
    kind: 'fleet',
    description: `simulated fleet of ${TRAINING.agents} agents over ${TRAINING.days} days, seed ${seed}`,
    events: () => fleet.events(),
    truth: indexTruth(fleet.truth),
    tools: parseToolsYaml(toolsYaml()),
    relatives: () => [],
    metaOf: null,
    refused: () => 0,
  };
}

/** Any change of the code that fits or scores makes another bundle. */
function codeHash(seed: string): string {
  const hash = createHash('sha256').update(JSON.stringify([seed, TRAINING, WISH, process.versions.v8]));
  const packages = fileURLToPath(new URL('../../../', import.meta.url));
  for (const name of ['contracts', 'ml', 'optikal']) {
    const source = join(packages, name, 'src');
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
    );
    for (const file of files.sort()) hash.update(`${name}/${file}\n`).update(readFileSync(join(source, file)));
  }
  return hash.digest('hex').slice(0, 24);
}
