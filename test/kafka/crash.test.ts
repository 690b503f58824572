/**
 * The riskiest promise, on a real broker: kill -9 of detectors at failpoints and at moments, a detector frozen past its session, and the alerts in
 * the topic are those of the undisturbed run on the embedded bus, byte for byte, none of them twice. NOT HELD yet in about one run of three
 * (docs/kafka.md, "Not held"): it runs with KAFKA_CRASH=1, and says so where it does not. bench/kafka-crash.ts does it 200 times.
 */
import { expect, it, onTestFinished } from 'vitest';
import { openKafkaReader } from '../../packages/optikal/src/bus/index.ts';
import type { Failpoint } from '../../packages/optikal/src/observability/failpoint.ts';
import { hashAlerts } from '../../packages/optikal/src/services/verify.ts';
import { needKafka, startKafka } from '../support/kafka.ts';
import { differencesIn, type KafkaDeath, killEnv, killMember, prepareTopics } from '../support/kafka-crash.ts';
import { isCaughtUp, outcomeOf } from '../support/kafka-log.ts';
import { createMembers, hasEnded, hasWorked, STOPPED } from '../support/kafka-members.ts';
import type { Kill } from '../support/kill-chain.ts';
import { type Draw, drawFrom } from '../support/mangle.ts';
import { entriesOf, oneEpoch } from '../support/prepared-log.ts';
import { pause } from '../support/serve-process.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const PARTITIONS = 3;
const PREFIX = 'crash.';
/** Processes at a time. */
const SLOTS = 2;
/** Short, so that the partitions of the dead go to the living. */
const SESSION_MS = 2000;
const ENV = { OPTIKAL_KAFKA_TIMEOUTS_SESSION_MS: `${SESSION_MS}`, OPTIKAL_KAFKA_TIMEOUTS_HEARTBEAT_MS: '300' };
const PATIENCE_MS = 180_000;
/** How often each failpoint kills; those between processing and commit, where a torn commit would show, most. */
const KILLS: readonly (readonly [Failpoint, number])[] = [
  ['detector.batch.processed', 4],
  ['bus.commit.begin', 3],
  ['bus.commit.after_state', 4],
  ['bus.commit.before_commit', 4],
  ['bus.commit.after_commit', 2],
  ['bus.restore', 1],
];
const RANDOM_KILLS = 4;
/** Kills of the first slot before its next detector freezes. */
const UNTIL_FREEZE = 4;
const LOST_WORK_SHARE = 0.6;

const tempFolder = useTempFolder();

const ASKED = process.env.KAFKA_CRASH === '1';
if (!ASKED) console.warn('SKIPPED: kill -9 of detectors on Kafka, not held yet (docs/kafka.md); KAFKA_CRASH=1 runs it');

it.skipIf(!ASKED || !needKafka({ own: true }))(
  'kill -9 of detectors changes no alert: none lost, none twice, none other than in the undisturbed run',
  async () => {
    const startMs = performance.now();
    const kafka = await startKafka();
    onTestFinished(() => kafka.stop());
    const brokers = [kafka.bootstrap];
    const x = smallBundle('x');
    const entries = entriesOf(testFleet(), oneEpoch(x));
    const log = await prepareTopics({ brokers, prefix: PREFIX, partitions: PARTITIONS, entries, bundle: x, folder: tempFolder() });
    const members = createMembers({ brokers, prefix: PREFIX, bundle: x.folder, env: ENV });
    onTestFinished(() => members.end());
    const reader = await openKafkaReader({ connection: { brokers }, prefix: PREFIX });
    onTestFinished(() => reader.close());
    const draw = drawFrom(7);
    const deaths: KafkaDeath[] = [];
    const freeze = async () => {
      const member = members.start();
      while (!hasWorked(member) && !hasEnded(member)) await pause(20);
      member.child.kill('SIGSTOP');
      await pause(2 * SESSION_MS);
      member.child.kill('SIGCONT');
      await pause(300);
      member.child.kill('SIGTERM');
      return member.exit;
    };
    const slot = async (kills: readonly Kill[], freezesAt: number | null) => {
      let kept: string | undefined;
      for (const [n, kill] of kills.entries()) {
        if (n === freezesAt) expect(STOPPED).toContain((await freeze()).code);
        // Every other life goes on with what the one before it left on the disk; the rest begin with nothing.
        const member = members.start({ ...(kept === undefined ? {} : { dataDir: kept }), env: killEnv(kill) });
        kept = kept === undefined ? member.dataDir : undefined;
        deaths.push(await killMember(member, kill, reader));
      }
    };
    const kills = plannedKills(draw);
    await Promise.all(
      Array.from({ length: SLOTS }, (_, n) =>
        slot(
          kills.filter((_kill, at) => at % SLOTS === n),
          n === 0 ? UNTIL_FREEZE : null,
        ),
      ),
    );
    expect(await isCaughtUp(reader)).toBe(false);
    members.start();
    await members.caughtUp(PATIENCE_MS);

    const { alerts, sha256 } = await outcomeOf({ brokers }, PREFIX);
    const lost = deaths.filter(({ lostWork }) => lostWork).length;
    const count = (name: Failpoint) => deaths.filter(({ kill }) => 'failpoint' in kill && kill.failpoint === name).length;
    console.log(
      `kill -9 on Kafka: ${deaths.length} kills, ${lost} of them (${Math.round((100 * lost) / deaths.length)} %) lost uncommitted work; ` +
        `${alerts.length} alerts; ${Math.round((performance.now() - startMs) / 1000)} s`,
    );
    expect(await differencesIn(log)).toEqual([]);
    expect(alerts.length).toBe(log.reference.length);
    expect(sha256).toBe(hashAlerts(log.reference));
    expect(alerts.length).toBeGreaterThanOrEqual(500);
    expect(deaths.length).toBeGreaterThanOrEqual(20);
    expect(lost / deaths.length).toBeGreaterThanOrEqual(LOST_WORK_SHARE);
    for (const [name, times] of KILLS) expect(count(name), name).toBe(times);
  },
  600_000,
);

/** Passes and delays from a seed, kinds mixed: a failpoint is passed by two or three partitions, so few passes are few batches of each. */
function plannedKills(draw: Draw): Kill[] {
  const kills: Kill[] = KILLS.flatMap(([failpoint, times]) =>
    Array.from({ length: times }, () => ({ failpoint, pass: failpoint === 'bus.restore' ? 1 : draw(1, 4) })),
  );
  for (let n = 0; n < RANDOM_KILLS; n++) kills.push({ afterMs: draw(0, 300) });
  return kills
    .map((kill) => ({ kill, at: draw(0, 1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ kill }) => kill);
}
