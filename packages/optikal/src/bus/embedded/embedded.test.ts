import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBusConformance } from '../conformance.ts';
import { logReader } from '../log-reader.ts';
import { openEmbeddedBus } from './client.ts';
import { openEmbeddedReader } from './reader.ts';

describeBusConformance('the embedded bus', async (partitions) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'optikal-bus-'));
  const open = () => openEmbeddedBus({ dataDir, partitions });
  let bus = await open();
  return {
    bus,
    reader: async () => logReader(openEmbeddedReader(dataDir)),
    reopen: async () => {
      await bus.close();
      bus = await open();
      return bus;
    },
    end: async () => {
      await bus.close();
      rmSync(dataDir, { recursive: true });
    },
  };
});
