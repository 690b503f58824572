/**
 * A data directory with 100,000 agents in the middle of a window, and a log that goes on from there: a busy fleet whose windows close while
 * the others stay open. A function of the seed.
 */
import { DEFAULT_TENANT, type Event, parseEventText } from '@optikal/contracts';
import type { LogEntry } from '../../packages/optikal/src/bus/contract.ts';
import { openEmbeddedBus } from '../../packages/optikal/src/bus/index.ts';
import { keepBundle, keptBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { createDetector } from '../../packages/optikal/src/services/detector.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { drainBus } from '../../packages/optikal/src/services/score.ts';
import { createTraffic, TRAFFIC_START_MS, type TrafficOptions } from './traffic.ts';

export const CROWD = 100_000;
export const BUSY = { agents: 2000, messagesPerMinute: 12, hijackShare: 0.02 } as const;
const MINUTE_MS = 60_000;
/** The crowd's windows lie so far ahead (5 minutes is the limit) that they stay open all the time. */
const CROWD_MS = TRAFFIC_START_MS + 4 * MINUTE_MS;
const BUSY_SECONDS = 220;
const APPENDED_AT_ONCE = 4096;

/** The tick that makes every window of the crowd due. */
export const CROWDED_TICK: LogEntry = { kind: 'tick', timeMs: CROWD_MS + 3 * MINUTE_MS };

export interface RecoveryModel {
  readonly folder: string;
  readonly fingerprint: string;
  readonly threshold: number;
}

/** Returns the number of events in the log. */
export async function prepareRecovery(dataDir: string, { folder, fingerprint, threshold }: RecoveryModel): Promise<number> {
  const bus = await openEmbeddedBus({ dataDir, partitions: 1 });
  try {
    keepBundle(dataDir, folder);
    await appendEpoch(bus, modelEpoch(fingerprint, threshold, FIRST_EPOCH_MS));
    await bus.append([{ kind: 'tick', timeMs: TRAFFIC_START_MS }]);
    const models = createModelStore({ load: (sha) => keptBundle(dataDir, sha), hmacKey: new Uint8Array(32) });
    const detector = await createDetector({ bus, partition: 0, models });
    let count = 0;
    const append = async (entries: Iterable<LogEntry>) => {
      let some: LogEntry[] = [];
      for (const entry of entries) {
        if (entry.kind === 'event') count++;
        if (some.push(entry) < APPENDED_AT_ONCE) continue;
        await bus.append(some);
        some = [];
      }
      await bus.append(some);
    };
    await append(crowd());
    await drainBus(detector);
    await append(busy());
    return count;
  } finally {
    await bus.close();
  }
}

function* crowd(): Generator<LogEntry> {
  const traffic = createTraffic({ agents: CROWD, messagesPerMinute: 1, hijackShare: 0, seed: 'crowd' }, CROWD_MS);
  for (let second = 0; second < 60; second++) yield* eventsOf(traffic.slice(CROWD_MS + 1000 * second, CROWD_MS + 1000 * (second + 1)));
}

function* busy(): Generator<LogEntry> {
  const options: TrafficOptions = { ...BUSY, seed: 'busy' };
  const traffic = createTraffic(options);
  for (let second = 0; second < BUSY_SECONDS; second++) {
    const fromMs = TRAFFIC_START_MS + 1000 * second;
    yield* eventsOf(traffic.slice(fromMs, fromMs + 1000), 'busy-');
    yield { kind: 'tick', timeMs: fromMs + 1000 };
  }
}

/** `prefix` keeps the names of the two fleets apart. */
function* eventsOf(texts: readonly string[], prefix = ''): Generator<LogEntry> {
  for (const text of texts) {
    const parsed = parseEventText(text, DEFAULT_TENANT);
    if (!parsed.ok) throw new Error(`expected a valid message, found ${parsed.error.code}`);
    const event: Event = { ...parsed.event, agent: `${prefix}${parsed.event.agent}`, source: `/bench/${prefix}${parsed.event.agent}` };
    yield { kind: 'event', event };
  }
}
