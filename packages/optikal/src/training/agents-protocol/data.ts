/** Recorded sessions of one folder as windows, for each plane of content anew. */

import type { RecordedSession } from '../../behaviour/agents-data.ts';
import type { FleetSnapshot } from '../../detection/fleet.ts';
import type { ToolLookup } from '../../detection/tool-lookup.ts';
import type { WindowSample } from '../dataset.ts';
import { type Extraction, extract } from '../extract.ts';
import { indexTruth, type TruthIndex } from '../labels.ts';
import { prepareTraffic, type ScoreOf, type Traffic, trafficEvents } from './traffic.ts';

export interface AgentsData {
  readonly traffic: Traffic;
  readonly truth: TruthIndex;
  readonly tools: ToolLookup;
  /** By agent. */
  readonly sessionOf: ReadonlyMap<string, RecordedSession>;
  readonly relatives: (key: string) => readonly string[];
}

/** As the events name it. */
export function keyOf({ agent }: RecordedSession): string {
  return `default|${agent}`;
}

export function agentsData(sessions: readonly RecordedSession[], tools: ToolLookup): AgentsData {
  return {
    traffic: prepareTraffic(sessions),
    truth: indexTruth(sessions.flatMap((session) => session.truth)),
    tools,
    sessionOf: new Map(sessions.map((session) => [keyOf(session), session])),
    relatives: relativesOf(sessions),
  };
}

/**
 * The windows, by agent and time: the same ones whatever the plane. Role and fleet of an agent are all others that share no run with it,
 * without their labels; `known` roles are taken from there.
 */
export function windowsOf(
  data: AgentsData,
  scoreOf: ScoreOf | null,
  known?: FleetSnapshot,
): Extraction & { readonly samples: WindowSample[] } {
  const events = trafficEvents(data.traffic, scoreOf);
  const { truth, tools, relatives } = data;
  const found = extract({ events: () => events, truth, tools, relatives, ...(known === undefined ? {} : { known }) });
  const samples = [...found.dataset.samples].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.startMs - b.startMs));
  return { ...found, samples };
}

/** Agents that share a recorded run. */
export function relativesOf(sessions: readonly RecordedSession[]): (key: string) => readonly string[] {
  const byRun = new Map<string, string[]>();
  for (const session of sessions)
    for (const run of new Set(session.group.runIds)) {
      const known = byRun.get(run);
      if (known === undefined) byRun.set(run, [keyOf(session)]);
      else known.push(keyOf(session));
    }
  const related = new Map(
    sessions.map((session) => [
      keyOf(session),
      [...new Set(session.group.runIds.flatMap((run) => byRun.get(run) ?? []))].filter((other) => other !== keyOf(session)),
    ]),
  );
  return (key) => related.get(key) ?? [];
}
