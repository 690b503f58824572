/**
 * The log clock of a partition and the epochs that control records bring. INVARIANT: nothing but a tick moves the clock; nothing reads a
 * wall clock. The epoch of a window is the last one that takes effect at or before its start, for early and final alike.
 */
import type { Control, ModelEpoch } from '@optikal/contracts';

export interface PartitionClock {
  clockMs: number;
  /** Ascending by (effectiveFromMs, order of arrival). */
  readonly epochs: ModelEpoch[];
  readonly quarantines: { readonly tenant: string; readonly agent: string; readonly fromMs: number; readonly untilMs: number }[];
}

export function newPartitionClock(): PartitionClock {
  return { clockMs: Number.NEGATIVE_INFINITY, epochs: [], quarantines: [] };
}

/** Moves the clock; a tick that does not pass it changes nothing. */
export function tick(clock: PartitionClock, timeMs: number): boolean {
  if (!(timeMs > clock.clockMs)) return false;
  clock.clockMs = timeMs;
  return true;
}

export function control(clock: PartitionClock, record: Control): void {
  if (record.kind === 'model_epoch') {
    const at = clock.epochs.findLastIndex((epoch) => epoch.effectiveFromMs <= record.effectiveFromMs);
    clock.epochs.splice(at + 1, 0, record);
  } else {
    clock.quarantines.push({ tenant: record.tenant, agent: record.agent, fromMs: record.fromMs, untilMs: record.untilMs });
  }
}

/** null = no model is in force at this time: windows close unscored. */
export function epochAt(clock: PartitionClock, windowStartMs: number): ModelEpoch | null {
  return clock.epochs.findLast((epoch) => epoch.effectiveFromMs <= windowStartMs) ?? null;
}

export function isQuarantined(clock: PartitionClock, tenant: string, agent: string, timeMs: number): boolean {
  return clock.quarantines.some((q) => q.tenant === tenant && q.agent === agent && q.fromMs <= timeMs && timeMs < q.untilMs);
}
