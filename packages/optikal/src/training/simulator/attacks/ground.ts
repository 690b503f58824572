/** What the attacks have in common: a hostile text in an output, calls put into turns, turns laid between those of the task. */
import type { Random } from '@optikal/ml';
import type { Campaign } from '../campaign.ts';
import { chance, pick, wholeBetween } from '../draw.ts';
import type { Role } from '../roles.ts';
import { type HostileText, type PlannedCall, type PlannedTurn, planCall } from '../task-plan.ts';
import { SIMULATED_TOOLS, type Tool } from '../tools.ts';
import type { Course, Ground } from './attack.ts';

/** A hostile text in the output of a call, and nothing that follows from it. `at`: the turn that reads it. */
export function plantText(text: HostileText, ground: Ground): { readonly turns: readonly PlannedTurn[]; readonly at: number } {
  const { turns, role, random, taskSalt } = ground;
  const places = turns.flatMap((turn, at) => turn.calls.flatMap((call, c) => (call.tool.untrusted ? [{ at, c }] : [])));
  if (places.length === 0) {
    const at = random.nextInt(Math.min(3, turns.length) + 1);
    const call = planCall(pick(random, role.untrusted), random, taskSalt, { hostile: text });
    return { turns: turns.toSpliced(at, 0, { calls: [call], heat: 0, tokenScale: 1 }), at };
  }
  const { at, c } = pick(random, places.slice(0, Math.ceil(places.length * 0.7)));
  const call = turns[at].calls[c];
  const hostile = { ...call, hostile: text, outBytes: call.outBytes + wholeBetween(random, 150, 900) };
  return { turns: turns.with(at, { ...turns[at], calls: turns[at].calls.with(c, hostile) }), at };
}

/** How the attacker's turns are laid between those of the task. */
export interface Gait {
  readonly gap: number;
  readonly smooth: number;
  /** Chance that a turn takes the place of one of the task. */
  readonly displace: number;
}

/** The text of a campaign; each reading of it is judged a little differently. */
export function textOf(campaign: Campaign, random: Random): HostileText {
  return { logit: campaign.textLogit + 0.4 * random.nextGaussian(), campaign };
}

/**
 * Lays turns over the task from its hostile text on, or, where there is none, from somewhere in it. `gap`: chance that a turn of the task comes
 * before each of them; with the chance `smooth` a turn goes where it stands out least instead. `again`: the text is read in every part, not only in the first.
 */
export function layOver(
  campaign: Campaign,
  first: boolean,
  laid: readonly PlannedTurn[],
  { gap, smooth, displace }: Gait,
  ground: Ground,
  again = false,
): Course {
  const { random } = ground;
  const read = campaign.exposed && (first || again);
  const { turns, at } = read
    ? plantText(textOf(campaign, random), ground)
    : { turns: ground.turns, at: Math.floor(ground.turns.length * random.nextFloat() * random.nextFloat()) };
  const result = turns.slice(0, at + 1);
  let next = at + 1;
  for (const turn of laid) {
    const until = chance(random, smooth) ? smoothest(turn, result, turns, next, ground) : null;
    while (next < turns.length && (until === null ? chance(random, gap) : next < until)) result.push(turns[next++]);
    result.push(turn);
    // An agent that is led astray leaves some of its own work undone.
    if (next < turns.length && chance(random, displace)) next++;
  }
  return { ...ground, turns: [...result, ...turns.slice(next)] };
}

/** Where a turn stands out least: after a call that the role lets it follow, before one that may follow it. */
function smoothest(
  turn: PlannedTurn,
  done: readonly PlannedTurn[],
  turns: readonly PlannedTurn[],
  from: number,
  { role, random }: Ground,
): number {
  const steps = stepsOf(role);
  const score = (at: number): number => {
    const before = at === from ? done.at(-1) : turns[at - 1];
    const after = turns[at];
    const into = before === undefined || steps.get(before.calls.at(-1)!.tool)?.has(turn.calls[0].tool) === true; // no turn is empty
    const outOf = after === undefined || steps.get(turn.calls.at(-1)!.tool)?.has(after.calls[0].tool) === true;
    return Number(into) * 2 + Number(outOf);
  };
  const places = Array.from({ length: turns.length - from + 1 }, (_, i) => from + i);
  const best = Math.max(...places.map(score));
  return pick(
    random,
    places.filter((at) => score(at) === best),
  );
}

const STEPS = new Map<Role, ReadonlyMap<Tool, ReadonlySet<Tool>>>();

/** Which tool follows which in the role's work. */
function stepsOf(role: Role): ReadonlyMap<Tool, ReadonlySet<Tool>> {
  const known = STEPS.get(role);
  if (known !== undefined) return known;
  const steps = new Map<Tool, Set<Tool>>();
  for (const { flow } of role.kinds)
    for (const [tool, branches] of flow.next) {
      const after = steps.get(tool) ?? new Set();
      for (const branch of branches) if (branch.tool !== null) after.add(branch.tool);
      steps.set(tool, after);
    }
  STEPS.set(role, steps);
  return steps;
}

/** Calls into turns: each joins the turn before with the given chance, up to `widest`. */
export function inTurns(calls: readonly PlannedCall[], joining: number, widest: number, random: Random): PlannedTurn[] {
  const turns: { calls: PlannedCall[]; heat: number; tokenScale: number }[] = [];
  for (const call of calls) {
    const last = turns.at(-1);
    if (last !== undefined && last.calls.length < widest && chance(random, joining)) last.calls.push(call);
    else turns.push({ calls: [call], heat: 0, tokenScale: 1 });
  }
  return turns;
}

/** Tools of the task at hand that pass the test. */
export function atHand({ turns }: Ground, test: (tool: Tool) => boolean): Tool[] {
  return turns.flatMap((turn) => turn.calls.flatMap(({ tool }) => (test(tool) ? [tool] : [])));
}

/** Reads that serve the attack: of tools that the task uses anyway with the given chance, else of the role's. */
export function strayReads(count: number, usual: number, campaign: Campaign, ground: Ground): PlannedCall[] {
  const { role, random, taskSalt } = ground;
  const hand = atHand(ground, (tool) => tool.effect === 'read');
  return Array.from({ length: count }, () =>
    planCall(hand.length > 0 && chance(random, usual) ? pick(random, hand) : pick(random, role.reads), random, taskSalt, { campaign }),
  );
}

/** Tools that the agent can reach and that its role has no business with. */
export function foreignTools(role: Role, side: boolean): readonly Tool[] {
  return SIMULATED_TOOLS.filter((tool) => tool.side === side && tool.effect !== 'unknown' && !role.tools.includes(tool));
}
