/** What the demo caught: recall by threat and intensity, false alarms in the analyst's units, latency in event time. */
import type { ThreatAlert, Truth } from '@optikal/contracts';
import type { Counters } from '../detection/partition.ts';
import type { Fleet } from '../training/simulator/index.ts';

export interface SeenAlert {
  readonly alert: ThreatAlert;
  /** Log clock when it was published. */
  readonly publishedMs: number;
}

/** What a window really held, as the simulator knows: an attack, a hostile text that was read and ignored, or nothing. */
export interface WindowTruth {
  readonly kind: 'attack' | 'exposed' | 'benign';
  readonly threat: string | null;
  readonly intensity: string | null;
}

export interface DemoSummary {
  readonly agents: number;
  /** Agents whose campaign began before the end. */
  readonly attackedAgents: number;
  /** Hours of log time that were seen. */
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

/** `untilMs`: event time up to which the fleet was seen; a demo may be stopped before its end, and what came later is not held against it. */
export function summariseDemo(fleet: Fleet, seen: readonly SeenAlert[], counters: Counters, untilMs: number): DemoSummary {
  const truth = fleet.truth.filter((line) => line.startMs < untilMs);
  const firstByWindow = new Map<string, SeenAlert>();
  const final = new Map<string, ThreatAlert>();
  for (const found of seen) {
    if (!firstByWindow.has(found.alert.id)) firstByWindow.set(found.alert.id, found);
    if (found.alert.revision === 2) final.set(found.alert.id, found.alert);
  }
  const confirmed = [...final.values()].filter((alert) => alert.decision === 'alert');
  // All of the truth: an attack that goes on behind the end is no false alarm.
  const linesOf = truthLines(fleet.truth);
  const table = new Map<string, { threat: string; intensity: string; caught: number; all: number }>();
  const latencies: number[] = [];
  let caught = 0;
  for (const [name, lines] of Map.groupBy(
    truth.filter((line) => line.acted === 1),
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
  const hours = Math.max(untilMs - fleet.startMs, 0) / 3_600_000;
  const agentDays = Math.max((fleet.agents.length * hours) / 24, Number.MIN_VALUE);
  latencies.sort((a, b) => a - b);
  return {
    agents: fleet.agents.length,
    attackedAgents: new Set(truth.filter((line) => line.acted === 1).map((line) => line.agent)).size,
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

/** The lines of the truth that overlap the window of an alert. */
function truthLines(truth: readonly Truth[]): (alert: ThreatAlert) => readonly Truth[] {
  const byAgent = Map.groupBy(truth, (line) => line.agent);
  return (alert) =>
    (byAgent.get(alert.agent) ?? []).filter((line) => line.startMs < alert.windowEndMs && line.endMs >= alert.windowStartMs);
}

export function truthOf(truth: readonly Truth[]): (alert: ThreatAlert) => WindowTruth {
  const linesOf = truthLines(truth);
  return (alert) => {
    const met = linesOf(alert);
    const line = met.find(({ acted }) => acted === 1) ?? met[0];
    if (line === undefined) return { kind: 'benign', threat: null, intensity: null };
    return { kind: line.acted === 1 ? 'attack' : 'exposed', threat: line.threat, intensity: line.intensity };
  };
}
