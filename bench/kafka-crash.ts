/**
 * Detectors of one group and their broker, killed again and again over a log that is full: at failpoints, at random moments, frozen past their
 * session, asked to leave. The alerts must be those of an undisturbed run on the embedded bus, byte for byte.
 */
import { openKafkaReader } from '../packages/optikal/src/bus/index.ts';
import type { Failpoint } from '../packages/optikal/src/observability/failpoint.ts';
import { demoBundle } from '../packages/optikal/src/services/demo-bundle.ts';
import { isCaughtUp, outcomeOf } from '../test/support/kafka-log.ts';
import { createMembers, hasEnded, lostWork, type Member } from '../test/support/kafka-members.ts';
import { type Draw, drawFrom } from '../test/support/mangle.ts';
import { pause } from '../test/support/serve-process.ts';
import { throughEmbedded, writtenLog } from './support/kafka-log.ts';
import { type KafkaRig, startRig } from './support/kafka-rig.ts';
import { thresholdFor } from './support/pipeline.ts';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'kafka-crash';
export const title = '200 kills -9 of detectors and 20 of the broker over a full log in 4 partitions; others leave or freeze meanwhile';

const KILLS = Number(process.env.BENCH_KILLS ?? 200);
/** Kills of detectors to one of the broker. */
const PER_BROKER = 10;
/** … and to one that leaves or freezes. */
const PER_LEAVE = 8;
const PARTITIONS = 4;
const RECORDS = Number(process.env.BENCH_RECORDS ?? 300_000);
const FLEET = { agents: 1500, messagesPerMinute: 12, hijackShare: 0.02, seed: 'crash' } as const;
const ALERT_SHARE = 0.3;
const SLOTS = 2;
const LOST_WORK_SHARE = 0.6;
const FREEZE_MS = 6000;
const POLL_MS = 50;
/** Nobody takes this long to be ready. */
const LIFE_MS = 20_000;
const PATIENCE_MS = 600_000;
/** Short, so that the partitions of the dead go to the living. */
const ENV = { OPTIKAL_KAFKA_TIMEOUTS_SESSION_MS: '3000', OPTIKAL_KAFKA_TIMEOUTS_HEARTBEAT_MS: '500' };
const FAILPOINTS: readonly Failpoint[] = [
  'detector.batch.processed',
  'bus.commit.begin',
  'bus.commit.after_state',
  'bus.commit.before_commit',
  'bus.commit.after_commit',
  'bus.restore',
];

interface Tally {
  kills: number;
  lostWork: number;
  brokerKills: number;
  leaves: number;
}

export async function run(): Promise<Row[]> {
  const rig = await startRig();
  try {
    const { folder, bundle } = await demoBundle('bench', process.env);
    const threshold = await thresholdFor(bundle, ALERT_SHARE, { ...FLEET, seed: 'threshold' });
    const log = { ...FLEET, records: RECORDS, fingerprint: bundle.fingerprint, threshold };
    const undisturbed = await throughEmbedded(log, folder, PARTITIONS);
    console.error(`${undisturbed.alerts.length} alerts in the undisturbed run`);
    const tally: Tally = { kills: 0, lostWork: 0, brokerKills: 0, leaves: 0 };
    let logs = 0;
    let different = 0;
    let twice = 0;
    while (tally.kills < KILLS) {
      const prefix = await writtenLog(rig, PARTITIONS, log);
      await disturb(rig, prefix, folder, tally);
      const { alerts, sha256 } = await outcomeOf(rig, prefix);
      logs++;
      if (sha256 !== undisturbed.sha256) different++;
      twice += alerts.length - new Set(alerts.map(({ id, revision }) => `${id} ${revision}`)).size;
      console.error(
        `log ${logs}: ${alerts.length} alerts, ${sha256 === undisturbed.sha256 ? 'the same' : 'DIFFERENT'}; ${JSON.stringify(tally)}`,
      );
    }
    const more = (work: string, unit: string, value: number, floor?: number) =>
      rowOf({ work, unit, better: 'more', runs: [value], ...(floor === undefined ? {} : { floor }) });
    const none = (work: string, unit: string, value: number) => rowOf({ work, unit, better: 'less', runs: [value], floor: 0 });
    return [
      more('kills -9 of detectors', 'kills', tally.kills, 200),
      more('kills -9 of the broker', 'kills', tally.brokerKills, 20),
      more('detectors that left or froze past their session', 'times', tally.leaves),
      more('kills that lost work not yet committed', 'share', tally.lostWork / tally.kills, LOST_WORK_SHARE),
      more('alerts of the undisturbed run', 'alerts', undisturbed.alerts.length, 1000),
      none('logs whose alerts are not the same bytes', `of ${logs}`, different),
      none('alerts twice', 'alerts', twice),
    ];
  } finally {
    await rig.end();
  }
}

/** Over one log, until it is at its end; kills as long as some are wanted. */
async function disturb({ kafka, brokers }: KafkaRig, prefix: string, bundle: string, tally: Tally): Promise<void> {
  const members = createMembers({ brokers, prefix, bundle, env: ENV });
  const reader = await openKafkaReader({ connection: { brokers }, prefix });
  const draw = drawFrom(tally.kills + 1);
  const wanted = () => tally.kills < KILLS;
  let over = false;
  let broker: Promise<void> = Promise.resolve();
  const restartBroker = async () => {
    await kafka.kill();
    await pause(draw(500, 2000));
    await kafka.restart();
    tally.brokerKills++;
  };
  const slot = async () => {
    let kept: string | undefined;
    let lives = 0;
    while (!over && wanted()) {
      // Every other life goes on with what the one before it left on the disk; the rest begin with nothing.
      const member = members.start({ ...(kept === undefined ? {} : { dataDir: kept }), env: plannedDeath(draw, lives++) });
      kept = kept === undefined ? member.dataDir : undefined;
      if (lives % PER_LEAVE === 0) {
        await leaveOrFreeze(member, draw);
        tally.leaves++;
        continue;
      }
      await die(member, draw);
      tally.kills++;
      if (await lostWork(member, reader)) tally.lostWork++;
      if (tally.kills % PER_BROKER === 0) broker = broker.then(restartBroker);
      await broker;
    }
  };
  const watch = async () => {
    for (; !over && wanted(); await pause(1000)) over = await isCaughtUp(reader).catch(() => false);
  };
  try {
    await Promise.all([watch(), ...Array.from({ length: SLOTS }, slot)]);
    members.start();
    await members.caughtUp(PATIENCE_MS);
  } finally {
    await reader.close();
    await members.end();
  }
}

/** Two of three lives end at a failpoint, the rest at a moment. */
function plannedDeath(draw: Draw, lives: number): Readonly<Record<string, string>> {
  if (lives % 3 === 2) return {};
  return { OPTIKAL_FAILPOINT: `${FAILPOINTS[draw(0, FAILPOINTS.length - 1)]}:${draw(1, 6)}` };
}

/** Kills a member some time after it is ready, unless a failpoint was faster. */
async function die(member: Member, draw: Draw): Promise<void> {
  const { child, stdout, exit } = member;
  const isOver = () => hasEnded(member);
  for (let waited = 0; !stdout().includes('\n') && !isOver() && waited < LIFE_MS; waited += POLL_MS) await pause(POLL_MS);
  const leftMs = draw(500, 5000);
  for (let waited = 0; !isOver() && waited < leftMs; waited += POLL_MS) await pause(POLL_MS);
  child.kill('SIGKILL');
  await exit;
}

async function leaveOrFreeze({ child, stdout, exit }: Member, draw: Draw): Promise<void> {
  for (let waited = 0; !stdout().includes('\n') && waited < LIFE_MS; waited += POLL_MS) await pause(POLL_MS);
  await pause(draw(1000, 3000));
  if (draw(0, 1) === 0) {
    child.kill('SIGSTOP');
    await pause(FREEZE_MS);
    child.kill('SIGCONT');
    await pause(2000);
  }
  child.kill('SIGTERM');
  await exit;
}
