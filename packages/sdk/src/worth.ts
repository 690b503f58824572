/** What an event is worth where not all can be kept: its class, and the order in which classes are given up. */
import type { Call, Event } from '@optikal/contracts';

/** Least worth first. `routine` is a metrics message in which nothing was done that an alert could be about, `activity` any other. */
export const EVENT_CLASSES = ['routine', 'activity', 'lifecycle', 'provenance', 'validation', 'decision', 'violation'] as const;
export type EventClass = (typeof EVENT_CLASSES)[number];

export function classOf(event: Event): EventClass {
  switch (event.type) {
    case 'argus.agent.metrics.v1':
      return (event.data.anomalyCount ?? 0) > 0 || (event.data.calls ?? []).some(isActivity) ? 'activity' : 'routine';
    case 'argus.agent.lifecycle.v1':
      return 'lifecycle';
    case 'argus.call.provenance.v1':
      return 'provenance';
    case 'argus.io.validation.v1':
      return 'validation';
    case 'argus.policy.decisions.v1':
      return 'decision';
    case 'argus.security.violations.v1':
      return 'violation';
  }
}

/** A side effect, a failure, or values that came from a text that was flagged or went to a new place. */
function isActivity({ effect, ok, provenance }: Call): boolean {
  return (
    !ok ||
    effect === 'write' ||
    effect === 'account' ||
    effect === 'money' ||
    (provenance?.valuesFlagged ?? 0) > 0 ||
    (provenance?.destNew ?? 0) > 0
  );
}

export type ByClass = Record<EventClass, number>;

export function noneOf(): ByClass {
  return { routine: 0, activity: 0, lifecycle: 0, provenance: 0, validation: 0, decision: 0, violation: 0 };
}

/**
 * How much of a spool each class may fill: the least worth stops at half, the last may use all of it, the others stand evenly between. So the
 * worthier always find room, and nothing that lies on the disk has to be written again.
 */
export function limitsOf(worth: readonly EventClass[], maxBytes: number): ByClass {
  const limits = noneOf();
  for (const [rank, name] of worth.entries()) limits[name] = Math.floor(maxBytes * (0.5 + (0.5 * rank) / (worth.length - 1)));
  return limits;
}
