/**
 * The alerts that are held: one per id with its last revision, grouped by agent and threat, in an order that does not move under a reader.
 * While he follows, the order is that of the sort; otherwise what he sees keeps its place, newcomers stand above it and older ones below.
 */
import { SEVERITIES } from '@optikal/contracts';
import type { AlertEntry } from '../../services/watch-entry.ts';

/** An alert by its last revision. `early`: its first revision is known as well. */
export interface Item {
  readonly entry: AlertEntry;
  readonly early: boolean;
}

/** What became of an alert, in one word. */
export type Standing = 'early' | 'final' | 'confirmed' | 'withdrawn';

export interface Group {
  readonly key: string;
  /** Newest first. */
  readonly items: readonly Item[];
  /** What stands for the group: its newest alert that was not withdrawn, else its newest. */
  readonly shown: Item;
  /** The gravest of those that were not withdrawn. */
  readonly gravest: AlertEntry;
}

export const SORTS = ['time', 'severity', 'probability', 'agent'] as const;
export type Sort = (typeof SORTS)[number];

export function standingOf({ entry, early }: Item): Standing {
  if (entry.decision === 'withdrawn') return 'withdrawn';
  if (entry.revision === 1) return 'early';
  return early ? 'confirmed' : 'final';
}

/** Adds revisions in any order; keeps what `wanted` says of the last one. The same map where nothing changed. */
export function addEntries(
  items: ReadonlyMap<string, Item>,
  entries: readonly AlertEntry[],
  wanted: (entry: AlertEntry) => boolean,
): ReadonlyMap<string, Item> {
  let next: Map<string, Item> | null = null;
  const changed = () => {
    next ??= new Map(items);
    return next;
  };
  for (const entry of entries) {
    if (entry.revision === 1 && entry.paired) continue;
    const known = (next ?? items).get(entry.id);
    if (known !== undefined && known.entry.revision > entry.revision) changed().set(entry.id, { ...known, early: true });
    else if (wanted(entry)) changed().set(entry.id, { entry, early: entry.revision === 1 || entry.paired || known?.early === true });
    else if (known !== undefined) changed().delete(entry.id);
  }
  return next ?? items;
}

export const groupKeyOf = ({ tenant, agent, threat }: AlertEntry) => `${tenant}|${agent}|${threat}`;

export function groupsOf(items: Iterable<Item>): Map<string, Group> {
  const lists = new Map<string, Item[]>();
  for (const item of items) {
    const key = groupKeyOf(item.entry);
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [item]);
    else list.push(item);
  }
  return new Map([...lists].map(([key, list]) => [key, groupOf(key, list)]));
}

function groupOf(key: string, list: Item[]): Group {
  list.sort((a, b) => newestFirst(a.entry, b.entry));
  const standing = list.filter(({ entry }) => entry.decision === 'alert');
  const shown = standing[0] ?? list[0]!; // a group has an item
  const gravest = standing.reduce((worst, { entry }) => (graver(entry, worst) < 0 ? entry : worst), shown.entry);
  return { key, items: list, shown, gravest };
}

/** Keys of the groups in the order of a sort. */
export function sorted(groups: ReadonlyMap<string, Group>, sort: Sort): string[] {
  return [...groups.values()].sort(BY[sort]).map(({ key }) => key);
}

/** The order that a reader saw, with the groups that came since above it or below it. */
export function held(groups: ReadonlyMap<string, Group>, sort: Sort, order: readonly string[], side: 'above' | 'below'): string[] {
  const kept = order.filter((key) => groups.has(key));
  const known = new Set(kept);
  const added = sorted(groups, sort).filter((key) => !known.has(key));
  return side === 'above' ? [...added, ...kept] : [...kept, ...added];
}

const newestFirst = (a: AlertEntry, b: AlertEntry) => b.windowStartMs - a.windowStartMs || b.cursor - a.cursor;
const graver = (a: AlertEntry, b: AlertEntry) =>
  SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || b.probability - a.probability;
const standsFirst = (a: Group, b: Group) => Number(a.shown.entry.decision === 'withdrawn') - Number(b.shown.entry.decision === 'withdrawn');
const byTime = (a: Group, b: Group) => newestFirst(a.items[0]!.entry, b.items[0]!.entry);

const BY: Readonly<Record<Sort, (a: Group, b: Group) => number>> = {
  time: byTime,
  severity: (a, b) => standsFirst(a, b) || graver(a.gravest, b.gravest) || byTime(a, b),
  probability: (a, b) => standsFirst(a, b) || b.gravest.probability - a.gravest.probability || byTime(a, b),
  agent: (a, b) => (a.shown.entry.agent < b.shown.entry.agent ? -1 : a.shown.entry.agent > b.shown.entry.agent ? 1 : byTime(a, b)),
};
