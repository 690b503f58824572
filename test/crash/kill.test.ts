/**
 * The riskiest promise: kill -9 at any moment changes no alert. A full log is processed by `optikal serve` itself, which is killed at every
 * failpoint of the detector and its commits, and at random moments under load; several kills for each copy of the log.
 */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Failpoint } from '../../packages/optikal/src/observability/failpoint.ts';
import { type Death, finish, inParallel, type Kill, killOnce } from '../support/kill-chain.ts';
import { changingEpochs, entriesOf, fillDataDir, type PlacedAlert, referenceOf } from '../support/prepared-log.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const PARTITIONS = 2;
const CHAINS = 8;
/** Processes at a time. */
const WIDTH = 2;
const SEED = 20_260_105;

/** How often each failpoint kills; those between processing and commit, where a torn commit would show, most. */
const KILLS: readonly (readonly [Failpoint, number])[] = [
  ['detector.batch.processed', 9],
  ['bus.commit.begin', 8],
  ['bus.commit.after_state', 9],
  ['bus.commit.after_alerts', 9],
  ['bus.commit.before_commit', 9],
  ['bus.commit.after_commit', 4],
  ['bus.restore', 3],
  ['detector.epoch.switch', 3],
];
const RANDOM_KILLS = 14;

const tempFolder = useTempFolder();

describe('kill -9', () => {
  let folder: string;
  let prepared: string;
  let reference: PlacedAlert[];

  beforeAll(async () => {
    folder = tempFolder();
    prepared = join(folder, 'prepared');
    const [x, y, events] = [smallBundle('x'), smallBundle('y'), testFleet()];
    await fillDataDir(prepared, { entries: entriesOf(events, changingEpochs(events, x, y)), bundles: [x, y], partitions: PARTITIONS });
    reference = await referenceOf(prepared);
  }, 300_000);

  const copy = (name: string) => {
    const dataDir = join(folder, name);
    mkdirSync(dataDir, { mode: 0o700 });
    cpSync(prepared, dataDir, { recursive: true });
    return { dataDir, partitions: PARTITIONS, reference };
  };

  it('has something to lose: 500 alerts, 50 of two revisions, two models and all three planes', async () => {
    const bodies = reference.map(({ body }) => JSON.parse(body) as { planes: Record<string, boolean>; model: { fingerprint: string } });
    const final = reference.filter(({ revision }) => revision === 2);
    const early = reference.filter(({ revision }) => revision === 1);
    expect(final.length).toBeGreaterThanOrEqual(500);
    expect(early.filter(({ id }) => final.some((alert) => alert.id === id)).length).toBeGreaterThanOrEqual(50);
    expect(new Set(bodies.map(({ model }) => model.fingerprint)).size).toBe(2);
    for (const plane of ['behaviour', 'content', 'authority']) expect(bodies.some(({ planes }) => planes[plane])).toBe(true);
    expect(await finish(copy('undisturbed'))).toEqual([]);
  });

  it('at any moment changes no alert: none lost, none twice, none other than in the undisturbed run', async () => {
    const startedMs = performance.now();
    const kills = dealt(plannedKills(), CHAINS);
    const chains = await inParallel(
      kills.map((chain, n) => async () => {
        const options = copy(`chain-${n}`);
        const deaths: Death[] = [];
        for (const kill of chain) deaths.push(await killOnce(options, kill));
        return { deaths, end: await finish(options) };
      }),
      WIDTH,
    );
    const deaths = chains.flatMap((chain) => chain.deaths).filter(({ died }) => died);
    const lost = deaths.filter(({ lostWork }) => lostWork).length;
    const count = (of: (kill: Kill) => boolean) => deaths.filter(({ kill }) => of(kill)).length;
    const named = KILLS.map(([name]) => `${name} ${count((kill) => 'failpoint' in kill && kill.failpoint === name)}`);
    console.log(
      `kill -9: ${deaths.length} kills, ${lost} of them (${Math.round((100 * lost) / deaths.length)} %) lost uncommitted work; ` +
        `${reference.length} alerts on ${CHAINS} logs; ${Math.round((performance.now() - startedMs) / 1000)} s\n` +
        `  ${named.join(', ')}, at random ${count((kill) => 'afterMs' in kill)}`,
    );
    expect(deaths.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
    expect(chains.flatMap(({ end }) => end)).toEqual([]);
    expect(deaths.length).toBeGreaterThanOrEqual(60);
    expect(lost / deaths.length).toBeGreaterThanOrEqual(0.6);
    for (const [name] of KILLS)
      expect(
        count((kill) => 'failpoint' in kill && kill.failpoint === name),
        name,
      ).toBeGreaterThan(0);
    expect(count((kill) => 'afterMs' in kill)).toBeGreaterThan(0);
  }, 600_000);
});

/** Passes and delays from a seed: every run kills at the same failpoints. */
function plannedKills(): Kill[] {
  let state = SEED;
  const draw = (from: number, to: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes' linear congruential generator
    return from + Math.floor((state / 2 ** 32) * (to - from + 1));
  };
  const once: readonly Failpoint[] = ['bus.restore', 'detector.epoch.switch'];
  const kills: Kill[] = KILLS.flatMap(([failpoint, times]) =>
    Array.from({ length: times }, () => ({ failpoint, pass: once.includes(failpoint) ? draw(1, 2) : draw(1, 7) })),
  );
  for (let n = 0; n < RANDOM_KILLS; n++) kills.push({ afterMs: draw(0, 500) });
  return kills;
}

/** Round by round, so that each chain gets every kind. */
function dealt(kills: readonly Kill[], chains: number): Kill[][] {
  return Array.from({ length: chains }, (_, chain) => kills.filter((_kill, n) => n % chains === chain));
}
