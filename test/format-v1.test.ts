/**
 * What format version 1 wrote, a later release reads: a copy of test/fixtures/v1 is opened with today's code. It must say what was said when the
 * fixture was made, and go on from there. The fixture is never remade to please this test: its README says when it may be.
 */
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openEmbeddedBus, openEmbeddedReader } from '../packages/optikal/src/bus/index.ts';
import { restoreWindow } from '../packages/optikal/src/detection/archive.ts';
import { encodeBundle } from '../packages/optikal/src/detection/ensemble/bundle.ts';
import { judge } from '../packages/optikal/src/detection/ensemble/judge.ts';
import { everythingContent } from '../packages/optikal/src/detection/test-support/everything.ts';
import { readBundle, writeBundleFiles } from '../packages/optikal/src/services/bundle-files.ts';
import { keptBundle } from '../packages/optikal/src/services/data-folder.ts';
import { appendEpoch, modelEpoch } from '../packages/optikal/src/services/epochs.ts';
import { explainWindow, type WindowQuestion } from '../packages/optikal/src/services/explain.ts';
import { storedAlerts, verifyDataDir } from '../packages/optikal/src/services/verify.ts';
import { goOn } from './support/go-on.ts';
import { useTempFolder } from './support/temp-folder.ts';

const FIXTURE = resolve(import.meta.dirname, 'fixtures/v1');
const temp = useTempFolder();
const fixtureText = (name: string) => readFileSync(join(FIXTURE, name), 'utf8');

/** The caller says what the file holds. */
const jsonLines = <T>(text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

function copyOfFixture(): string {
  const dataDir = join(temp(), 'var');
  cpSync(join(FIXTURE, 'var'), dataDir, { recursive: true });
  return dataDir;
}

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

/** The stored state of each agent, as text. */
function agentStates(dataDir: string): ReadonlyMap<string, string> {
  const db = new DatabaseSync(join(dataDir, 'bus.db'));
  try {
    const rows = db.prepare('SELECT key, body FROM state').all() as { key: string; body: string }[]; // its columns are TEXT
    return new Map(rows.map(({ key, body }) => [key, body]));
  } finally {
    db.close();
  }
}

test('a data directory of version 1 has something to lose: two revisions, one of them withdrawn, two bundles, dead letters, open windows', () => {
  const alerts = jsonLines<{ revision: number; body: string }>(fixtureText('alerts.jsonl'));
  const bodies = alerts.map(({ body }) => JSON.parse(body) as { decision: string; model: { fingerprint: string } });
  expect(new Set(alerts.map(({ revision }) => revision))).toEqual(new Set([1, 2]));
  expect(new Set(bodies.map(({ decision }) => decision))).toEqual(new Set(['alert', 'withdrawn']));
  expect(new Set(bodies.map(({ model }) => model.fingerprint)).size).toBe(2);
  const reader = openEmbeddedReader(copyOfFixture());
  const states = reader.partitionStates();
  reader.close();
  expect(states.map(({ partitionState }) => (JSON.parse(partitionState!) as { epochs: unknown[] }).epochs.length)).toEqual([2, 2]);
  expect(jsonLines(fixtureText('dead-letters.jsonl')).length).toBeGreaterThan(4);
  // What a copy under way would leave beside the one file is not part of it.
  expect(readdirSync(join(FIXTURE, 'var')).sort()).toEqual(['bundles', 'bus.db', 'lock.db']);
});

test('a data directory of version 1 gives its alerts and dead letters, byte for byte', () => {
  const dataDir = copyOfFixture();
  expect(alertLines(dataDir)).toBe(fixtureText('alerts.jsonl'));
  const reader = openEmbeddedReader(dataDir);
  const letters = reader.deadLetters(0, 1000);
  reader.close();
  expect(letters).toEqual(jsonLines(fixtureText('dead-letters.jsonl')));
});

test('bundles of version 1 load, each under the fingerprint that is its name', () => {
  const folder = join(FIXTURE, 'var/bundles');
  const names = readdirSync(folder);
  expect(names).toHaveLength(2);
  for (const name of names) {
    const { fingerprint, meta, drift, threats, calibration } = readBundle(join(folder, name));
    expect({ fingerprint, meta, drift }).toEqual({ fingerprint: name, meta: null, drift: null });
    expect(threats).toMatchObject({ kind: 'one-vs-rest', models: [{ threat: 'data_exfiltration' }, { threat: 'credential_abuse' }] });
    expect(Object.keys(calibration).sort()).toEqual(['intercept', 'prevalence', 'slope']);
  }
});

test('windows of version 1 have the margins that were stored, to the bit', () => {
  const dataDir = copyOfFixture();
  const reader = openEmbeddedReader(dataDir);
  const ids = new Set(jsonLines<{ id: string }>(fixtureText('alerts.jsonl')).map(({ id }) => id));
  const rows = [...ids].map((id) => reader.scoreOfAlert(id)!);
  reader.close();
  expect(rows.length).toBeGreaterThan(4);
  for (const { fingerprint, body } of rows) {
    const { rows: kept, judgement } = restoreWindow(body);
    const again = judge(keptBundle(dataDir, fingerprint), kept);
    expect({ margin: again.margin, bases: again.bases }).toEqual({ margin: judgement.margin, bases: judgement.bases });
  }
});

test('windows of version 1 are explained as they were; an answer may hold more than it did', () => {
  const dataDir = copyOfFixture();
  const explained = jsonLines<{ question: WindowQuestion; answer: Record<string, unknown> }>(fixtureText('explained.jsonl'));
  expect(explained.length).toBeGreaterThan(2);
  for (const { question, answer } of explained) expect(JSON.parse(JSON.stringify(explainWindow(dataDir, question)))).toMatchObject(answer);
});

test('a log of version 1 replays to the alerts that it holds', async () => {
  expect(await verifyDataDir(copyOfFixture())).toMatchObject({ equal: true, alerts: jsonLines(fixtureText('alerts.jsonl')).length });
});

test('a log of version 1 goes on: windows that were open close, early alerts get their final revision, later events alert', async () => {
  const dataDir = copyOfFixture();
  await goOn(dataDir, fixtureText('later.jsonl').trimEnd().split('\n'));
  expect(alertLines(dataDir)).toBe(fixtureText('alerts-later.jsonl'));
  expect(await verifyDataDir(dataDir)).toMatchObject({ equal: true });
});

test('agents of version 1, which remember no windows, go on: a bundle with everything judges the sequences that they have from here on', async () => {
  const dataDir = copyOfFixture();
  const remembering = () => [...agentStates(dataDir).values()].filter((body) => body.includes('"s":[')).length;
  expect([agentStates(dataDir).size, remembering()]).toEqual([3, 0]);
  const { files, fingerprint } = encodeBundle(everythingContent());
  writeBundleFiles(join(dataDir, 'bundles', fingerprint), files);
  const later = fixtureText('later.jsonl').trimEnd().split('\n');
  const fromMs = Math.floor(Date.parse((JSON.parse(later[0]!) as { time: string }).time) / 60_000) * 60_000;
  const bus = await openEmbeddedBus({ dataDir, partitions: 2 });
  await appendEpoch(bus, modelEpoch(fingerprint, -1e6, fromMs));
  await bus.close();
  await goOn(dataDir, later);
  const before = jsonLines<{ id: string }>(fixtureText('alerts.jsonl'));
  const alerts = jsonLines<{ id: string; windowStartMs: number; key: string; body: string }>(alertLines(dataDir));
  const judged = alerts.map((alert) => ({
    ...alert,
    body: JSON.parse(alert.body) as { attention: number[]; model: { fingerprint: string } },
  }));
  const byIt = judged.filter(({ body }) => body.model.fingerprint === fingerprint);
  expect(new Set(byIt.map(({ key }) => key)).size).toBe(3);
  // What closed after the version before it is remembered: the windows that were open then, and those of now.
  for (const { body, windowStartMs } of byIt) {
    const since = (windowStartMs - fromMs) / 60_000;
    expect(body.attention.length).toBeGreaterThan(since);
    expect(body.attention.length).toBeLessThan(4 + since);
  }
  expect(remembering()).toBe(3);
  expect(alerts.map(({ id }) => id)).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
});
