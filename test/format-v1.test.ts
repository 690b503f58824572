/**
 * What format version 1 wrote, a later release reads: a copy of test/fixtures/v1 is opened with today's code. It must say what was said when the
 * fixture was made, and go on from there. The fixture is never remade to please this test: its README says when it may be.
 */
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { openEmbeddedReader } from '../packages/optikal/src/bus/index.ts';
import { readBundle } from '../packages/optikal/src/services/bundle-files.ts';
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
  for (const name of names) expect(readBundle(join(folder, name)).fingerprint).toBe(name);
});

test('windows of version 1 are explained as they were', () => {
  const dataDir = copyOfFixture();
  const explained = jsonLines<{ question: WindowQuestion; answer: unknown }>(fixtureText('explained.jsonl'));
  expect(explained.length).toBeGreaterThan(2);
  for (const { question, answer } of explained) expect(JSON.parse(JSON.stringify(explainWindow(dataDir, question)))).toEqual(answer);
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
