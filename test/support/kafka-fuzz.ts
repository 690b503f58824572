/**
 * Messages from the wild into every public topic and into the log, with a router and detectors behind them in this process, round by round; what
 * became of each. The clock of the log is the events', so that windows close while they come.
 */
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { DEFAULT_TENANT, type Event } from '@optikal/contracts';
import { type LogReader, openKafkaReader, type StoredDeadLetter } from '../../packages/optikal/src/bus/index.ts';
import { newProducer } from '../../packages/optikal/src/bus/kafka/client.ts';
import { resolveConnection } from '../../packages/optikal/src/bus/kafka/options.ts';
import { LOG_TOPIC } from '../../packages/optikal/src/bus/kafka/topics.ts';
import { createTopics } from '../../packages/optikal/src/bus/kafka/topics-create.ts';
import { resolveSettings } from '../../packages/optikal/src/config/index.ts';
import { configureLogging } from '../../packages/optikal/src/observability/index.ts';
import { keepBundle, keptBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { createIngest } from '../../packages/optikal/src/services/ingest.ts';
import { openBus } from '../../packages/optikal/src/services/open-bus.ts';
import { startRouter } from '../../packages/optikal/src/services/router.ts';
import { startDetectors } from '../../packages/optikal/src/services/serve-detectors.ts';
import { type Verification, verifyLog } from '../../packages/optikal/src/services/verify.ts';
import { CANARY, filesWith } from './canary.ts';
import { isCaughtUp } from './kafka-log.ts';
import { type WildRecord, wildLogRecord, wildMessage } from './kafka-mangle.ts';
import { drawFrom } from './mangle.ts';
import { pause } from './serve-process.ts';
import type { SmallBundle } from './small-bundles.ts';

export interface FuzzOptions {
  readonly brokers: readonly string[];
  readonly prefix: string;
  /** Is there, and empty. */
  readonly folder: string;
  readonly bundle: SmallBundle;
  /** In the order of their time; used again with later times where more are wanted. */
  readonly events: readonly Event[];
  readonly messages: number;
  readonly seed: number;
  readonly onProgress?: (sent: number) => void;
}

const NAMES = ['events', 'accepted', 'duplicate', 'late', 'dead'] as const;
type Tally = Readonly<Record<(typeof NAMES)[number], number>>;

export interface Fuzzed {
  /** To the public topics; to the log; of those the good ticks. */
  readonly sent: { readonly public: number; readonly log: number; readonly ticks: number };
  readonly router: { readonly messages: number; readonly refused: number };
  /** Of all partitions. */
  readonly detectors: Tally;
  readonly letters: readonly StoredDeadLetter[];
  /** Events that a reader beside the bus finds in the log. */
  readonly logEvents: number;
  /** The partition that stopped; null = none. */
  readonly failure: unknown;
  readonly verified: Verification;
  /** Files of the data directory, and lines of the log, that hold what was sent as content. */
  readonly leaks: readonly string[];
}

const PARTITIONS = 3;
const ROUND = 1000;
const SMALL_BYTES = 20_000;
/** Of ten messages so many go to the log itself. */
const TO_LOG = 2;
const PATIENCE_MS = 120_000;
/** Behind the last event every window is closed. */
const END_MS = 600_000;

export async function fuzzKafka(options: FuzzOptions): Promise<Fuzzed> {
  const { brokers, prefix, folder, bundle, events, messages, seed, onProgress } = options;
  const connection = { brokers };
  await createTopics({ connection, prefix, partitions: PARTITIONS });
  const dataDir = join(folder, 'var');
  const given = {
    dataDir,
    'bus.kind': 'kafka',
    'kafka.brokers': brokers.join(','),
    'kafka.prefix': prefix,
    'kafka.tenants': `*=${DEFAULT_TENANT}`,
  };
  const flags = new Map(Object.entries(given).map(([path, value]) => [path, { flag: path, value }]));
  const { settings } = resolveSettings({ file: null, environment: {}, flags });
  const lines = linesOf();
  const { log } = lines;
  const bus = await openBus(settings, {});
  const reader = await openKafkaReader({ connection, prefix });
  const producer = newProducer(resolveConnection(connection));
  try {
    keepBundle(dataDir, bundle.folder);
    await appendEpoch(bus, modelEpoch(bundle.bundle.fingerprint, bundle.threshold, FIRST_EPOCH_MS));
    const detectors = await startDetectors(bus, { settings, hmacKey: bus.hmacKey, metrics: null, env: {}, log, onFailure: () => {} });
    let nowMs = events[0].timeMs;
    const ingest = createIngest({ bus, clock: 'wall', now: () => nowMs, hmacKey: Buffer.from(bus.hmacKey, 'hex') });
    const router = await startRouter({ settings, env: {}, ingest, log, now: Date.now });
    const sent = { public: 0, log: 0, ticks: 0 };
    const draw = drawFrom(seed);
    let before = events[0];
    for (let n = 0; n < messages; ) {
      const round: WildRecord[] = [];
      for (; round.length < ROUND && n < messages; n++) {
        const event = eventAt(events, n);
        if (draw(0, 19) === 0) before = event;
        nowMs = Math.max(nowMs, event.timeMs);
        if (draw(0, 9) >= TO_LOG) {
          round.push(wildMessage(event, before, prefix, draw));
          sent.public++;
          continue;
        }
        const { isClock, ...record } = wildLogRecord(event, before, `${prefix}${LOG_TOPIC}`, PARTITIONS, draw);
        round.push(record);
        sent.log++;
        if (isClock) sent.ticks++;
      }
      // What goes in one send to a partition is one batch, which must not be larger than one record may be.
      const isSmall = ({ value }: WildRecord) => (value?.length ?? 0) < SMALL_BYTES;
      await producer.send({ messages: round.filter(isSmall) });
      for (const large of round.filter((record) => !isSmall(record))) await producer.send({ messages: [large] });
      await until('the router took all', async () => router.counters.messages >= sent.public);
      if (detectors.failure !== null) break;
      onProgress?.(n);
    }
    await bus.append([{ kind: 'tick', timeMs: Math.floor((nowMs + END_MS) / 1000) * 1000 }]);
    await until('the log is committed', async () => detectors.failure !== null || (await isCaughtUp(reader)));
    const { messages: taken, refused } = router.counters;
    await router.close();
    await ingest.stop();
    await detectors.stop();
    const { failure } = detectors;
    const letters = await lettersOf(reader);
    const verified = await verifyLog(reader, (fingerprint) => keptBundle(dataDir, fingerprint));
    return {
      sent,
      router: { messages: taken, refused },
      detectors: await tallyOf(reader),
      letters,
      logEvents: await eventsOf(reader),
      failure,
      verified,
      leaks: [...filesWith(dataDir), ...[...(await lines.close()), ...letters.map((one) => JSON.stringify(one))].filter(hasCanary)],
    };
  } finally {
    await Promise.all([producer.close(true), reader.close(), bus.close()]);
  }
}

const hasCanary = (text: string): boolean => text.includes(CANARY);

/** The fleet again and again, each time later and under other ids. */
function eventAt(events: readonly Event[], n: number): Event {
  const pass = Math.floor(n / events.length);
  const event = events[n % events.length];
  const spanMs = events[events.length - 1].timeMs - events[0].timeMs + 1000;
  return pass === 0 ? event : { ...event, id: `${event.id}-${pass}`, timeMs: event.timeMs + pass * spanMs };
}

function linesOf() {
  const to = new PassThrough();
  let text = '';
  to.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const log = configureLogging({ level: 'trace', format: 'json', to });
  return {
    log,
    async close(): Promise<readonly string[]> {
      await log.close();
      return text.split('\n');
    },
  };
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const startMs = performance.now(); !(await holds()); await pause(5))
    if (performance.now() - startMs > PATIENCE_MS) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
}

async function tallyOf(reader: LogReader): Promise<Tally> {
  const tallies = (await reader.partitionStates()).map(
    ({ partitionState }) => (JSON.parse(partitionState ?? '{}') as { counters: Tally }).counters, // detection/partition.ts writes it
  );
  const sum = (name: keyof Tally) => tallies.reduce((total, counters) => total + counters[name], 0);
  return { events: sum('events'), accepted: sum('accepted'), duplicate: sum('duplicate'), late: sum('late'), dead: sum('dead') };
}

async function lettersOf(reader: LogReader): Promise<StoredDeadLetter[]> {
  const letters: StoredDeadLetter[] = [];
  for (;;) {
    const page = await reader.deadLetters(letters.at(-1)?.cursor ?? 0, 10_000);
    letters.push(...page);
    if (page.length === 0) return letters;
  }
}

async function eventsOf(reader: LogReader): Promise<number> {
  let count = 0;
  for (let partition = 0; partition < reader.partitions; partition++)
    for await (const page of reader.readLog(partition, 0)) count += page.filter(({ kind }) => kind === 'event').length;
  return count;
}
