/** Who an agent is: role, place, sensors, versions, and the campaigns laid over its timeline. Depends on the seed and its number only. */
import { createRandom, type Random } from '@optikal/ml';
import type { CampaignPlan } from './campaign.ts';
import { placeCampaigns } from './campaign-plan.ts';
import { between, chance, logNormal, pick, pickWeighted, poisson } from './draw.ts';
import { type Deploy, type Life, planLife } from './life.ts';
import { isAtWork, workload } from './occasion.ts';
import type { ResolvedFleetOptions } from './options.ts';
import { ROLES, type Role } from './roles.ts';
import { scheduleTasks } from './schedule.ts';
import type { Outage } from './weather.ts';

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

export interface AgentPlan {
  readonly id: string;
  readonly index: number;
  readonly role: string;
  readonly owner: string;
  readonly model: string;
  readonly version: string;
  readonly utcOffsetHours: number;
  readonly sensors: Sensors;
  /** In order of time. */
  readonly deploys: readonly Deploy[];
  readonly life: Life;
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
/** Rates per agent and day, shares of deploys. */
const DEPLOYS_A_DAY = 1 / 8;
const PATCHED_SHARE = 0.5;
const NEW_MODEL_SHARE = 0.2;
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

export function planAgent(index: number, options: ResolvedFleetOptions, outages: readonly Outage[]): AgentPlan {
  return timeline(index, options, outages).plan;
}

const DEPLOY_DISTANCE_MS = 6 * 3_600_000;

function isNearDrift({ threat, hostTasks, startMs }: CampaignPlan, starts: readonly number[], timeMs: number): boolean {
  const lastMs = starts[hostTasks[hostTasks.length - 1]];
  return threat === 'behavioral_drift' && timeMs > startMs - DEPLOY_DISTANCE_MS && timeMs < lastMs + DEPLOY_DISTANCE_MS;
}

/** The plan with the agent's task starts, which are drawn again when needed: a fleet of a million tasks keeps none in memory. */
export function timeline(
  index: number,
  options: ResolvedFleetOptions,
  outages: readonly Outage[],
): { plan: AgentPlan; starts: readonly number[] } {
  const random = agentStream(index, options);
  const who = random.fork('identity');
  const role = pickWeighted(who, ROLES);
  const id = `${role.prefix}-${String(index + 1).padStart(4, '0')}`;
  const utcOffsetHours = pickWeighted(who, SITES).utcOffsetHours;
  const tasksPerHour = role.tasksPerHour * Math.min(3, logNormal(who, 0.9, 0.4));
  const life = planLife(role, options, random.fork('life'));
  const around = { role, life, utcOffsetHours, outages };
  const schedule = {
    startMs: options.startMs,
    endMs: options.endMs,
    tasksPerHour,
    workload: (timeMs: number) => workload(around, timeMs),
  };
  const starts = scheduleTasks(schedule, random.fork('schedule')).filter((timeMs) => isAtWork(life, timeMs));
  const placed = placeCampaigns(id, index, role, starts, options, random);
  const major = 1 + who.nextInt(4);
  const minor = who.nextInt(9);
  const model = pickWeighted(who, MODELS).name;
  const gateway = chance(who, 0.12) ? 'none' : pick(who, ['all', 'untrusted', 'untrusted'] as const);
  const sensors = { resources: !chance(who, 0.2), gateway, policy: !chance(who, 0.15), provenance: !chance(who, 0.1) } as const;
  const version = { major, minor, patch: who.nextInt(6) };
  const plan = {
    id,
    index,
    role: role.name,
    owner: role.owner,
    model,
    version: versionText(version),
    utcOffsetHours,
    sensors,
    // A deploy beside a drift would explain it.
    deploys: planDeploys(life, model, version, options, random.fork('deploys')).filter(
      ({ timeMs }) => !placed.campaigns.some((campaign) => isNearDrift(campaign, placed.starts, timeMs)),
    ),
    life,
    campaigns: placed.campaigns,
    attempts: placed.attempts,
  };
  return { plan, starts: placed.starts };
}

interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

function versionText({ major, minor, patch }: Version): string {
  return `${major}.${minor}.${patch}`;
}

/** New versions, some of them with another model; patches after maintenance; rights that are given without either. */
function planDeploys(life: Life, firstModel: string, first: Version, options: ResolvedFleetOptions, random: Random): Deploy[] {
  const wishes: { timeMs: number; change: 'minor' | 'patch' | null; kind: string | null }[] = [
    ...Array.from({ length: poisson(random, options.days * DEPLOYS_A_DAY) }, () => ({
      timeMs: Math.floor(between(random, life.joinMs + 60_000, options.endMs)),
      change: 'minor' as const,
      kind: null,
    })),
    ...life.maintenance
      .filter(() => chance(random, PATCHED_SHARE))
      .map(({ endMs }) => ({ timeMs: endMs, change: 'patch' as const, kind: null })),
    ...life.grants.map(({ timeMs, kind }) => ({ timeMs, change: null, kind })),
  ];
  const lastMs = life.retireMs ?? options.endMs;
  let version = first;
  let model = firstModel;
  return wishes
    .filter(({ timeMs }) => timeMs < lastMs)
    .sort((a, b) => a.timeMs - b.timeMs)
    .map(({ timeMs, change, kind }) => {
      if (change === 'minor') version = { ...version, minor: version.minor + 1, patch: 0 };
      else if (change === 'patch') version = { ...version, patch: version.patch + 1 };
      if (change === 'minor' && chance(random, NEW_MODEL_SHARE)) model = pickWeighted(random, MODELS).name;
      return { timeMs, version: versionText(version), model, gains: kind };
    });
}
