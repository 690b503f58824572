/**
 * What the other agents do: per role and for the whole fleet, the counts of tools and steps of finished tasks, the habit's prior and the
 * usual value of each feature. An immutable snapshot; the first comes with the bundle. `usual` feeds explanations only.
 */
import { addCounts, decodeCounts, type EncodedCounts, encodeCounts, newToolCounts, type ToolCounts } from './counts.ts';
import { addToSums, type HabitPrior, type HabitSums, mergeSums, newHabitSums, priorOf } from './habit.ts';

export interface Group {
  readonly counts: ToolCounts;
  readonly sums: HabitSums;
}

/** A group as features read it. */
export interface GroupView {
  readonly counts: ToolCounts;
  readonly prior: HabitPrior;
}

export interface FleetView {
  /** null = the role is unknown: the fleet stands in. */
  readonly role: GroupView | null;
  readonly fleet: GroupView;
}

export interface FleetSnapshot {
  readonly roles: ReadonlyMap<string, Group>;
  readonly fleet: Group;
}

export function newGroup(): Group {
  return { counts: newToolCounts(), sums: newHabitSums() };
}

export function mergeGroup(into: Group, other: Group, sign: 1 | -1 = 1): void {
  addCounts(into.counts, other.counts, sign);
  mergeSums(into.sums, other.sums, sign);
}

export function learnWindow(group: Group, habitValues: ArrayLike<number>): void {
  addToSums(group.sums, habitValues);
}

export function snapshotOf(contributions: Iterable<{ readonly role: string | null; readonly group: Group }>): FleetSnapshot {
  const roles = new Map<string, Group>();
  const fleet = newGroup();
  for (const { role, group } of contributions) {
    mergeGroup(fleet, group);
    if (role === null) continue;
    const known = roles.get(role) ?? newGroup();
    mergeGroup(known, group);
    roles.set(role, known);
  }
  return { roles, fleet };
}

/** Leaves some agents out of their role and of the fleet (they must be in the snapshot): what the others do. */
export function viewWithout(
  snapshot: FleetSnapshot,
  role: string | null,
  without: Iterable<{ readonly role: string | null; readonly group: Group }>,
): FleetView {
  const fleet = newGroup();
  mergeGroup(fleet, snapshot.fleet);
  const known = role === null ? undefined : snapshot.roles.get(role);
  const own = newGroup();
  if (known !== undefined) mergeGroup(own, known);
  for (const out of without) {
    mergeGroup(fleet, out.group, -1);
    if (out.role === role) mergeGroup(own, out.group, -1);
  }
  return { role: known === undefined ? null : viewRole(own), fleet: viewGroup(fleet) };
}

/** A role in which nobody else has called a tool is as good as unknown: the fleet stands in, in training and in service alike. */
function viewRole(group: Group): GroupView | null {
  return group.counts.total === 0 ? null : viewGroup(group);
}

export function viewGroup(group: Group): GroupView {
  return { counts: group.counts, prior: priorOf(group.sums) };
}

/** Views by role, made once per snapshot. */
export function fleetViews(snapshot: FleetSnapshot): (role: string | null) => FleetView {
  const fleet = viewGroup(snapshot.fleet);
  const unknown: FleetView = { role: null, fleet };
  const views = new Map([...snapshot.roles].map(([role, group]) => [role, { role: viewRole(group), fleet }]));
  return (role) => (role === null ? unknown : (views.get(role) ?? unknown));
}

export interface EncodedSnapshot {
  readonly fleet: { readonly counts: EncodedCounts; readonly sums: HabitSums };
  readonly roles: readonly { readonly role: string; readonly counts: EncodedCounts; readonly sums: HabitSums }[];
}

export function encodeSnapshot(snapshot: FleetSnapshot): EncodedSnapshot {
  const encode = (group: Group) => ({ counts: encodeCounts(group.counts), sums: group.sums });
  return {
    fleet: encode(snapshot.fleet),
    roles: [...snapshot.roles].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([role, group]) => ({ role, ...encode(group) })),
  };
}

export function decodeSnapshot(encoded: EncodedSnapshot): FleetSnapshot {
  const decode = (group: EncodedSnapshot['fleet']): Group => ({ counts: decodeCounts(group.counts), sums: group.sums });
  return { fleet: decode(encoded.fleet), roles: new Map(encoded.roles.map((group) => [group.role, decode(group)])) };
}
