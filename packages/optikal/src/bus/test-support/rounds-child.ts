/** A process to be killed: does rounds on the bus in argv[2] until argv[3] of them are committed, and says what it was told is durable. */
import { writeSync } from 'node:fs';
import { openEmbeddedBus } from '../embedded/client.ts';
import { ROUND, roundCommit, roundEntries } from './rounds.ts';

const [dataDir, rounds] = process.argv.slice(2);
const bus = await openEmbeddedBus({ dataDir, partitions: 1, checkpointPages: 50, lingerMs: 0 });
const lease = await bus.lease(0);
let { end } = (await bus.positions())[0];
for (let next = lease.next; next < Number(rounds) * ROUND; ) {
  // The next round is appended while this one is committed.
  const appends = append();
  const batch = await bus.read(lease, next, { maxRecords: ROUND, maxWaitMs: 1000 });
  if (batch.records.length === ROUND) {
    await bus.commit(lease, roundCommit(batch.next));
    next = batch.next;
    writeSync(1, `committed ${next}\n`);
  }
  await appends;
}
await bus.close();
writeSync(1, 'closed\n');

async function append(): Promise<void> {
  await bus.append(roundEntries(end / ROUND));
  end += ROUND;
  writeSync(1, `appended ${end}\n`);
}
