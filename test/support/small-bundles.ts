/**
 * Two small bundles, fitted once for each state of the code and kept in node_modules/.cache, so that several test files share them. Tests
 * of delivery need many alerts, not good ones: hence the loose threshold.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Event } from '@optikal/contracts';
import type { Bundle, BundleContent } from '../../packages/optikal/src/detection/ensemble/bundle.ts';
import { everythingContent } from '../../packages/optikal/src/detection/test-support/everything.ts';
import { parseToolsYaml } from '../../packages/optikal/src/detection/tools/index.ts';
import { readBundle, writeBundle } from '../../packages/optikal/src/services/bundle-files.ts';
import type { DataSource } from '../../packages/optikal/src/services/data-source.ts';
import { prepareTraining } from '../../packages/optikal/src/services/train.ts';
import { fitBundle } from '../../packages/optikal/src/training/fit.ts';
import { indexTruth } from '../../packages/optikal/src/training/labels.ts';
import { type FleetOptions, simulateFleet, toolsYaml } from '../../packages/optikal/src/training/simulator/index.ts';

export interface SmallBundle {
  readonly folder: string;
  readonly bundle: Bundle;
  /** So low that a good part of what a busy fleet does alerts. */
  readonly threshold: number;
}

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/optikal-tests');
const DAY_MS = 86_400_000;
const TRAINING = { agents: 40, days: 0.25, attackedShare: 0.5, campaignsPerAgent: 2, intensities: ['blatant', 'moderate'] } as const;
const WISH = { kind: 'fpr', value: 0.05 } as const;
/** Share of benign windows that alert under the loose threshold. */
const LOOSE_SHARE = 0.4;

export function smallBundle(name: 'x' | 'y'): SmallBundle {
  const cache = join(CACHE, codeHash());
  const folder = join(cache, name);
  if (!existsSync(join(folder, 'manifest.json'))) {
    sweep();
    mkdirSync(cache, { recursive: true });
    const source = fleetSource({ ...TRAINING, seed: `train-${name}` });
    const { fit } = prepareTraining({ source, seed: name, wish: WISH, prevalence: 0.01, folds: 2 });
    const own = `${folder}.${process.pid}`;
    const content = fitBundle(fit);
    writeBundle(own, name === 'x' ? withEverything(content) : content);
    try {
      renameSync(own, folder);
    } catch {
      rmSync(own, { recursive: true }); // another test file was first, with the same bytes
    }
  }
  const bundle = readBundle(folder);
  const margins = [...bundle.benignMargins].sort((a, b) => b - a);
  return { folder, bundle, threshold: margins[Math.floor(LOOSE_SHARE * margins.length)] };
}

/**
 * What the fit did not give is there all the same: deaths and replays then have every kind of model to get wrong, and the change from x to y
 * changes the kinds. The old bases weigh as in their mean, so that the margins of benign windows still say what is loose.
 */
function withEverything(content: BundleContent): BundleContent {
  const { bases, threats, drift } = everythingContent();
  const complete = { ...content, threats, drift: content.drift ?? drift };
  if (content.meta !== null && content.bases.some(({ on }) => on === 'sequence')) return complete;
  const known = content.bases.filter(({ on }) => on !== 'sequence');
  const all = [...known, ...bases.filter(({ on }) => on === 'sequence')];
  const weights = Float64Array.from(all, ({ on }) => (on === 'sequence' ? 0.1 : 1 / known.length));
  return { ...complete, bases: all, meta: { kind: 'meta-model', weights, absent: new Float64Array(all.length), intercept: 0 } };
}

/** Bundles of code that has changed since; what a day old run may still read stays. */
function sweep(): void {
  if (!existsSync(CACHE)) return;
  for (const name of readdirSync(CACHE)) {
    const old = join(CACHE, name);
    if (Date.now() - statSync(old).mtimeMs > DAY_MS) rmSync(old, { recursive: true, force: true });
  }
}

function fleetSource(options: FleetOptions): DataSource {
  const fleet = simulateFleet(options);
  return {
    kind: 'fleet',
    description: 'simulated fleet',
    events: () => fleet.events(),
    truth: indexTruth(fleet.truth),
    tools: parseToolsYaml(toolsYaml()),
    relatives: () => [],
    metaOf: null,
    refused: () => 0,
  };
}

/** A fleet that no bundle has seen, busy and much attacked; all three planes. */
export function testFleet(options: Partial<FleetOptions> = {}): Event[] {
  return [
    ...simulateFleet({
      agents: 80,
      days: 0.25,
      seed: 'serve',
      attackedShare: 0.5,
      campaignsPerAgent: 2,
      intensities: ['blatant', 'moderate'],
      ...options,
    }).events(),
  ];
}

function codeHash(): string {
  const hash = createHash('sha256').update(JSON.stringify([TRAINING, WISH, process.versions.v8]));
  // What fits and what scores; the rest of the product cannot change a bundle.
  for (const path of globSync('packages/{ml,contracts,optikal/src/{detection,training,content,stream}}/**/*.{ts,wasm}', {
    cwd: ROOT,
  }).sort()) {
    if (!path.endsWith('.test.ts')) hash.update(`${path}\n`).update(readFileSync(join(ROOT, path)));
  }
  return hash.digest('hex').slice(0, 16);
}
