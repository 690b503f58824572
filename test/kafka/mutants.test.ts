/** The crash test of Kafka can fail: a deliberate defect in the commit, found by the check that is there for it. */
import { expect, it, onTestFinished } from 'vitest';
import { openKafkaReader } from '../../packages/optikal/src/bus/index.ts';
import { needKafka, useKafka } from '../support/kafka.ts';
import { differencesIn, killEnv, killMember, prepareTopics } from '../support/kafka-crash.ts';
import { createMembers } from '../support/kafka-members.ts';
import { entriesOf, oneEpoch } from '../support/prepared-log.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const kafka = needKafka() ? useKafka() : null;
const tempFolder = useTempFolder();
const ENV = { OPTIKAL_KAFKA_TIMEOUTS_SESSION_MS: '2000', OPTIKAL_KAFKA_TIMEOUTS_HEARTBEAT_MS: '300' };
const PATIENCE_MS = 120_000;
/** In the middle of the log, where each batch brings alerts. */
const KILL = { failpoint: 'bus.commit.after_state', pass: 6 } as const;

it.skipIf(kafka === null).each([
  ['that commits the position before the alerts loses alerts in a kill', 'offset_before_alerts'],
  ['that is none loses none in the same kill', ''],
])('a deliberate defect %s', async (_what, mutant) => {
  const { bootstrap, prefix } = await kafka!(); // skipped without
  const brokers = bootstrap.split(',');
  const x = smallBundle('x');
  const entries = entriesOf(testFleet({ agents: 20 }), oneEpoch(x));
  const log = await prepareTopics({ brokers, prefix, partitions: 1, entries, bundle: x, folder: tempFolder() });
  const members = createMembers({ brokers, prefix, bundle: x.folder, env: { ...ENV, OPTIKAL_MUTANT: mutant } });
  onTestFinished(() => members.end());
  const reader = await openKafkaReader({ connection: { brokers }, prefix });
  onTestFinished(() => reader.close());
  await killMember(members.start({ env: killEnv(KILL) }), KILL, reader);
  const then = await differencesIn(log);
  members.start();
  await members.caughtUp(PATIENCE_MS);
  const end = await differencesIn(log);
  if (mutant === '') expect([then, end]).toEqual([[], []]);
  else for (const wrong of [then, end]) expect(wrong).toContainEqual(expect.stringMatching(/alerts lost/));
});
