/**
 * A data directory whose log is full and not processed, and the reference of it: which record brings which alert, worked out without a bus,
 * a process or a crash in the way.
 */
import { type Control, DEFAULT_TENANT, type Event } from '@optikal/contracts';
import type { AlertRow, BusReader, LogEntry } from '../../packages/optikal/src/bus/contract.ts';
import { openEmbeddedBus, openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { newDraft, newPartitionState } from '../../packages/optikal/src/detection/partition.ts';
import { step } from '../../packages/optikal/src/detection/step.ts';
import { keepBundle, keptBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import { createModelStore } from '../../packages/optikal/src/services/model-store.ts';
import { storedAlerts } from '../../packages/optikal/src/services/verify.ts';
import { withTicks } from '../../packages/optikal/src/stream/event-clock.ts';
import type { SmallBundle } from './small-bundles.ts';

const APPENDED_AT_ONCE = 4096;
const MINUTE_MS = 60_000;

/** The log of a fleet: its events with their ticks, and control records at shares of its length. */
export function entriesOf(events: readonly Event[], controls: readonly { readonly at: number; readonly control: Control }[]): LogEntry[] {
  const entries: LogEntry[] = [...withTicks(events)];
  for (const { at, control } of [...controls].sort((a, b) => b.at - a.at))
    entries.splice(Math.floor(at * entries.length), 0, { kind: 'control', control });
  return entries;
}

/** One model from the start on. */
export function oneEpoch({ bundle, threshold }: SmallBundle): { at: number; control: Control }[] {
  return [{ at: 0, control: modelEpoch(bundle.fingerprint, threshold, FIRST_EPOCH_MS) }];
}

/** X from the start, Y in the middle, X again at its own operating point, and an agent in quarantine: each takes effect a while later. */
export function changingEpochs(events: readonly Event[], x: SmallBundle, y: SmallBundle): { at: number; control: Control }[] {
  const startMs = events[0].timeMs;
  const spanMs = events.at(-1)!.timeMs - startMs;
  const minuteAt = (share: number) => Math.ceil((startMs + share * spanMs) / MINUTE_MS) * MINUTE_MS;
  const quarantine = { kind: 'quarantine', tenant: DEFAULT_TENANT, agent: events[0].agent, reason: 'test' } as const;
  return [
    ...oneEpoch(x),
    { at: 0.35, control: modelEpoch(y.bundle.fingerprint, y.threshold, minuteAt(0.45)) },
    { at: 0.6, control: { ...quarantine, fromMs: minuteAt(0.6), untilMs: minuteAt(0.7) } },
    { at: 0.7, control: modelEpoch(x.bundle.fingerprint, null, minuteAt(0.8)) },
  ];
}

export async function fillDataDir(
  dataDir: string,
  { entries, bundles, partitions }: { entries: readonly LogEntry[]; bundles: readonly SmallBundle[]; partitions: number },
): Promise<void> {
  const bus = await openEmbeddedBus({ dataDir, partitions });
  for (const { folder } of bundles) keepBundle(dataDir, folder);
  for (let at = 0; at < entries.length; at += APPENDED_AT_ONCE) await bus.append(entries.slice(at, at + APPENDED_AT_ONCE));
  await bus.close();
}

export interface PlacedAlert extends AlertRow {
  /** The record that brings it. */
  readonly partition: number;
  readonly offset: number;
}

/** Every alert of the log, record by record. */
export async function referenceOf(dataDir: string): Promise<PlacedAlert[]> {
  const reader = openEmbeddedReader(dataDir);
  const placed: PlacedAlert[] = [];
  try {
    for (const { partition } of reader.partitionStates()) {
      const models = createModelStore({ load: (sha) => keptBundle(dataDir, sha), hmacKey: new Uint8Array(32) });
      const state = newPartitionState('live');
      for (const record of reader.readLog(partition, 0)) {
        if (record.kind === 'control' && record.control.kind === 'model_epoch') await models.prepare([record.control]);
        const draft = newDraft(state);
        step(draft, record, models);
        for (const alert of draft.alerts) placed.push({ ...alert, partition, offset: record.offset });
      }
    }
  } finally {
    reader.close();
  }
  return placed;
}

const lineOf = ({ id, revision, key, windowStartMs, body }: AlertRow) => `${id} ${revision} ${key} ${windowStartMs} ${body}`;

/** What is wrong with a data directory at this moment; empty = nothing. */
export function differences(dataDir: string, reference: readonly PlacedAlert[]): string[] {
  const reader = openEmbeddedReader(dataDir, { snapshot: true });
  try {
    return differencesAt(committed(reader), storedAlerts(reader), reference);
  } finally {
    reader.close();
  }
}

/**
 * What is wrong with the alerts that are stored when these positions are committed. INVARIANT checked: they are the alerts of the records before
 * their position, exactly: none lost, none twice, none changed, none too early. Only the record at the position may have brought some of its
 * alerts: a tick that closes very many windows is committed in parts.
 */
export function differencesAt(nexts: readonly number[], stored: readonly AlertRow[], reference: readonly PlacedAlert[]): string[] {
  const before = reference.filter(({ partition, offset }) => offset < nexts[partition]).map(lineOf);
  const at = reference.filter(({ partition, offset }) => offset === nexts[partition]).map(lineOf);
  return compare(before, new Set([...before, ...at]), stored.map(lineOf));
}

function compare(required: readonly string[], allowed: ReadonlySet<string>, stored: readonly string[]): string[] {
  const found = new Set(stored);
  const wrong: string[] = [];
  if (found.size < stored.length) wrong.push(`${stored.length - found.size} alerts twice`);
  const lost = required.filter((line) => !found.has(line));
  const foreign = [...found].filter((line) => !allowed.has(line));
  if (lost.length > 0) wrong.push(`${lost.length} of ${required.length} alerts lost or changed`);
  if (foreign.length > 0) wrong.push(`${foreign.length} alerts that the undisturbed run does not have`);
  return wrong;
}

/** The committed position of each partition. */
export function committed(reader: BusReader): number[] {
  return reader.partitionStates().map(({ next }) => next);
}
