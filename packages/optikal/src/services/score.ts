/**
 * `score`: lines of events in, alerts out, in one process and bounded memory: the same log, step and bytes as `serve`, on the bus in memory.
 * The log clock is the events' own (a tick for each second that the largest event time passes).
 */
import { type Event, type EventError, parseEventText } from '@optikal/contracts';
import type { AlertRow, Bus, LogEntry } from '../bus/contract.ts';
import { openMemoryBus } from '../bus/memory.ts';
import type { Bundle } from '../detection/ensemble/bundle.ts';
import type { Counters } from '../detection/partition.ts';
import { EventClock } from '../stream/event-clock.ts';
import { createDetector, type Detector } from './detector.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from './epochs.ts';
import { createModelStore, type ModelStoreOptions } from './model-store.ts';

export interface ScoreOptions {
  readonly bundle: Bundle;
  /** null = the bundle's own operating point. */
  readonly threshold: number | null;
  readonly hmacKey: Uint8Array;
  readonly run?: string;
  readonly onRefused?: (line: number, error: EventError) => void;
  readonly onClosed?: ModelStoreOptions['onClosed'];
}

export interface Scorer {
  /** Takes lines, resolves to the alerts that they brought. The last event is held back until its successor is seen, unless flushed. */
  push(lines: readonly string[], flush?: boolean): Promise<readonly AlertRow[]>;
  pushEvents(events: Iterable<Event>): Promise<readonly AlertRow[]>;
  /** Closes every open window. */
  end(): Promise<readonly AlertRow[]>;
  readonly counters: Counters;
  readonly refused: number;
}

const ENTRIES = 512;

export async function createScorer(options: ScoreOptions): Promise<Scorer> {
  const bus = openMemoryBus({ partitions: 1 });
  const { bundle } = options;
  const models = createModelStore({
    load: () => bundle,
    hmacKey: options.hmacKey,
    ...(options.onClosed === undefined ? {} : { onClosed: options.onClosed }),
  });
  const detector = await createDetector({ bus, partition: 0, models, ...(options.run === undefined ? {} : { run: options.run }) });
  await appendEpoch(bus, modelEpoch(bundle.fingerprint, options.threshold, FIRST_EPOCH_MS));
  const clock = new EventClock();
  let entries: LogEntry[] = [];
  let held: Event | null = null;
  let line = 0;
  let refused = 0;
  let cursor = 0;

  const release = (next: Event | null) => {
    if (held === null) return;
    const timeMs = clock.before(held, next);
    if (timeMs !== null) entries.push({ kind: 'tick', timeMs });
    entries.push({ kind: 'event', event: held });
    held = null;
  };
  const drain = async (): Promise<readonly AlertRow[]> => {
    await bus.append(entries);
    entries = [];
    await drainBus(detector);
    const alerts = await newAlerts(bus, cursor);
    cursor = alerts.at(-1)?.cursor ?? cursor;
    return alerts;
  };
  const take = async (event: Event, alerts: AlertRow[]): Promise<void> => {
    release(event);
    held = event;
    if (entries.length >= ENTRIES) alerts.push(...(await drain()));
  };

  return {
    async push(lines, flush = false) {
      const alerts: AlertRow[] = [];
      for (const text of lines) {
        line++;
        if (text.trim() === '') continue;
        const parsed = parseEventText(text);
        if (parsed.ok) await take(parsed.event, alerts);
        else {
          refused++;
          options.onRefused?.(line, parsed.error);
        }
      }
      if (flush) release(null);
      alerts.push(...(await drain()));
      return alerts;
    },
    async pushEvents(events) {
      const alerts: AlertRow[] = [];
      for (const event of events) await take(event, alerts);
      return alerts;
    },
    async end() {
      release(null);
      const timeMs = clock.end();
      if (timeMs !== null) entries.push({ kind: 'tick', timeMs });
      return drain();
    },
    get counters() {
      return detector.state.counters;
    },
    get refused() {
      return refused;
    },
  };
}

export async function drainBus(detector: Detector): Promise<void> {
  while ((await detector.runOnce(0)) > 0);
}

async function newAlerts(bus: Bus, after: number) {
  const found = [];
  let cursor = after;
  for (;;) {
    const page = await bus.alerts(cursor, { maxRecords: 1000, maxWaitMs: 0 });
    found.push(...page);
    if (page.length < 1000) return found;
    cursor = page.at(-1)!.cursor;
  }
}
