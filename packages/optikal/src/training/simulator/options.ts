/** The options of a simulated fleet, checked once and filled. */
import { DEFAULT_TENANT, ID_REGEX } from '@optikal/contracts';
import { INTENSITIES, type Intensity, SIMULATED_THREATS, type SimulatedThreat } from './campaign.ts';

export interface FleetOptions {
  /** 1 to 100,000. */
  readonly agents: number;
  /** Length of the span, fractions allowed; from 0.001 to 366. Needed, under this name or the next. */
  readonly days?: number;
  /** The same under the name of earlier users; not both. */
  readonly temporalSpanDays?: number;
  readonly seed: number | string;
  /** Midnight (UTC) of the first day. Default 2026-01-05, a Monday. */
  readonly startMs?: number;
  /** Hour of that day at which the span starts, 0 to 23. Default 0, or 9 where the span is shorter than a day: an office at work. */
  readonly startHour?: number;
  /** Share of agents with campaigns, 0 to 1. Default 0.25; agents without a task in the span stay without. */
  readonly attackedShare?: number;
  /** Campaigns of an attacked agent, 1 to 100. Default one for each two days, at least one. */
  readonly campaignsPerAgent?: number;
  /** Share of agents that read hostile texts and ignore them, 0 to 1. Default 0.2. */
  readonly attemptShare?: number;
  /** What the attacked agents are met by, at least one. Default all six. */
  readonly threats?: readonly SimulatedThreat[];
  /** How hard they are to see, at least one. Default all four. */
  readonly intensities?: readonly Intensity[];
  /** Default `default`. */
  readonly tenant?: string;
}

export interface ResolvedFleetOptions {
  readonly agents: number;
  readonly days: number;
  readonly seed: number | string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attackedShare: number;
  readonly campaignsPerAgent: number;
  readonly attemptShare: number;
  readonly threats: readonly SimulatedThreat[];
  readonly intensities: readonly Intensity[];
  readonly tenant: string;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const FIRST_MONDAY_MS = Date.UTC(2026, 0, 5);
const KNOWN = new Set(
  'agents days temporalSpanDays seed startMs startHour attackedShare campaignsPerAgent attemptShare threats intensities tenant'.split(' '),
);

export function resolveFleetOptions(options: FleetOptions): ResolvedFleetOptions {
  for (const name of Object.keys(options)) if (!KNOWN.has(name)) throw new RangeError(`expected a fleet option, found \`${name}\``);
  const agents = whole('agents', options.agents, 1, 100_000);
  const days = spanOf(options);
  const midnightMs = whole('startMs', options.startMs ?? FIRST_MONDAY_MS, Date.UTC(2001, 0, 1), Date.UTC(2098, 0, 1));
  const startMs = midnightMs + whole('startHour', options.startHour ?? (days < 1 ? 9 : 0), 0, 23) * HOUR_MS;
  const tenant = options.tenant ?? DEFAULT_TENANT;
  if (!ID_REGEX.test(tenant)) throw new RangeError(`expected a tenant id, found \`${tenant}\``);
  return {
    agents,
    days,
    seed: options.seed,
    startMs,
    endMs: startMs + Math.round(days * DAY_MS),
    attackedShare: within('attackedShare', options.attackedShare ?? 0.25, 0, 1),
    campaignsPerAgent: whole('campaignsPerAgent', options.campaignsPerAgent ?? Math.max(1, Math.round(days / 2)), 1, 100),
    attemptShare: within('attemptShare', options.attemptShare ?? 0.2, 0, 1),
    threats: someOf('threats', options.threats, SIMULATED_THREATS),
    intensities: someOf('intensities', options.intensities, INTENSITIES),
    tenant,
  };
}

function spanOf({ days, temporalSpanDays }: FleetOptions): number {
  if (days !== undefined && temporalSpanDays !== undefined)
    throw new RangeError(`expected \`days\` or \`temporalSpanDays\`, found both (${days} and ${temporalSpanDays})`);
  if (temporalSpanDays !== undefined) return within('temporalSpanDays', temporalSpanDays, 1e-3, 366);
  if (days === undefined) throw new RangeError('expected `days`, found none');
  return within('days', days, 1e-3, 366);
}

/** In the order of `all`, so that the order in which they are named says nothing. */
function someOf<T extends string>(name: string, wanted: readonly string[] | undefined, all: readonly T[]): readonly T[] {
  if (wanted === undefined) return all;
  const stranger = wanted.find((one) => !all.some((known) => known === one));
  if (stranger !== undefined || wanted.length === 0)
    throw new RangeError(`expected \`${name}\` among ${all.join(', ')}, found ${stranger === undefined ? 'none' : `\`${stranger}\``}`);
  return all.filter((known) => wanted.includes(known));
}

function within(name: string, value: number, low: number, high: number): number {
  if (!(value >= low && value <= high)) throw new RangeError(`expected \`${name}\` from ${low} to ${high}, found ${value}`);
  return value;
}

function whole(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value)) throw new RangeError(`expected a whole \`${name}\`, found ${value}`);
  return within(name, value, low, high);
}
