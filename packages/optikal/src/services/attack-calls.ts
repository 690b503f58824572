/** Notes, while events pass by on their way to the features, which calls serve an attack and when they were made: rows no longer know. */
import { agentKey, type Event } from '@optikal/contracts';
import type { AttackCall } from '../report/index.ts';
import { WINDOW_MS } from '../stream/limits.ts';
import type { WindowSample } from '../training/dataset.ts';
import type { DataSource } from './data-source.ts';

export interface NotedCalls {
  /** The same source; the calls are known once its events were read. */
  readonly source: DataSource;
  /** In order of time. */
  readonly callsOf: (sample: Pick<WindowSample, 'key' | 'startMs'>) => readonly AttackCall[];
}

export function noteAttackCalls(source: DataSource): NotedCalls {
  /** By agent and start of the window that the message falls into; by call id, as a message may come twice. */
  const noted = new Map<string, Map<string, AttackCall>>();
  const note = (event: Event) => {
    if (event.type !== 'argus.agent.metrics.v1') return;
    for (const { callId, time, latencyMs, tool } of event.data.calls ?? []) {
      if (source.truth?.callLabel(event.tenant, event.agent, callId) !== 1) continue;
      // A call is told of when it is over; the attack began when it was made.
      const call = { atMs: time - Math.round(latencyMs ?? 0), tool };
      const place = placeOf(agentKey(event.tenant, event.agent), Math.floor(event.timeMs / WINDOW_MS) * WINDOW_MS);
      const known = noted.get(place);
      if (known === undefined) noted.set(place, new Map([[callId, call]]));
      else known.set(callId, call);
    }
  };
  function* events(): Generator<Event> {
    for (const event of source.events()) {
      note(event);
      yield event;
    }
  }
  return {
    source: { ...source, events },
    callsOf: ({ key, startMs }) => [...(noted.get(placeOf(key, startMs))?.values() ?? [])].sort((a, b) => a.atMs - b.atMs),
  };
}

function placeOf(key: string, startMs: number): string {
  return `${key}|${startMs}`;
}
