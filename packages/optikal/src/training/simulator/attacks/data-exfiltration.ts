/** Data exfiltration: reads beyond the task, then sends to one destination, until the attacker has his bytes. */
import { type Goal, goalProgress, type Intensity } from '../campaign.ts';
import { between, chance, pick, poisson, wholeBetween } from '../draw.ts';
import { type PlannedCall, planCall } from '../task-plan.ts';
import type { Tool } from '../tools.ts';
import { type Attack, type Course, type Ground, isBold, type Manners, mannerOf, type Part } from './attack.ts';
import { foreignTools, type Gait, inTurns, layOver, strayReads } from './ground.ts';
import { mapCalls, ownTask, withCall } from './own-ways.ts';

interface Manner extends Gait {
  readonly parts: readonly [number, number];
  readonly bytes: readonly [number, number];
  readonly reads: readonly [number, number];
  /** Reads with the tools at hand; how much larger than usual they are. */
  readonly usual: number;
  readonly larger: readonly [number, number];
  /** Chance that a part before the last one sends at all, and in how many calls. */
  readonly sending: number;
  readonly sends: readonly [number, number];
  /** Chance of a way out that the role seldom takes. */
  readonly oddWay: number;
  /** Chance of one that the role does not have. */
  readonly foreign: number;
  readonly words: readonly [number, number];
  readonly joining: number;
}

const MANNERS: Readonly<Record<Intensity, Manner>> = {
  blatant: {
    parts: [1, 2],
    bytes: [150_000, 900_000],
    reads: [8, 22],
    usual: 0,
    larger: [2, 7],
    sending: 1,
    sends: [2, 5],
    oddWay: 1,
    foreign: 0.5,
    words: [0.5, 0.98],
    joining: 0.65,
    gap: 0.08,
    smooth: 0,
    displace: 0,
  },
  moderate: {
    parts: [3, 5],
    bytes: [900, 6000],
    reads: [1, 3],
    usual: 0.85,
    larger: [1, 4],
    sending: 0.75,
    sends: [1, 1],
    oddWay: 0.1,
    foreign: 0,
    words: [0.15, 0.8],
    joining: 0.25,
    gap: 0.35,
    smooth: 1,
    displace: 1,
  },
  low_and_slow: {
    parts: [5, 10],
    bytes: [250, 900],
    reads: [0, 2],
    usual: 0.8,
    larger: [0.8, 1.3],
    sending: 1,
    sends: [1, 1],
    oddWay: 0.1,
    foreign: 0,
    words: [0.1, 0.7],
    joining: 0.2,
    gap: 0.7,
    smooth: 0.8,
    displace: 0.6,
  },
  mimicry: {
    parts: [3, 5],
    bytes: [80, 250],
    reads: [0, 0],
    usual: 1,
    larger: [1, 1],
    sending: 1,
    sends: [1, 1],
    oddWay: 0,
    foreign: 0,
    words: [0, 0.6],
    joining: 0,
    gap: 0,
    smooth: 1,
    displace: 0,
  },
};

const TRAITS: Readonly<Record<string, Partial<Manner>>> = {
  'bulk-grab': { reads: [3, 6], larger: [3, 12], joining: 0.6, sending: 0.3, bytes: [300, 1200], words: [0.1, 0.4] },
  'drip-leak': { reads: [0, 1], sending: 0.9, sends: [2, 3], bytes: [300, 1200], words: [0.3, 0.8] },
  'partner-disguise': { bytes: [3000, 25_000], larger: [0.9, 1.5], words: [0.6, 0.98] },
  'url-channel': { reads: [1, 2], sending: 1, sends: [2, 4], bytes: [100, 500], larger: [0.9, 1.5], words: [0.1, 0.5] },
};
const BOLD: Partial<Manner> = {
  reads: [3, 6],
  larger: [3, 9],
  sending: 1,
  sends: [1, 3],
  foreign: 0.35,
  words: [0.5, 0.95],
  joining: 0.6,
  gap: 0.1,
  smooth: 0.9,
};
const MANNER: Manners<Manner> = { of: MANNERS, traits: TRAITS, bold: BOLD };
/** Data can leave in the address of what is fetched. */
const isChannel = (tool: Tool): boolean => tool.destination !== null;

export const dataExfiltration: Attack = {
  exposure: 0.5,
  templates: ({ reads }) => ['bulk-grab', 'drip-leak', 'partner-disguise', ...(reads.some(isChannel) ? ['url-channel'] : [])],
  parts: (random, intensity) => wholeBetween(random, ...MANNERS[intensity].parts),
  goal: (random, { intensity, parts, template }): Goal => ({
    kind: 'bytes_out',
    bytes: Math.round(parts * between(random, ...mannerOf(MANNER, { intensity, template }).bytes)),
  }),
  lay: (part, ground) => (part.campaign.intensity === 'mimicry' ? imitate(part, ground) : collectAndSend(part, ground)),
};

function collectAndSend(part: Part, ground: Ground): Course {
  const { campaign, share, partsLeft } = part;
  const { goal, exposed } = campaign;
  const { role, random } = ground;
  const manner = mannerOf(MANNER, campaign, isBold(part, random));
  const reads = strayReads(wholeBetween(random, ...manner.reads), manner.usual, campaign, ground).map((call) => ({
    ...call,
    outBytes: Math.min(400_000, Math.round(call.outBytes * between(random, ...manner.larger))),
  }));
  const bytes = goal.kind === 'bytes_out' ? goal.bytes * share : 0;
  const count = partsLeft <= 1 || chance(random, manner.sending) ? wholeBetween(random, ...manner.sends) : 0;
  const channels = campaign.template === 'url-channel' ? role.reads.filter(isChannel) : [];
  const outward = channels.length > 0 ? channels : role.outward;
  const usual = chance(random, manner.oddWay) ? pick(random, outward) : outward[0];
  const way = chance(random, manner.foreign) ? pick(random, foreignTools(role, true).filter(isChannel)) : usual;
  const dictated = exposed && chance(random, 0.6);
  const sends = Array.from({ length: count }, () =>
    planCall(way, random, ground.taskSalt, {
      campaign,
      pressed: true,
      argKey: random.nextUint32(),
      argBytes: Math.ceil((bytes / count) * between(random, 1, 1.3)),
      source: {
        destination: campaign.destination,
        origin: dictated ? 'output' : 'own',
        values: (dictated ? 1 : 0) + poisson(random, 1),
        words: between(random, ...manner.words),
      },
    }),
  );
  const laid = [...inTurns(reads, manner.joining, 5, random), ...inTurns(sends, 0.1, 2, random)];
  return layOver(campaign, partsLeft === campaign.hostTasks.length, laid, manner, ground);
}

/** What the agent sends in its own tasks goes to a partner who is the attacker's. */
function imitate(part: Part, ground: Ground): Course {
  const { campaign, partsLeft } = part;
  const { goal } = campaign;
  const { random, role, taskSalt } = ground;
  let missing = goal.kind === 'bytes_out' && partsLeft <= 1 ? Math.ceil(goal.bytes * (1 - goalProgress(campaign))) : 0;
  const leak = (call: PlannedCall): PlannedCall => {
    const needed = missing > 0;
    missing -= call.argBytes;
    const origin = chance(random, 0.3) ? 'output' : 'own';
    const values = (origin === 'output' ? 1 : 0) + poisson(random, call.tool.values);
    const source = {
      destination: campaign.destination,
      origin,
      values,
      words: Math.min(0.98, call.tool.words + between(random, 0, 0.3)),
    } as const;
    return { ...call, pressed: needed, source };
  };
  let course = mapCalls(ownTask(part, ground), (call) =>
    call.tool.side && call.tool.destination !== null && chance(random, call.tool.destination.share) ? leak(call) : call,
  );
  while (missing > 0)
    course = withCall(course, leak(planCall(role.outward[0], random, taskSalt, { campaign, argKey: random.nextUint32() })));
  return course;
}
