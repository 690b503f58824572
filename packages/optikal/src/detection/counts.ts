/**
 * Bounded counts of tools and steps, and the surprise under them. Names are kept as short hashes: fixed size, no content, and no name can
 * collide with a property of an object. Formulas: docs/features.md (order), after DETECTION's rsur and rbsur.
 */

/** Counts are halved when their sum passes this, so that a habit can change and numbers stay small. */
const HALVE_AT = 4000;
/** Additive smoothing: half a count for each seen tool and for 20 unseen ones; a step leans on the tool's own share with weight 2. */
const UNSEEN_TOOLS = 20;
const STEP_PRIOR = 2;
const START = '^';

/** FNV-1a, 32 bits, base 36: 7 characters at most. */
export function tokenOf(name: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    hash ^= name.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

export function stepToken(previous: string | null, token: string): string {
  return `${previous ?? START}>${token}`;
}

/** Tool and transition counts of an agent, a role or a fleet. */
export interface ToolCounts {
  readonly tools: Map<string, number>;
  readonly steps: Map<string, number>;
  /** Steps that leave a tool (or the start of a task). INVARIANT: the sum of `steps` from there, or a step's share could pass 1. */
  readonly from: Map<string, number>;
  total: number;
}

export function newToolCounts(): ToolCounts {
  return { tools: new Map(), steps: new Map(), from: new Map(), total: 0 };
}

export function countStep(counts: ToolCounts, previous: string | null, token: string): void {
  bump(counts.tools, token, 1);
  bump(counts.steps, stepToken(previous, token), 1);
  bump(counts.from, previous ?? START, 1);
  counts.total++;
}

/** Adds `other` `sign` times (1 or −1: leaving one agent out of its role). Entries that reach zero vanish. */
export function addCounts(counts: ToolCounts, other: ToolCounts, sign: 1 | -1 = 1): void {
  for (const key of ['tools', 'steps', 'from'] as const) for (const [token, count] of other[key]) bump(counts[key], token, sign * count);
  counts.total += sign * other.total;
}

/** Keeps a table within its bounds: halves old counts, then drops the rarest entries (ties by name, so that the result is one). */
export function boundCounts(counts: ToolCounts, maxTools: number, maxSteps: number): void {
  if (counts.total > HALVE_AT)
    for (const key of ['tools', 'steps'] as const)
      for (const [token, count] of counts[key]) {
        if (count > 1) counts[key].set(token, count >> 1);
        else counts[key].delete(token);
      }
  trim(counts.tools, maxTools);
  trim(counts.steps, maxSteps);
  counts.total = sum(counts.tools);
  counts.from.clear();
  for (const [previous, count] of leaving(counts.steps)) counts.from.set(previous, count);
}

export function copyCounts({ tools, steps, from, total }: ToolCounts): ToolCounts {
  return { tools: new Map(tools), steps: new Map(steps), from: new Map(from), total };
}

/** Share of a tool, smoothed: (n(tool)+½) / (N+½(K+20)). */
function toolShare(counts: ToolCounts, token: string): number {
  return ((counts.tools.get(token) ?? 0) + 0.5) / (counts.total + 0.5 * (counts.tools.size + UNSEEN_TOOLS));
}

/** −ln of the tool's smoothed share, in nats; higher = rarer. */
export function toolSurprise(counts: ToolCounts, token: string): number {
  return -Math.log(toolShare(counts, token));
}

/** −ln((n(prev,tool)+2·p(tool)) / (n(prev)+2)), in nats; prev null = the start of a task. */
export function stepSurprise(counts: ToolCounts, previous: string | null, token: string): number {
  const seen = counts.steps.get(stepToken(previous, token)) ?? 0;
  const from = counts.from.get(previous ?? START) ?? 0;
  return -Math.log((seen + STEP_PRIOR * toolShare(counts, token)) / (from + STEP_PRIOR));
}

function bump(table: Map<string, number>, token: string, by: number): void {
  const count = (table.get(token) ?? 0) + by;
  if (count > 0) table.set(token, count);
  else table.delete(token);
}

function sum(table: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of table.values()) total += count;
  return total;
}

function leaving(steps: ReadonlyMap<string, number>): Map<string, number> {
  const from = new Map<string, number>();
  for (const [step, count] of steps) bump(from, step.slice(0, step.indexOf('>')), count);
  return from;
}

function trim(table: Map<string, number>, limit: number): void {
  if (table.size <= limit) return;
  const rarest = [...table].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).slice(0, table.size - limit);
  for (const [token] of rarest) table.delete(token);
}

/** Tools and steps; the rest follows from them. */
export type EncodedCounts = readonly [tools: readonly [string, number][], steps: readonly [string, number][]];

/** Sorted, so that equal tables have equal bytes. */
export function encodeCounts(counts: ToolCounts): EncodedCounts {
  const pairs = (table: ReadonlyMap<string, number>) => [...table].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  return [pairs(counts.tools), pairs(counts.steps)];
}

export function decodeCounts([tools, steps]: EncodedCounts): ToolCounts {
  const counts = { tools: new Map(tools), steps: new Map(steps) };
  return { ...counts, from: leaving(counts.steps), total: sum(counts.tools) };
}
