import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { alertRow, commitOf, eventEntry, nameOf, readAll, scoreRow, T0, tick } from '../test-support/samples.ts';
import { useTempDir } from '../test-support/temp-dir.ts';
import { type EmbeddedBus, openEmbeddedBus, openWithWorker } from './client.ts';
import type { EmbeddedBusOptions } from './options.ts';
import { openEmbeddedReader } from './reader.ts';

const CHILD = fileURLToPath(new URL('../test-support/rounds-child.ts', import.meta.url));
const tempDir = useTempDir();
const opened: EmbeddedBus[] = [];
afterEach(async () => {
  for (const bus of opened.splice(0)) await bus.close();
});

async function start(dataDir: string, options: Partial<EmbeddedBusOptions> = {}): Promise<EmbeddedBus> {
  const bus = await openEmbeddedBus({ dataDir, partitions: 1, ...options });
  opened.push(bus);
  return bus;
}

describe('group commit', () => {
  it('keeps calls that overlap in their order, however long they are', async () => {
    const bus = await start(tempDir());
    const sizes = [1, 700, 3, 1300, 1, 1];
    const names = sizes.map((size, call) => Array.from({ length: size }, (_, n) => `${call}-${n}`));
    const outcomes = await Promise.all(names.map((ids) => bus.append(ids.map((id) => eventEntry(id)))));
    expect(outcomes.map((list) => list.length)).toEqual(sizes);
    expect((await readAll(bus, await bus.lease(0))).map(nameOf)).toEqual(names.flat());
  });

  it('finishes what was appended before it closes', async () => {
    const dataDir = tempDir();
    const bus = await start(dataDir);
    const appends = [bus.append([eventEntry('x')]), bus.append(Array.from({ length: 600 }, (_, n) => eventEntry(`${n}`)))];
    await bus.close();
    expect((await Promise.all(appends)).flat().length).toBe(601);
    expect((await (await start(dataDir)).positions())[0].end).toBe(601);
  });

  it('rejects with disk_full and goes on afterwards, the rest of a failed call left out', async () => {
    const bus = await start(tempDir(), { maxPageCount: 60 });
    const big = (id: string) => eventEntry(id.padEnd(1_000_000, '.'));
    const failing = bus.append([eventEntry('first'), big('a'), ...Array.from({ length: 600 }, (_, n) => eventEntry(`rest ${n}`))]);
    const small = bus.append([eventEntry('small')]);
    await expect(failing).rejects.toMatchObject({ name: 'BusError', code: 'disk_full', retriable: true });
    expect(await small).toEqual(['accepted']);
    expect((await readAll(bus, await bus.lease(0))).map(nameOf)).toEqual(['small']);
  });
});

describe('an entry that cannot be encoded', () => {
  it('fails its own call and no other', async () => {
    const bus = await start(tempDir());
    const broken = { kind: 'control', control: { big: 1n } } as never; // no caller that type-checks does this
    const calls = [bus.append([eventEntry('1')]), bus.append([broken, eventEntry('2')]), bus.append([eventEntry('3')])];
    const results = await Promise.allSettled(calls);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await readAll(bus, await bus.lease(0))).map(nameOf)).toEqual(['1', '3']);
  });
});

describe('a commit of many agents', () => {
  it('is all or nothing although it crosses to the thread in parts', async () => {
    const bus = await start(tempDir());
    await bus.append([tick(T0)]);
    const lease = await bus.lease(0);
    const state = Array.from({ length: 3000 }, (_, n) => ({ key: `t|${n}`, body: `${n}`, dueMs: T0 + n }));
    const scores = Array.from({ length: 2500 }, (_, n) => scoreRow(T0 + n * 60_000));
    const commit = commitOf(1, { state, out: { scores, alerts: [alertRow('a')] } });
    await bus.commit(lease, commitOf(0, { out: { alerts: [alertRow('a', { body: 'other' })] } }));
    await expect(bus.commit(lease, commit)).rejects.toMatchObject({ code: 'alert_conflict' });
    expect((await bus.loadState(lease, ['t|0', 't|2999'])).size).toBe(0);
    await bus.commit(lease, { ...commit, out: { ...commit.out, alerts: [] } });
    const again = await bus.lease(0);
    expect(again.due).toEqual(state.map(({ key, dueMs }) => ({ key, dueMs })));
    expect(
      await bus.loadState(
        again,
        state.map(({ key }) => key),
      ),
    ).toEqual(new Map(state.map(({ key, body }) => [key, body])));
  });

  it('that was fenced between its parts leaves nothing for the next lease', async () => {
    const bus = await start(tempDir());
    const old = await bus.lease(0);
    const state = Array.from({ length: 3000 }, (_, n) => ({ key: `t|${n}`, body: '', dueMs: null }));
    const commit = bus.commit(old, commitOf(0, { state }));
    const fresh = bus.lease(0);
    await expect(commit).rejects.toMatchObject({ code: 'lease_lost' });
    await bus.commit(await fresh, commitOf(0));
    expect((await bus.loadState(await fresh, ['t|0'])).size).toBe(0);
  });
});

describe('one writer, many readers', () => {
  it('refuses a second writer in this process and in another one, and lets it in once the first is gone', async () => {
    const dataDir = tempDir();
    const bus = await start(dataDir);
    await expect(openEmbeddedBus({ dataDir, partitions: 1 })).rejects.toMatchObject({ code: 'data_dir_locked', retriable: false });
    const child = spawn(process.execPath, [CHILD, dataDir, '1'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(stderr).toContain('data_dir_locked');
    await bus.close();
    const next = spawn(process.execPath, [CHILD, dataDir, '1'], { stdio: 'ignore' });
    expect(await once(next, 'exit')).toEqual([0, null]);
  });

  it('lets exactly one of several that open at the same moment in', async () => {
    const dataDir = tempDir();
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => start(dataDir)));
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'data_dir_locked' });
  });

  it('shows a snapshot reader one moment while the writer goes on, and a plain reader the newest', async () => {
    const dataDir = tempDir();
    const bus = await start(dataDir, { checkpointPages: 1 });
    const lease = await bus.lease(0);
    const round = async (n: number) => {
      await bus.append([eventEntry(`${n}`)]);
      await bus.commit(lease, commitOf(n, { out: { alerts: [alertRow(`${n}`)] } }));
    };
    await round(1);
    const snapshot = openEmbeddedReader(dataDir, { snapshot: true });
    const live = openEmbeddedReader(dataDir);
    for (let n = 2; n <= 20; n++) await round(n);
    const seen = (reader: typeof live) => [
      reader.partitionStates()[0].next,
      [...reader.readLog(0, 0)].length,
      reader.alerts(0, 100).length,
    ];
    expect([seen(snapshot), seen(live)]).toEqual([
      [1, 1, 1],
      [20, 20, 20],
    ]);
    snapshot.close();
    await bus.close();
    expect(seen(live)).toEqual([20, 20, 20]);
    live.close();
    const later = openEmbeddedReader(dataDir, { snapshot: true });
    expect(seen(later)).toEqual([20, 20, 20]);
    later.close();
  });

  it('tells a reader that there is no bus in the directory', () => {
    expect(() => openEmbeddedReader(join(tempDir(), 'none'))).toThrowError(expect.objectContaining({ code: 'data_dir_missing' }));
  });
});

describe('the thread of the bus', () => {
  const script = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const hello = `import { parentPort } from 'node:worker_threads';
    parentPort.postMessage({ ready: true, hmacKey: '', ends: [0] });`;
  const options = { dataDir: '/nowhere', partitions: 1 };
  const crashed = { name: 'BusError', code: 'worker_crashed', retriable: false };

  it.each([
    ['throws', `parentPort.on('message', () => { throw new Error('boom'); });`],
    ['exits', `parentPort.on('message', () => process.exit(0));`],
  ])('rejects every open and every later call when it %s', async (_, code) => {
    const bus = await openWithWorker(options, script(hello + code));
    const lease = { partition: 0, token: 1, next: 0, partitionState: null, due: [] };
    const calls = [
      bus.append([tick(T0)]),
      bus.read(lease, 0, { maxRecords: 1, maxWaitMs: 60_000 }),
      bus.alerts(0, { maxRecords: 1, maxWaitMs: 60_000 }),
      bus.commit(lease, commitOf(0)),
    ];
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(crashed)));
    await expect(bus.positions()).rejects.toMatchObject(crashed);
    await expect(bus.append([tick(T0)])).rejects.toMatchObject(crashed);
    await bus.close();
  });

  it.each(['throw new Error("boom")', 'process.exit(3)'])('rejects the opening when it ends before it is ready: %s', async (code) => {
    await expect(openWithWorker(options, script(code))).rejects.toMatchObject(crashed);
  });

  it('gives the directory free when it was killed by a defect', async () => {
    const dataDir = tempDir();
    const bus = await openEmbeddedBus({ dataDir, partitions: 1 });
    await bus.append([tick(T0)]);
    const broken = alertRow('a', { body: undefined as never }); // no caller that type-checks does this
    await expect(bus.commit(await bus.lease(0), commitOf(1, { out: { alerts: [broken] } }))).rejects.toMatchObject(crashed);
    await bus.close();
    expect(await (await start(dataDir)).positions()).toEqual([{ partition: 0, end: 1, next: 0 }]);
  });
});

describe('openEmbeddedBus', () => {
  it.each([
    [{ partitions: 0 }, '`partitions` must be a whole number from 1'],
    [{ lingerMs: 21 }, '`lingerMs` must be a number from 0 to 20, found `21`'],
    [{ archiveDays: 0 }, '`archiveDays` must be a number'],
    [{ dataDir: '' }, '`dataDir` must be'],
    [{ archiveDay: 3 }, 'unknown option `archiveDay`'],
  ])('refuses %o', async (wrong, message) => {
    const opening = openEmbeddedBus({ dataDir: tempDir(), partitions: 1, ...wrong });
    await expect(opening).rejects.toMatchObject({ code: 'option_invalid', message: expect.stringContaining(message) });
  });
});
