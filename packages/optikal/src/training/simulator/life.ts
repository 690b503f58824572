/**
 * What happens to one agent beside its tasks and harms nobody: it joins or retires, is maintained, redeployed, given another right, works
 * through a campaign, loses a sensor for some hours. Drawn from the agent's own stream, so the fleet's size changes nothing.
 */
import type { Random } from '@optikal/ml';
import { between, chance, pick, poisson } from './draw.ts';
import type { ResolvedFleetOptions } from './options.ts';
import type { Role } from './roles.ts';

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** A campaign at work: a multiple of the usual tasks, most of them of one kind. */
export interface Burst extends Span {
  readonly factor: number;
  readonly kind: string;
}

/** A new version, or the same version with other rights. */
export interface Deploy {
  readonly timeMs: number;
  readonly version: string;
  readonly model: string;
  /** Task kind that the agent may do from now on; null = a new version, which may do what the old one could. */
  readonly gains: string | null;
}

export interface Life {
  /** Registers then; the span's start for those that were there before. */
  readonly joinMs: number;
  readonly retireMs: number | null;
  readonly maintenance: readonly Span[];
  readonly bursts: readonly Burst[];
  /** Hours without a CPU and memory sensor. */
  readonly gaps: readonly Span[];
  /** Rare task kinds of the role that this agent does not do, until a deploy gives it one. */
  readonly withheld: ReadonlySet<string>;
  /** Another right: when, and which kind it brings. */
  readonly grants: readonly { readonly timeMs: number; readonly kind: string }[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Rates per agent and day. */
const MAINTENANCE_A_DAY = 1 / 14;
const BURSTS_A_DAY = 1 / 10;
const GAPS_A_DAY = 1 / 20;
const GRANTS_A_DAY = 1 / 15;
/** Share of agents a month that join, and that retire. */
const TURNOVER_A_MONTH = 0.15;
/** Ten times the usual tasks. */
const BURST_FACTOR = 10;
/** A kind below this weight is special work: not every agent of a role does it. Kinds of no usual weight wait for their occasion. */
const SPECIAL_WEIGHT = 0.6;
const WITHHELD_SHARE = 0.25;

export function planLife(role: Role, options: ResolvedFleetOptions, random: Random): Life {
  const { startMs, endMs, days } = options;
  const turnover = Math.min(0.3, (TURNOVER_A_MONTH * days) / 30);
  const joins = chance(random, turnover);
  const retires = chance(random, turnover);
  const joinMs = joins ? Math.floor(between(random, startMs, startMs + 0.7 * (endMs - startMs))) : startMs;
  const retireMs = retires ? Math.floor(between(random, joinMs + 0.2 * (endMs - joinMs), endMs)) : null;
  const spans = (stream: string, aDay: number, lowMs: number, highMs: number): Span[] => {
    const own = random.fork(stream);
    return Array.from({ length: poisson(own, days * aDay) }, () => {
      const from = Math.floor(between(own, joinMs, endMs));
      return { startMs: from, endMs: from + Math.floor(between(own, lowMs, highMs)) };
    });
  };
  const rights = random.fork('rights');
  const withheld = new Set(
    role.kinds.filter((kind) => kind.weight > 0 && kind.weight < SPECIAL_WEIGHT && chance(rights, WITHHELD_SHARE)).map(({ name }) => name),
  );
  const bursts = random.fork('burst kinds');
  return {
    joinMs,
    retireMs,
    maintenance: spans('maintenance', MAINTENANCE_A_DAY, 20 * MINUTE_MS, 3 * HOUR_MS),
    // A burst ends before the span does: what it left to do is done by then.
    bursts: spans('bursts', BURSTS_A_DAY, 40 * MINUTE_MS, 3 * HOUR_MS)
      .filter((span) => span.endMs + HOUR_MS < endMs)
      .map((span) => ({
        ...span,
        factor: BURST_FACTOR,
        kind: pick(
          bursts,
          role.kinds.filter(({ name, weight }) => weight > 0 && !withheld.has(name)),
        ).name,
      })),
    gaps: spans('gaps', GAPS_A_DAY, HOUR_MS, 10 * HOUR_MS),
    withheld,
    grants:
      withheld.size === 0
        ? []
        : [...spans('grants', GRANTS_A_DAY, 1, 2)].map((span) => ({ timeMs: span.startMs, kind: pick(rights, [...withheld]) })),
  };
}

export function spanAt<T extends Span>(spans: readonly T[], timeMs: number): T | null {
  for (const span of spans) if (timeMs >= span.startMs && timeMs < span.endMs) return span;
  return null;
}
