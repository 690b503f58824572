/** A log stepped through without bus, process or time: what the detector does, and nothing else. */
import { agentKey, type Event } from '@optikal/contracts';
import type { AlertRow, LogEntry, LogRecord } from '../../packages/optikal/src/bus/contract.ts';
import { partitionOf } from '../../packages/optikal/src/bus/index.ts';
import {
  type Counters,
  encodePartition,
  loadAgents,
  newDraft,
  newPartitionState,
  type PartitionState,
  readAgents,
  restorePartition,
  stateChanges,
} from '../../packages/optikal/src/detection/partition.ts';
import { type Models, step } from '../../packages/optikal/src/detection/step.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import type { LoggedEvent } from '../../packages/optikal/src/stream/window.ts';
import type { SmallBundle } from './small-bundles.ts';

export interface StepThroughOptions {
  readonly partitions?: number;
  /** Records after which the state goes through its stored form, as in a restart; 0 = never. */
  readonly restartEvery?: number;
  readonly onClosed?: (startMs: number, endMs: number, lastAppendMs: number, clockMs: number, key: string) => void;
}

export interface SteppedThrough {
  readonly alerts: readonly AlertRow[];
  readonly counters: Counters;
}

export async function stepThrough(
  entries: readonly LogEntry[],
  bundles: readonly SmallBundle[],
  { partitions = 1, restartEvery = 0, onClosed }: StepThroughOptions = {},
): Promise<SteppedThrough> {
  const alerts: AlertRow[] = [];
  const total = newPartitionState('live').counters;
  for (let partition = 0; partition < partitions; partition++) {
    let state = newPartitionState('live');
    const store = createModelStore({
      load: (sha) => bundles.find(({ bundle }) => bundle.fingerprint === sha)!.bundle, // the entries name no other
      hmacKey: new Uint8Array(32),
      onClosed: ({ tenant, agent }, { startMs, endMs, lastAppendMs }) =>
        onClosed?.(startMs, endMs, lastAppendMs, state.clock.clockMs, agentKey(tenant, agent)),
    });
    await store.prepare(
      entries.flatMap((entry) => (entry.kind === 'control' && entry.control.kind === 'model_epoch' ? [entry.control] : [])),
    );
    const stored: Stored = new Map();
    const events: (Event | null)[] = []; // by offset
    let offset = 0;
    for (const record of recordsOf(entries, partition, partitions)) {
      events.push(record.kind === 'event' ? record.event : null);
      alerts.push(...stepOnce(state, record, store, stored));
      if (restartEvery > 0 && ++offset % restartEvery === 0)
        state = restarted(state, stored, (at) => ({ event: events[at]!, text: JSON.stringify(events[at]) }));
    }
    for (const name of Object.keys(total) as (keyof Counters)[]) total[name] += state.counters[name]; // its own keys
  }
  return { alerts, counters: total };
}

type Stored = Map<string, { readonly body: string; readonly dueMs: number | null }>;

function stepOnce(state: PartitionState, record: LogRecord, models: Models, stored: Stored): readonly AlertRow[] {
  const draft = newDraft(state);
  step(draft, record, models);
  for (const { key, body, dueMs } of stateChanges(draft)) stored.set(key, { body, dueMs });
  return draft.alerts;
}

function restarted(state: PartitionState, stored: Stored, eventAt: (offset: number) => LoggedEvent): PartitionState {
  const due = [...stored].flatMap(([key, { dueMs }]) => (dueMs === null ? [] : [{ key, dueMs }]));
  const fresh = restorePartition('live', encodePartition(state), due);
  loadAgents(fresh, readAgents(new Map([...stored].map(([key, { body }]) => [key, body]))), eventAt);
  return fresh;
}

function* recordsOf(entries: readonly LogEntry[], partition: number, partitions: number): Generator<LogRecord> {
  let offset = 0;
  for (const entry of entries) {
    if (entry.kind === 'refused') continue;
    if (entry.kind === 'event' && partitionOf(agentKey(entry.event.tenant, entry.event.agent), partitions) !== partition) continue;
    yield { ...entry, offset: offset++ };
  }
}

/** Comparable: one line an alert, sorted. */
export function alertLines(alerts: readonly AlertRow[]): string[] {
  return alerts.map(({ id, revision, body }) => `${id} ${revision} ${body}`).sort();
}
