/**
 * The attacks as changes of a task's plan: the benign turns stay, the attacker's are laid between them. A moderate attack uses the tools
 * and sizes of the role and little of either; a blatant one does not care.
 */
import type { Random } from '@optikal/ml';
import { type Campaign, goalProgress } from './campaign.ts';
import { between, chance, logNormal, pick, poisson, wholeBetween } from './draw.ts';
import type { Role } from './roles.ts';
import { type HostileText, type PlannedCall, type PlannedTurn, planCall, type Source } from './task-plan.ts';
import type { Tool } from './tools.ts';

export interface Ground {
  readonly role: Role;
  readonly turns: readonly PlannedTurn[];
  readonly random: Random;
  readonly taskSalt: number;
}

/** Lays the next part of a campaign over a task; the last part carries what is left of the goal. */
export function layCampaign(campaign: Campaign, partsLeft: number, ground: Ground): PlannedTurn[] {
  const { random } = ground;
  let turns = [...ground.turns];
  // The first turn after which the agent may go astray.
  let from = random.nextInt(turns.length);
  const first = partsLeft === campaign.hostTasks.length;
  if (campaign.exposed && (first || campaign.threat === 'prompt_injection')) {
    const planted = plantText({ logit: campaign.textLogit + 0.4 * random.nextGaussian(), campaign }, ground);
    turns = planted.turns;
    from = planted.at;
  }
  const left = 1 - goalProgress(campaign);
  const share = partsLeft <= 1 ? left : left / partsLeft;
  const laid = layTurns(campaign, share, { ...ground, turns });
  return interleave(turns, from + 1, laid, campaign.intensity === 'moderate' ? 0.45 : 0.08, random);
}

/** A hostile text in a tool output, and nothing that follows from it. */
export function layAttempt(text: HostileText, ground: Ground): PlannedTurn[] {
  return plantText(text, ground).turns;
}

function plantText(text: HostileText, { turns, role, random, taskSalt }: Ground): { turns: PlannedTurn[]; at: number } {
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

/** Puts the turns of `laid` in from `from` on, each next one after a benign turn with the given chance. */
function interleave(turns: readonly PlannedTurn[], from: number, laid: readonly PlannedTurn[], gap: number, random: Random): PlannedTurn[] {
  const result = turns.slice(0, from);
  let at = from;
  for (const turn of laid) {
    while (at < turns.length && chance(random, gap)) result.push(turns[at++]);
    result.push(turn);
  }
  return [...result, ...turns.slice(at)];
}

function layTurns(campaign: Campaign, share: number, ground: Ground): PlannedTurn[] {
  const { goal } = campaign;
  switch (goal.kind) {
    case 'actions':
      return obey(campaign, Math.ceil(goal.count * share - 1e-9), ground);
    case 'bytes_out':
      return collectAndSend(campaign, goal.bytes * share, ground);
    case 'consumption':
      return burn(campaign, Math.ceil(goal.calls * share - 1e-9), ground);
  }
}

/** Prompt injection: side effects (seldom a fetch) whose values the hostile text gave. */
function obey(campaign: Campaign, count: number, ground: Ground): PlannedTurn[] {
  const { role, random, taskSalt } = ground;
  const blatant = campaign.intensity === 'blatant';
  const atHand = ground.turns.flatMap((turn) => turn.calls.map((call) => call.tool).filter((tool) => tool.side));
  const fetches = role.reads.filter((tool) => tool.destination !== null);
  const calls: PlannedCall[] = [];
  for (let i = 0; i < count; i++) {
    let tool: Tool;
    if (fetches.length > 0 && chance(random, 0.15)) tool = pick(random, fetches);
    else if (role.rareSide.length > 0 && chance(random, blatant ? 0.5 : 0.12)) tool = pick(random, role.rareSide);
    else if (atHand.length > 0 && !blatant && chance(random, 0.55)) tool = pick(random, atHand);
    else tool = pick(random, role.usualSide);
    const names = tool.destination !== null && chance(random, blatant ? 0.95 : 0.7);
    const source: Source = {
      destination: names ? campaign.destination : null,
      origin: 'output',
      values: poisson(random, blatant ? 2.4 : 1.5) + (names || chance(random, 0.7) ? 1 : 0),
      words: blatant ? between(random, 0.35, 0.9) : between(random, 0.05, 0.7),
    };
    calls.push(planCall(tool, random, taskSalt, { source, campaign, argKey: random.nextUint32() }));
  }
  return inTurns(calls, blatant ? 0.3 : 0.1, 3, random);
}

/** Data exfiltration: reads beyond the task, then sends to one destination. */
function collectAndSend(campaign: Campaign, bytes: number, ground: Ground): PlannedTurn[] {
  const { role, random, taskSalt } = ground;
  const blatant = campaign.intensity === 'blatant';
  const atHand = ground.turns.flatMap((turn) => turn.calls.map((call) => call.tool).filter((tool) => tool.effect === 'read'));
  const reads = Array.from({ length: blatant ? wholeBetween(random, 8, 22) : wholeBetween(random, 1, 4) }, () => {
    const tool = atHand.length > 0 && !blatant && chance(random, 0.6) ? pick(random, atHand) : pick(random, role.reads);
    const call = planCall(tool, random, taskSalt, { campaign });
    const outBytes = Math.min(400_000, Math.round(call.outBytes * (blatant ? between(random, 2, 7) : between(random, 0.9, 2.2))));
    return { ...call, outBytes };
  });
  const count = blatant ? wholeBetween(random, 2, 5) : wholeBetween(random, 1, 3);
  const way = blatant || chance(random, 0.3) ? pick(random, role.outward) : role.outward[0];
  const origin = campaign.exposed && chance(random, 0.6) ? 'output' : 'own';
  const sends = Array.from({ length: count }, () =>
    planCall(way, random, taskSalt, {
      campaign,
      argKey: random.nextUint32(),
      argBytes: Math.ceil((bytes / count) * between(random, 1, 1.3)),
      source: {
        destination: campaign.destination,
        origin,
        values: (origin === 'output' ? 1 : 0) + poisson(random, 1),
        words: blatant ? between(random, 0.5, 0.98) : between(random, 0.25, 0.85),
      },
    }),
  );
  return [...inTurns(reads, blatant ? 0.65 : 0.25, 5, random), ...inTurns(sends, 0.1, 2, random)];
}

/** Resource abuse: circles and fans of calls with growing context; failures count, they cost as much. */
function burn(campaign: Campaign, count: number, ground: Ground): PlannedTurn[] {
  const { role, random, taskSalt } = ground;
  const blatant = campaign.intensity === 'blatant';
  const tools = Array.from({ length: wholeBetween(random, 1, blatant ? 2 : 3) }, () => pick(random, role.reads));
  const circling = campaign.template === 'runaway-loop' ? 0.85 : blatant ? 0.35 : 0.2;
  const calls: PlannedCall[] = [];
  for (let i = 0; i < count; i++) {
    const earlier = calls.length > 0 && chance(random, blatant ? circling : circling * 0.5) ? pick(random, calls.slice(-2)) : null;
    const fresh = planCall(pick(random, tools), random, taskSalt, { campaign });
    calls.push(
      earlier ?? { ...fresh, outBytes: Math.min(400_000, Math.round(fresh.outBytes * logNormal(random, blatant ? 1.8 : 1.1, 0.5))) },
    );
  }
  const heat = blatant ? between(random, 25, 55) : between(random, 2, 22);
  const tokenScale = blatant ? between(random, 2.5, 6) : between(random, 1, 1.7);
  return inTurns(calls, blatant ? 0.75 : 0.3, blatant ? 8 : 4, random).map((turn) => ({ ...turn, heat, tokenScale }));
}

/** Calls into turns: each joins the turn before with the given chance, up to `widest`. */
function inTurns(calls: readonly PlannedCall[], joining: number, widest: number, random: Random): PlannedTurn[] {
  const turns: { calls: PlannedCall[]; heat: number; tokenScale: number }[] = [];
  for (const call of calls) {
    const last = turns.at(-1);
    if (last !== undefined && last.calls.length < widest && chance(random, joining)) last.calls.push(call);
    else turns.push({ calls: [call], heat: 0, tokenScale: 1 });
  }
  return turns;
}
