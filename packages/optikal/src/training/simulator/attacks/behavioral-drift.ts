/**
 * Behavioural drift: from a moment on the agent's tasks are done as another model, another prompt or another purpose does them, and no deploy
 * explains it. The other way is drawn once a campaign and stays.
 */
import { exp, type Random } from '@optikal/ml';
import type { Goal, Intensity } from '../campaign.ts';
import { between, chance, logNormal, pick, pickWeighted, poisson, wholeBetween } from '../draw.ts';
import { ROLES, type Role } from '../roles.ts';
import { type Habits, type PlannedCall, type PlannedTurn, planCall, planTask } from '../task-plan.ts';
import { type Attack, type Course, type Ground, isBold, type Manners, mannerOf, type Part } from './attack.ts';
import { mapCalls, ownTask } from './own-ways.ts';

interface Manner {
  /** Tasks of the other way, and their share in the tasks from the onset on. */
  readonly parts: readonly [number, number];
  readonly share: readonly [number, number];
  /** Share of calls that the other way makes otherwise, once it has settled; the onset has gone so much of the way there. */
  readonly reach: number;
  readonly onset: number;
  /** Share of what is made otherwise that takes tools of another role. */
  readonly foreign: number;
  /** How far its style lies from the agent's, 0 to 1. */
  readonly style: number;
}

const MANNERS: Readonly<Record<Intensity, Manner>> = {
  blatant: { parts: [4, 7], share: [0.95, 1], reach: 0.9, onset: 1, foreign: 0.2, style: 1.8 },
  moderate: { parts: [3, 5], share: [0.7, 0.9], reach: 0.16, onset: 1, foreign: 0, style: 0.7 },
  low_and_slow: { parts: [6, 10], share: [0.4, 0.6], reach: 0.2, onset: 0.15, foreign: 0, style: 0.4 },
  mimicry: { parts: [3, 5], share: [0.6, 0.8], reach: 0.3, onset: 1, foreign: 0, style: 0.15 },
};

const TRAITS: Readonly<Record<string, Partial<Manner>>> = {
  'model-swap': { reach: 0.04, style: 2 },
  'prompt-change': { reach: 0.15, style: 1.8 },
  'new-purpose': { reach: 0.15, style: 1.4, foreign: 0.3 },
};
const BOLD: Partial<Manner> = { reach: 0.25, style: 2.2, foreign: 0.2 };
const MANNER: Manners<Manner> = { of: MANNERS, traits: TRAITS, bold: BOLD };

/** How another model, or the same one under another prompt, handles its tools. Drawn once a campaign. */
interface Style {
  /** Chance that it makes a call again that it has made. */
  readonly forgets: number;
  /** Length of what it writes, as a factor; values and words that it carries over from what it read. */
  readonly wordy: number;
  readonly values: number;
  readonly words: number;
  readonly heat: number;
  /** Chance that an argument is wrong. */
  readonly clumsy: number;
}

/** Share of calls into which a model that carries over more does so. */
const CARRIES = 0.7;
/** No two models differ in the same way: half of the traits are there, and strong. */
const TRAITS_THERE = 3;

function styleOf(steady: Random, far: number): Style {
  const there = new Set(steady.shuffle(['forgets', 'wordy', 'values', 'words', 'heat', 'clumsy']).slice(0, TRAITS_THERE));
  const trait = (name: string, low: number, high: number): number => (there.has(name) ? between(steady, low, high) * far : 0);
  return {
    forgets: trait('forgets', 0.1, 0.2),
    wordy: exp(trait('wordy', 1, 1.8)),
    values: trait('values', 1.5, 3),
    words: trait('words', 0.4, 0.7),
    heat: trait('heat', 10, 24),
    clumsy: trait('clumsy', 0.06, 0.15),
  };
}

export const behavioralDrift: Attack = {
  exposure: 0,
  templates: () => Object.keys(TRAITS),
  parts: (random, intensity) => wholeBetween(random, ...MANNERS[intensity].parts),
  goal: (random, { intensity, parts }): Goal => {
    const share = between(random, ...MANNERS[intensity].share);
    return { kind: 'drift', share, of: Math.floor(parts / share) };
  },
  lay(part, ground) {
    const { campaign, partsLeft } = part;
    const { reach, onset, style, foreign } = mannerOf(MANNER, campaign, isBold(part, ground.random));
    const gone = 1 - (partsLeft - 1) / Math.max(1, campaign.hostTasks.length - 1);
    const settled = Math.min(1, onset + (1 - onset) * gone);
    const way = styleOf(ground.steady, style * settled);
    const imitates = campaign.intensity === 'mimicry';
    const course = imitates ? shuffled(ownTask(part, ground), reach, ground.random) : otherwise(part, reach * settled, foreign, ground);
    return mapCalls(styled(course, way, ground), (call) => ({ ...call, campaign }));
  },
};

function otherwise({ campaign }: Part, reach: number, foreign: number, ground: Ground): Course {
  const { role, random, steady, taskSalt } = ground;
  const other = pickWeighted(
    steady,
    ROLES.filter((one) => one !== role),
  );
  const strays = { tools: other.tools, share: foreign };
  switch (campaign.template) {
    case 'model-swap': {
      const habits = otherHabits(ground.habits, steady);
      const turns = planTask(ground.kind, habits, random, taskSalt, role.tools);
      return astray({ ...ground, habits, turns }, reach, role.tools, strays, ground);
    }
    case 'prompt-change': {
      // Other steps with the tools that are there, two favourites among them.
      const favourites = [pick(steady, role.tools), pick(steady, role.tools)];
      return astray(ground, reach, [...favourites, ...favourites, ...role.tools], strays, ground);
    }
    default:
      return astray(ground, reach, [...role.tools, ...other.tools], strays, ground);
  }
}

/** Each call with the given chance one of `tools` instead. */
function astray(
  { kind, habits, turns }: Course,
  reach: number,
  tools: Role['tools'],
  strays: { readonly tools: Role['tools']; readonly share: number },
  { random, taskSalt }: Ground,
): Course {
  const calls = (turn: PlannedTurn): PlannedCall[] =>
    turn.calls.map((call) =>
      chance(random, reach) ? planCall(pick(random, chance(random, strays.share) ? strays.tools : tools), random, taskSalt) : call,
    );
  return { kind, habits, turns: turns.map((turn) => ({ ...turn, calls: calls(turn) })) };
}

function otherHabits(habits: Habits, steady: Random): Habits {
  return {
    parallel: chance(steady, 0.5) ? Math.min(0.9, habits.parallel + 0.3) : habits.parallel / 3,
    textScale: habits.textScale * logNormal(steady, 1.6, 0.3),
    paceScale: habits.paceScale * logNormal(steady, 1, 0.4),
    byteScale: habits.byteScale * logNormal(steady, 1, 0.3),
  };
}

function styled({ kind, habits, turns }: Course, style: Style, { random }: Ground): Course {
  const result: PlannedTurn[] = [];
  let reads = 0;
  for (const turn of turns) {
    const calls = turn.calls.map((call): PlannedCall => {
      const { tool } = call;
      const longer = tool.reuse === 'fresh' ? Math.round(call.argBytes * style.wordy) : call.argBytes;
      const carried = reads > 0 && tool.destination === null && style.values + style.words > 0 && chance(random, CARRIES);
      const source = carried
        ? {
            destination: null,
            origin: 'own' as const,
            values: poisson(random, tool.values + style.values),
            words: Math.min(0.98, tool.words + style.words),
          }
        : call.source;
      return { ...call, argBytes: longer, source, failing: style.clumsy };
    });
    reads += calls.length;
    result.push({ ...turn, heat: turn.heat + style.heat, calls });
    if (chance(random, style.forgets)) result.push({ ...turn, heat: turn.heat + style.heat, calls: [calls[0]] });
  }
  return { kind, habits, turns: result };
}

/** The agent's own calls in another order: every share of tools and every size stays what it is. */
function shuffled(course: Course, reach: number, random: Random): Course {
  const calls = course.turns.flatMap((turn) => turn.calls);
  const moved = [...calls.keys()].filter(() => chance(random, reach));
  const targets = random.shuffle([...moved]);
  const order: PlannedCall[] = [...calls];
  moved.forEach((from, i) => {
    order[targets[i]] = calls[from];
  });
  let next = 0;
  return { ...course, turns: course.turns.map((turn) => ({ ...turn, calls: turn.calls.map(() => order[next++]) })) };
}
