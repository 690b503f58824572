/** Goes on with a data directory as a server would: messages in, the events' own clock, detectors to the end of the log, every window closed. */
import { openEmbeddedBus, openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { keptBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { createDetector } from '../../packages/optikal/src/services/detector.ts';
import { createIngest } from '../../packages/optikal/src/services/ingest.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';

export async function goOn(dataDir: string, lines: readonly string[]): Promise<void> {
  const reader = openEmbeddedReader(dataDir);
  const { partitions } = reader;
  reader.close();
  const bus = await openEmbeddedBus({ dataDir, partitions });
  const models = createModelStore({ load: (sha) => keptBundle(dataDir, sha), hmacKey: Buffer.from(bus.hmacKey, 'hex') });
  const detectors = await Promise.all(Array.from({ length: partitions }, (_, partition) => createDetector({ bus, partition, models })));
  const ingest = createIngest({
    bus,
    clock: 'events',
    now: () => 0,
    hmacKey: Buffer.from(bus.hmacKey, 'hex'),
    clockMs: Math.max(...detectors.map(({ state }) => state.clock.clockMs)),
  });
  await ingest.ingest(lines);
  await ingest.finish();
  for (const detector of detectors) while ((await detector.runOnce(0)) > 0);
  await bus.close();
}
