/**
 * A full disk through the whole server: 507, nothing that was accepted is lost, it goes on when there is space again, and it can be stopped
 * meanwhile. A small tmpfs stands in for the disk where mounting is permitted; everywhere a file that may not grow.
 */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Event, toCloudEvent } from '@optikal/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { type BusError, openEmbeddedBus, openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { createHttpServer } from '../../packages/optikal/src/http/index.ts';
import { alertLine } from '../../packages/optikal/src/services/alert-event.ts';
import { keepBundle, keptBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { createDetector, runDetector } from '../../packages/optikal/src/services/detector.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { createIngest } from '../../packages/optikal/src/services/ingest.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { drainBus } from '../../packages/optikal/src/services/score.ts';
import { verifyDataDir } from '../../packages/optikal/src/services/verify.ts';
import { postEvents } from '../support/post-events.ts';
import { caughtUp, startServe, stopServe } from '../support/serve-process.ts';
import { type SmallBundle, smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const DISK_MIB = 12;
const BALLAST_BYTES = 7 * 1024 * 1024;
const CALL = 100;

const tempFolder = useTempFolder();
const mounted: string[] = [];
afterAll(() => {
  for (const disk of mounted) command('umount', ['-l', disk]);
});

const command = (name: string, args: readonly string[]): boolean => spawnSync(name, args).status === 0;

/** null = mounting is not permitted here. */
function smallDisk(): string | null {
  const disk = tempFolder();
  if (!command('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', disk])) return null;
  mounted.push(disk);
  return disk;
}

const events = testFleet({ agents: 60 });
const send = (port: number | null, from: number) => postEvents(port, events.slice(from, from + CALL).map(toCloudEvent));

describe.skipIf(smallDisk() === null)('a full disk', () => {
  const fill = async (disk: string, x: SmallBundle) => {
    const dataDir = join(disk, 'var');
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES, 1));
    const serving = startServe(dataDir, ['--bundle', x.folder]);
    const port = await serving.ready;
    expect(port, serving.stderr()).not.toBeNull();
    let sent = 0;
    for (; sent < events.length; sent += CALL) {
      const { status, error } = await send(port, sent);
      if (status === 202) continue;
      expect([status, error?.code]).toEqual([507, 'disk_full']);
      return { dataDir, ballast, serving, port, sent };
    }
    throw new Error('the disk was never full');
  };

  it('is answered with 507, loses nothing that was accepted, and is over when there is space', async () => {
    const { dataDir, ballast, serving, port, sent } = await fill(smallDisk()!, smallBundle('x')); // skipped where there is none
    for (let n = 0; n < 3; n++) expect((await send(port, sent)).status).toBe(507);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    rmSync(ballast);
    let end = sent;
    for (; end < sent + 10 * CALL; end += CALL) expect((await send(port, end)).status).toBe(202);
    await caughtUp(serving, dataDir);
    expect((await stopServe(serving)).code, serving.stderr()).toBe(0);
    expect(logged(dataDir)).toEqual(events.slice(0, end).map(idOf));
    expect((await verifyDataDir(dataDir)).equal).toBe(true);
  });

  it('does not hold a stop up; the next start goes on', async () => {
    const x = smallBundle('x');
    const { dataDir, ballast, serving, sent } = await fill(smallDisk()!, x); // skipped where there is none
    const { code } = await stopServe(serving);
    expect([code, serving.stderr()]).toEqual([0, expect.anything()]);
    rmSync(ballast);
    const again = startServe(dataDir);
    expect((await send(await again.ready, sent)).status, again.stderr()).toBe(202);
    await caughtUp(again, dataDir);
    expect((await stopServe(again)).code).toBe(0);
    expect(logged(dataDir)).toEqual(events.slice(0, sent + CALL).map(idOf));
    expect((await verifyDataDir(dataDir)).equal).toBe(true);
  });
});

it('a file that may not grow is answered with 507, loses nothing that was accepted, and goes on when it may', async () => {
  const dataDir = join(tempFolder(), 'var');
  const x = smallBundle('x');
  const bus = await openEmbeddedBus({ dataDir, partitions: 1, maxPageCount: 250 });
  keepBundle(dataDir, x.folder);
  const models = () => createModelStore({ load: (sha) => keptBundle(dataDir, sha), hmacKey: new Uint8Array(32) });
  const detector = await createDetector({ bus, partition: 0, models: models() });
  await appendEpoch(bus, modelEpoch(x.bundle.fingerprint, x.threshold, FIRST_EPOCH_MS));
  const ingest = createIngest({ bus, clock: 'events', now: () => 0, hmacKey: new Uint8Array(32) });
  const http = createHttpServer({
    port: 0,
    ingest: (texts, tenant, call) => ingest.ingest(texts, tenant, call),
    alerts: (after, page) => bus.alerts(after, page),
    alertLine,
    status: () => ({ ready: true, reasons: [] }),
  });
  const { port } = await http.listen();
  let stopping = false;
  const processing = runDetector(detector, () => stopping).catch((error: unknown) => error);
  let sent = 0;
  let answer = await send(port, sent);
  for (; answer.status === 202; answer = await send(port, sent)) sent += CALL;
  expect([answer.status, answer.error?.code]).toEqual([507, 'disk_full']);
  stopping = true;
  await http.close();
  await ingest.stop();
  // A commit that finds no room is given up, unless the detector had committed all before.
  expect([undefined, 'disk_full']).toContain(((await processing) as BusError | undefined)?.code);
  await bus.close();

  const roomy = await openEmbeddedBus({ dataDir, partitions: 1 });
  const again = createIngest({ bus: roomy, clock: 'events', now: () => 0, hmacKey: new Uint8Array(32) });
  const call = events.slice(sent, sent + CALL).map(toCloudEvent);
  const { accepted, duplicates } = await again.ingest(call);
  expect(accepted + duplicates).toBe(CALL);
  await drainBus(await createDetector({ bus: roomy, partition: 0, models: models() }));
  await roomy.close();
  expect(logged(dataDir)).toEqual(events.slice(0, sent + CALL).map(idOf));
  expect((await verifyDataDir(dataDir)).equal).toBe(true);
});

const idOf = ({ source, id }: Event) => `${source} ${id}`;

function logged(dataDir: string): string[] {
  const reader = openEmbeddedReader(dataDir);
  const ids = [...reader.readLog(0, 0)].flatMap((record) => (record.kind === 'event' ? [idOf(record.event)] : []));
  reader.close();
  return ids;
}
