/** `models use`: a control record that puts a bundle into force; through the running server where there is one, else straight into the log. */
import { resolve } from 'node:path';
import type { ModelEpoch } from '@optikal/contracts';
import { BusError, openEmbeddedBus, openEmbeddedReader } from '../bus/index.ts';
import { restorePartition } from '../detection/partition.ts';
import { keepBundle, readServing } from './data-folder.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch, nextEpochMs } from './epochs.ts';
import { ServiceError } from './errors.ts';

export interface UseOptions {
  readonly dataDir: string;
  readonly bundle: string;
  readonly threshold: number | null;
  readonly key: string | null;
}

/** Errors: those of the bundle and the data directory; server_unreachable. */
export async function useBundle(options: UseOptions): Promise<ModelEpoch> {
  const { fingerprint } = keepBundle(options.dataDir, options.bundle);
  try {
    return await appendDirectly(options, fingerprint);
  } catch (error) {
    if (!(error instanceof BusError) || error.code !== 'data_dir_locked') throw error;
    return askServer(options, fingerprint);
  }
}

async function appendDirectly({ dataDir, threshold }: UseOptions, fingerprint: string): Promise<ModelEpoch> {
  const reader = openEmbeddedReader(dataDir);
  const { partitions } = reader;
  let clockMs = Number.NEGATIVE_INFINITY;
  let records = 0;
  for (const { partition, end, next, partitionState } of reader.partitionStates()) {
    records += end;
    clockMs = Math.max(clockMs, restorePartition('live', partitionState, []).clock.clockMs);
    // Ticks that no detector has read yet move the clock too.
    for (const record of reader.readLog(partition, next)) if (record.kind === 'tick') clockMs = Math.max(clockMs, record.timeMs);
  }
  reader.close();
  const bus = await openEmbeddedBus({ dataDir, partitions });
  try {
    const epoch = modelEpoch(fingerprint, threshold, records === 0 ? FIRST_EPOCH_MS : nextEpochMs(clockMs));
    await appendEpoch(bus, epoch);
    return epoch;
  } finally {
    await bus.close();
  }
}

async function askServer({ dataDir, bundle, threshold, key }: UseOptions, fingerprint: string): Promise<ModelEpoch> {
  const serving = readServing(dataDir);
  if (serving === null) throw new ServiceError('server_unreachable', `\`${resolve(dataDir)}\` is locked by a process that is not a server`);
  const response = await fetch(`http://127.0.0.1:${serving.port}/v1/control/models`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({ bundle: fingerprint, threshold }),
  }).catch((error: unknown) => {
    throw new ServiceError(
      'server_unreachable',
      `process ${serving.pid} on port ${serving.port}: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  if (!response.ok)
    throw new ServiceError('server_unreachable', `the server refused \`${bundle}\`: ${response.status} ${await response.text()}`);
  return (await response.json()) as ModelEpoch; // what `useModel` answers
}
