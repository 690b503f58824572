/**
 * A full disk through the whole server: 507, nothing that was accepted is lost, it goes on when there is space again, and it can be stopped
 * meanwhile. A small tmpfs stands in for the disk, where mounting is permitted.
 */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Event, toCloudEvent } from '@optikal/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
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
  for (const disk of mounted) spawnSync('umount', ['-l', disk]);
});

/** null = mounting is not permitted here. */
function smallDisk(): string | null {
  const disk = tempFolder();
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', disk]);
  if (status !== 0) return null;
  mounted.push(disk);
  return disk;
}

describe.skipIf(smallDisk() === null)('a full disk', () => {
  const events = testFleet({ agents: 60 });

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
  const send = (port: number | null, from: number) => postEvents(port, events.slice(from, from + CALL).map(toCloudEvent));

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

const idOf = ({ source, id }: Event) => `${source} ${id}`;

function logged(dataDir: string): string[] {
  const reader = openEmbeddedReader(dataDir);
  const ids = [...reader.readLog(0, 0)].flatMap((record) => (record.kind === 'event' ? [idOf(record.event)] : []));
  reader.close();
  return ids;
}
