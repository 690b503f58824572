/**
 * A power cut keeps some prefix of what was being written. The bus has its own test frame by frame; here the whole path goes on from such a
 * prefix: the directory opens, the detector processes what is left of the log, and every alert is as it should be.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEmbeddedBus, openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { keepBundle, keptBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { createDetector } from '../../packages/optikal/src/services/detector.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { drainBus } from '../../packages/optikal/src/services/score.ts';
import { verifyDataDir } from '../../packages/optikal/src/services/verify.ts';
import { committed, differences, entriesOf, oneEpoch, referenceOf } from '../support/prepared-log.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const CUTS = 12;
const APPENDED_AT_ONCE = 700;

const tempFolder = useTempFolder();

it('a directory whose WAL was cut anywhere opens, goes on and verifies', async () => {
  const whole = join(tempFolder(), 'whole');
  const x = smallBundle('x');
  const events = testFleet({ agents: 12 });
  // Appends and commits in turn, so that a cut may fall into either; nothing is ever copied back into bus.db.
  const bus = await openEmbeddedBus({ dataDir: whole, partitions: 1, checkpointPages: 0 });
  keepBundle(whole, x.folder);
  const entries = entriesOf(events, oneEpoch(x));
  const detector = await createDetector({ bus, partition: 0, models: modelsOf(whole) });
  for (let at = 0; at < entries.length; at += APPENDED_AT_ONCE) {
    await bus.append(entries.slice(at, at + APPENDED_AT_ONCE));
    await drainBus(detector);
  }
  const wal = readFileSync(join(whole, 'bus.db-wal'));
  const base = readFileSync(join(whole, 'bus.db'));
  await bus.close();
  const reference = await referenceOf(whole);
  expect(reference.length).toBeGreaterThan(20);
  expect(differences(whole, reference)).toEqual([]);

  const positions = new Set<number>();
  for (let n = 1; n <= CUTS; n++) {
    const dataDir = join(tempFolder(), `cut-${n}`);
    mkdirSync(dataDir, { mode: 0o700 });
    writeFileSync(join(dataDir, 'bus.db'), base);
    writeFileSync(join(dataDir, 'bus.db-wal'), wal.subarray(0, Math.floor((n / (CUTS + 0.5)) * wal.length)));
    keepBundle(dataDir, x.folder);
    await processAll(dataDir, () => {
      expect(differences(dataDir, reference)).toEqual([]);
      positions.add(positionOf(dataDir));
    });
    expect(differences(dataDir, reference)).toEqual([]);
    expect((await verifyDataDir(dataDir)).equal).toBe(true);
  }
  expect(positions.size).toBeGreaterThan(CUTS / 2);
});

async function processAll(dataDir: string, onOpen: () => void): Promise<void> {
  const bus = await openEmbeddedBus({ dataDir, partitions: 1 });
  onOpen();
  await drainBus(await createDetector({ bus, partition: 0, models: modelsOf(dataDir) }));
  await bus.close();
}

function modelsOf(dataDir: string) {
  return createModelStore({ load: (sha) => keptBundle(dataDir, sha), hmacKey: new Uint8Array(32) });
}

function positionOf(dataDir: string): number {
  const reader = openEmbeddedReader(dataDir);
  const [next] = committed(reader);
  reader.close();
  return next;
}
