/**
 * Privilege escalation: the attacker's standing rises step by step, by grants that the agent may give, by records that decide over rights, or by
 * a deputy that may do more. Before a step he looks around; what the policy engine refuses is tried again.
 */
import { type Campaign, type Goal, type Intensity, standingAfter } from '../campaign.ts';
import { between, chance, pick, poisson, wholeBetween } from '../draw.ts';
import { type PlannedCall, planCall } from '../task-plan.ts';
import type { Tool } from '../tools.ts';
import { type Attack, type Course, type Ground, isBold, type Manners, mannerOf, type Part } from './attack.ts';
import { atHand, foreignTools, type Gait, inTurns, layOver, strayReads } from './ground.ts';
import { mapCalls, ownTask, withCall } from './own-ways.ts';

interface Manner extends Gait {
  readonly parts: readonly [number, number];
  /** Levels beyond one in each part. */
  readonly more: readonly [number, number];
  /** Reads that look around, and probes that get nowhere, in each part. */
  readonly reads: readonly [number, number];
  readonly probes: readonly [number, number];
  /** Chance that a step changes an account openly, and that it takes a tool outside the role. */
  readonly account: number;
  readonly foreign: number;
  readonly names: number;
  /** Values and words that a step carries over from what was read, as a factor and a share. */
  readonly carried: number;
  readonly words: readonly [number, number];
  readonly joining: number;
}

const MANNERS: Readonly<Record<Intensity, Manner>> = {
  blatant: {
    parts: [1, 2],
    more: [2, 4],
    reads: [2, 6],
    probes: [2, 5],
    account: 1,
    foreign: 0.4,
    names: 0.8,
    carried: 0.8,
    words: [0, 0.4],
    joining: 0.3,
    gap: 0.08,
    smooth: 0,
    displace: 0,
  },
  moderate: {
    parts: [2, 3],
    more: [0, 1],
    reads: [1, 3],
    probes: [0, 1],
    account: 0.25,
    foreign: 0.04,
    names: 0.4,
    carried: 0.8,
    words: [0, 0.4],
    joining: 0.15,
    gap: 0.3,
    smooth: 1,
    displace: 1,
  },
  low_and_slow: {
    parts: [4, 7],
    more: [0, 0],
    reads: [0, 2],
    probes: [0, 0],
    account: 0.25,
    foreign: 0.05,
    names: 0.3,
    carried: 0.8,
    words: [0, 0.4],
    joining: 0.1,
    gap: 0.7,
    smooth: 0.8,
    displace: 0.6,
  },
  mimicry: {
    parts: [3, 4],
    more: [0, 0],
    reads: [0, 0],
    probes: [0, 0],
    account: 0,
    foreign: 0,
    names: 0,
    carried: 0.8,
    words: [0, 0.4],
    joining: 0,
    gap: 0,
    smooth: 1,
    displace: 0,
  },
};
const TRAITS: Readonly<Record<string, Partial<Manner>>> = {
  'self-grant': { account: 0.6, foreign: 0.2, names: 0.3, carried: 0.4 },
  'confused-deputy': { account: 0.05, probes: [2, 4], names: 0.1, carried: 0.5 },
  'forged-approval': { account: 0.1, names: 0.6, carried: 2.5, words: [0.4, 0.9] },
  'edited-record': { account: 0.1, names: 0.1, reads: [3, 5], carried: 1 },
};
const BOLD: Partial<Manner> = { account: 0.4, foreign: 0.3, names: 0.7, carried: 2, probes: [0, 2], gap: 0.1, smooth: 0.9 };
const MANNER: Manners<Manner> = { of: MANNERS, traits: TRAITS, bold: BOLD };
/** What a step is made with, apart from openly changing an account. */
const STEPS: Readonly<Record<string, (tool: Tool) => boolean>> = {
  'confused-deputy': (tool) => tool.side && tool.kind === 'api',
  'forged-approval': (tool) => tool.side && tool.words > 0,
  'edited-record': (tool) => tool.side && tool.effect !== 'money',
};

export const privilegeEscalation: Attack = {
  exposure: 0.35,
  templates: ({ usualSide }) => ['self-grant', ...Object.keys(STEPS).filter((name) => usualSide.some(STEPS[name]))],
  parts: (random, intensity) => wholeBetween(random, ...MANNERS[intensity].parts),
  goal: (random, { intensity, parts }): Goal => ({ kind: 'privilege', level: parts + wholeBetween(random, ...MANNERS[intensity].more) }),
  lay: (part, ground) => (part.campaign.intensity === 'mimicry' ? imitate(part, ground) : climb(part, ground)),
};

/** Levels that this part has to reach, from the one after the present standing on. */
function levelsOf({ campaign, share }: Part): number[] {
  const { goal } = campaign;
  const standing = standingAfter(campaign.calls.filter((call) => call.ok));
  const due = goal.kind === 'privilege' ? Math.ceil(goal.level * share - 1e-9) : 0;
  return Array.from({ length: due }, (_, i) => standing + 1 + i);
}

function climb(part: Part, ground: Ground): Course {
  const { campaign, partsLeft } = part;
  const { random } = ground;
  const manner = mannerOf(MANNER, campaign, isBold(part, random));
  const reads = strayReads(wholeBetween(random, ...manner.reads), manner.smooth, campaign, ground);
  const probes = Array.from({ length: wholeBetween(random, ...manner.probes) }, () => step(campaign, null, manner, ground));
  const steps = levelsOf(part).map((level) => step(campaign, level, manner, ground));
  const laid = [...inTurns([...reads, ...probes], manner.joining, 4, random), ...inTurns(steps, 0, 1, random)];
  return layOver(campaign, partsLeft === campaign.hostTasks.length, laid, manner, ground);
}

function step(campaign: Campaign, level: number | null, manner: Manner, ground: Ground): PlannedCall {
  const { random, taskSalt } = ground;
  const tool = stepTool(campaign.template, manner, ground);
  const names = tool.destination !== null && chance(random, manner.names);
  return planCall(tool, random, taskSalt, {
    campaign,
    argKey: random.nextUint32(),
    ...(level === null ? { failing: 0.8 } : { pressed: true, gain: { kind: 'grant', level } }),
    source: {
      destination: names ? campaign.destination : null,
      origin: campaign.exposed && chance(random, 0.6) ? 'output' : 'own',
      values: poisson(random, tool.values * manner.carried),
      words: between(random, ...manner.words),
    },
  });
}

function stepTool(template: string, manner: Manner, ground: Ground): Tool {
  const { role, random } = ground;
  if (chance(random, manner.foreign))
    return pick(
      random,
      foreignTools(role, true).filter((tool) => tool.effect === 'account'),
    );
  const accounts = role.rareSide.filter((tool) => tool.effect === 'account');
  if (accounts.length > 0 && chance(random, manner.account)) return pick(random, accounts);
  const fits = STEPS[template] ?? (() => true);
  const hand = atHand(ground, (tool) => tool.side && !tool.rare && fits(tool));
  if (hand.length > 0 && chance(random, manner.smooth)) return pick(random, hand);
  const usual = role.usualSide.filter(fits);
  return pick(random, usual.length > 0 ? usual : role.usualSide);
}

/** Records of the agent's own work decide over rights, too: a note that approves, a job that runs as somebody else. */
function imitate(part: Part, ground: Ground): Course {
  const { campaign, partsLeft } = part;
  const { random, role, taskSalt } = ground;
  const levels = levelsOf(part);
  const serve = (call: PlannedCall): PlannedCall => {
    if (!call.tool.side || levels.length === 0) return call;
    return { ...call, pressed: true, gain: { kind: 'grant', level: levels.shift()! } }; // not empty
  };
  let course = mapCalls(ownTask(part, ground), serve);
  // Only the end of the campaign is worth a call that the task would not have had.
  if (partsLeft <= 1)
    for (const level of levels)
      course = withCall(course, {
        ...planCall(pick(random, role.usualSide), random, taskSalt, { campaign }),
        pressed: true,
        gain: { kind: 'grant', level },
      });
  return course;
}
