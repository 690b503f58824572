/** The demo's bundle: fitted on a simulated fleet, cached by the hash of the code and the seed, so that a second start is instant. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bundle } from '../detection/ensemble/bundle.ts';
import { DetectionError } from '../detection/errors.ts';
import { parseToolsYaml } from '../detection/tools/index.ts';
import { indexTruth } from '../training/labels.ts';
import { type FleetOptions, type Intensity, simulateFleet, toolsYaml } from '../training/simulator/index.ts';
import { readBundle, writeBundle } from './bundle-files.ts';
import { hashCode } from './code-hash.ts';
import type { DataSource } from './data-source.ts';
import { trainBundle } from './train.ts';

export type DemoFleet = Omit<FleetOptions, 'seed'>;

/** What a newcomer is shown: all six threats, as they are caught in hours. The hidden ones take days. */
export const DEMO_INTENSITIES: readonly Intensity[] = ['blatant', 'moderate'];
/**
 * Enough agents and campaigns for every threat and intensity, few enough for a fit in seconds. Many agents for a working day teach more than
 * few for a day and a night, and more campaigns per agent teach less: the agents' own habits are then habits of attack.
 */
const DEMO_FLEET: DemoFleet = {
  agents: 420,
  days: 0.5,
  startHour: 7,
  attackedShare: 0.3,
  campaignsPerAgent: 2,
  intensities: DEMO_INTENSITIES,
};
/** What was asked on the training fleet; new agents alarm more often, so this is far below what is wanted (bench/demo.ts says what comes of it). */
const WISH = { kind: 'fpr', value: 0.00012 } as const;
const PREVALENCE = 0.01;
const FOLDS = 3;
/** Two fit the models in 7.3 s instead of 9.8 s (bench/fit-workers.ts). */
const WORKERS = 2;

export interface DemoBundle {
  readonly bundle: Bundle;
  readonly folder: string;
  readonly cached: boolean;
}

export async function demoBundle(
  seed: string,
  env: Readonly<Record<string, string | undefined>>,
  progress?: (step: 'events' | 'models') => (done: number, total: number) => void,
  fleet: DemoFleet = DEMO_FLEET,
): Promise<DemoBundle> {
  const cache = env.OPTIKAL_CACHE_DIR ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'optikal');
  const folder = join(cache, `demo-${keyOf(seed, fleet)}`);
  const kept = readKept(folder);
  if (kept !== null) return { bundle: kept, folder, cached: true };
  const { content } = await trainBundle({
    source: simulatedSource(seed, fleet),
    seed,
    wish: WISH,
    prevalence: PREVALENCE,
    starter: true,
    folds: FOLDS,
    // The demo's agents have all planes. Apart by planes costs seconds that a newcomer waits for.
    byPlanes: false,
    workers: Math.min(WORKERS, availableParallelism()),
    ...(progress === undefined ? {} : { progress }),
  });
  mkdirSync(cache, { recursive: true });
  writeBundle(folder, content);
  return { bundle: readBundle(folder), folder, cached: false };
}

/** A cache that was damaged is fitted again. */
function readKept(folder: string): Bundle | null {
  if (!existsSync(join(folder, 'manifest.json'))) return null;
  try {
    return readBundle(folder);
  } catch (error) {
    if (error instanceof DetectionError) return null;
    throw error;
  }
}

function simulatedSource(seed: string, options: DemoFleet): DataSource {
  const fleet = simulateFleet({ ...options, seed: `${seed}:train` });
  return {
    kind: 'fleet',
    description: `simulated fleet of ${options.agents} agents over ${options.days} days, seed ${seed}`,
    events: () => fleet.events(),
    truth: indexTruth(fleet.truth),
    tools: parseToolsYaml(toolsYaml()),
    relatives: () => [],
    metaOf: null,
    refused: () => 0,
  };
}

/** Any change of the code that simulates, fits or scores makes another bundle. */
function keyOf(seed: string, fleet: DemoFleet): string {
  codeHash ??= hashCode(codeFolders(), process.versions.v8);
  const options = JSON.stringify([codeHash, seed, fleet, WISH, PREVALENCE, FOLDS]);
  return createHash('sha256').update(options).digest('hex').slice(0, 24);
}

/** Read once: the code that runs is the code that was there when the process started. */
let codeHash: string | null = null;

function codeFolders(): string[] {
  const { resolve } = createRequire(import.meta.url);
  const own = fileURLToPath(new URL('..', import.meta.url));
  const rooms = ['stream', 'detection', 'training', 'services'].map((room) => join(own, room));
  return [dirname(resolve('@optikal/contracts')), dirname(resolve('@optikal/ml')), ...rooms];
}
