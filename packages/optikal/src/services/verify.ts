/**
 * `verify`: replays a log from its start into a fresh state and compares the alerts with those that are stored. The hash is over the lines
 * `id\trevision\tbody\n`, sorted bytewise. Works beside a running server: everything is read at one moment.
 */
import { createHash } from 'node:crypto';
import type { AlertRow, BusReader } from '../bus/contract.ts';
import { openEmbeddedReader } from '../bus/embedded/reader.ts';
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

const PAGE = 1000;
const BATCH = 512;

export async function verifyDataDir(dataDir: string, onProgress?: (done: number, total: number) => void): Promise<Verification> {
  const reader = openEmbeddedReader(dataDir, { snapshot: true });
  try {
    const stored = storedAlerts(reader);
    const partitions = reader.partitionStates();
    const total = partitions.reduce((sum, { next }) => sum + next, 0);
    const replayed: AlertRow[] = [];
    let done = 0;
    for (const { partition, next } of partitions) {
      await replayPartition(
        reader,
        partition,
        next,
        createModelStore({ load: (sha) => keptBundle(dataDir, sha), hmacKey: new Uint8Array(32) }),
        (draft) => {
          replayed.push(...draft.alerts);
          done += draft.records;
          onProgress?.(done, total);
        },
      );
    }
    const sha256 = hashAlerts(stored);
    const replaySha256 = hashAlerts(replayed);
    return { records: total, alerts: stored.length, sha256, replaySha256, equal: sha256 === replaySha256 };
  } finally {
    reader.close();
  }
}

/** Steps through a partition's log up to `to`, from nothing; `onBatch` gets what each batch brought. */
export async function replayPartition(
  reader: BusReader,
  partition: number,
  to: number,
  models: ModelStore,
  onBatch: (batch: { readonly alerts: readonly AlertRow[]; readonly records: number }) => void,
): Promise<PartitionState> {
  const state = newPartitionState('live');
  let draft = newDraft(state);
  let records = 0;
  for (const record of reader.readLog(partition, 0, to)) {
    if (record.kind === 'control' && record.control.kind === 'model_epoch') await models.prepare([record.control]);
    step(draft, record, models);
    if (++records < BATCH) continue;
    onBatch({ alerts: draft.alerts, records });
    draft = newDraft(state);
    records = 0;
  }
  onBatch({ alerts: draft.alerts, records });
  return state;
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
