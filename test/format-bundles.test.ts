/**
 * What bundle formats 2 and 3 wrote, a later release reads, with all that a bundle could hold in each: a copy of test/fixtures/v2 and v3 says
 * what was said when it was made, replays to the same bytes, and goes on. As in format-v1.test.ts the fixtures are never remade to please this.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openEmbeddedReader } from '../packages/optikal/src/bus/index.ts';
import { restoreWindow } from '../packages/optikal/src/detection/archive.ts';
import { judge } from '../packages/optikal/src/detection/ensemble/judge.ts';
import { readBundle, readBundleFiles } from '../packages/optikal/src/services/bundle-files.ts';
import { keptBundle } from '../packages/optikal/src/services/data-folder.ts';
import { explainWindow, type WindowQuestion } from '../packages/optikal/src/services/explain.ts';
import { storedAlerts, verifyDataDir } from '../packages/optikal/src/services/verify.ts';
import { goOn } from './support/go-on.ts';
import { fixtureText, unpackDataDir } from './support/packed-fixture.ts';
import { useTempFolder } from './support/temp-folder.ts';

const temp = useTempFolder();

interface Body {
  readonly decision: string;
  readonly detector: string;
  readonly acted?: number | null;
  readonly attention: readonly number[] | null;
  readonly model: { readonly fingerprint: string };
}

/** The caller says what the file holds. */
const jsonLines = <T>(text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

function alertLines(dataDir: string): string {
  const reader = openEmbeddedReader(dataDir);
  try {
    return storedAlerts(reader)
      .map(({ id, revision, key, windowStartMs, body }) => `${JSON.stringify({ id, revision, key, windowStartMs, body })}\n`)
      .join('');
  } finally {
    reader.close();
  }
}

describe.each([
  { fixture: 'v2', format: 2, detectors: ['ensemble'], views: 0 },
  { fixture: 'v3', format: 3, detectors: ['drift', 'ensemble'], views: 2 },
])('bundles of format $format', ({ fixture, format, detectors, views }) => {
  const unpacked = () => unpackDataDir(fixture, join(temp(), fixture));
  const bodies = () => jsonLines<{ body: string }>(fixtureText(fixture, 'alerts.jsonl')).map(({ body }) => JSON.parse(body) as Body);

  test('have something to lose: each detector, two revisions, one withdrawn, early alerts of open windows, two bundles of this format', () => {
    const dataDir = unpacked();
    const found = bodies();
    expect(new Set(found.map(({ detector }) => detector))).toEqual(new Set(detectors));
    expect(new Set(found.map(({ decision }) => decision))).toEqual(new Set(['alert', 'withdrawn']));
    expect(new Set(found.map(({ model }) => model.fingerprint)).size).toBe(2);
    expect(found.some(({ attention }) => attention !== null)).toBe(true);
    expect(found.some(({ acted }) => typeof acted === 'number')).toBe(format >= 3);
    const before = jsonLines<{ id: string; revision: number }>(fixtureText(fixture, 'alerts.jsonl'));
    const finals = new Set(before.filter(({ revision }) => revision === 2).map(({ id }) => id));
    expect(before.filter(({ id }) => !finals.has(id)).length).toBeGreaterThan(0);
    for (const name of readdirSync(join(dataDir, 'bundles'))) {
      const manifest = readBundleFiles(join(dataDir, 'bundles', name)).get('manifest.json')!; // it was asked for first
      expect(JSON.parse(Buffer.from(manifest).toString('utf8'))).toMatchObject({ formatVersion: format });
    }
  });

  test('load under the fingerprint that is their name, with all their parts', () => {
    const folder = join(unpacked(), 'bundles');
    const found = readdirSync(folder).map((name) => ({ name, bundle: readBundle(join(folder, name)) }));
    for (const { name, bundle } of found) expect(bundle.fingerprint).toBe(name);
    const rich = found.map(({ bundle }) => bundle).find(({ meta }) => meta !== null)!; // one of the two has a meta-model
    expect(rich.bases.map(({ on }) => on).sort()).toEqual(['call', 'sequence', 'window', 'window']);
    expect(rich).toMatchObject({ calibration: { kind: 'beta' }, threats: { kind: 'forest' } });
    expect(rich.drift).not.toBeNull();
    expect(rich.byPlanes).toHaveLength(views);
    const later = [rich.acted, rich.gateway, rich.agentDrift ?? null];
    expect(later.map((part) => part !== null)).toEqual(later.map(() => format >= 3));
  });

  test('give the alerts and dead letters that stood beside them, byte for byte', () => {
    const dataDir = unpacked();
    expect(alertLines(dataDir)).toBe(fixtureText(fixture, 'alerts.jsonl'));
    const reader = openEmbeddedReader(dataDir);
    const letters = reader.deadLetters(0, 1000);
    reader.close();
    expect(letters).toEqual(jsonLines(fixtureText(fixture, 'dead-letters.jsonl')));
  });

  test('judge the windows that they judged to the margins that were stored, to the bit', () => {
    const dataDir = unpacked();
    const reader = openEmbeddedReader(dataDir);
    const ofEnsemble = jsonLines<{ id: string; body: string }>(fixtureText(fixture, 'alerts.jsonl')).filter(
      ({ body }) => (JSON.parse(body) as Body).detector === 'ensemble',
    );
    const rows = [...new Set(ofEnsemble.map(({ id }) => id))].map((id) => reader.scoreOfAlert(id)!); // each has its window
    reader.close();
    expect(new Set(rows.map(({ fingerprint }) => fingerprint)).size).toBe(2);
    for (const { fingerprint, body } of rows) {
      const { rows: kept, judgement } = restoreWindow(body);
      const again = judge(keptBundle(dataDir, fingerprint), kept);
      expect({ margin: again.margin, bases: again.bases }).toEqual({ margin: judgement.margin, bases: judgement.bases });
    }
  });

  test('explain as they did; an answer may hold more than it did', () => {
    const dataDir = unpacked();
    const explained = jsonLines<{ question: WindowQuestion; answer: Record<string, unknown> }>(fixtureText(fixture, 'explained.jsonl'));
    expect(explained).toHaveLength(2 + detectors.length);
    for (const { question, answer } of explained)
      expect(JSON.parse(JSON.stringify(explainWindow(dataDir, question)))).toMatchObject(answer);
  });

  test('replay to the alerts that the log holds', async () => {
    expect(await verifyDataDir(unpacked())).toMatchObject({ equal: true, alerts: bodies().length });
  });

  test('go on: open windows close, early alerts get their final revision, later events alert', async () => {
    const dataDir = unpacked();
    await goOn(dataDir, fixtureText(fixture, 'later.jsonl').trimEnd().split('\n'));
    const after = alertLines(dataDir);
    expect(after).toBe(fixtureText(fixture, 'alerts-later.jsonl'));
    expect(jsonLines(after).length).toBeGreaterThan(bodies().length + 1);
    expect(await verifyDataDir(dataDir)).toMatchObject({ equal: true });
  });
});
