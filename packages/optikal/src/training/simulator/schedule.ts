/** When an agent's tasks start: a Poisson process whose rate follows the work there is at the time and an autocorrelated load. */
import { exp, type Random } from '@optikal/ml';
import { weekdayOf } from './calendar.ts';
import { poisson } from './draw.ts';
import type { Hours } from './role-text.ts';

const BIN_MS = 600_000;
const HOUR_MS = 3_600_000;
/** Load: AR(1) on the log rate, 10-minute steps; half of a deviation is left after about an hour. */
const LOAD_PERSISTENCE = 0.89;
const LOAD_SPREAD = 0.6;

/** Share of the busiest rate by local hour 0 … 23. */
const PROFILES: Readonly<Record<Hours, readonly number[]>> = {
  office: [
    0.01, 0.01, 0.01, 0.01, 0.01, 0.02, 0.06, 0.2, 0.6, 0.95, 1, 0.95, 0.6, 0.75, 1, 1, 0.9, 0.65, 0.3, 0.14, 0.08, 0.05, 0.03, 0.02,
  ],
  always: [0.5, 0.45, 0.45, 0.4, 0.4, 0.45, 0.55, 0.7, 0.9, 1, 1, 1, 0.9, 0.95, 1, 1, 0.95, 0.85, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5],
  night: [0.9, 1, 1, 1, 0.8, 0.5, 0.2, 0.04, 0.02, 0.03, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.03, 0.04, 0.05, 0.08, 0.2, 0.6],
};
const WEEKEND: Readonly<Record<Hours, number>> = { office: 0.05, always: 0.7, night: 0.8 };

/** An agent works one task after the other: more than so many in ten minutes would only wait. */
const MOST_PER_BIN = 8;

export interface ScheduleOptions {
  readonly startMs: number;
  readonly endMs: number;
  readonly tasksPerHour: number;
  /** Share of `tasksPerHour` at a time, 1 = the busiest of an ordinary day. */
  readonly workload: (timeMs: number) => number;
}

/** Ascending start times. */
export function scheduleTasks(options: ScheduleOptions, random: Random): number[] {
  const starts: number[] = [];
  const innovation = LOAD_SPREAD * Math.sqrt(1 - LOAD_PERSISTENCE * LOAD_PERSISTENCE);
  let load = LOAD_SPREAD * random.nextGaussian();
  for (let binMs = options.startMs; binMs < options.endMs; binMs += BIN_MS) {
    const widthMs = Math.min(BIN_MS, options.endMs - binMs);
    const mean = options.tasksPerHour * options.workload(binMs) * exp(load - (LOAD_SPREAD * LOAD_SPREAD) / 2) * (widthMs / HOUR_MS);
    const count = poisson(random, Math.min(MOST_PER_BIN, mean));
    const first = starts.length;
    for (let i = 0; i < count; i++) starts.push(Math.floor(binMs + widthMs * random.nextFloat()));
    if (count > 1) starts.splice(first, count, ...starts.slice(first).sort((a, b) => a - b));
    load = LOAD_PERSISTENCE * load + innovation * random.nextGaussian();
  }
  return starts;
}

/** Share of the busiest rate at a local time, between whole hours by straight lines. */
export function activityLevel(hours: Hours, localMs: number): number {
  const position = (((localMs / HOUR_MS) % 24) + 24) % 24;
  const hour = Math.floor(position);
  const profile = PROFILES[hours];
  const level = profile[hour] + (profile[(hour + 1) % 24] - profile[hour]) * (position - hour);
  return weekdayOf(localMs) >= 5 ? level * WEEKEND[hours] : level;
}
