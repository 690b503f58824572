/**
 * The detector of one partition: read a bounded batch, step through it, commit position, state and alerts in one transaction. Delivery: after
 * a crash at any moment the partition goes on from its last commit, and the alerts are those of the undisturbed run. When the disk is full
 * it keeps the batch and tries again; when a bundle cannot be loaded it stops, visibly.
 */
import { setImmediate } from 'node:timers/promises';
import { agentKey } from '@optikal/contracts';
import type { Bus, Lease, LogRecord } from '../bus/contract.ts';
import {
  type Draft,
  encodePartition,
  evictAgents,
  loadAgents,
  newDraft,
  outputOf,
  type PartitionState,
  readAgents,
  restAgents,
  restorePartition,
  stateChanges,
} from '../detection/partition.ts';
import { closeNext, step } from '../detection/step.ts';
import { failpoint } from '../observability/failpoint.ts';
import type { ModelStore } from './model-store.ts';

export interface DetectorOptions {
  readonly bus: Bus;
  readonly partition: number;
  readonly models: ModelStore;
  readonly run?: string;
  readonly limits?: DetectorLimits;
  /** Sees the partition after each commit. */
  readonly onCommit?: (state: PartitionState, next: number) => void;
  /** Sees how far the batch got before its commit (crash tests count what a kill loses). */
  readonly onProcessed?: (next: number) => void;
}

export interface Detector {
  readonly state: PartitionState;
  /** The committed position. */
  readonly next: number;
  /**
   * Processes one batch; resolves to the number of records. Waits up to maxWaitMs for a first one. A full disk is waited out until `stopped`
   * says that nobody wants to wait; then it throws `disk_full`, and this detector is at its end: the next one goes on from the last commit.
   */
  runOnce(maxWaitMs: number, stopped?: () => boolean): Promise<number>;
}

/** When a commit is due in the middle of a tick: so many windows may close with one that its output must not wait for the last of them. */
export interface DetectorLimits {
  /** Agents whose windows it closed. Default 512. */
  readonly draftAgents?: number;
  /** Alerts. Default 64. */
  readonly draftAlerts?: number;
}

const BATCH_RECORDS = 512;
/** Work between two turns of the event loop; one step is well below it. */
const SLICE_MS = 8;
/** Decoding these takes some milliseconds. */
const LOADED_AT_ONCE = 512;
const HELD_AGENTS = 50_000;
/** Batches between two looks at which agents to forget: a fleet whose windows are all open is looked through in vain. */
const EVICT_EVERY = 16;
const RETRY_MS = 250;

export async function createDetector(options: DetectorOptions): Promise<Detector> {
  const { bus, partition, models, run = 'live', onCommit, onProcessed } = options;
  const { draftAgents = 512, draftAlerts = 64 } = options.limits ?? {};
  const lease = await bus.lease(partition);
  const state = restorePartition(run, lease.partitionState, lease.due);
  await models.prepare(state.clock.epochs);
  let next = lease.next;
  let batches = 0;

  /** Makes durable what happened up to `to`, and from which clock to go on: a tick that is not over is read again. */
  const commit = async (draft: Draft, to: number, clockMs: number, stopped: () => boolean): Promise<Draft> => {
    onProcessed?.(to);
    failpoint('detector.batch.processed');
    const changes = { next: to, state: stateChanges(draft), partitionState: encodePartition(state, clockMs), out: outputOf(draft) };
    await commitPatiently(bus, lease, changes, stopped);
    next = to;
    restAgents(draft);
    onCommit?.(state, next);
    return newDraft(state);
  };

  return {
    state,
    get next() {
      return next;
    },
    async runOnce(maxWaitMs, stopped = () => false) {
      const batch = await bus.read(lease, next, { maxRecords: BATCH_RECORDS, maxWaitMs });
      if (batch.records.length === 0) return 0;
      await models.prepare(
        batch.records.flatMap((record) => (record.kind === 'control' && record.control.kind === 'model_epoch' ? [record.control] : [])),
      );
      const slice = newSlice();
      await loadTouched(bus, lease, state, batch.records, slice);
      let draft = newDraft(state);
      for (const record of batch.records) {
        const { clockMs } = state.clock;
        if (record.kind === 'tick')
          while (closeNext(draft, record.timeMs, models)) {
            if (draft.touched.size >= draftAgents || draft.alerts.length >= draftAlerts) {
              draft = await commit(draft, record.offset, clockMs, stopped);
              // The rest of a crowded tick can wait for the next start; who stops cannot.
              if (stopped()) return giveUp(state, clockMs);
            }
            await slice.yield();
          }
        step(draft, record, models);
        await slice.yield();
      }
      await commit(draft, batch.next, state.clock.clockMs, stopped);
      if (++batches % EVICT_EVERY === 0) evictAgents(state, HELD_AGENTS);
      return batch.records.length;
    },
  };
}

/** The tick that is not over is to be read again, by this detector too. */
function giveUp(state: PartitionState, clockMs: number): number {
  state.clock.clockMs = clockMs;
  return 0;
}

/** Gives the event loop its turn when this one has lasted long enough. Results never depend on where. */
interface Slice {
  yield(): Promise<void> | void;
}

function newSlice(): Slice {
  let startMs = performance.now();
  return {
    yield: () => {
      if (performance.now() - startMs < SLICE_MS) return;
      return setImmediate().then(() => {
        startMs = performance.now();
      });
    },
  };
}

/** Runs until `stopped` says so; between batches, so that a stop never tears one apart. */
export async function runDetector(detector: Detector, stopped: () => boolean, maxWaitMs = 50): Promise<void> {
  while (!stopped()) await detector.runOnce(maxWaitMs, stopped);
}

/** Loads the agents that the batch's events name and those whose windows its ticks will close. */
async function loadTouched(bus: Bus, lease: Lease, state: PartitionState, records: readonly LogRecord[], slice: Slice): Promise<void> {
  const cold = new Set<string>();
  const want = (key: string) => {
    if (!state.agents.has(key)) cold.add(key);
  };
  let tickMs = Number.NEGATIVE_INFINITY;
  for (const record of records) {
    if (record.kind === 'event') want(agentKey(record.event.tenant, record.event.agent));
    else if (record.kind === 'tick') tickMs = Math.max(tickMs, record.timeMs);
  }
  let seen = 0;
  for (const key of state.due.keysDue(tickMs)) {
    want(key);
    // A tick may make a whole fleet due. Nothing else moves the queue meanwhile.
    if (++seen % LOADED_AT_ONCE === 0) await slice.yield();
  }
  const keys = [...cold];
  for (let at = 0; at < keys.length; at += LOADED_AT_ONCE) {
    const stored = readAgents(await bus.loadState(lease, keys.slice(at, at + LOADED_AT_ONCE)));
    const found = stored.offsets.length === 0 ? [] : await bus.readAt(lease, stored.offsets);
    const events = new Map(found.flatMap((record) => (record.kind === 'event' ? [[record.offset, record]] : [])));
    loadAgents(state, stored, (offset) => events.get(offset)!); // an open window refers to events of its own log
  }
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
