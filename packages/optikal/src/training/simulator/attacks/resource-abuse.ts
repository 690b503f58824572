/** Resource abuse: circles and fans of calls, growing contexts, work that nobody asked for. Failures count, they cost as much. */
import { type Goal, goalProgress, type Intensity } from '../campaign.ts';
import { between, chance, logNormal, pick, wholeBetween } from '../draw.ts';
import { type PlannedCall, planCall } from '../task-plan.ts';
import { type Attack, type Course, type Ground, isBold, type Manners, mannerOf, type Part } from './attack.ts';
import { atHand, foreignTools, type Gait, inTurns, layOver } from './ground.ts';
import { ownTask, withCall } from './own-ways.ts';

interface Manner extends Gait {
  readonly parts: readonly [number, number];
  readonly calls: readonly [number, number];
  /** How many tools a part burns its calls on. */
  readonly tools: readonly [number, number];
  /** Chance that one of them is none of the role's. */
  readonly foreign: number;
  readonly circling: number;
  readonly larger: number;
  readonly joining: number;
  readonly widest: number;
  readonly heat: readonly [number, number];
  readonly tokenScale: readonly [number, number];
}

const MANNERS: Readonly<Record<Intensity, Manner>> = {
  blatant: {
    parts: [1, 2],
    calls: [45, 110],
    tools: [1, 2],
    foreign: 0.35,
    circling: 0.5,
    larger: 1.8,
    joining: 0.75,
    widest: 8,
    heat: [25, 55],
    tokenScale: [2.5, 6],
    gap: 0.08,
    smooth: 0,
    displace: 0,
  },
  moderate: {
    parts: [2, 4],
    calls: [3, 6],
    tools: [1, 3],
    foreign: 0,
    circling: 0.1,
    larger: 1.1,
    joining: 0.15,
    widest: 3,
    heat: [0, 6],
    tokenScale: [1, 1.3],
    gap: 0.15,
    smooth: 1,
    displace: 1,
  },
  low_and_slow: {
    parts: [5, 10],
    calls: [2, 4],
    tools: [1, 2],
    foreign: 0,
    circling: 0.1,
    larger: 1,
    joining: 0.1,
    widest: 2,
    heat: [0, 4],
    tokenScale: [1, 1.2],
    gap: 0.7,
    smooth: 0.8,
    displace: 0.6,
  },
  mimicry: {
    parts: [3, 6],
    calls: [2, 4],
    tools: [1, 1],
    foreign: 0,
    circling: 0,
    larger: 1,
    joining: 0,
    widest: 1,
    heat: [0, 0],
    tokenScale: [1, 1],
    gap: 0,
    smooth: 1,
    displace: 0,
  },
};
const TRAITS: Readonly<Record<string, Partial<Manner>>> = {
  'runaway-loop': { circling: 0.6, tools: [1, 1] },
  'fan-out': { joining: 0.95, widest: 8, calls: [6, 9] },
  'token-burn': { larger: 5, heat: [30, 55], tokenScale: [2, 4], calls: [3, 5] },
  'busy-work': { tools: [2, 3], foreign: 0.9, calls: [3, 5] },
};
const BOLD: Partial<Manner> = {
  foreign: 0.4,
  joining: 0.6,
  widest: 6,
  larger: 2.5,
  heat: [18, 45],
  tokenScale: [2, 4],
  gap: 0.1,
  smooth: 0.8,
};
const MANNER: Manners<Manner> = { of: MANNERS, traits: TRAITS, bold: BOLD };

export const resourceAbuse: Attack = {
  exposure: 0.3,
  templates: () => Object.keys(TRAITS),
  parts: (random, intensity) => wholeBetween(random, ...MANNERS[intensity].parts),
  goal: (random, { intensity, parts, template }): Goal => ({
    kind: 'consumption',
    calls: parts * wholeBetween(random, ...mannerOf(MANNER, { intensity, template }).calls),
  }),
  lay: (part, ground) => (part.campaign.intensity === 'mimicry' ? imitate(part, ground) : burn(part, ground)),
};

function countOf({ campaign: { goal }, share }: Part): number {
  return goal.kind === 'consumption' ? Math.ceil(goal.calls * share - 1e-9) : 0;
}

function burn(part: Part, ground: Ground): Course {
  const { campaign, partsLeft } = part;
  const { role, random, taskSalt } = ground;
  const manner = mannerOf(MANNER, campaign, isBold(part, random));
  const hand = campaign.intensity === 'blatant' ? [] : atHand(ground, (tool) => tool.effect === 'read');
  const tools = Array.from({ length: wholeBetween(random, ...manner.tools) }, () =>
    pick(random, hand.length > 0 && chance(random, 0.7) ? hand : role.reads),
  );
  if (chance(random, manner.foreign)) tools.push(pick(random, foreignTools(role, false)));
  const calls: PlannedCall[] = [];
  for (let left = countOf(part); left > 0; left--) {
    const earlier = calls.length > 0 && chance(random, manner.circling) ? pick(random, calls.slice(-2)) : null;
    const fresh = planCall(pick(random, tools), random, taskSalt, { campaign });
    calls.push(earlier ?? { ...fresh, outBytes: Math.min(400_000, Math.round(fresh.outBytes * logNormal(random, manner.larger, 0.5))) });
  }
  const heat = between(random, ...manner.heat);
  const tokenScale = between(random, ...manner.tokenScale);
  const laid = inTurns(calls, manner.joining, manner.widest, random).map((turn) => ({ ...turn, heat, tokenScale }));
  return layOver(campaign, partsLeft === campaign.hostTasks.length, laid, manner, ground);
}

/** Whole tasks of the agent's own kind that nobody needs. */
function imitate(part: Part, ground: Ground): Course {
  const { campaign, partsLeft } = part;
  const { goal } = campaign;
  const { random, role, taskSalt } = ground;
  let course = ownTask(part, ground);
  let missing = goal.kind === 'consumption' && partsLeft <= 1 ? Math.ceil(goal.calls * (1 - goalProgress(campaign))) - callsOf(course) : 0;
  for (; missing > 0; missing--) course = withCall(course, planCall(pick(random, role.reads), random, taskSalt, { campaign }));
  return course;
}

function callsOf({ turns }: Course): number {
  return turns.reduce((sum, { calls }) => sum + calls.length, 0);
}
