/** How fast the world turns outside reaches no alert. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { runDemo } from '../../packages/optikal/src/services/demo.ts';
import { storedAlerts } from '../../packages/optikal/src/services/verify.ts';
import { smallBundle } from '../support/small-bundles.ts';
import { alertLines } from '../support/step-through.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const tempFolder = useTempFolder();

it('a run at 1,000 times the speed gives the same bytes', async () => {
  const slow = await runAt(40);
  const fast = await runAt(40_000);
  expect(slow.length).toBeGreaterThan(5);
  expect(fast).toEqual(slow);
});

async function runAt(speed: number): Promise<string[]> {
  const dataDir = join(tempFolder(), 'var');
  await runDemo({
    dataDir,
    bundleFolder: smallBundle('x').folder,
    agents: 500,
    hours: 0.05,
    seed: 'pace',
    speed,
    stop: new AbortController().signal,
    onAlert: () => {},
    onTime: () => {},
  });
  const reader = openEmbeddedReader(dataDir);
  const lines = alertLines(storedAlerts(reader));
  reader.close();
  return lines;
}
