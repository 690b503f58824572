/**
 * What is going on around an agent at a time, how much work it brings and of which kind: the close of a month, a holiday, an incident with
 * its on-call work, upkeep after maintenance, a campaign at work. None of it is an attack.
 */
import type { Random } from '@optikal/ml';
import { closeOf, isHoliday } from './calendar.ts';
import { chance, pickWeighted } from './draw.ts';
import { type Life, spanAt } from './life.ts';
import type { Occasion } from './role-text.ts';
import type { Role, TaskKind } from './roles.ts';
import { activityLevel } from './schedule.ts';
import { incidentAt, type Outage } from './weather.ts';

export interface Surroundings {
  readonly role: Role;
  readonly life: Life;
  readonly utcOffsetHours: number;
  readonly outages: readonly Outage[];
}

const HOUR_MS = 3_600_000;
/** Whoever is maintained is looked over for so long afterwards. */
const UPKEEP_MS = 2_400_000;
/** Share of the busiest rate. */
const UPKEEP_LEVEL = 0.8;
const ON_CALL_LEVEL = 0.9;
const CLOSE_FACTOR = 1.7;
const CLOSE_EVENING = 0.35;
/** On a holiday few work, at hours of their own. */
const HOLIDAY_SHARE = 0.08;
const HOLIDAY_ALWAYS = 0.7;
/** Share of a burst's tasks that are of its kind. */
const BURST_SHARE = 0.75;

export function occasionAt(around: Surroundings, timeMs: number): Occasion | null {
  const { role, life, outages } = around;
  if (spanAt(life.bursts, timeMs) !== null) return 'burst';
  if (incidentAt(outages, timeMs) !== null) return 'incident';
  if (life.maintenance.some((span) => timeMs >= span.endMs && timeMs < span.endMs + UPKEEP_MS)) return 'upkeep';
  return role.closes ? closeOf(timeMs + around.utcOffsetHours * HOUR_MS) : null;
}

/** Share of the busiest rate of an ordinary day, above 1 where there is more to do than that. */
export function workload(around: Surroundings, timeMs: number): number {
  const { role, life, utcOffsetHours } = around;
  const localMs = timeMs + utcOffsetHours * HOUR_MS;
  const usual = activityLevel(role.hours, localMs);
  const level = isHoliday(localMs, utcOffsetHours)
    ? role.hours === 'office'
      ? HOLIDAY_SHARE * activityLevel('always', localMs)
      : HOLIDAY_ALWAYS * usual
    : usual;
  switch (occasionAt(around, timeMs)) {
    case 'burst':
      return level * spanAt(life.bursts, timeMs)!.factor; // the occasion is this span
    case 'incident':
      return role.onCall ? Math.max(level, ON_CALL_LEVEL) : level;
    case 'upkeep':
      return Math.max(level, UPKEEP_LEVEL);
    case 'month_end':
    case 'quarter_end':
      return Math.max(level * CLOSE_FACTOR, isEvening(localMs) ? CLOSE_EVENING : 0);
    case null:
      return level;
  }
}

/** No task starts before the agent is there, after it has gone, or while it is maintained. */
export function isAtWork(life: Life, timeMs: number): boolean {
  return timeMs >= life.joinMs && (life.retireMs === null || timeMs < life.retireMs) && spanAt(life.maintenance, timeMs) === null;
}

/** Kind of the next task among those that the agent may do. */
export function chooseKind(around: Surroundings, withheld: ReadonlySet<string>, timeMs: number, random: Random): TaskKind {
  const { role, life } = around;
  const burst = spanAt(life.bursts, timeMs);
  const ofBurst = burst === null || !chance(random, BURST_SHARE) ? undefined : role.kinds.find(({ name }) => name === burst.kind);
  if (ofBurst !== undefined) return ofBurst;
  const occasion = occasionAt(around, timeMs);
  const open = role.kinds.filter(({ name }) => !withheld.has(name));
  return pickWeighted(
    random,
    open.map((kind) => ({ kind, weight: (occasion === null ? undefined : kind.at[occasion]) ?? kind.weight })),
  ).kind;
}

function isEvening(localMs: number): boolean {
  const hour = Math.floor(localMs / HOUR_MS) % 24;
  return hour >= 18 && hour < 22;
}
