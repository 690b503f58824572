/** The streaming path at the pace of real time, to see how long an alert takes from the tick that makes its window due. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ThreatAlert } from '@optikal/contracts';
import type { LogEntry } from '../../packages/optikal/src/bus/contract.ts';
import type { Bundle } from '../../packages/optikal/src/detection/ensemble/bundle.ts';
import { createDetector, runDetector } from '../../packages/optikal/src/services/detector.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { createIngest } from '../../packages/optikal/src/services/ingest.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { QUIET_MS, WINDOW_MS } from '../../packages/optikal/src/stream/limits.ts';
import type { OpenBus } from './pipeline.ts';
import { createTraffic, TRAFFIC_START_MS, type TrafficOptions } from './traffic.ts';

export interface PacedOptions extends TrafficOptions {
  readonly open: OpenBus;
  readonly bundle: Bundle;
  readonly threshold: number;
  /** Ends of a minute to run through. */
  readonly boundaries: number;
}

const PACE_MS = 50;
/** The fleet starts so long before the first end of a minute. */
const LEAD_MS = 30_000;

/** Latencies of final alerts, in ms: from the call that appends the tick until the alert is read back. */
export async function runPaced(options: PacedOptions): Promise<{ readonly alertMs: readonly number[] }> {
  const { bus, end } = await options.open(1);
  try {
    const models = createModelStore({ load: () => options.bundle, hmacKey: new Uint8Array(32) });
    const detector = await createDetector({ bus, partition: 0, models });
    await appendEpoch(bus, modelEpoch(options.bundle.fingerprint, options.threshold, FIRST_EPOCH_MS));
    const tickAt = new Map<number, number>();
    const watched = {
      append: (entries: readonly LogEntry[]) => {
        for (const entry of entries) if (entry.kind === 'tick') tickAt.set(entry.timeMs, performance.now());
        return bus.append(entries);
      },
    };
    // The wall clock of the log starts with the fleet's time.
    const traffic = createTraffic(options);
    const startMs = TRAFFIC_START_MS + WINDOW_MS - LEAD_MS;
    const endMs = TRAFFIC_START_MS + options.boundaries * WINDOW_MS + QUIET_MS + 5000;
    const slices = slicesOf(traffic, startMs, endMs);
    const offset = startMs - Date.now();
    const ingest = createIngest({ bus: watched, clock: 'wall', now: () => Date.now() + offset, hmacKey: new Uint8Array(32) });
    let stopped = false;
    const running = runDetector(detector, () => stopped);
    const alertMs: number[] = [];
    const following = (async () => {
      for (let cursor = 0; !stopped; ) {
        for (const row of await bus.alerts(cursor, { maxRecords: 1000, maxWaitMs: 100 })) {
          cursor = row.cursor;
          if (row.revision !== 2) continue;
          const dueMs = Math.ceil(((JSON.parse(row.body) as ThreatAlert).windowEndMs + QUIET_MS) / 1000) * 1000; // written by alertBody
          const appended = tickAt.get(dueMs);
          if (appended !== undefined) alertMs.push(performance.now() - appended);
        }
      }
    })();
    await ingest.start();
    for (const { untilMs, texts } of slices) {
      await sleep(Math.max(0, untilMs - (Date.now() + offset)));
      void ingest.ingest(texts);
    }
    await ingest.stop();
    await sleep(2000);
    stopped = true;
    await Promise.all([running, following]);
    if (alertMs.length === 0) throw new Error('expected final alerts, found none');
    return { alertMs };
  } finally {
    await end();
  }
}

/** Made beforehand, so that their making disturbs nothing. */
function slicesOf(traffic: ReturnType<typeof createTraffic>, startMs: number, endMs: number): { untilMs: number; texts: string[] }[] {
  const slices = [{ untilMs: startMs, texts: traffic.registers() }];
  for (let fromMs = startMs; fromMs < endMs; fromMs += PACE_MS)
    slices.push({ untilMs: fromMs + PACE_MS, texts: traffic.slice(fromMs, fromMs + PACE_MS) });
  return slices;
}
