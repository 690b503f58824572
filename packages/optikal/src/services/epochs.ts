/** Model epochs as control records: which bundle judges windows that start at or after which event time. */
import type { ModelEpoch } from '@optikal/contracts';
import type { Bus } from '../bus/contract.ts';
import { MAX_AHEAD_MS, WINDOW_MS } from '../stream/limits.ts';

/** Event time from which the first model of a log is in force: before every event that is accepted. */
export const FIRST_EPOCH_MS = 946_684_800_000;

/**
 * From when a model may judge that is put into force at this log clock: behind every window that could be open already, so that early and
 * final look of a window share one model.
 */
export function nextEpochMs(clockMs: number): number {
  if (!Number.isFinite(clockMs)) return FIRST_EPOCH_MS;
  return (Math.floor((clockMs + MAX_AHEAD_MS) / WINDOW_MS) + 1) * WINDOW_MS;
}

export function modelEpoch(bundle: string, threshold: number | null, effectiveFromMs: number): ModelEpoch {
  return { kind: 'model_epoch', bundle, threshold, backend: 'local', effectiveFromMs };
}

export async function appendEpoch(bus: Pick<Bus, 'append'>, epoch: ModelEpoch): Promise<void> {
  await bus.append([{ kind: 'control', control: epoch }]);
}
