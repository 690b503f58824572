/** One log for every bus: the same events with the same ticks between them, written slice by slice, so that none of it need be held at once. */
import { DEFAULT_TENANT, parseEventText } from '@optikal/contracts';
import type { Bus, LogEntry, LogReader } from '../../packages/optikal/src/bus/index.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { createTraffic, TRAFFIC_START_MS, type TrafficOptions } from './traffic.ts';

export interface LogOptions extends TrafficOptions {
  /** Events and ticks, at least. */
  readonly records: number;
  readonly fingerprint: string;
  readonly threshold: number;
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

export async function isCaughtUp(reader: LogReader): Promise<boolean> {
  return (await reader.partitionStates()).every(({ next, end }) => next >= end);
}
