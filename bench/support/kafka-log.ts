/** One log for every bus: the same events with the same ticks between them, written slice by slice, so that none of it need be held at once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_TENANT, parseEventText } from '@optikal/contracts';
import { type AlertRow, type Bus, type LogEntry, openEmbeddedBus, openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { keepBundle, keptBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { createDetector } from '../../packages/optikal/src/services/detector.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { drainBus } from '../../packages/optikal/src/services/score.ts';
import { hashAlerts, storedAlerts } from '../../packages/optikal/src/services/verify.ts';
import { withBus } from '../../test/support/kafka-log.ts';
import type { KafkaRig } from './kafka-rig.ts';
import { createTraffic, TRAFFIC_START_MS, type TrafficOptions } from './traffic.ts';

export interface LogOptions extends TrafficOptions {
  /** Events and ticks, at least. */
  readonly records: number;
  readonly fingerprint: string;
  readonly threshold: number;
}

export interface Outcome {
  readonly alerts: readonly AlertRow[];
  readonly sha256: string;
  readonly seconds: number;
}

const APPENDED_AT_ONCE = 4096;
const SECOND_MS = 1000;
/** So long after the last event every window is closed. */
const END_MS = 180_000;

/** Writes the log, from an epoch to a tick behind everything; resolves to the number of entries. */
export async function writeLog(bus: Pick<Bus, 'append'>, { records, fingerprint, threshold, ...traffic }: LogOptions): Promise<number> {
  await appendEpoch(bus, modelEpoch(fingerprint, threshold, FIRST_EPOCH_MS));
  let written = 1;
  let some: LogEntry[] = [];
  const flush = async () => {
    if (some.length > 0) await bus.append(some);
    written += some.length;
    some = [];
  };
  const put = async (entry: LogEntry) => {
    if (some.push(entry) >= APPENDED_AT_ONCE) await flush();
  };
  const fleet = createTraffic(traffic);
  for (const text of fleet.registers()) await put(eventOf(text));
  let atMs = TRAFFIC_START_MS;
  for (; written + some.length < records; atMs += SECOND_MS) {
    for (const text of fleet.slice(atMs, atMs + SECOND_MS)) await put(eventOf(text));
    await put({ kind: 'tick', timeMs: atMs + SECOND_MS });
  }
  await put({ kind: 'tick', timeMs: atMs + END_MS });
  await flush();
  return written;
}

function eventOf(text: string): LogEntry {
  const parsed = parseEventText(text, DEFAULT_TENANT);
  if (!parsed.ok) throw new Error(`expected a valid message, found ${parsed.error.code}`);
  return { kind: 'event', event: parsed.event };
}

/** The log on topics of their own; resolves to their prefix. */
export async function writtenLog(rig: KafkaRig, partitions: number, log: LogOptions): Promise<string> {
  const prefix = await rig.topics(partitions);
  await withBus(rig, prefix, (bus) => writeLog(bus, log));
  return prefix;
}

/** Judged by this process from the embedded bus: what every other way must give. */
export async function throughEmbedded(log: LogOptions, bundle: string, partitions: number): Promise<Outcome> {
  const dataDir = mkdtempSync(join(tmpdir(), 'optikal-same-'));
  try {
    const bus = await openEmbeddedBus({ dataDir, partitions });
    keepBundle(dataDir, bundle);
    await writeLog(bus, log);
    const startMs = performance.now();
    const models = createModelStore({ load: (sha) => keptBundle(dataDir, sha), hmacKey: new Uint8Array(32) });
    for (let partition = 0; partition < partitions; partition++) await drainBus(await createDetector({ bus, partition, models }));
    const seconds = (performance.now() - startMs) / 1000;
    await bus.close();
    const reader = openEmbeddedReader(dataDir);
    const alerts = storedAlerts(reader);
    reader.close();
    return { alerts, sha256: hashAlerts(alerts), seconds };
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}
