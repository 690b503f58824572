/**
 * Which agents are attacked, how, when, and with what goal. Everything depends on the seed and the agent's own number only, so a larger
 * fleet keeps the campaigns of a smaller one.
 */
import { createRandom, type Random } from '@optikal/ml';
import { type CampaignPlan, type Goal, INTENSITIES, type Intensity, SIMULATED_THREATS, type SimulatedThreat } from './campaign.ts';
import { between, chance, pick, poisson, wholeBetween } from './draw.ts';
import type { ResolvedFleetOptions } from './options.ts';

/** Agents are drawn in blocks, so that the attacked share holds in a small fleet too and an agent's number says nothing. */
const BLOCK = 8;
/** Ids of the attackers' destinations start here; the agents' own partners and strangers stay below. */
export const FIRST_HOSTILE_DESTINATION = 1_000_000_000;

const TEMPLATES: Readonly<Record<SimulatedThreat, readonly string[]>> = {
  prompt_injection: ['hidden-footer', 'system-notice', 'polite-favour', 'poisoned-manual'],
  data_exfiltration: ['bulk-grab', 'drip-leak', 'partner-disguise'],
  resource_abuse: ['runaway-loop', 'fan-out', 'token-burn'],
};
const COMBINATIONS = SIMULATED_THREATS.flatMap((threat) => INTENSITIES.map((intensity) => ({ threat, intensity })));

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

/** The threat and intensity of the n-th campaign of the fleet: each of the six once in six, in a shuffled order. */
function combination(n: number, options: ResolvedFleetOptions): { threat: SimulatedThreat; intensity: Intensity } {
  const order = createRandom(options.seed)
    .fork(`combinations:${Math.floor(n / COMBINATIONS.length)}`)
    .shuffle([...COMBINATIONS]);
  return order[n % COMBINATIONS.length];
}

export interface PlacedCampaigns {
  readonly starts: readonly number[];
  readonly campaigns: readonly CampaignPlan[];
  /** Numbers of tasks in which a hostile text is read and ignored. */
  readonly attempts: readonly number[];
}

export function placeCampaigns(
  agent: string,
  index: number,
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
      const { threat, intensity } = combination(ordinal * options.campaignsPerAgent + c, options);
      const template = pick(stream, TEMPLATES[threat]);
      const hostTasks = hosts(stream, c, partCount(stream, threat, intensity), ownStarts, early, options).filter(
        (task) => !taken.has(task),
      );
      if (hostTasks.length === 0) continue;
      for (const task of hostTasks) taken.add(task);
      campaigns.push({
        name: `${template}-${agent}-${c + 1}`,
        template,
        agent,
        threat,
        intensity,
        startMs: ownStarts[hostTasks[0]],
        hostTasks,
        exposed: threat === 'prompt_injection' || chance(stream, threat === 'data_exfiltration' ? 0.5 : 0.3),
        textLogit: hostileLogit(stream, intensity),
        // A bought or broken partner: the destination itself is nothing new.
        destination:
          template === 'partner-disguise' && intensity === 'moderate' ? stream.nextInt(8) : FIRST_HOSTILE_DESTINATION + index * 128 + c,
        goal: goalOf(stream, threat, intensity, hostTasks.length),
      });
    }
  }
  return { starts: ownStarts, campaigns, attempts: placeAttempts(random.fork('attempts'), ownStarts.length, taken, options) };
}

/** The gateway is nearly sure of a blatant text; half of the moderate ones it misses, the rest it finds dubious. */
export function hostileLogit(random: Random, intensity: Intensity): number {
  if (intensity === 'blatant') return 3.4 + 1.2 * random.nextGaussian();
  return chance(random, 0.5) ? -4.2 + 1.3 * random.nextGaussian() : 0.9 + 1.4 * random.nextGaussian();
}

function insertStart(starts: number[], timeMs: number): void {
  const at = starts.findIndex((start) => start > timeMs);
  starts.splice(at < 0 ? starts.length : at, 0, timeMs);
}

function partCount(random: Random, threat: SimulatedThreat, intensity: Intensity): number {
  if (intensity === 'blatant') return threat === 'prompt_injection' ? 1 : wholeBetween(random, 1, 2);
  return threat === 'data_exfiltration' ? wholeBetween(random, 2, 4) : wholeBetween(random, 1, 3);
}

/** Campaign `c` lives in its own slice of the agent's tasks, so that campaigns of one agent follow each other over the whole span. */
function hosts(
  random: Random,
  c: number,
  parts: number,
  starts: readonly number[],
  early: boolean,
  options: ResolvedFleetOptions,
): number[] {
  const low = Math.floor((starts.length * c) / options.campaignsPerAgent);
  const high = Math.max(low + 1, Math.floor((starts.length * (c + 1)) / options.campaignsPerAgent));
  const room = high - low - parts;
  let at = early && c === 0 ? 0 : low + random.nextInt(Math.max(1, room + 1));
  const tasks: number[] = [];
  for (let part = 0; part < parts && at < Math.min(high, starts.length); part++) {
    tasks.push(at);
    const spare = high - at - (parts - part);
    at += 1 + random.nextInt(Math.max(1, Math.min(3, spare)));
  }
  return tasks;
}

function goalOf(random: Random, threat: SimulatedThreat, intensity: Intensity, parts: number): Goal {
  const blatant = intensity === 'blatant';
  if (threat === 'prompt_injection')
    return { kind: 'actions', count: blatant ? wholeBetween(random, 4, 8) : parts + wholeBetween(random, 1, 2) };
  if (threat === 'data_exfiltration')
    return { kind: 'bytes_out', bytes: Math.round(parts * (blatant ? between(random, 150_000, 900_000) : between(random, 900, 6_000))) };
  return { kind: 'consumption', calls: parts * (blatant ? wholeBetween(random, 45, 110) : wholeBetween(random, 7, 16)) };
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
