/** Prompt injection: a text in a tool's output dictates calls, mostly side effects whose values it gives; seldom a fetch. */
import type { Random } from '@optikal/ml';
import { type Goal, goalProgress, type Intensity } from '../campaign.ts';
import { between, chance, pick, poisson, wholeBetween } from '../draw.ts';
import { type PlannedCall, planCall, type Source } from '../task-plan.ts';
import type { Tool } from '../tools.ts';
import { type Attack, type Course, type Ground, isBold, type Manners, mannerOf, type Part } from './attack.ts';
import { atHand, foreignTools, type Gait, inTurns, layOver, plantText, textOf } from './ground.ts';
import { mapCalls, ownTask, withCall } from './own-ways.ts';

interface Manner extends Gait {
  readonly parts: readonly [number, number];
  /** Dictated calls in all, beyond one in each part. */
  readonly more: readonly [number, number];
  /** Chances of a fetch, of a tool that the role seldom uses or has no business with, of a tool of the task. */
  readonly fetches: number;
  readonly rareTools: number;
  readonly foreign: number;
  readonly toolsAtHand: number;
  /** Chance that a call which can names the attacker's destination. */
  readonly names: number;
  readonly values: number;
  readonly words: readonly [number, number];
  readonly joining: number;
}

const MANNERS: Readonly<Record<Intensity, Manner>> = {
  blatant: {
    parts: [1, 1],
    more: [5, 9],
    fetches: 0.15,
    rareTools: 0.5,
    foreign: 0.35,
    toolsAtHand: 0,
    names: 0.95,
    values: 2.4,
    words: [0.35, 0.9],
    joining: 0.3,
    gap: 0.08,
    smooth: 0,
    displace: 0,
  },
  moderate: {
    parts: [1, 3],
    more: [1, 2],
    fetches: 0.15,
    rareTools: 0.04,
    foreign: 0,
    toolsAtHand: 0.75,
    names: 0.7,
    values: 1.2,
    words: [0.05, 0.7],
    joining: 0.1,
    gap: 0.3,
    smooth: 1,
    displace: 1,
  },
  low_and_slow: {
    parts: [4, 8],
    more: [0, 0],
    fetches: 0.15,
    rareTools: 0.05,
    foreign: 0,
    toolsAtHand: 0.7,
    names: 0.4,
    values: 1.2,
    words: [0, 0.6],
    joining: 0,
    gap: 0.6,
    smooth: 0.8,
    displace: 0.6,
  },
  mimicry: {
    parts: [2, 4],
    more: [2, 4],
    fetches: 0.15,
    rareTools: 0,
    foreign: 0,
    toolsAtHand: 1,
    names: 0.5,
    values: 0.5,
    words: [0, 0.5],
    joining: 0,
    gap: 0,
    smooth: 1,
    displace: 0,
  },
};
const TRAITS: Readonly<Record<string, Partial<Manner>>> = {
  'hidden-footer': { more: [2, 4], names: 0.95, values: 0.6, words: [0, 0.3] },
  'system-notice': { rareTools: 0.45, names: 0.3, values: 0.6, words: [0, 0.3] },
  'polite-favour': { names: 0.15, values: 3.5, words: [0.6, 0.95] },
  'poisoned-manual': { more: [3, 5], fetches: 0.6, names: 0.9, values: 1, joining: 0.3 },
};
const BOLD: Partial<Manner> = {
  names: 0.9,
  values: 2.2,
  words: [0.35, 0.9],
  rareTools: 0.35,
  foreign: 0.3,
  fetches: 0.1,
  joining: 0.3,
  gap: 0.1,
  smooth: 0.8,
};
const MANNER: Manners<Manner> = { of: MANNERS, traits: TRAITS, bold: BOLD };
/** A payment that a text dictates, in the currency of the house. */
const AMOUNT: Readonly<Record<Intensity, readonly [number, number]>> = {
  blatant: [8000, 60_000],
  moderate: [400, 3000],
  low_and_slow: [40, 200],
  mimicry: [100, 900],
};

export const promptInjection: Attack = {
  exposure: 1,
  templates: (role) => [
    'hidden-footer',
    'system-notice',
    'polite-favour',
    'poisoned-manual',
    ...(role.tools.some((tool) => tool.effect === 'money') ? ['pay-me'] : []),
  ],
  parts: (random, intensity) => wholeBetween(random, ...MANNERS[intensity].parts),
  goal(random, { intensity, parts, template }): Goal {
    if (template === 'pay-me') return { kind: 'money', amount: Math.round(parts * between(random, ...AMOUNT[intensity])) };
    return { kind: 'actions', count: parts + wholeBetween(random, ...mannerOf(MANNER, { intensity, template }).more) };
  },
  lay: (part, ground) => (part.campaign.intensity === 'mimicry' ? imitate(part, ground) : dictate(part, ground)),
};

function dictate(part: Part, ground: Ground): Course {
  const { campaign, share, partsLeft } = part;
  const { goal, intensity } = campaign;
  const { random } = ground;
  const manner = mannerOf(MANNER, campaign, isBold(part, random));
  const calls =
    goal.kind === 'money'
      ? [
          ...(intensity === 'blatant' ? Array.from({ length: 3 }, () => dictated(toolFor(ground, manner), manner, campaign, ground)) : []),
          payment(campaign, goal.amount * share, ground),
        ]
      : Array.from({ length: countOf(goal, share) }, () => dictated(toolFor(ground, manner), manner, campaign, ground));
  // A slow text has settled in the agent's memory: it is read once.
  return layOver(
    campaign,
    partsLeft === campaign.hostTasks.length,
    inTurns(calls, manner.joining, 3, random),
    manner,
    ground,
    intensity !== 'low_and_slow',
  );
}

function countOf(goal: Goal, share: number): number {
  return goal.kind === 'actions' ? Math.ceil(goal.count * share - 1e-9) : 0;
}

function toolFor(ground: Ground, manner: Manner): Tool {
  const { role, random } = ground;
  const fetches = role.reads.filter((tool) => tool.destination !== null);
  if (fetches.length > 0 && chance(random, manner.fetches)) return pick(random, fetches);
  if (chance(random, manner.foreign)) return pick(random, foreignTools(role, true));
  if (role.rareSide.length > 0 && chance(random, manner.rareTools)) return pick(random, role.rareSide);
  const hand = atHand(ground, (tool) => tool.side);
  if (hand.length > 0 && chance(random, manner.toolsAtHand)) return pick(random, hand);
  return pick(random, role.usualSide);
}

function dictated(tool: Tool, manner: Manner, campaign: Part['campaign'], { random, taskSalt }: Ground): PlannedCall {
  const names = tool.destination !== null && chance(random, manner.names);
  const source: Source = {
    destination: names ? campaign.destination : null,
    origin: 'output',
    values: poisson(random, manner.values) + (names || chance(random, 0.7) ? 1 : 0),
    words: between(random, ...manner.words),
  };
  return planCall(tool, random, taskSalt, { source, campaign, pressed: true, argKey: random.nextUint32() });
}

/** Where the role pays people, the text may ask for money. */
function payment(campaign: Part['campaign'], amount: number, { role, random, taskSalt }: Ground): PlannedCall {
  const tool =
    role.tools.find((one) => one.effect === 'money' && one.destination !== null) ?? role.tools.find((one) => one.effect === 'money')!; // the template asks for one
  return planCall(tool, random, taskSalt, {
    campaign,
    pressed: true,
    argKey: random.nextUint32(),
    gain: { kind: 'money', amount: Math.ceil(amount) },
    source: {
      destination: campaign.destination,
      origin: 'output',
      values: 1 + poisson(random, MANNERS[campaign.intensity].values),
      words: 0,
    },
  });
}

/** The page asks for what the agent does anyway: one of its own tasks follows the reading. */
function imitate(part: Part, ground: Ground): Course {
  const { campaign, share } = part;
  const { goal } = campaign;
  const { random } = ground;
  const manner = MANNERS.mimicry;
  const own = ownTask(part, ground, ({ turns }) => turns.some(({ calls }) => calls.some(({ tool }) => tool.untrusted)));
  const planted = plantText(textOf(campaign, random), { ...ground, turns: own.turns });
  const course: Course = {
    ...own,
    turns: planted.turns.map((turn, at) => ({
      ...turn,
      calls: turn.calls.map((call) => (at <= planted.at ? { ...call, campaign: null } : obeying(call, part, ground, random))),
    })),
  };
  if (goal.kind === 'money') return withCall(course, payment(campaign, goal.amount * share, ground));
  return completed(
    course,
    countOf(goal, part.partsLeft <= 1 ? 1 - goalProgress(campaign) : 0),
    (tool) => dictated(tool, manner, campaign, ground),
    random,
  );
}

function obeying(call: PlannedCall, { campaign }: Part, { kind }: Ground, random: Random): PlannedCall {
  const { tool } = call;
  if (!tool.side || kind.style === 'export') return call;
  const names = tool.destination !== null && chance(random, tool.destination.share);
  const source: Source = {
    destination: names ? campaign.destination : null,
    origin: chance(random, 0.5) ? 'output' : 'own',
    values: poisson(random, tool.values + MANNERS.mimicry.values),
    words: Math.min(0.98, tool.words + between(random, 0, 0.2)),
  };
  return { ...call, source };
}

/** The last part does not end before `needed` of its calls are sure: the last ones are pressed, and more come where there are too few. */
function completed(course: Course, needed: number, further: (tool: Tool) => PlannedCall, random: Random): Course {
  let missing = needed;
  let result = mapCalls(course, (call) => (call.campaign !== null && missing-- > 0 ? { ...call, pressed: true } : call));
  const tools = course.turns.flatMap(({ calls }) => calls.map(({ tool }) => tool));
  for (; missing > 0; missing--) result = withCall(result, further(pick(random, tools)));
  return result;
}
