/** Who an agent is: role, place, sensors, versions, and the campaigns laid over its timeline. Depends on the seed and its number only. */
import { createRandom, type Random } from '@optikal/ml';
import type { CampaignPlan } from './campaign.ts';
import { placeCampaigns } from './campaign-plan.ts';
import { between, chance, logNormal, pick, pickWeighted } from './draw.ts';
import type { ResolvedFleetOptions } from './options.ts';
import { ROLES, type Role } from './roles.ts';
import { scheduleTasks } from './schedule.ts';

export interface Sensors {
  /** CPU and memory are measured. */
  readonly resources: boolean;
  /** Which tool outputs the gateway sees. */
  readonly gateway: 'all' | 'untrusted' | 'none';
  /** A policy engine decides on side effects. */
  readonly policy: boolean;
  /** The agent's side computes where argument values come from. */
  readonly provenance: boolean;
}

export interface Deploy {
  readonly timeMs: number;
  readonly version: string;
}

export interface AgentPlan {
  readonly id: string;
  readonly index: number;
  readonly role: string;
  readonly owner: string;
  readonly model: string;
  readonly version: string;
  readonly utcOffsetHours: number;
  readonly sensors: Sensors;
  readonly deploys: readonly Deploy[];
  readonly campaigns: readonly CampaignPlan[];
  /** Numbers of tasks in which a hostile text is read and ignored. */
  readonly attempts: readonly number[];
}

const MODELS = [
  { name: 'gpt-4o-mini', weight: 3 },
  { name: 'claude-haiku', weight: 3 },
  { name: 'gemini-2.5-flash', weight: 2 },
  { name: 'llama-3.3-70b', weight: 2 },
  { name: 'qwen3-235b', weight: 1 },
] as const;
const SITES = [
  { utcOffsetHours: 0, weight: 5 },
  { utcOffsetHours: 1, weight: 3 },
  { utcOffsetHours: 2, weight: 1 },
  { utcOffsetHours: -5, weight: 1.5 },
  { utcOffsetHours: 5.5, weight: 0.5 },
] as const;

export function roleNamed(name: string): Role {
  return ROLES.find((role) => role.name === name)!; // plans are made from ROLES only
}

export function agentStream(index: number, options: ResolvedFleetOptions): Random {
  return createRandom(options.seed).fork(`agent:${index}`);
}

export function planAgent(index: number, options: ResolvedFleetOptions): AgentPlan {
  return timeline(index, options).plan;
}

/** The plan with the agent's task starts, which are drawn again when needed: a fleet of a million tasks keeps none in memory. */
export function timeline(index: number, options: ResolvedFleetOptions): { plan: AgentPlan; starts: readonly number[] } {
  const random = agentStream(index, options);
  const who = random.fork('identity');
  const role = pickWeighted(who, ROLES);
  const id = `${role.prefix}-${String(index + 1).padStart(4, '0')}`;
  const utcOffsetHours = pickWeighted(who, SITES).utcOffsetHours;
  const tasksPerHour = role.tasksPerHour * Math.min(3, logNormal(who, 0.9, 0.4));
  const schedule = { hours: role.hours, startMs: options.startMs, endMs: options.endMs, tasksPerHour, utcOffsetHours };
  const placed = placeCampaigns(id, index, scheduleTasks(schedule, random.fork('schedule')), options, random);
  const major = 1 + who.nextInt(4);
  const minor = who.nextInt(9);
  const model = pickWeighted(who, MODELS).name;
  const gateway = chance(who, 0.12) ? 'none' : pick(who, ['all', 'untrusted', 'untrusted'] as const);
  const sensors = { resources: !chance(who, 0.2), gateway, policy: !chance(who, 0.15), provenance: !chance(who, 0.1) } as const;
  const deploys = chance(who, Math.min(1, options.days / 8))
    ? [{ timeMs: Math.floor(between(who, options.startMs + 60_000, options.endMs)), version: `${major}.${minor + 1}.0` }]
    : [];
  const plan = {
    id,
    index,
    role: role.name,
    owner: role.owner,
    model,
    version: `${major}.${minor}.${who.nextInt(6)}`,
    utcOffsetHours,
    sensors,
    deploys,
    campaigns: placed.campaigns,
    attempts: placed.attempts,
  };
  return { plan, starts: placed.starts };
}
