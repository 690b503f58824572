/**
 * The main job as a newcomer sees it: a simulated fleet, at a multiple of real time, through the durable log and the detector. Everything
 * between the agents and the alerts is what `serve` runs; only the clock is the fleet's.
 */
import type { Event, ThreatAlert } from '@optikal/contracts';
import type { LogEntry } from '../bus/contract.ts';
import { openEmbeddedBus } from '../bus/embedded/client.ts';
import { alertId } from '../detection/alert-id.ts';
import type { Counters } from '../detection/partition.ts';
import { EventClock } from '../stream/event-clock.ts';
import { type Fleet, type Intensity, type SimulatedThreat, simulateFleet } from '../training/simulator/index.ts';
import { keepBundle, keptBundle } from './data-folder.ts';
import { DEMO_INTENSITIES } from './demo-bundle.ts';
import { type DemoSummary, type SeenAlert, summariseDemo, truthOf, type WindowTruth } from './demo-summary.ts';
import { createDetector, type Detector, runDetector } from './detector.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from './epochs.ts';
import { createModelStore } from './model-store.ts';
import { drainBus } from './score.ts';

export interface DemoOptions {
  readonly dataDir: string;
  readonly bundleFolder: string;
  readonly agents: number;
  readonly hours: number;
  readonly seed: string;
  /** Default: what the demo's bundle was fitted on, blatant and moderate attacks of all threats. */
  readonly intensities?: readonly Intensity[];
  readonly threats?: readonly SimulatedThreat[];
  /** Log time per real time; Infinity = as fast as it goes. */
  readonly speed: number;
  readonly stop: AbortSignal;
  readonly onAlert: (alert: ThreatAlert, truth: WindowTruth) => void;
  readonly onTime: (logMs: number, startMs: number, endMs: number, counters: Counters) => void;
}

const PACE_MS = 50;
const ENTRIES = 512;
/** Unpaced, the producer waits when the detector is this far behind. */
const MAX_LAG = 4096;

export async function runDemo(options: DemoOptions): Promise<DemoSummary> {
  const fleet = simulateFleet({
    agents: options.agents,
    days: options.hours / 24,
    seed: `${options.seed}:live`,
    startHour: 9,
    intensities: options.intensities ?? DEMO_INTENSITIES,
    ...(options.threats === undefined ? {} : { threats: options.threats }),
  });
  const bundle = keepBundle(options.dataDir, options.bundleFolder);
  const bus = await openEmbeddedBus({ dataDir: options.dataDir, partitions: 1 });
  try {
    // An alert carries no time of its own publication; the log clock stands still while its record is stepped through.
    const publishedMs = new Map<string, number>();
    const models = createModelStore({
      load: (sha) => keptBundle(options.dataDir, sha),
      hmacKey: Buffer.from(bus.hmacKey, 'hex'),
      nameAlert: (subject) => {
        const id = alertId(subject);
        if (!publishedMs.has(id)) publishedMs.set(id, detector.state.clock.clockMs);
        return id;
      },
    });
    await appendEpoch(bus, modelEpoch(bundle.fingerprint, null, FIRST_EPOCH_MS));
    const truth = truthOf(fleet.truth);
    const seen: SeenAlert[] = [];
    let cursor = 0;
    let clockMs = 0;
    let processed = 0;
    const detector: Detector = await createDetector({
      bus,
      partition: 0,
      models,
      onCommit: (state, next) => {
        clockMs = state.clock.clockMs;
        processed = next;
      },
    });
    const report = async () => {
      for (const row of await bus.alerts(cursor, { maxRecords: 1000, maxWaitMs: 0 })) {
        cursor = row.cursor;
        const alert = JSON.parse(row.body) as ThreatAlert; // written by alertBody
        seen.push({ alert, publishedMs: publishedMs.get(alert.id)! }); // named above, before it was committed
        options.onAlert(alert, truth(alert));
      }
      options.onTime(clockMs, fleet.startMs, fleet.endMs, detector.state.counters);
    };
    let appended = 0;
    let finished = false;
    const halt = new AbortController();
    const stop = AbortSignal.any([options.stop, halt.signal]);
    const producer = replay(fleet, { ...options, stop }, async (entries) => {
      appended += (await bus.append(entries)).length;
      while (appended - processed > MAX_LAG && !stop.aborted) await new Promise((resolve) => setTimeout(resolve, 1));
    }).finally(() => {
      finished = true;
    });
    const reporter = (async () => {
      while (!finished) {
        await report();
        await new Promise((resolve) => setTimeout(resolve, PACE_MS));
      }
    })();
    const parts = [producer, reporter, runDetector(detector, () => finished)] as const;
    // Where one part fails the others are brought to their end before the log is closed under them.
    const [untilMs] = await Promise.all(parts).catch(async (error: unknown) => {
      halt.abort();
      await Promise.allSettled(parts);
      throw error;
    });
    await drainBus(detector);
    await report();
    return summariseDemo(fleet, seen, detector.state.counters, untilMs);
  } finally {
    await bus.close();
  }
}

/** Appends the fleet's events when their time has come, with the ticks between them. Resolves to the event time up to which it came. */
async function replay(fleet: Fleet, { speed, stop }: DemoOptions, append: (entries: LogEntry[]) => Promise<void>): Promise<number> {
  let untilMs = fleet.startMs;
  const clock = new EventClock();
  const started = performance.now();
  const nowMs = () => fleet.startMs + (performance.now() - started) * speed;
  let entries: LogEntry[] = [];
  const flush = async () => {
    if (entries.length === 0) return;
    const full = entries;
    entries = [];
    await append(full);
  };
  for (const event of fleet.events()) {
    while (event.timeMs > nowMs() && !stop.aborted) {
      await flush();
      const waitMs = Math.max(0, (event.timeMs - nowMs()) / speed); // its time may have come during the flush
      await new Promise((resolve) => setTimeout(resolve, Math.min(PACE_MS, waitMs)));
    }
    if (stop.aborted) break;
    const timeMs = clock.before(event, event);
    if (timeMs !== null) entries.push({ kind: 'tick', timeMs });
    entries.push({ kind: 'event', event: event satisfies Event });
    untilMs = Math.max(untilMs, event.timeMs);
    if (entries.length >= ENTRIES) await flush();
  }
  const timeMs = clock.end();
  if (timeMs !== null) entries.push({ kind: 'tick', timeMs });
  await flush();
  return stop.aborted ? untilMs : fleet.endMs;
}
