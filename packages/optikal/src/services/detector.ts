/**
 * The detector of one partition: read a bounded batch, step through it, commit position, state and alerts in one transaction. Delivery: after
 * a crash at any moment the partition goes on from its last commit, and the alerts are those of the undisturbed run. When the disk is full
 * it keeps the batch and tries again; when a bundle cannot be loaded it stops, visibly.
 */
import type { Bus, Lease, LogRecord } from '../bus/contract.ts';
import { agentKey } from '../detection/agent-state.ts';
import {
  encodePartition,
  evictAgents,
  loadAgents,
  newDraft,
  outputOf,
  type PartitionState,
  restorePartition,
  stateChanges,
} from '../detection/partition.ts';
import { step } from '../detection/step.ts';
import { failpoint } from '../observability/failpoint.ts';
import type { ModelStore } from './model-store.ts';

export interface DetectorOptions {
  readonly bus: Bus;
  readonly partition: number;
  readonly models: ModelStore;
  readonly run?: string;
  /** Sees the partition after each commit. */
  readonly onCommit?: (state: PartitionState, next: number) => void;
  /** Sees how far the batch got before its commit (crash tests count what a kill loses). */
  readonly onProcessed?: (next: number) => void;
}

export interface Detector {
  readonly state: PartitionState;
  /**
   * Processes one batch; resolves to the number of records. Waits up to maxWaitMs for a first one. A full disk is waited out until `stopped`
   * says that nobody wants to wait; then it throws `disk_full`, and this detector is at its end: the next one goes on from the last commit.
   */
  runOnce(maxWaitMs: number, stopped?: () => boolean): Promise<number>;
}

const BATCH_RECORDS = 512;
const HELD_AGENTS = 50_000;
const RETRY_MS = 250;

export async function createDetector({ bus, partition, models, run = 'live', onCommit, onProcessed }: DetectorOptions): Promise<Detector> {
  const lease = await bus.lease(partition);
  const state = restorePartition(run, lease.partitionState, lease.due);
  await models.prepare(state.clock.epochs);
  let next = lease.next;

  return {
    state,
    async runOnce(maxWaitMs, stopped = () => false) {
      const batch = await bus.read(lease, next, { maxRecords: BATCH_RECORDS, maxWaitMs });
      if (batch.records.length === 0) return 0;
      await models.prepare(
        batch.records.flatMap((record) => (record.kind === 'control' && record.control.kind === 'model_epoch' ? [record.control] : [])),
      );
      await loadTouched(bus, lease, state, batch.records);
      const draft = newDraft(state);
      for (const record of batch.records) step(draft, record, models);
      onProcessed?.(batch.next);
      failpoint('detector.batch.processed');
      const changes = { next: batch.next, state: stateChanges(draft), partitionState: encodePartition(state), out: outputOf(draft) };
      await commitPatiently(bus, lease, changes, stopped);
      next = batch.next;
      evictAgents(state, HELD_AGENTS);
      onCommit?.(state, next);
      return batch.records.length;
    },
  };
}

/** Runs until `stopped` says so; between batches, so that a stop never tears one apart. */
export async function runDetector(detector: Detector, stopped: () => boolean, maxWaitMs = 50): Promise<void> {
  while (!stopped()) await detector.runOnce(maxWaitMs, stopped);
}

/** Loads the agents that the batch's events name and those whose windows its ticks will close. */
async function loadTouched(bus: Bus, lease: Lease, state: PartitionState, records: readonly LogRecord[]): Promise<void> {
  const keys = new Set<string>();
  let tickMs = Number.NEGATIVE_INFINITY;
  for (const record of records) {
    if (record.kind === 'event') keys.add(agentKey(record.event.tenant, record.event.agent));
    else if (record.kind === 'tick') tickMs = Math.max(tickMs, record.timeMs);
  }
  for (const key of state.due.keysDue(tickMs)) keys.add(key);
  const cold = [...keys].filter((key) => !state.agents.has(key));
  if (cold.length > 0) loadAgents(state, await bus.loadState(lease, cold));
}

async function commitPatiently(bus: Bus, lease: Lease, commit: Parameters<Bus['commit']>[1], stopped: () => boolean): Promise<void> {
  for (;;) {
    try {
      return await bus.commit(lease, commit);
    } catch (error) {
      if (!isRetriable(error) || stopped()) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function isRetriable(error: unknown): boolean {
  return error instanceof Error && 'retriable' in error && error.retriable === true;
}
