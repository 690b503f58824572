/** Each reason for which a probe is told no, brought about in a real server. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Event, toCloudEvent } from '@optikal/contracts';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { type LogEntry, openEmbeddedBus } from '../../packages/optikal/src/bus/index.ts';
import { resolveSettings } from '../../packages/optikal/src/config/index.ts';
import { newPartitionState } from '../../packages/optikal/src/detection/partition.ts';
import { NO_LOG } from '../../packages/optikal/src/observability/index.ts';
import { keepBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { observeBus } from '../../packages/optikal/src/services/observed-bus.ts';
import { createProbes, PROBE_REASONS } from '../../packages/optikal/src/services/probes.ts';
import { startServer } from '../../packages/optikal/src/services/serve.ts';
import { postEvents } from '../support/post-events.ts';
import { pause } from '../support/serve-process.ts';
import { type SmallBundle, smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const PATIENCE_MS = 30_000;
const tempFolder = useTempFolder();
const mounted: string[] = [];
const command = (name: string, args: readonly string[]): boolean => spawnSync(name, args).status === 0;
afterAll(() => {
  for (const folder of mounted) {
    command('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
});

interface Reason {
  readonly code: string;
  readonly message: string;
  readonly [figure: string]: unknown;
}

async function start(given: Readonly<Record<string, unknown>>) {
  const flags = { 'http.port': 0, 'detector.clock': 'events', 'probes.freeBytes': 0, ...given };
  const { settings } = resolveSettings({
    file: null,
    environment: {},
    flags: new Map(Object.entries(flags).map(([path, value]) => [path, { flag: path, value }])),
  });
  const server = await startServer({ settings, threshold: null, version: '0', env: {}, log: NO_LOG, onFailure: () => {} });
  onTestFinished(() => server.stop());
  const ask = async (path: string) => {
    const answer = await fetch(`${server.url}${path}`);
    return { status: answer.status, ...((await answer.json()) as { ready?: boolean; reasons: readonly Reason[] }) };
  };
  return {
    server,
    ask,
    codes: async () => (await ask('/readyz')).reasons.map(({ code }) => code),
    until: async (codes: readonly string[]) => {
      for (let waited = 0; waited < PATIENCE_MS; waited += 50) {
        const { reasons } = await ask('/readyz');
        if (JSON.stringify(reasons.map(({ code }) => code)) === JSON.stringify(codes)) return;
        await pause(50);
      }
      expect(await ask('/readyz')).toMatchObject({ reasons: codes.map((code) => ({ code })) });
    },
  };
}

/** A data directory with a log that nobody has read yet. */
async function logged(entries: readonly LogEntry[], x?: SmallBundle): Promise<string> {
  const dataDir = join(tempFolder(), 'var');
  const bus = await openEmbeddedBus({ dataDir, partitions: 1 });
  if (x !== undefined) keepBundle(dataDir, x.folder);
  const epoch = modelEpoch(x?.bundle.fingerprint ?? 'f'.repeat(64), null, FIRST_EPOCH_MS);
  await bus.append([{ kind: 'control', control: epoch }, ...entries]);
  await bus.close();
  return dataDir;
}

const eventsOf = (count: number): LogEntry[] =>
  testFleet({ agents: 60 })
    .slice(0, count)
    .map((event: Event) => ({ kind: 'event', event }));

describe('a server that is well', () => {
  it('is ready and healthy, without a reason', async () => {
    const { ask } = await start({ dataDir: join(tempFolder(), 'var'), bundle: smallBundle('x').folder });
    expect(await ask('/readyz')).toEqual({ status: 200, ready: true, reasons: [] });
    expect(await ask('/healthz')).toEqual({ status: 'ok', reasons: [] });
  });
});

describe('a server is not ready', () => {
  it('when a detector stopped, with the code of what stopped it', async () => {
    const { ask, until } = await start({ dataDir: await logged([]) });
    await until(['partition_stopped', 'bundle_missing']);
    const { status, reasons } = await ask('/readyz');
    expect([status, reasons[0]]).toEqual([
      503,
      { code: 'partition_stopped', message: PROBE_REASONS.partition_stopped, partition: 0, error: 'bundle_unloadable' },
    ]);
    expect((await ask('/healthz')).reasons).toEqual([]);
  });

  it('while it catches up with its log, and says how far behind it is', async () => {
    const dataDir = await logged(eventsOf(4000), smallBundle('x'));
    const { ask, until } = await start({ dataDir, 'probes.behindRecords': 0 });
    const { status, reasons } = await ask('/readyz');
    expect([status, reasons.map(({ code }) => code)]).toEqual([503, expect.arrayContaining(['catching_up'])]);
    expect(reasons.find(({ code }) => code === 'catching_up')).toMatchObject({ partition: 0, behindRecords: expect.any(Number) });
    await until([]);
  });

  it('when there is less free space than asked for', async () => {
    const x = smallBundle('x');
    const { ask } = await start({ dataDir: join(tempFolder(), 'var'), bundle: x.folder, 'probes.freeBytes': Number.MAX_SAFE_INTEGER });
    expect((await ask('/readyz')).reasons).toEqual([{ code: 'disk_low', message: PROBE_REASONS.disk_low, freeBytes: expect.any(Number) }]);
  });

  it('when the clock of its log is far from that of the wall', async () => {
    const dataDir = await logged([{ kind: 'tick', timeMs: Math.floor(Date.now() / 1000) * 1000 + 3_600_000 }], smallBundle('x'));
    const { ask, until } = await start({ dataDir, 'detector.clock': 'wall' });
    await until(['clock_skewed']);
    const { reasons } = await ask('/readyz');
    expect(Math.abs(Number(reasons[0]?.skewSeconds) + 3600)).toBeLessThan(60);
  });

  it('when the bundle in force is gone from its folder', async () => {
    const x = smallBundle('x');
    const dataDir = join(tempFolder(), 'var');
    const { until } = await start({ dataDir, bundle: x.folder });
    await until([]);
    rmSync(join(dataDir, 'bundles', x.bundle.fingerprint), { recursive: true });
    await until(['bundle_missing']);
    keepBundle(dataDir, x.folder);
    await until([]);
  });

  it('while it closes, to whoever asked before', async () => {
    const { server } = await start({ dataDir: join(tempFolder(), 'var'), bundle: smallBundle('x').folder });
    const socket = connect(server.port, '127.0.0.1');
    let answer = '';
    const ended = new Promise((resolve) => socket.on('close', resolve));
    const first = new Promise((resolve) => socket.once('data', resolve));
    socket.on('error', () => {}).on('data', (chunk) => (answer += chunk.toString()));
    // Both in one write: when the first is answered, the beginning of the second has come too.
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /readyz HTTP/1.1\r\nHost: localhost\r\n');
    await first;
    answer = '';
    const stopped = server.stop();
    await pause(100);
    socket.write('Connection: close\r\n\r\n');
    await Promise.all([ended, stopped]);
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toContain('{"ready":false,"reasons":[{"code":"closing","message":"the server is closing"}]}');
  });

  it('when a write to the log found no space', async () => {
    const dataDir = join(tempFolder(), 'var');
    const x = smallBundle('x');
    const disk = { full: false };
    const bus = observeBus(await openEmbeddedBus({ dataDir, partitions: 1, maxPageCount: 250 }), {
      appended: () => {},
      committed: () => {},
      diskFull: (full) => {
        disk.full = full;
      },
      brokerAway: () => {},
    });
    onTestFinished(() => bus.close());
    keepBundle(dataDir, x.folder);
    const { settings } = resolveSettings({ file: null, environment: {}, flags: new Map([['dataDir', { flag: '', value: dataDir }]]) });
    const probes = createProbes({
      bus,
      settings: { ...settings, probes: { ...settings.probes, freeBytes: 0 } },
      held: () => [{ partition: 0, state: newPartitionState('live') }],
      assigned: () => [0],
      logClockMs: () => Date.now(),
      failure: () => null,
      diskFull: () => disk.full,
      closing: () => false,
      loop: { stuckMs: () => null, stop: () => {} },
      log: NO_LOG,
      now: Date.now,
    });
    await expect(bus.append(eventsOf(4000))).rejects.toMatchObject({ code: 'disk_full' });
    expect((await probes.readiness()).reasons.map(({ code }) => code)).toContain('disk_full');
  });
});

/** null = mounting is not permitted here. */
const disk = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'optikal-disk-'));
  if (!command('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder])) return null;
  mounted.push(folder);
  return folder;
})();

it.skipIf(disk === null)('a full disk is a reason of its own in the whole server, until there is space', async () => {
  const folder = disk!; // skipped where there is none
  const ballast = join(folder, 'ballast');
  writeFileSync(ballast, Buffer.alloc(7 * 1024 * 1024, 1));
  const { server, codes, until } = await start({ dataDir: join(folder, 'var'), bundle: smallBundle('x').folder });
  const events = testFleet({ agents: 60 });
  let status = 202;
  let sent = 0;
  for (; status === 202 && sent < events.length; sent += 100)
    status = (await postEvents(server.port, events.slice(sent, sent + 100).map(toCloudEvent))).status;
  expect(status).toBe(507);
  expect(await codes()).toContain('disk_full');
  rmSync(ballast);
  expect((await postEvents(server.port, events.slice(sent, sent + 100).map(toCloudEvent))).status).toBe(202);
  await until([]);
});

describe('a server is not healthy', () => {
  it('when its event loop was stuck a moment ago', async () => {
    const { ask } = await start({ dataDir: join(tempFolder(), 'var'), bundle: smallBundle('x').folder, 'probes.stuckSeconds': 0.5 });
    expect((await ask('/healthz')).reasons).toEqual([]);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    expect(await ask('/healthz')).toMatchObject({
      status: 'failing',
      reasons: [{ code: 'event_loop_stuck', seconds: expect.any(Number) }],
    });
  });
});
