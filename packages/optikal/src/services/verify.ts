/**
 * `verify`: replays a log from its start into a fresh state and compares the alerts with those that are stored. The hash is over the lines
 * `id\trevision\tbody\n`, sorted bytewise. Works beside running detectors: what they commit meanwhile is replayed too, and is not held
 * against them, however far it was when the alerts were read.
 */
import { createHash } from 'node:crypto';
import type { AlertRow, BusReader, LogReader } from '../bus/contract.ts';
import { openEmbeddedReader } from '../bus/embedded/reader.ts';
import { logReader } from '../bus/log-reader.ts';
import type { Bundle } from '../detection/ensemble/bundle.ts';
import { newDraft, newPartitionState, type PartitionState } from '../detection/partition.ts';
import { step } from '../detection/step.ts';
import { keptBundle } from './data-folder.ts';
import { createModelStore, type ModelStore } from './model-store.ts';

export interface Verification {
  readonly records: number;
  readonly alerts: number;
  readonly sha256: string;
  readonly replaySha256: string;
  readonly equal: boolean;
}

export type OnReplayed = (done: number, total: number) => void;

const PAGE = 1000;
const BATCH = 512;

export async function verifyDataDir(dataDir: string, onProgress?: OnReplayed): Promise<Verification> {
  const reader = logReader(openEmbeddedReader(dataDir, { snapshot: true }));
  try {
    return await verifyLog(reader, (fingerprint) => keptBundle(dataDir, fingerprint), onProgress);
  } finally {
    await reader.close();
  }
}

/** Errors: those of the reader and of `load`, which gives the bundle of a fingerprint. */
export async function verifyLog(reader: LogReader, load: (fingerprint: string) => Bundle, onProgress?: OnReplayed): Promise<Verification> {
  const before = await reader.partitionStates();
  const stored = await readAlerts(reader);
  // The alerts are of a moment between these two; with a snapshot it is one moment.
  const after = await reader.partitionStates();
  const total = after.reduce((sum, { next }) => sum + next, 0);
  const replayed: AlertRow[] = [];
  const meanwhile = new Map<string, string>();
  let done = 0;
  const progress = (records: number) => {
    done += records;
    onProgress?.(done, total);
  };
  for (const { partition, next } of before) {
    const state = newPartitionState('live');
    const models = createModelStore({ load, hmacKey: new Uint8Array(32) });
    await replayPartition(reader, { partition, from: 0, to: next }, state, models, ({ alerts, records }) => {
      replayed.push(...alerts);
      progress(records);
    });
    const end = after.find((one) => one.partition === partition)?.next ?? next;
    if (end > next)
      await replayPartition(reader, { partition, from: next, to: end }, state, models, ({ alerts, records }) => {
        for (const alert of alerts) meanwhile.set(nameOf(alert), alert.body);
        progress(records);
      });
  }
  const settled = stored.filter((alert) => meanwhile.get(nameOf(alert)) !== alert.body);
  const sha256 = hashAlerts(settled);
  const replaySha256 = hashAlerts(replayed);
  const records = before.reduce((sum, { next }) => sum + next, 0);
  return { records, alerts: settled.length, sha256, replaySha256, equal: sha256 === replaySha256 };
}

export interface LogRange {
  readonly partition: number;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Steps through a part of a partition's log; `state` is of its beginning. `onBatch` gets what each batch brought. */
export async function replayPartition(
  reader: LogReader,
  { partition, from, to }: LogRange,
  state: PartitionState,
  models: ModelStore,
  onBatch: (batch: { readonly alerts: readonly AlertRow[]; readonly records: number }) => void,
): Promise<void> {
  let draft = newDraft(state);
  let records = 0;
  for await (const page of reader.readLog(partition, from, to))
    for (const record of page) {
      if (record.kind === 'control' && record.control.kind === 'model_epoch') await models.prepare([record.control]);
      step(draft, record, models);
      if (++records < BATCH) continue;
      onBatch({ alerts: draft.alerts, records });
      draft = newDraft(state);
      records = 0;
    }
  onBatch({ alerts: draft.alerts, records });
}

/** All of them, oldest first. */
export async function readAlerts(reader: LogReader): Promise<AlertRow[]> {
  const alerts: AlertRow[] = [];
  for (let cursor = 0; ; ) {
    const page = await reader.alerts(cursor, PAGE);
    alerts.push(...page);
    if (page.length < PAGE) return alerts;
    cursor = page.at(-1)!.cursor; // a whole page has a last one
  }
}

export function storedAlerts(reader: BusReader): AlertRow[] {
  const alerts: AlertRow[] = [];
  for (let cursor = 0; ; ) {
    const page = reader.alerts(cursor, PAGE);
    alerts.push(...page);
    if (page.length < PAGE) return alerts;
    cursor = page.at(-1)!.cursor;
  }
}

export function hashAlerts(alerts: readonly AlertRow[]): string {
  const lines = alerts.map(({ id, revision, body }) => Buffer.from(`${id}\t${revision}\t${body}\n`));
  const hash = createHash('sha256');
  for (const line of lines.sort((a, b) => Buffer.compare(a, b))) hash.update(line);
  return hash.digest('hex');
}

function nameOf({ id, revision }: AlertRow): string {
  return `${id}.${revision}`;
}
