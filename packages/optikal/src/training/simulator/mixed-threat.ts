/**
 * One agent in one session: normal at first, then under attack from a moment on that is known. For tests of whatever must tell the two apart,
 * and for time to detect. Nothing else happens to it: no deploys, no outages, every sensor works.
 */
import { type Event, THREATS, type Truth } from '@optikal/contracts';
import { type AgentPlan, agentStream, planAgent } from './agent-plan.ts';
import { type Campaign, INTENSITIES, type Intensity, type SimulatedThreat } from './campaign.ts';
import { planCampaign } from './campaign-plan.ts';
import { newLedger } from './ledger.ts';
import type { Life } from './life.ts';
import { resolveFleetOptions } from './options.ts';
import { ROLES } from './roles.ts';
import { runTimeline } from './run-agent.ts';

export interface MixedThreatOptions {
  readonly seed: number | string;
  readonly threat: SimulatedThreat;
  /** Default `moderate`. */
  readonly intensity?: Intensity;
  /** Default: drawn. */
  readonly role?: string;
  /** Tasks of the session, 4 to 500. Default 24. */
  readonly tasks?: number;
  /** Share of the tasks that come before the attack, 0.1 to 0.9. Default 0.5. */
  readonly onset?: number;
  /** Midnight (UTC) of the day; the session begins at nine. Default 2026-01-05, a Monday. */
  readonly startMs?: number;
}

export interface MixedThreat {
  readonly agent: AgentPlan;
  /** In order of event time. */
  readonly events: readonly Event[];
  /** In order of time; nothing in it lies before the onset. */
  readonly truth: readonly Truth[];
  /** Its goal is reached within the session. */
  readonly campaign: Campaign;
  /** Start of the first call that lets the hostile text in or serves the attack. */
  readonly onsetMs: number;
}

const DEFAULT_TASKS = 24;
const START_HOUR = 9;
/** Pauses between tasks: with the longest it is still one session. */
const PAUSE_MS = 240_000;
const LONGEST_PAUSE_MS = 1_200_000;

/**
 * Pure: the same options give the same bytes. RangeError for an option outside its range.
 *
 * @example
 * const { events, onsetMs } = generateMixedThreat({ seed: 7, threat: 'data_exfiltration', intensity: 'low_and_slow' });
 */
export function generateMixedThreat(options: MixedThreatOptions): MixedThreat {
  const { seed, threat, intensity, role: roleName, tasks, onset } = resolve(options);
  const fleet = resolveFleetOptions({
    agents: 1,
    days: 1,
    seed,
    attackedShare: 0,
    attemptShare: 0,
    startHour: START_HOUR,
    ...(options.startMs === undefined ? {} : { startMs: options.startMs }),
  });
  const drawn = planAgent(0, fleet, []);
  const role = ROLES.find(({ name }) => name === (roleName ?? drawn.role))!; // checked, or drawn from them
  const stream = agentStream(0, fleet).fork('mixed-threat');
  const starts: number[] = [];
  for (let task = 0, at = fleet.startMs; task < tasks; task++) {
    at += Math.floor(Math.min(LONGEST_PAUSE_MS, 1000 + stream.nextExponential(PAUSE_MS)));
    starts.push(at);
  }
  const id = `${role.prefix}-0001`;
  const low = Math.min(tasks - 1, Math.max(1, Math.round(tasks * onset)));
  const wish = { threat, intensity, agent: id, index: 0, number: 0, role, slice: { low, high: tasks, atOnce: true } };
  const plan: AgentPlan = {
    ...drawn,
    id,
    role: role.name,
    owner: role.owner,
    sensors: { resources: true, gateway: 'all', policy: true, provenance: true },
    deploys: [],
    life: quietLife(fleet.startMs),
    campaigns: [{ ...planCampaign(wish, stream), startMs: starts[low] }],
    attempts: [],
  };
  const ledger = newLedger();
  const events = [...runTimeline({ plan, starts }, fleet, [], ledger)];
  const truth = ledger.truth.sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
  return { agent: plan, events, truth, campaign: ledger.campaigns[0], onsetMs: truth[0].startMs };
}

function quietLife(joinMs: number): Life {
  return { joinMs, retireMs: null, maintenance: [], bursts: [], gaps: [], withheld: new Set(), grants: [] };
}

const KNOWN = new Set('seed threat intensity role tasks onset startMs'.split(' '));

function resolve(options: MixedThreatOptions) {
  for (const name of Object.keys(options))
    if (!KNOWN.has(name)) throw new RangeError(`expected an option of a mixed threat, found \`${name}\``);
  const { seed, threat, intensity = 'moderate', role, tasks = DEFAULT_TASKS, onset = 0.5 } = options;
  if (!THREATS.includes(threat)) throw new RangeError(`expected \`threat\` among ${THREATS.join(', ')}, found \`${String(threat)}\``);
  if (!INTENSITIES.includes(intensity))
    throw new RangeError(`expected \`intensity\` among ${INTENSITIES.join(', ')}, found \`${String(intensity)}\``);
  if (role !== undefined && !ROLES.some(({ name }) => name === role))
    throw new RangeError(`expected \`role\` among ${ROLES.map(({ name }) => name).join(', ')}, found \`${role}\``);
  if (!Number.isInteger(tasks) || tasks < 4 || tasks > 500)
    throw new RangeError(`expected a whole \`tasks\` from 4 to 500, found ${tasks}`);
  if (!(onset >= 0.1 && onset <= 0.9)) throw new RangeError(`expected \`onset\` from 0.1 to 0.9, found ${onset}`);
  return { seed, threat, intensity, role, tasks, onset };
}
