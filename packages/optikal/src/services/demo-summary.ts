/** What the demo caught: recall by threat and intensity, false alarms in the analyst's units, latency in event time. */
import type { ThreatAlert } from '@optikal/contracts';
import type { Counters } from '../detection/partition.ts';
import type { Fleet } from '../training/simulator/index.ts';

export interface SeenAlert {
  readonly alert: ThreatAlert;
  /** Log clock when it was seen. */
  readonly publishedMs: number;
}

export interface DemoSummary {
  readonly agents: number;
  readonly attackedAgents: number;
  readonly hours: number;
  readonly events: number;
  readonly windows: number;
  readonly alerts: number;
  readonly campaigns: readonly { readonly threat: string; readonly intensity: string; readonly caught: number; readonly all: number }[];
  readonly caught: number;
  readonly campaignCount: number;
  readonly falseAlarms: number;
  readonly falseAlarmsPerAgentDay: number;
  readonly falseAlarmsPerAgentWeek: number;
  /** Alerts on windows in which an agent read a hostile text and ignored it: no attack, but worth a look. */
  readonly exposedAlerts: number;
  readonly withdrawn: number;
  /** First malicious call of a caught campaign → its first alert, in event time. */
  readonly latencySeconds: { readonly median: number; readonly p90: number } | null;
}

export function summariseDemo(fleet: Fleet, seen: readonly SeenAlert[], counters: Counters, hours: number): DemoSummary {
  const firstByWindow = new Map<string, SeenAlert>();
  const final = new Map<string, ThreatAlert>();
  for (const found of seen) {
    if (!firstByWindow.has(found.alert.id)) firstByWindow.set(found.alert.id, found);
    if (found.alert.revision === 2) final.set(found.alert.id, found.alert);
  }
  const confirmed = [...final.values()].filter((alert) => alert.decision === 'alert');
  const byAgent = Map.groupBy(fleet.truth, (line) => line.agent);
  const linesOf = (alert: ThreatAlert) =>
    (byAgent.get(alert.agent) ?? []).filter((line) => line.startMs < alert.windowEndMs && line.endMs >= alert.windowStartMs);
  const table = new Map<string, { threat: string; intensity: string; caught: number; all: number }>();
  const latencies: number[] = [];
  let caught = 0;
  for (const [name, lines] of Map.groupBy(
    fleet.truth.filter((line) => line.acted === 1),
    (line) => line.campaign,
  )) {
    if (name === null) continue;
    const { threat, intensity, agent } = lines[0]!; // groupBy makes no empty group
    const entry = table.get(`${threat}|${intensity}`) ?? { threat, intensity: intensity ?? '', caught: 0, all: 0 };
    table.set(`${threat}|${intensity}`, entry);
    entry.all++;
    const hits = confirmed.filter(
      (alert) => alert.agent === agent && linesOf(alert).some((line) => line.campaign === name && line.acted === 1),
    );
    if (hits.length === 0) continue;
    entry.caught++;
    caught++;
    latencies.push(
      (Math.min(...hits.map((alert) => firstByWindow.get(alert.id)!.publishedMs)) - Math.min(...lines.map((line) => line.startMs))) / 1000,
    );
  }
  const falseAlarms = confirmed.filter((alert) => linesOf(alert).length === 0).length;
  const agentDays = (fleet.agents.length * hours) / 24;
  latencies.sort((a, b) => a - b);
  return {
    agents: fleet.agents.length,
    attackedAgents: new Set(fleet.truth.filter((line) => line.acted === 1).map((line) => line.agent)).size,
    hours,
    events: counters.events,
    windows: counters.scored,
    alerts: confirmed.length,
    campaigns: [...table.values()].sort((a, b) => (`${a.threat}${a.intensity}` < `${b.threat}${b.intensity}` ? -1 : 1)),
    caught,
    campaignCount: [...table.values()].reduce((sum, { all }) => sum + all, 0),
    falseAlarms,
    falseAlarmsPerAgentDay: falseAlarms / agentDays,
    falseAlarmsPerAgentWeek: (7 * falseAlarms) / agentDays,
    exposedAlerts: confirmed.filter((alert) => linesOf(alert).length > 0 && !linesOf(alert).some((line) => line.acted === 1)).length,
    withdrawn: counters.withdrawn,
    latencySeconds:
      latencies.length === 0
        ? null
        : { median: latencies[latencies.length >> 1]!, p90: latencies[Math.floor(0.9 * (latencies.length - 1))]! },
  };
}
