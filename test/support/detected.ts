/** A data directory as the real detector leaves it: a fleet's log processed to its end by the bus and the detector that `serve` runs. */
import type { Event } from '@optikal/contracts';
import { openEmbeddedBus } from '../../packages/optikal/src/bus/index.ts';
import { keptBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { createDetector } from '../../packages/optikal/src/services/detector.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { drainBus } from '../../packages/optikal/src/services/score.ts';
import { entriesOf, fillDataDir, oneEpoch } from './prepared-log.ts';
import type { SmallBundle } from './small-bundles.ts';

export async function detectedDir(dataDir: string, events: readonly Event[], bundle: SmallBundle, partitions = 1): Promise<void> {
  await fillDataDir(dataDir, { entries: entriesOf(events, oneEpoch(bundle)), bundles: [bundle], partitions });
  const bus = await openEmbeddedBus({ dataDir, partitions });
  try {
    for (let partition = 0; partition < partitions; partition++) {
      const models = createModelStore({ load: (sha) => keptBundle(dataDir, sha), hmacKey: Buffer.from(bus.hmacKey, 'hex') });
      await drainBus(await createDetector({ bus, partition, models }));
    }
  } finally {
    await bus.close();
  }
}
