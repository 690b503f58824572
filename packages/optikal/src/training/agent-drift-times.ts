/** How soon a change of model is found after it, and how often one is reported where there is none. */
import { quantile } from '@optikal/ml';
import type { ScoredSessions } from './agent-drift-protocol.ts';

const DAY_MS = 86_400_000;

export interface DriftTimes {
  readonly protocol: string;
  readonly cell: string;
  readonly swapped: number;
  /** Of the swapped sessions, those with an alarm after the swap and none before it. */
  readonly found: number;
  /** Tasks of the other model that had ended at the alarm (1 = the first), and seconds since its first task began; null = none was found. */
  readonly tasksToDetect: { readonly median: number; readonly p90: number } | null;
  readonly secondsToDetect: { readonly median: number; readonly p90: number } | null;
  /** Alarms before the swap or without one, in so many days of one agent at work; one an agent at most. */
  readonly falseAlarms: number;
  readonly agentDays: number;
  readonly falseAlarmsPerAgentDay: number;
}

/** By the first alarm of each session, at its own threshold. */
export function timesOf(protocol: string, cell: string, { sessions, paths, thresholds }: ScoredSessions): DriftTimes {
  const tasks: number[] = [];
  const seconds: number[] = [];
  let swapped = 0;
  let falseAlarms = 0;
  let quietMs = 0;
  sessions.forEach(({ swap, startMs, tasks: own }, i) => {
    const alarm = paths[i]!.findIndex((margin) => margin > thresholds[i]!);
    const quiet = swap === null ? own.length : swap.task;
    if (swap !== null) swapped++;
    if (alarm >= 0 && alarm < quiet) falseAlarms++;
    else if (alarm >= 0 && swap !== null) {
      tasks.push(alarm - swap.task + 1);
      seconds.push((own[alarm]!.endMs - swap.timeMs) / 1000);
    }
    const until = swap === null ? own.at(-1)?.endMs : swap.timeMs;
    quietMs += (until ?? startMs) - startMs;
  });
  const agentDays = quietMs / DAY_MS;
  const spread = (values: readonly number[]) =>
    values.length === 0 ? null : { median: quantile(values, 0.5), p90: quantile(values, 0.9) };
  return {
    protocol,
    cell,
    swapped,
    found: tasks.length,
    tasksToDetect: spread(tasks),
    secondsToDetect: spread(seconds),
    falseAlarms,
    agentDays,
    falseAlarmsPerAgentDay: agentDays === 0 ? 0 : falseAlarms / agentDays,
  };
}
