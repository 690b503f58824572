/**
 * One log through every bus: the embedded one in one process, Kafka with one detector, Kafka with three that join, leave and freeze. The alerts
 * must be the same bytes.
 */
import { demoBundle } from '../packages/optikal/src/services/demo-bundle.ts';
import { outcomeOf } from '../test/support/kafka-log.ts';
import { createMembers, type Members } from '../test/support/kafka-members.ts';
import { pause } from '../test/support/serve-process.ts';
import { type LogOptions, type Outcome, throughEmbedded, writtenLog } from './support/kafka-log.ts';
import { type KafkaRig, startRig } from './support/kafka-rig.ts';
import { thresholdFor } from './support/pipeline.ts';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'kafka-same-alerts';
export const title = 'one log of 500,000 records in 6 partitions: embedded, Kafka with one detector, Kafka with three that come and go';

const RECORDS = Number(process.env.BENCH_RECORDS ?? 500_000);
const PARTITIONS = 6;
const FLEET = { agents: 2000, messagesPerMinute: 12, hijackShare: 0.02, seed: 'same' } as const;
const ALERT_SHARE = 0.1;
const LEAST_ALERTS = 1000;
const PATIENCE_MS = 1_200_000;

export async function run(): Promise<Row[]> {
  const rig = await startRig();
  try {
    const { folder, bundle } = await demoBundle('bench', process.env);
    const threshold = await thresholdFor(bundle, ALERT_SHARE, { ...FLEET, seed: 'threshold' });
    const log = { ...FLEET, records: RECORDS, fingerprint: bundle.fingerprint, threshold };
    const alone = await throughEmbedded(log, folder, PARTITIONS);
    say('embedded', alone);
    const one = await throughKafka(rig, log, folder, (members) => {
      members.start();
      return Promise.resolve();
    });
    say('Kafka, one detector', one);
    const three = await throughKafka(rig, log, folder, comeAndGo);
    say('Kafka, three that come and go', three);
    const same = (other: Outcome) => (other.sha256 === alone.sha256 && other.alerts.length === alone.alerts.length ? 1 : 0);
    const floor = (work: string, unit: string, value: number, least: number) =>
      rowOf({ work, unit, better: 'more', runs: [value], floor: least });
    return [
      floor('records of the log, at least', 'records', RECORDS, 500_000),
      floor('alerts in it', 'alerts', alone.alerts.length, LEAST_ALERTS),
      floor('Kafka with one detector: the same bytes as embedded (1 = yes)', 'SHA-256', same(one), 1),
      floor('Kafka with three that join, leave and freeze: the same bytes (1 = yes)', 'SHA-256', same(three), 1),
      ...(
        [
          ['embedded', alone],
          ['Kafka with one detector', one],
          ['Kafka with three that come and go', three],
        ] as const
      ).map(([work, { seconds }]) =>
        rowOf({ work: `${work}: the log, written before, judged in`, unit: 's', better: 'less', runs: [seconds] }),
      ),
    ];
  } finally {
    await rig.end();
  }
}

async function throughKafka(rig: KafkaRig, log: LogOptions, bundle: string, play: (members: Members) => Promise<void>): Promise<Outcome> {
  const prefix = await writtenLog(rig, PARTITIONS, log);
  const members = createMembers({ brokers: rig.brokers, prefix, bundle });
  try {
    const startMs = performance.now();
    await play(members);
    await members.caughtUp(PATIENCE_MS);
    const seconds = (performance.now() - startMs) / 1000;
    return { ...(await outcomeOf(rig, prefix)), seconds };
  } finally {
    await members.end();
  }
}

/** Two begin, a third joins, the first is asked to leave, the second freezes past its session and thaws, a fourth joins. */
async function comeAndGo(members: Members): Promise<void> {
  const first = members.start();
  const second = members.start();
  await pause(12_000);
  members.start();
  await pause(10_000);
  first.child.kill('SIGTERM');
  await first.exit;
  second.child.kill('SIGSTOP');
  await pause(15_000);
  second.child.kill('SIGCONT');
  members.start();
}

function say(what: string, { alerts, sha256, seconds }: Outcome): void {
  console.error(`${what}: ${alerts.length} alerts, ${sha256.slice(0, 16)}, ${seconds.toFixed(0)} s`);
}
