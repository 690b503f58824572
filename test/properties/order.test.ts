/** What the log's order may change, and what it may not: final alerts are a function of the set of records of each window. */

import type { Event } from '@optikal/contracts';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AlertRow, LogEntry } from '../../packages/optikal/src/bus/contract.ts';
import { QUIET_MS, WINDOW_MS } from '../../packages/optikal/src/stream/limits.ts';
import { windowStart } from '../../packages/optikal/src/stream/window.ts';
import { changingEpochs, entriesOf, oneEpoch } from '../support/prepared-log.ts';
import { type SmallBundle, smallBundle, testFleet } from '../support/small-bundles.ts';
import { alertLines, type SteppedThrough, stepThrough } from '../support/step-through.ts';

const SECOND_MS = 1000;
/** How early an event may come: a producer's clock that runs ahead. */
const EARLY_MS = 60_000;

describe('the log', () => {
  let x: SmallBundle;
  let y: SmallBundle;
  const events = testFleet({ agents: 14, days: 0.12, campaignsPerAgent: 3 });
  let straight: SteppedThrough;

  beforeAll(async () => {
    [x, y] = [smallBundle('x'), smallBundle('y')];
    straight = await stepThrough(entriesOf(events, oneEpoch(x)), [x]);
  });

  it.each([1, 12])(
    'permuted while windows are open, each record three times, over %i partitions: the same final alerts',
    async (partitions) => {
      expect(finalAlerts(straight).length).toBeGreaterThan(30);
      await fc.assert(
        fc.asyncProperty(fc.integer(), async (seed) => {
          const entries = permuted(events, seed, 3);
          const found = await stepThrough([...entriesOf([], oneEpoch(x)), ...entries], [x], { partitions });
          expect(found.counters).toMatchObject({ events: 3 * events.length, accepted: events.length, dead: 0 });
          expect(found.counters.duplicate + found.counters.late).toBe(2 * events.length);
          expect(finalAlerts(found)).toEqual(finalAlerts(straight));
        }),
        { numRuns: 4, seed: 7 },
      );
    },
  );

  it('whose state goes through its stored form after every record, or after some: the same alerts, byte for byte', async () => {
    const entries = entriesOf(events, changingEpochs(events, x, y));
    const undisturbed = alertLines((await stepThrough(entries, [x, y])).alerts);
    expect(undisturbed.length).toBeGreaterThan(30);
    for (const restartEvery of [3, 61, 512]) {
      const found = await stepThrough(entries, [x, y], { restartEvery });
      expect(alertLines(found.alerts)).toEqual(undisturbed);
    }
    const few = entriesOf(events.slice(0, 800), oneEpoch(x));
    const everyOne = await stepThrough(few, [x], { restartEvery: 1 });
    expect(alertLines(everyOne.alerts)).toEqual(alertLines((await stepThrough(few, [x])).alerts));
  });
});

/** Revision 2 of windows that alert. A withdrawn one exists only where an early look alerted, and that look depends on the order. */
function finalAlerts({ alerts }: SteppedThrough): string[] {
  return alertLines(alerts.filter(isConfirmed));
}

function isConfirmed({ revision, body }: AlertRow): boolean {
  return revision === 2 && (JSON.parse(body) as { decision: string }).decision === 'alert'; // the body of an alert
}

/** Each event several times, each at a moment of its own while its window may be open, between ticks of one second. */
function permuted(events: readonly Event[], seed: number, times: number): LogEntry[] {
  let state = seed >>> 0;
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const arrivals = events.flatMap((event) => {
    const fromMs = event.timeMs - EARLY_MS;
    const untilMs = windowStart(event.timeMs) + WINDOW_MS + QUIET_MS - 2 * SECOND_MS;
    return Array.from({ length: times }, () => ({ atMs: fromMs + draw() * (untilMs - fromMs), event }));
  });
  arrivals.sort((a, b) => a.atMs - b.atMs);
  const entries: LogEntry[] = [];
  let tickMs = Math.floor(arrivals[0].atMs / SECOND_MS) * SECOND_MS - SECOND_MS;
  for (const { atMs, event } of arrivals) {
    for (; tickMs <= atMs; tickMs += SECOND_MS) entries.push({ kind: 'tick', timeMs: tickMs });
    entries.push({ kind: 'event', event });
  }
  entries.push({ kind: 'tick', timeMs: tickMs + 3 * (WINDOW_MS + QUIET_MS) });
  return entries;
}
