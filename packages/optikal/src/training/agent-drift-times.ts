/** How soon a change of model is found after it, and how often one is reported where there is none. */
import { quantile } from '@optikal/ml';
import type { ScoredSessions } from './agent-drift-protocol.ts';
import { everyRow, finite, rankingOf } from './ranking.ts';

const DAY_MS = 86_400_000;
const LEAST_FOR_PERCENT = 100;

export interface DriftTimes {
  readonly protocol: string;
  readonly cell: string;
  /** Sessions ranked by their largest margin after any task; null with one class, or fewer than 100 without a change. */
  readonly auroc: number | null;
  readonly recallAt01: number | null;
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
export function timesOf(protocol: string, cell: string, { sessions, paths, liveThresholds }: ScoredSessions): DriftTimes {
  const tasks: number[] = [];
  const seconds: number[] = [];
  let swapped = 0;
  let falseAlarms = 0;
  let quietMs = 0;
  sessions.forEach(({ swap, startMs, tasks: own }, i) => {
    const alarm = paths[i]!.findIndex((margin) => margin > liveThresholds[i]!);
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
  const labels = Uint8Array.from(sessions, (session) => (session.swap === null ? 0 : 1));
  const ranking = rankingOf(finite(paths.map((path) => path.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY))), labels);
  const every = everyRow(labels.length);
  const figure = (value: number, least: number) => (Number.isNaN(value) || labels.length - swapped < least ? null : value);
  const agentDays = quietMs / DAY_MS;
  const spread = (values: readonly number[]) =>
    values.length === 0 ? null : { median: quantile(values, 0.5), p90: quantile(values, 0.9) };
  return {
    protocol,
    cell,
    auroc: figure(ranking.auroc(every), 1),
    recallAt01: figure(ranking.recallAtFpr(every, 0.01), LEAST_FOR_PERCENT),
    swapped,
    found: tasks.length,
    tasksToDetect: spread(tasks),
    secondsToDetect: spread(seconds),
    falseAlarms,
    agentDays,
    falseAlarmsPerAgentDay: agentDays === 0 ? 0 : falseAlarms / agentDays,
  };
}
