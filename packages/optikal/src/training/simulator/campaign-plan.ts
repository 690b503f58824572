/**
 * Which agents are attacked, how, when, and with what goal. Everything depends on the seed and the agent's own number only, so a larger
 * fleet keeps the campaigns of a smaller one.
 */
import { createRandom, type Random } from '@optikal/ml';
import { ATTACKS } from './attacks/index.ts';
import type { CampaignPlan, Intensity, SimulatedThreat } from './campaign.ts';
import { between, chance, pick, poisson } from './draw.ts';
import type { ResolvedFleetOptions } from './options.ts';
import type { Role } from './roles.ts';

/** Agents are drawn in blocks, so that the attacked share holds in a small fleet too and an agent's number says nothing. */
const BLOCK = 8;
/** Ids of the attackers' destinations start here; the agents' own partners and strangers stay below. */
export const FIRST_HOSTILE_DESTINATION = 1_000_000_000;
/** An agent's closest partners: one of them may be bought or broken. */
const CLOSE_PARTNERS = 8;

/** Position of the agent among the attacked ones, or −1. */
export function attackOrdinal(index: number, options: ResolvedFleetOptions): number {
  const block = Math.floor(index / BLOCK);
  const first = Math.floor(block * BLOCK * options.attackedShare);
  const count = Math.floor((block + 1) * BLOCK * options.attackedShare) - first;
  const order = createRandom(options.seed)
    .fork(`attacked:${block}`)
    .shuffle([...Array(BLOCK).keys()]);
  const place = order.indexOf(index % BLOCK);
  return place < count ? first + place : -1;
}

/** The threat and intensity of the n-th campaign of the fleet: each combination once in as many campaigns, in a shuffled order. */
function combination(n: number, options: ResolvedFleetOptions): { threat: SimulatedThreat; intensity: Intensity } {
  const all = options.threats.flatMap((threat) => options.intensities.map((intensity) => ({ threat, intensity })));
  const order = createRandom(options.seed)
    .fork(`combinations:${Math.floor(n / all.length)}`)
    .shuffle(all);
  return order[n % all.length];
}

export interface PlacedCampaigns {
  readonly starts: readonly number[];
  readonly campaigns: readonly CampaignPlan[];
  /** Numbers of tasks in which a hostile text is read and ignored. */
  readonly attempts: readonly number[];
}

/** A stretch of the agent's tasks: the campaign lives in it. */
interface Slice {
  readonly low: number;
  readonly high: number;
  /** The campaign begins with the first task. */
  readonly atOnce: boolean;
}

export function placeCampaigns(
  agent: string,
  index: number,
  role: Role,
  starts: readonly number[],
  options: ResolvedFleetOptions,
  random: Random,
): PlacedCampaigns {
  const ordinal = attackOrdinal(index, options);
  const ownStarts = [...starts];
  const campaigns: CampaignPlan[] = [];
  const taken = new Set<number>();
  if (ordinal >= 0 && ownStarts.length > 0) {
    const stream = random.fork('campaigns');
    // A short demo must show something in its first minutes: some agents are met by their attacker at once.
    const early = options.days < 1 && chance(stream, 0.2);
    if (early) insertStart(ownStarts, options.startMs + Math.floor(between(stream, 45_000, 480_000)));
    for (let c = 0; c < options.campaignsPerAgent; c++) {
      const wanted = combination(ordinal * options.campaignsPerAgent + c, options);
      const slice = sliceOf(c, ownStarts.length, options.campaignsPerAgent, early);
      const plan = planCampaign({ ...wanted, agent, index, number: c, role, slice }, stream);
      // More campaigns than tasks: there is no room for all.
      if (plan.hostTasks.some((task) => taken.has(task))) continue;
      for (const task of plan.hostTasks) taken.add(task);
      campaigns.push({ ...plan, startMs: ownStarts[plan.hostTasks[0]] });
    }
  }
  return { starts: ownStarts, campaigns, attempts: placeAttempts(random.fork('attempts'), ownStarts.length, taken, options) };
}

export interface CampaignWish {
  readonly threat: SimulatedThreat;
  readonly intensity: Intensity;
  readonly agent: string;
  readonly index: number;
  /** Of the agent's campaigns. */
  readonly number: number;
  readonly role: Role;
  readonly slice: Slice;
}

export function planCampaign(wish: CampaignWish, random: Random): Omit<CampaignPlan, 'startMs'> {
  const { threat, intensity, agent, index, number, role, slice } = wish;
  const attack = ATTACKS[threat];
  const template = pick(random, attack.templates(role));
  const hostTasks = hosts(random, attack.parts(random, intensity), slice, threat === 'behavioral_drift', intensity);
  // A mimic has a partner of the agent's for an accomplice; at moderate intensity some attackers do.
  const accomplice = intensity === 'mimicry' || (template === 'partner-disguise' && intensity !== 'blatant');
  return {
    name: `${template}-${agent}-${number + 1}`,
    template,
    agent,
    threat,
    intensity,
    hostTasks,
    // Where all is imitated, only an injection needs a text.
    exposed: chance(random, attack.exposure) && (intensity !== 'mimicry' || threat === 'prompt_injection'),
    textLogit: hostileLogit(random, intensity),
    destination: accomplice ? random.nextInt(CLOSE_PARTNERS) : FIRST_HOSTILE_DESTINATION + index * 128 + number,
    goal: attack.goal(random, { intensity, template, parts: hostTasks.length, role }),
  };
}

/** The gateway is nearly sure of a blatant text; the more an attacker hides, the more of his texts read like any other page. */
export function hostileLogit(random: Random, intensity: Intensity): number {
  if (intensity === 'blatant') return 3.4 + 1.2 * random.nextGaussian();
  const missed = intensity === 'moderate' ? 0.5 : intensity === 'low_and_slow' ? 0.7 : 0.85;
  return chance(random, missed) ? -4.7 + 1.2 * random.nextGaussian() : 0.9 + 1.4 * random.nextGaussian();
}

function insertStart(starts: number[], timeMs: number): void {
  const at = starts.findIndex((start) => start > timeMs);
  starts.splice(at < 0 ? starts.length : at, 0, timeMs);
}

/** Campaign `c` lives in its own slice of the agent's tasks, so that campaigns of one agent follow each other over the whole span. */
function sliceOf(c: number, tasks: number, campaigns: number, early: boolean): Slice {
  const low = Math.floor((tasks * c) / campaigns);
  const high = Math.min(tasks, Math.max(low + 1, Math.floor((tasks * (c + 1)) / campaigns)));
  return { low, high, atOnce: early && c === 0 };
}

/** A slow campaign takes the whole slice, drift begins at a moment and stays for a while, the others follow step upon step. */
function hosts(random: Random, parts: number, { low, high, atOnce }: Slice, drifts: boolean, intensity: Intensity): number[] {
  const room = high - low;
  const count = Math.min(parts, room);
  if (intensity === 'low_and_slow') {
    const edge = (part: number): number => low + Math.floor((part * room) / count);
    return Array.from({ length: count }, (_, part) =>
      atOnce && part === 0 ? low : edge(part) + random.nextInt(edge(part + 1) - edge(part)),
    );
  }
  const tasks: number[] = [];
  for (let part = 0, next = atOnce ? low : low + random.nextInt(Math.max(1, room - count + 1)); part < count && next < high; part++) {
    tasks.push(next);
    const spare = high - next - (count - part);
    next += 1 + random.nextInt(Math.max(1, Math.min(drifts ? 2 : 3, spare)));
  }
  return tasks;
}

function placeAttempts(random: Random, tasks: number, taken: ReadonlySet<number>, options: ResolvedFleetOptions): number[] {
  if (tasks === 0 || !chance(random, options.attemptShare)) return [];
  const count = 1 + poisson(random, options.days / 2);
  const chosen = new Set<number>();
  for (let i = 0; i < count; i++) {
    const task = random.nextInt(tasks);
    if (!taken.has(task)) chosen.add(task);
  }
  return [...chosen].sort((a, b) => a - b);
}
