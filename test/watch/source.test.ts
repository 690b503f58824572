/** What `watch` reads, against all that is in the data directory: nothing missing, nothing made up, nothing touched. */
import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ThreatAlert } from '@optikal/contracts';
import { beforeAll, describe, expect, test } from 'vitest';
import { openEmbeddedBus, openEmbeddedReader, type StoredAlert } from '../../packages/optikal/src/bus/index.ts';
import { openDataDir, type WatchSource, type WatchStatus } from '../../packages/optikal/src/services/watch.ts';
import { detectedDir } from '../support/detected.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const PARTITIONS = 2;
const temp = useTempFolder();
let dataDir = '';
let alerts: readonly StoredAlert[] = [];
let bodies: ThreatAlert[] = [];

beforeAll(async () => {
  dataDir = join(temp(), 'var');
  await detectedDir(dataDir, testFleet({ agents: 16, days: 0.1 }), smallBundle('x'), PARTITIONS);
  const reader = openEmbeddedReader(dataDir);
  alerts = reader.alerts(0, 10_000);
  reader.close();
  bodies = alerts.map(({ body }) => JSON.parse(body) as ThreatAlert);
});

function withSource<T>(dir: string, work: (source: WatchSource) => T): T {
  const source = openDataDir(dir);
  try {
    return work(source);
  } finally {
    source.close();
  }
}

function counted(source: WatchSource): WatchStatus {
  const first = source.look(0);
  while (source.count());
  const second = source.look(10_000);
  const found = 'status' in second ? second : first;
  if (!('status' in found)) throw new Error(`expected a status, found ${found.kind}`);
  return found.status;
}

/** Names, sizes and times of all files but the memory that SQLite's readers and its writer share (`-shm`). */
const filesOf = (dir: string) =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.endsWith('-shm'))
    .sort()
    .map((name) => [name, statSync(join(dir, name)).size, statSync(join(dir, name)).mtimeMs]);

describe('the counters', () => {
  test('are those of the whole directory', () => {
    const status = withSource(dataDir, counted);
    const reader = openEmbeddedReader(dataDir);
    const states = reader.partitionStates();
    reader.close();
    const db = new DatabaseSync(join(dataDir, 'bus.db'), { readOnly: true });
    const count = (sql: string) => Number(db.prepare(sql).get()?.n);
    expect(status).toMatchObject({
      records: states.reduce((sum, { end }) => sum + end, 0),
      lag: 0,
      agents: count('SELECT count(*) AS n FROM state'),
      openWindows: count('SELECT count(*) AS n FROM state WHERE due_ms IS NOT NULL'),
      deadLetters: 0,
      writer: { running: false },
      model: { fingerprint: smallBundle('x').bundle.fingerprint, kept: true },
    });
    db.close();
  });

  test('count each alert once, by its last revision', () => {
    const last = new Map(bodies.toSorted((a, b) => a.revision - b.revision).map((alert) => [alert.id, alert]));
    const expected = { low: 0, medium: 0, high: 0, critical: 0, withdrawn: 0, uncounted: 0 };
    for (const { decision, severity } of last.values()) expected[decision === 'withdrawn' ? 'withdrawn' : severity]++;
    expect(withSource(dataDir, counted).alerts).toEqual(expected);
    expect(bodies.some(({ revision }) => revision === 1)).toBe(true);
  });
});

describe('pages', () => {
  test('of any size hold every revision once, newest first, and say which have another one beside them', () => {
    const ids = new Map<string, number>();
    for (const { id } of alerts) ids.set(id, (ids.get(id) ?? 0) + 1);
    for (const size of [1, 7, 1000]) {
      const found = withSource(dataDir, (source) => {
        source.look(0);
        const entries = [];
        for (let before = Number.MAX_SAFE_INTEGER, complete = false; !complete; ) {
          const page = source.older(before, size);
          entries.push(...page.entries);
          ({ cursor: before, complete } = page);
        }
        return entries;
      });
      expect(found.map(({ cursor }) => cursor)).toEqual(alerts.map(({ cursor }) => cursor).toReversed());
      for (const { id, paired } of found) expect(paired).toBe(ids.get(id) === 2);
    }
  });

  test('after a cursor hold the rest, oldest first', () => {
    const { cursor } = alerts[4]!; // there are more
    const { entries } = withSource(dataDir, (source) => {
      source.look(0);
      return source.newer(cursor, 1000);
    });
    expect(entries.map((entry) => entry.cursor)).toEqual(alerts.slice(5).map((alert) => alert.cursor));
  });
});

describe('an alert opened', () => {
  test('has every call and every verdict of its window, whichever alert it is', () => {
    const reader = openEmbeddedReader(dataDir);
    const events = [0, 1].flatMap((partition) =>
      [...reader.readLog(partition, 0)].flatMap((record) => (record.kind === 'event' ? [record.event] : [])),
    );
    reader.close();
    withSource(dataDir, (source) => {
      source.look(0);
      for (const { id, agent, windowStartMs, windowEndMs, evidence } of bodies.slice(0, 40)) {
        const opened = source.open(id)!; // it was looked at, and has this alert
        while (!opened.detail.search.done) opened.next();
        const { lines, search, windows, alert } = opened.detail;
        const own = events.filter((event) => event.agent === agent && event.timeMs >= windowStartMs && event.timeMs < windowEndMs);
        const calls = own.flatMap((event) => (event.type === 'argus.agent.metrics.v1' ? (event.data.calls ?? []) : []));
        const shown = lines.flatMap((line) => (line.kind === 'call' ? [line] : []));
        expect(shown.map(({ call }) => call.callId).sort()).toEqual(calls.map(({ callId }) => callId).sort());
        expect(shown.map(({ timeMs }) => timeMs)).toEqual(shown.map(({ timeMs }) => timeMs).toSorted((a, b) => a - b));
        const spoken = own.filter(({ type }) => !/metrics|provenance/.test(type)).length;
        expect(shown.reduce((sum, { gateway, policy }) => sum + gateway.length + policy.length, lines.length - shown.length)).toBe(spoken);
        for (const { callId, effect } of evidence) expect(shown.find(({ call }) => call.callId === callId)?.effect).toBe(effect);
        expect(search).toMatchObject({ done: true, whole: true });
        expect(windows.at(-1)).toMatchObject({ startMs: windowStartMs, margin: alert.margin });
      }
    });
  });

  test('knows the earlier alerts of its agent', () => {
    const { id, agent, windowStartMs } = bodies.findLast((alert) =>
      bodies.some((other) => other.agent === alert.agent && other.windowStartMs < alert.windowStartMs),
    )!; // a busy fleet has one
    const earlier = withSource(dataDir, (source) => {
      source.look(0);
      return source.open(id)!.detail.earlier; // as above
    });
    const expected = [
      ...new Set(
        bodies.flatMap((alert) =>
          alert.agent === agent && alert.windowStartMs < windowStartMs && alert.decision === 'alert' ? [alert.windowStartMs] : [],
        ),
      ),
    ];
    expect(earlier.map((entry) => entry.windowStartMs)).toEqual(expected.sort((a, b) => b - a).slice(0, 8));
  });

  test('without its bundle shows all that the log and the alert know', () => {
    const copy = join(temp(), 'var');
    cpSync(dataDir, copy, { recursive: true });
    rmSync(join(copy, 'bundles'), { recursive: true });
    withSource(copy, (source) => {
      expect(counted(source).model).toMatchObject({ kept: false });
      const opened = source.open(bodies[0]!.id)!; // as above
      while (!opened.detail.search.done) opened.next();
      expect(opened.detail).toMatchObject({ bundleKept: false, search: { whole: true } });
    });
  });

  test('that is not there is null', () => {
    withSource(dataDir, (source) => {
      source.look(0);
      expect(source.open('f'.repeat(32))).toBeNull(); // as above
    });
  });
});

describe('the directory', () => {
  test('is not changed by being watched: no file is new, larger or newer', () => {
    const copy = join(temp(), 'var');
    cpSync(dataDir, copy, { recursive: true });
    const before = filesOf(copy);
    withSource(copy, (source) => {
      counted(source);
      source.older(Number.MAX_SAFE_INTEGER, 1000);
      source.open(bodies[0]!.id)?.next(); // as above
    });
    expect(filesOf(copy)).toEqual(before);
  });

  test('may appear later, be of another version, be replaced, and go: each is said once', () => {
    const late = join(temp(), 'var');
    withSource(late, (source) => {
      expect(source.look(0)).toMatchObject({ kind: 'absent', error: { code: 'data_dir_missing' } });
      expect(source.look(1)).toEqual({ kind: 'same' });
      cpSync(dataDir, late, { recursive: true });
      const db = new DatabaseSync(join(late, 'bus.db'));
      db.exec('PRAGMA user_version = 99');
      db.close();
      expect(source.look(2)).toMatchObject({ kind: 'failed', error: { code: 'format_unsupported' } });
      expect(source.look(3)).toEqual({ kind: 'same' });
      cpSync(join(dataDir, 'bus.db'), join(late, 'new.db'));
      renameSync(join(late, 'new.db'), join(late, 'bus.db'));
      expect(source.look(4)).toMatchObject({ kind: 'opened' });
      rmSync(late, { recursive: true });
      expect(source.look(5)).toMatchObject({ kind: 'absent' });
      expect(existsSync(late)).toBe(false);
    });
  });

  test('that nobody writes gives nothing new, look after look', () => {
    withSource(dataDir, (source) => {
      counted(source);
      for (let n = 0; n < 5; n++) expect(source.look(30_000 + n)).toEqual({ kind: 'same' });
    });
  });

  test('says who writes it, and that he does not any more', async () => {
    const copy = join(temp(), 'var');
    cpSync(dataDir, copy, { recursive: true });
    const bus = await openEmbeddedBus({ dataDir: copy, partitions: PARTITIONS });
    withSource(copy, (source) => {
      const looked = source.look(0);
      if (existsSync('/proc/locks')) expect(looked).toMatchObject({ status: { writer: { running: true, pid: process.pid } } });
    });
    await bus.append([{ kind: 'tick', timeMs: Date.UTC(2030, 0, 1) }]);
    withSource(copy, (source) => expect(source.look(0)).toMatchObject({ status: { lag: PARTITIONS } }));
    await bus.close();
    withSource(copy, (source) => {
      const looked = source.look(0);
      expect(looked).toMatchObject({ kind: 'opened' });
      if (existsSync('/proc/locks')) expect(looked).toMatchObject({ status: { writer: { running: false, pid: null } } });
    });
  });
});
