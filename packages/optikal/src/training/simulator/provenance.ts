/** Where a call's arguments come from, as the agent's side counts it (DETECTION.md): benign calls take values and destinations from outputs too. */
import type { Provenance } from '@optikal/contracts';
import type { Random } from '@optikal/ml';
import { PARTNERS } from './agent-state.ts';
import { chance, pick, poisson, skewedIndex } from './draw.ts';
import type { TaskKind } from './roles.ts';
import type { PlannedCall, Source } from './task-plan.ts';
import type { Tool } from './tools.ts';

/** Strangers' ids lie above the partners'. */
const STRANGERS = 900_000_000;
const NOT_ASKED = [0, 0, 0, 0, 0, 0.25, 0.33, 0.33, 0.5, 0.5];
const ASKED = [0.33, 0.5, 0.5, 0.67, 1, 1];

/** What the calls of a task could have read by now. */
export interface Reading {
  /** Outputs of earlier turns, and how many of them the gateway flagged. */
  readonly outputs: number;
  readonly flagged: number;
  readonly latestFlagged: boolean;
}

export interface Mention {
  /** Share of the tool name's words in the request, and the same through synonyms. */
  readonly affinity: number;
  readonly requested: number;
}

/** The habits of a benign call; the style of the task bends them. */
export function usualSource(call: PlannedCall, kind: TaskKind, outputs: number, random: Random): Source {
  const { tool } = call;
  const { style } = kind;
  const habit = tool.destination;
  let destination: number | null = null;
  let origin: Source['origin'] = 'own';
  const strange = tool.side && (style === 'contact' || style === 'runbook');
  if (habit !== null && chance(random, strange || style === 'export' ? Math.max(habit.share, 0.85) : habit.share)) {
    const roll = random.nextFloat() * (habit.request + habit.own + habit.output);
    origin = roll < habit.request ? 'request' : roll < habit.request + habit.own ? 'own' : 'output';
    if (strange) origin = chance(random, style === 'runbook' ? 0.75 : 0.45) ? 'output' : chance(random, 0.5) ? 'request' : 'own';
    if (style === 'export' && tool.side && chance(random, 0.7)) origin = 'own';
    if (origin === 'output' && outputs === 0) origin = 'request';
    const familiar = strange ? 0.25 : origin === 'own' ? 0.97 : 0.6;
    destination = chance(random, familiar) ? skewedIndex(random, PARTNERS) : PARTNERS + random.nextInt(STRANGERS);
  }
  let values = outputs === 0 ? 0 : poisson(random, tool.values * (style === 'runbook' && tool.side ? 1.6 : 1));
  if (origin === 'output' && destination !== null) values = Math.max(1, values);
  const words =
    outputs === 0
      ? 0
      : Math.min(0.98, Math.abs(tool.words * (style === 'runbook' || style === 'export' ? 1.5 : 1) + 0.18 * random.nextGaussian()));
  return { destination, origin, values, words };
}

/** Draws how the request speaks of a tool; the same for every call of the tool in a task. */
export function drawMention(tool: Tool, kind: TaskKind, random: Random): Mention {
  const affinity = pick(random, kind.asked.has(tool) ? ASKED : NOT_ASKED);
  return { affinity, requested: Math.max(affinity, requestedShare(tool, kind, random)) };
}

export function countProvenance(
  call: PlannedCall,
  source: Source,
  mention: Mention,
  known: ReadonlySet<number>,
  reading: Reading,
  random: Random,
): Provenance {
  const named = source.destination !== null;
  const given = source.origin === 'request';
  return {
    valuesOut: source.values,
    valuesOutLatest: binomial(source.values, 0.55, random),
    destCount: named ? 1 : 0,
    destOut: named && source.origin === 'output' ? 1 : 0,
    destNew: source.destination !== null && !given && !known.has(source.destination) ? 1 : 0,
    valuesFlagged: flaggedValues(source, reading, random),
    wordsOutShare: Math.round((call.argBytes < 40 ? 0 : source.words) * 1000) / 1000,
    affinity: mention.affinity,
    requested: mention.requested,
  };
}

/** A value counts as flagged where every output that holds it is: likelier the more of what was read is flagged. */
function flaggedValues(source: Source, reading: Reading, random: Random): number {
  if (reading.flagged === 0 || source.values === 0) return 0;
  const share = reading.flagged / Math.max(1, reading.outputs);
  return binomial(
    source.values,
    source.origin === 'output' ? 0.35 + 0.5 * share : 0.5 * share + (reading.latestFlagged ? 0.25 : 0),
    random,
  );
}

function requestedShare(tool: Tool, kind: TaskKind, random: Random): number {
  if (kind.asked.has(tool)) return chance(random, 0.85) ? 1 : 0.5;
  return pick(random, kind.style === 'runbook' ? NOT_ASKED : [0, 0, 0, 0.33, 0.33, 0.5, 0.5, 0.67, 1]);
}

function binomial(count: number, share: number, random: Random): number {
  let hits = 0;
  for (let i = 0; i < count; i++) if (chance(random, share)) hits++;
  return hits;
}
