/** Windows close by the log's clock alone: whoever falls silent, an agent or a whole plane, holds nothing up. */

import type { Event } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../packages/optikal/src/bus/contract.ts';
import { QUIET_MS } from '../../packages/optikal/src/stream/limits.ts';
import { oneEpoch } from '../support/prepared-log.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { stepThrough } from '../support/step-through.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const events = testFleet({ agents: 20, days: 0.1 });

describe('a window closes within 10 seconds and two ticks of its end', () => {
  it('when an agent falls silent for ever', async () => {
    const silent = events[0].agent;
    const last = events.find(({ agent }) => agent === silent)!.timeMs + 30_000;
    const waits = await waitsOf(events.filter(({ agent, timeMs }) => agent !== silent || timeMs <= last));
    const own = waits.filter(({ key }) => key.endsWith(`|${silent}`));
    expect(own.length).toBeGreaterThan(0);
    expectPrompt(waits);
  });

  it.each(['argus.policy.', 'argus.io.', 'argus.agent.metrics'])('when the plane of %s is silent for an hour', async (plane) => {
    const fromMs = events[0].timeMs + HOUR_MS / 2;
    const heard = events.filter(({ type, timeMs }) => !type.startsWith(plane) || timeMs < fromMs || timeMs > fromMs + HOUR_MS);
    expect(heard.length).toBeLessThan(events.length);
    expectPrompt(await waitsOf(heard));
  });
});

interface Wait {
  readonly key: string;
  /** Log time between the end of the window, or its last record, and its close. */
  readonly waitedMs: number;
}

/** A tick a second, as a server writes them, to an hour after the last event. */
async function waitsOf(some: readonly Event[]): Promise<Wait[]> {
  const entries: LogEntry[] = [];
  let tickMs = Math.floor(some[0].timeMs / SECOND_MS) * SECOND_MS;
  for (const event of some) {
    for (; tickMs <= event.timeMs; tickMs += SECOND_MS) entries.push({ kind: 'tick', timeMs: tickMs });
    entries.push({ kind: 'event', event });
  }
  for (const endMs = tickMs + HOUR_MS; tickMs < endMs; tickMs += SECOND_MS) entries.push({ kind: 'tick', timeMs: tickMs });
  const waits: Wait[] = [];
  const x = smallBundle('x');
  const control = oneEpoch(x).map(({ control }): LogEntry => ({ kind: 'control', control }));
  const { counters } = await stepThrough([...control, ...entries], [x], {
    onClosed: (_startMs, endMs, lastAppendMs, clockMs, key) => waits.push({ key, waitedMs: clockMs - Math.max(endMs, lastAppendMs) }),
  });
  expect(counters).toMatchObject({ accepted: some.length, late: 0, dead: 0 });
  expect(waits.length).toBe(counters.windows);
  return waits;
}

function expectPrompt(waits: readonly Wait[]): void {
  const late = waits.filter(({ waitedMs }) => waitedMs < QUIET_MS || waitedMs > QUIET_MS + 2 * SECOND_MS);
  expect(late).toEqual([]);
}
