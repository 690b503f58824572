/**
 * A process that publishes without end, to be killed: FOLDER FIRST. Nothing takes its events. Prints `N` when all events before number N are
 * acknowledged as spooled.
 */
import { writeSync } from 'node:fs';
import { createPublisher } from '../publisher.ts';
import { METRICS, testTransport } from './events.ts';

const [folder, first] = process.argv.slice(2);
const publisher = createPublisher({
  transport: testTransport('down'),
  source: 'killed',
  spool: { folder, fsync: 'always', segmentBytes: 65_536 },
  batchEvents: 10,
  retryMs: 1,
  retryMaxMs: 20,
});
for (let next = Number(first); ; ) {
  for (let i = 0; i < 5; i++) publisher.publishMetrics(METRICS, { agent: `a-${next % 3}`, id: String(next++) });
  if (await publisher.persist()) writeSync(1, `${next}\n`);
}
