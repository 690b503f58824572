/**
 * Publishers, router, detectors and a broker that goes away: events at ten times their own speed, routers killed, the broker gone for a minute of
 * wall time and back. Nothing may be lost but what is counted, an attack made meanwhile must alert, and the caller must not notice.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentKey, parseEventText } from '@optikal/contracts';
import { type Counters, createPublisher, type Publisher } from '@optikal/sdk';
import { kafkaTransport } from '@optikal/sdk/kafka';
import { type LogReader, openKafkaReader } from '../packages/optikal/src/bus/index.ts';
import { demoBundle } from '../packages/optikal/src/services/demo-bundle.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../packages/optikal/src/services/epochs.ts';
import { readAlerts, verifyLog } from '../packages/optikal/src/services/verify.ts';
import { withBus } from '../test/support/kafka-log.ts';
import { createMembers, type Member } from '../test/support/kafka-members.ts';
import { pause } from '../test/support/serve-process.ts';
import { type KafkaRig, startRig } from './support/kafka-rig.ts';
import { thresholdFor } from './support/pipeline.ts';
import { quantileOf, type Row, rowOf } from './support/rows.ts';
import { createTraffic, TRAFFIC_START_MS } from './support/traffic.ts';

export const name = 'kafka-outage';
export const title =
  'the broker gone for 60 s at ten times event speed, routers killed before and after; 600 agents, 3,600 events of log time a minute';

const AWAY_SECONDS = 60;
const SPEED = 10;
/** Wall seconds with a broker, before and after. */
const CALM_SECONDS = 40;
const ROUTER_KILLS = 20;
const FLEET = { agents: 600, messagesPerMinute: 6, hijackShare: 0.02, seed: 'outage' } as const;
const ALERT_SHARE = 0.1;
const PARTITIONS = 3;
const SLICE_MS = 100;
const SMALL_SPOOL = 1_048_576;
const PATIENCE_MS = 300_000;

export async function run(): Promise<Row[]> {
  const rig = await startRig();
  const folder = mkdtempSync(join(tmpdir(), 'optikal-outage-'));
  try {
    return await measure(rig, folder);
  } finally {
    await rig.end();
    rmSync(folder, { recursive: true });
  }
}

async function measure(rig: KafkaRig, folder: string): Promise<Row[]> {
  const { folder: bundle, bundle: content } = await demoBundle('bench', process.env);
  const threshold = await thresholdFor(content, ALERT_SHARE, { ...FLEET, seed: 'threshold' });
  const prefix = await rig.topics(PARTITIONS);
  await withBus(rig, prefix, (bus) => appendEpoch(bus, modelEpoch(content.fingerprint, threshold, FIRST_EPOCH_MS)));
  const { brokers } = rig;
  // Short sessions, so that the partitions of the dead go to the living while these live.
  const env = { OPTIKAL_DETECTOR_CLOCK: 'events', OPTIKAL_KAFKA_TIMEOUTS_SESSION_MS: '1500', OPTIKAL_KAFKA_TIMEOUTS_HEARTBEAT_MS: '300' };
  const detectors = createMembers({ brokers, prefix, bundle, env });
  const routers = createMembers({ brokers, prefix, bundle, env, roles: 'router' });
  const publisherOf = (name: string, maxBytes: number) =>
    createPublisher({
      transport: kafkaTransport({ brokers, prefix }),
      source: `/bench/${name}`,
      spool: { folder: join(folder, name), maxBytes },
    });
  const large = publisherOf('large', 1 << 30);
  const small = publisherOf('small', SMALL_SPOOL);
  const published = new Set<string>();
  const callMs: number[] = [];
  try {
    detectors.start();
    detectors.start();
    const playing = play(large, small, { published, callMs });
    const killing = killRouters(() => routers.start(), ROUTER_KILLS / 2, CALM_SECONDS);
    await Promise.all([playing.calm(CALM_SECONDS), killing]);
    const fromMs = playing.timeMs();
    await rig.kafka.kill();
    await playing.calm(AWAY_SECONDS);
    const toMs = playing.timeMs();
    await rig.kafka.restart();
    await Promise.all([playing.calm(CALM_SECONDS), killRouters(() => routers.start(), ROUTER_KILLS / 2, CALM_SECONDS)]);
    const router = routers.start();
    const flushed = await large.flush(PATIENCE_MS);
    await small.flush(PATIENCE_MS);
    // Behind everything, so that every window closes.
    playing.last();
    await large.flush(PATIENCE_MS);
    const reader = await openKafkaReader({ connection: { brokers }, prefix });
    const counters = [large.counters(), small.counters()] as const;
    const found = await settled(reader, published, router);
    await detectors.caughtUp(PATIENCE_MS);
    const alerts = await readAlerts(reader);
    const { equal } = await verifyLog(reader, () => content);
    await reader.close();
    return rowsOf({
      counters,
      flushed,
      callMs,
      published: published.size,
      found,
      equal,
      meanwhile: alerts.filter(({ windowStartMs }) => windowStartMs >= fromMs && windowStartMs < toMs - 60_000).length,
    });
  } finally {
    await Promise.all([large.close(1000), small.close(1000)]);
    await routers.end();
    await detectors.end();
  }
}

interface Found {
  readonly counters: readonly [Counters, Counters];
  readonly flushed: boolean;
  readonly callMs: readonly number[];
  readonly published: number;
  readonly found: number;
  readonly equal: boolean;
  /** Alerts of windows that lie in the outage. */
  readonly meanwhile: number;
}

function rowsOf({ counters: [large, small], flushed, callMs, published, found, equal, meanwhile }: Found): Row[] {
  const droppedBy = ({ dropped }: Counters) => Object.values(dropped).reduce((sum, count) => sum + count, 0);
  const more = (work: string, unit: string, value: number, floor?: number) =>
    rowOf({ work, unit, better: 'more', runs: [value], ...(floor === undefined ? {} : { floor }) });
  const less = (work: string, unit: string, value: number, floor: number) => rowOf({ work, unit, better: 'less', runs: [value], floor });
  return [
    more('events published, spool large enough', 'events', published),
    less('of these not in the log in the end', 'events', published - found, 0),
    less('of these dropped, refused or lost by the publisher', 'events', droppedBy(large) + large.refused + large.lost, 0),
    more('the spool was drained when the broker was back (1 = yes)', 'flush', flushed ? 1 : 0, 1),
    less(
      'spool of 1 MiB: produced − delivered − dropped − refused − lost − waiting',
      'events',
      Math.abs(small.produced + small.recovered - small.delivered - droppedBy(small) - small.refused - small.lost - small.waiting),
      0,
    ),
    more('spool of 1 MiB: dropped, and counted', 'events', droppedBy(small), 1),
    less('a publish call, p99 over the whole time', 'ms', quantileOf(callMs, 0.99), 1),
    rowOf({ work: 'a publish call, longest', unit: 'ms', better: 'less', runs: [Math.max(...callMs)] }),
    more('routers killed -9', 'kills', ROUTER_KILLS, ROUTER_KILLS),
    more('alerts of windows that lie in the outage', 'alerts', meanwhile, 1),
    more('alerts of a replay of the log equal those stored (1 = yes)', 'verify', equal ? 1 : 0, 1),
  ];
}

/** Publishes event time at ten times its speed, call by call; the small publisher gets the same events under another source, after the large one. */
function play(
  large: Publisher,
  small: Publisher,
  { published, callMs }: { readonly published: Set<string>; readonly callMs: number[] },
): { calm(seconds: number): Promise<void>; timeMs(): number; last(): void } {
  const traffic = createTraffic(FLEET);
  let atMs = TRAFFIC_START_MS;
  const publish = (text: string) => {
    const startMs = performance.now();
    const id = large.publishCloudEvent(text);
    callMs.push(performance.now() - startMs);
    published.add(nameOf(text, id));
  };
  for (const text of traffic.registers()) publish(text);
  return {
    async calm(seconds) {
      const startMs = performance.now();
      for (let n = 1; n <= (seconds * 1000) / SLICE_MS; n++) {
        for (const text of traffic.slice(atMs, atMs + SPEED * SLICE_MS)) {
          publish(text);
          small.publishCloudEvent({ ...(JSON.parse(text) as object), source: '/bench/small', tenant: 'other' });
        }
        atMs += SPEED * SLICE_MS;
        await pause(Math.max(0, startMs + n * SLICE_MS - performance.now()));
      }
    },
    timeMs: () => atMs,
    last: () => {
      for (const text of traffic.slice(atMs + 240_000, atMs + 250_000)) publish(text);
    },
  };
}

function nameOf(text: string, id: string): string {
  const parsed = parseEventText(text);
  if (!parsed.ok) throw new Error(`expected a valid message, found ${parsed.error.code}`);
  return `${agentKey(parsed.event.tenant, parsed.event.agent)} ${parsed.event.source} ${id}`;
}

/** One router after another, each killed. */
async function killRouters(start: () => Member, count: number, seconds: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const { child, exit } = start();
    await pause((1000 * seconds) / count);
    child.kill('SIGKILL');
    await exit;
  }
}

/** How many of the published events stand in the log, once no more come. */
async function settled(reader: LogReader, published: ReadonlySet<string>, router: Member): Promise<number> {
  const found = new Set<string>();
  const next: number[] = [];
  for (let quiet = 0; quiet < 30 && found.size < published.size; ) {
    const before = found.size;
    for (let partition = 0; partition < reader.partitions; partition++) {
      for await (const page of reader.readLog(partition, next[partition] ?? 0))
        for (const record of page) {
          next[partition] = record.offset + 1;
          if (record.kind !== 'event') continue;
          const { tenant, agent, source, id } = record.event;
          const name = `${agentKey(tenant, agent)} ${source} ${id}`;
          if (published.has(name)) found.add(name);
        }
    }
    if (router.child.exitCode !== null) throw new Error(`the router ended: ${router.stderr().slice(-2000)}`);
    quiet = found.size === before ? quiet + 1 : 0;
    await pause(1000);
  }
  return found.size;
}
