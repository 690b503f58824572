/** What a probe is told, and what metrics read: the state of the server at one moment, and the reasons for which it is not ready. */
import { statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bus, BusError } from '../bus/index.ts';
import type { Settings } from '../config/index.ts';
import type { PartitionState } from '../detection/partition.ts';
import { HTTP_ERRORS, type ProbeReason, type Readiness } from '../http/index.ts';
import { errorCodeOf, type Log, type LoopWatch, type PartitionReading } from '../observability/index.ts';
import { epochAt } from '../stream/clock.ts';
import { hasKeptBundle } from './data-folder.ts';

/** Code → what it means. `closing` is said in the words of the HTTP answers. */
export const PROBE_REASONS = {
  partition_stopped: 'a detector stopped for the error that is named; the process ends and goes on where it was when started again',
  catching_up: 'a partition is further behind its log than the setting `probes.behindRecords`; it gets there by itself',
  disk_low: 'there is less free space than the setting `probes.freeBytes`',
  disk_full: 'a write found no space; nothing that was accepted is lost, free some',
  clock_skewed: 'log clock and wall clock are further apart than the setting `probes.skewSeconds`',
  bundle_missing: 'no bundle is in force, or its folder in the data directory is gone',
  bus_unavailable: 'the log does not answer',
  broker_away: 'no broker answers since then; what waits is tried again, and goes on by itself',
  router_waits: 'messages of the public topics cannot be put into the log, or not be read; they are taken again',
  restoring: 'the state of a partition that was assigned is being read',
  closing: HTTP_ERRORS.closing,
  event_loop_stuck: 'a turn of the event loop took longer than the setting `probes.stuckSeconds`; only `GET /healthz` says so',
} as const;
type ProbeCode = keyof typeof PROBE_REASONS;

export interface ProbeOptions {
  readonly bus: Pick<Bus, 'positions'>;
  readonly settings: Settings;
  /** The partitions whose state is here. */
  readonly held: () => readonly { readonly partition: number; readonly state: PartitionState }[];
  /** All that are assigned to this process, held or not yet. */
  readonly assigned: () => readonly number[];
  /** Since when no broker answers, by the wall clock. Default: there is none that could. */
  readonly brokerAwaySinceMs?: () => number | null;
  /** Since when the router gets nowhere, by the wall clock, and why. Default: there is none. */
  readonly routerWaits?: () => { readonly sinceMs: number; readonly error: string } | null;
  /** Where the log's clock stands at the end of the log. */
  readonly logClockMs: () => number;
  /** What stopped a detector; null = nothing. */
  readonly failure: () => { readonly partition: number; readonly error: unknown } | null;
  readonly diskFull: () => boolean;
  readonly closing: () => boolean;
  readonly loop: LoopWatch;
  readonly log: Log;
  readonly now: () => number;
}

export interface ServerLook {
  readonly partitions: readonly PartitionReading[];
  readonly freeBytes: number | null;
  readonly databaseBytes: number;
  readonly walBytes: number;
  readonly bundle: string | null;
  readonly readiness: Readiness;
}

export interface Probes {
  health(): readonly ProbeReason[];
  readiness(): Promise<Readiness>;
  /** For a scrape: with the sizes, which a probe has no use for. */
  look(): Promise<ServerLook>;
}

/** Who asks has his own patience, and it is short. */
const POSITIONS_MS = 1500;
/** A probe may come as often as it likes: the log is asked at most this often. */
const FRESH_MS = 250;

export function createProbes(options: ProbeOptions): Probes {
  let held: { readonly atMs: number; readonly look: Promise<ServerLook> } | null = null;
  let saidReady = true;
  const look = (): Promise<ServerLook> => {
    const atMs = performance.now();
    if (held === null || atMs - held.atMs > FRESH_MS) held = { atMs, look: lookAt(options) };
    return held.look;
  };
  return {
    health() {
      const stuckMs = options.loop.stuckMs();
      return stuckMs === null ? [] : [reason('event_loop_stuck', { seconds: Math.round(stuckMs / 100) / 10 })];
    },
    async readiness() {
      const { readiness } = await look();
      if (readiness.ready !== saidReady) {
        saidReady = readiness.ready;
        const codes = readiness.reasons.map(({ code }) => code).join(' ');
        options.log.write(
          readiness.ready ? 'info' : 'warn',
          readiness.ready ? 'ready' : 'not_ready',
          readiness.ready ? {} : { reasons: codes },
        );
      }
      return readiness;
    },
    look,
  };
}

async function lookAt(options: ProbeOptions): Promise<ServerLook> {
  const { settings } = options;
  const held = options.held();
  const reasons: ProbeReason[] = options.closing() ? [reason('closing')] : [];
  const failure = options.failure();
  if (failure !== null) reasons.push(reason('partition_stopped', { partition: failure.partition, error: errorCodeOf(failure.error) }));
  const since = (sinceMs: number) => Math.round((options.now() - sinceMs) / 1000);
  const awayMs = options.brokerAwaySinceMs?.() ?? null;
  if (awayMs !== null) reasons.push(reason('broker_away', { seconds: since(awayMs) }));
  const waits = options.routerWaits?.() ?? null;
  if (waits !== null) reasons.push(reason('router_waits', { seconds: since(waits.sinceMs), error: waits.error }));
  const positions = await within(POSITIONS_MS, options.bus.positions()).catch((error: unknown) => {
    if (!options.closing()) reasons.push(reason('bus_unavailable', { error: errorCodeOf(error) }));
    return [];
  });
  const restoring = options.assigned().filter((partition) => held.every((one) => one.partition !== partition));
  if (failure === null && !options.closing()) for (const partition of restoring) reasons.push(reason('restoring', { partition }));
  const readings = held.map(({ partition, state }) => {
    const position = positions.find((one) => one.partition === partition);
    return readingOf(state, partition, position === undefined ? 0 : position.end - position.next, options.logClockMs());
  });
  const behind = readings.filter(({ lagRecords }) => lagRecords > settings.probes.behindRecords);
  for (const { partition, lagRecords } of behind) reasons.push(reason('catching_up', { partition, behindRecords: lagRecords }));
  const freeBytes = await freeBytesOf(settings.dataDir);
  if (options.diskFull()) reasons.push(reason('disk_full'));
  else if (freeBytes !== null && freeBytes < settings.probes.freeBytes) reasons.push(reason('disk_low', { freeBytes }));
  const skewSeconds = settings.detector.clock === 'wall' ? Math.round((options.now() - options.logClockMs()) / 1000) : 0;
  if (Number.isFinite(skewSeconds) && Math.abs(skewSeconds) > settings.probes.skewSeconds)
    reasons.push(reason('clock_skewed', { skewSeconds }));
  const bundle = bundleInForce(held.map(({ state }) => state));
  // Who has no partition judges nothing: it stands by.
  if (options.assigned().length > 0 && (bundle === null || !hasKeptBundle(settings.dataDir, bundle)))
    reasons.push(reason('bundle_missing'));
  return {
    partitions: readings,
    freeBytes,
    databaseBytes: sizeOf(join(settings.dataDir, 'bus.db')),
    walBytes: sizeOf(join(settings.dataDir, 'bus.db-wal')),
    bundle,
    readiness: { ready: reasons.length === 0, reasons },
  };
}

function reason(code: ProbeCode, figures: Readonly<Record<string, string | number>> = {}): ProbeReason {
  return { code, message: PROBE_REASONS[code], ...figures };
}

function readingOf(state: PartitionState, partition: number, lagRecords: number, logClockMs: number): PartitionReading {
  const { clock, counters } = state;
  const clockMs = Number.isFinite(clock.clockMs) ? clock.clockMs : null;
  const lagSeconds = clockMs === null || !Number.isFinite(logClockMs) ? null : Math.max(0, logClockMs - clockMs) / 1000;
  return {
    partition,
    lagRecords,
    lagSeconds,
    clockMs,
    openWindows: openWindowsOf(state),
    late: counters.late,
    windows: counters.windows,
    scored: counters.scored,
  };
}

function openWindowsOf({ agents, due }: PartitionState): number {
  let open = 0;
  let loaded = 0;
  for (const { windows } of agents.values()) {
    open += windows.open.length;
    if (windows.open.length > 0) loaded++;
  }
  // Whoever has an open window is queued; who is queued and not loaded has at least one.
  return open + Math.max(0, due.size - loaded);
}

/** null = no model is in force yet. Every partition reads the same control records; the one that is furthest says. */
function bundleInForce(partitions: readonly PartitionState[]): string | null {
  const furthest = partitions.reduce<PartitionState | null>((a, b) => (a === null || b.clock.clockMs > a.clock.clockMs ? b : a), null);
  if (furthest === null) return null;
  return (epochAt(furthest.clock, furthest.clock.clockMs) ?? furthest.clock.epochs[0])?.bundle ?? null;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new BusError('broker_unavailable', `the log did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function freeBytesOf(dataDir: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(dataDir);
    return bavail * bsize;
  } catch {
    return null; // the log will say what is wrong with its folder
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
