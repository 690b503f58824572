/** `optikal drift`: archived windows of a data directory against the reference of a bundle that it keeps. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURE_SETS } from '@optikal/contracts';
import { createRandom } from '@optikal/ml';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ScoreRow } from '../../packages/optikal/src/bus/contract.ts';
import { openEmbeddedBus } from '../../packages/optikal/src/bus/index.ts';
import { commitOf } from '../../packages/optikal/src/bus/test-support/samples.ts';
import { fittedContent } from '../../packages/optikal/src/detection/test-support/bundles.ts';
import type { DriftReport } from '../../packages/optikal/src/report/drift/report.ts';
import { writeBundle } from '../../packages/optikal/src/services/bundle-files.ts';
import { keepBundle } from '../../packages/optikal/src/services/data-folder.ts';
import type { WindowSample } from '../../packages/optikal/src/training/dataset.ts';
import { driftReferenceOf } from '../../packages/optikal/src/training/drift-reference.ts';
import { sampleOf } from '../../packages/optikal/src/training/test-support/samples.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli } from './support.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 5);
const CPU = FEATURE_SETS.fused1.findIndex(({ name }) => name === 'cpu_usage');
const AGENTS = 20;

/** Windows of a fleet, one an agent and quarter of an hour; `moved` is added to the CPU. */
function windows(seed: string, fromMs: number, hours: number, moved = 0): WindowSample[] {
  const random = createRandom(seed);
  return Array.from({ length: AGENTS }, (_, agent) => agent).flatMap((agent) =>
    Array.from({ length: hours * 4 }, (_, i) => {
      const row = Float64Array.from(FEATURE_SETS.fused1, (_, c) => (c % 3 === 0 ? Math.abs(random.nextGaussian()) : random.nextInt(3)));
      row[CPU] = Math.abs(random.nextGaussian()) / 4 + moved;
      return sampleOf({ key: `t|agent-${agent}`, startMs: fromMs + i * 15 * MINUTE_MS, row });
    }),
  );
}

function scoreRow({ key, startMs, row }: WindowSample, fingerprint: string): ScoreRow {
  const body = {
    role: null,
    margin: 0,
    threshold: 1,
    alerted: false,
    bases: {},
    row: Buffer.from(row.buffer).toString('base64'),
    call: null,
  };
  return { key, windowStartMs: startMs, windowEndMs: startMs + MINUTE_MS, fingerprint, body: JSON.stringify(body) };
}

async function dataDirOf(dataDir: string, scores: readonly ScoreRow[]): Promise<void> {
  const bus = await openEmbeddedBus({ dataDir, partitions: 1 });
  await bus.append([{ kind: 'tick', timeMs: START_MS }]);
  const lease = await bus.lease(0);
  await bus.commit(lease, commitOf(1, { out: { scores } }));
  await bus.close();
}

const temp = useTempFolder();
let folder = '';
let fingerprint = '';
let calm = '';
let moved = '';

beforeAll(async () => {
  folder = temp();
  const reference = driftReferenceOf(windows('training', START_MS, 48));
  const bundle = join(folder, 'bundle');
  fingerprint = writeBundle(bundle, { ...fittedContent(), drift: reference });
  writeBundle(join(folder, 'without'), fittedContent());
  calm = join(folder, 'calm');
  moved = join(folder, 'moved');
  for (const [dataDir, shift] of [[calm, 0] as const, [moved, 0.3] as const]) {
    keepBundle(dataDir, bundle);
    const live = windows('live', START_MS + 7 * 24 * HOUR_MS, 12, shift).map((sample) => scoreRow(sample, fingerprint));
    const earlier = windows('earlier', START_MS + 6 * 24 * HOUR_MS, 12).map((sample) => scoreRow(sample, 'e'.repeat(64)));
    await dataDirOf(dataDir, [...live, ...earlier]);
  }
});

const json = async (...args: string[]): Promise<DriftReport & { readonly exit: number }> => {
  const { code, out } = await cli(['drift', '--json', ...args]);
  return { ...(JSON.parse(out) as DriftReport), exit: code }; // what the command promises
};

describe('drift of archived windows', () => {
  test('is none where the fleet does what it did', async () => {
    const found = await json('--data-dir', calm);
    expect(found).toMatchObject({ exit: 0, alarm: false, rows: 960, groups: AGENTS, independent: 'groups', windowsOfOtherBundles: 0 });
    expect(found.verdict).toMatch(/^No drift: in 960 windows of 20 agents over 12 h no feature moved more than chance explains\./);
    expect(found.features.map(({ name }) => name)).not.toContain('hour_sin');
  });

  test('names the feature that moved, worst first, with exit code 3', async () => {
    const found = await json('--data-dir', moved, '--bundle', fingerprint.slice(0, 12));
    expect(found).toMatchObject({ exit: 3, alarm: true, fingerprint, match: 'hour of day' });
    const [worst, next] = found.features;
    expect(worst).toMatchObject({ name: 'cpu_usage', label: 'CPU', alarm: true, band: 'retrain' });
    expect(worst!.psi).toBeGreaterThan(worst!.critical);
    expect(next!.pValue).toBeGreaterThan(worst!.pValue);
    expect(found.verdict).toMatch(/^Drift: [12] of \d+ features moved .*furthest CPU \(PSI /);
  });

  test('leaves out the windows that another bundle judged, and says so', async () => {
    const found = await json('--data-dir', calm, '--hours', '48');
    expect(found).toMatchObject({ rows: 960, windowsOfOtherBundles: 960 });
    expect(found.notes.join(' ')).toContain('960 windows that another bundle judged were left out');
  });

  test('compares an hour where an hour is asked for', async () => {
    expect((await json('--data-dir', calm, '--hours', '1')).rows).toBeLessThanOrEqual(5 * AGENTS);
  });

  test('is a table with drawings for people', async () => {
    const { code, out } = await cli(['drift', '--data-dir', moved], { terminal: 100, env: { NO_COLOR: '1' } });
    expect(code).toBe(3);
    expect(out).toMatch(/^feature +PSI +alarm from +JS +KS +p +band/m);
    expect(out).toMatch(/^CPU +\d\.\d{3} .* retrain +ALARM$/m);
    expect(out).toMatch(/^ +reference [ ▁▂▃▄▅▆▇█]+ {2}up to [\d.]+ % … [\d.]+ % and more$/m);
    expect(out).toMatch(/and \d+ more; --all shows them/);
    expect((await cli(['drift', '--data-dir', moved, '--all'])).out).not.toContain('--all shows');
  });

  test('writes a page, and never over what is none', async () => {
    const page = join(folder, 'drift.html');
    expect((await cli(['drift', '--data-dir', moved, '--report', page])).out).toContain(`report in ${page}`);
    expect(readFileSync(page, 'utf8')).toMatch(
      /^<!doctype html>\n<!-- report written by optikal -->[\s\S]*Shares of CPU[\s\S]*<\/html>\n$/,
    );
    const mine = join(folder, 'mine.html');
    writeFileSync(mine, 'mine');
    const { code, err } = await cli(['drift', '--data-dir', moved, '--report', mine]);
    expect([code, readFileSync(mine, 'utf8')]).toEqual([1, 'mine']);
    expect(err).toContain('report_in_the_way');
  });

  test('refuses a bundle without a reference, a directory without windows, and one that is none', async () => {
    const without = await cli(['drift', '--data-dir', calm, '--bundle', join(folder, 'without')]);
    expect([without.code, without.out]).toEqual([1, '']);
    expect(without.err).toContain('no_drift_reference');
    const empty = join(folder, 'empty');
    await dataDirOf(empty, []);
    expect((await cli(['drift', '--data-dir', empty])).err).toContain('no_scored_windows');
    expect((await cli(['drift', '--data-dir', join(folder, 'nowhere')])).err).toContain('data_dir_missing');
    expect((await cli(['drift', '--data-dir', calm, '--bundle', 'abcdef1'])).err).toContain('bundle_missing_file');
    expect((await cli(['drift', '--hours', '0'])).code).toBe(2);
  });
});
