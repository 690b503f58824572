/**
 * The list under its cursor. INVARIANT: nothing but a key moves the cursor to another row. New alerts move the rows, and the screen either
 * stays at the top (following) until that would carry the cursor off it, or stays with the cursor.
 */
import type { AlertEntry } from '../../services/watch-entry.ts';
import { addEntries, type Group, groupsOf, held, SORTS, sorted } from './alerts.ts';
import { matches } from './filter.ts';
import { listHeight } from './layout.ts';
import { HELD_ALERTS, type ListState, type Row, type State } from './state.ts';

export function withNewer(state: State, entries: readonly AlertEntry[]): State {
  const list = merged(state, entries, 'above');
  const fresh = [...list.items.values()].filter(({ entry }) => !state.list.items.has(entry.id)).length;
  return { ...state, list: { ...list, unseen: list.follow ? 0 : list.unseen + fresh } };
}

export function withOlder(state: State, entries: readonly AlertEntry[], before: number, complete: boolean): State {
  const list = merged(state, entries, 'below');
  const full = list.items.size >= HELD_ALERTS;
  return { ...state, list: { ...list, before, complete: complete || full, looked: list.looked + entries.length } };
}

function merged(state: State, entries: readonly AlertEntry[], side: 'above' | 'below'): ListState {
  const { list, filter, status } = state;
  const items = addEntries(list.items, entries, (entry) => matches(entry, filter, status?.clockMs ?? null));
  if (items === list.items) return list;
  const groups = groupsOf(items.values());
  const order = list.follow ? sorted(groups, list.sort) : held(groups, list.sort, list.order, side);
  return settled(state, { ...list, items, groups, order });
}

/** Rows anew, and the screen where it belongs. */
function settled(state: State, next: ListState): ListState {
  const { list } = state;
  const rows = rowsOf(next.groups, next.order, next.expanded);
  const height = listHeight(state.size);
  if (next.selected === null && list.rows.length > 0)
    return { ...next, rows, top: next.follow ? 0 : clampTop(next.top, rows.length, height) };
  const was = list.rows.findIndex(({ id }) => id === next.selected);
  const now = rows.findIndex(({ id }) => id === next.selected);
  if (now < 0)
    return {
      ...next,
      rows,
      selected: rows[Math.min(Math.max(was, 0), rows.length - 1)]?.id ?? null,
      top: clampTop(next.top, rows.length, height),
    };
  if (next.follow) return now < height ? { ...next, rows, top: 0 } : { ...next, rows, top: 0, selected: null };
  // What stands on the cursor's line stays there.
  return { ...next, rows, top: Math.max(0, next.top + now - was) };
}

function rowsOf(groups: ReadonlyMap<string, Group>, order: readonly string[], expanded: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  for (const key of order) {
    rows.push({ id: key, group: key, alert: null });
    const { items } = groups.get(key)!; // the order names groups only
    if (items.length > 1 && expanded.has(key))
      for (const { entry } of items) rows.push({ id: `${key}|${entry.id}`, group: key, alert: entry.id });
  }
  return rows;
}

/** Moves the cursor; the screen comes after it, and stops following where it leaves the first row. */
export function moved(state: State, to: (at: number, height: number, last: number) => number): State {
  const { list, size } = state;
  if (list.rows.length === 0) return state;
  const height = listHeight(size);
  const last = list.rows.length - 1;
  const at = list.rows.findIndex(({ id }) => id === list.selected);
  // A cursor that was carried off the screen comes back at its top, whatever the key.
  const next = at < 0 ? list.top : Math.min(Math.max(to(at, height, last), 0), last);
  return { ...state, list: shownAt({ ...list, selected: list.rows[next]!.id, follow: list.follow && next === 0 }, next, height) };
}

function shownAt(list: ListState, at: number, height: number): ListState {
  const top = at < list.top ? at : at >= list.top + height ? at - height + 1 : list.top;
  return { ...list, top: clampTop(top, list.rows.length, height) };
}

function clampTop(top: number, count: number, height: number): number {
  return Math.min(Math.max(top, 0), Math.max(0, count - height));
}

/** To the newest, in the order of the sort. */
export function toNewest(state: State, follow: boolean): State {
  const { list } = state;
  const order = sorted(list.groups, list.sort);
  const rows = rowsOf(list.groups, order, list.expanded);
  return { ...state, list: { ...list, order, rows, follow, unseen: 0, top: 0, selected: rows[0]?.id ?? null } };
}

export function nextSort(state: State): State {
  const sort = SORTS[(SORTS.indexOf(state.list.sort) + 1) % SORTS.length]!; // within its length
  return { ...toNewest({ ...state, list: { ...state.list, sort } }, state.list.follow), notice: `sorted by ${sort}` };
}

/** Opens or closes the group under the cursor. */
export function toggled(state: State, open?: boolean): State {
  const { list, size } = state;
  const row = selectedRow(list);
  if (row === null || list.groups.get(row.group)!.items.length < 2) return state; // rows are of groups
  const expanded = new Set(list.expanded);
  if (open ?? !expanded.has(row.group)) expanded.add(row.group);
  else expanded.delete(row.group);
  const rows = rowsOf(list.groups, list.order, expanded);
  const selected = rows.some(({ id }) => id === row.id) ? row.id : row.group;
  const at = rows.findIndex(({ id }) => id === selected);
  return { ...state, list: shownAt({ ...list, expanded, rows, selected, follow: false }, at, listHeight(size)) };
}

export function resized(state: State): State {
  const { list, size } = state;
  const height = listHeight(size);
  const at = list.rows.findIndex(({ id }) => id === list.selected);
  return { ...state, list: at < 0 ? { ...list, top: clampTop(list.top, list.rows.length, height) } : shownAt(list, at, height) };
}

export function selectedRow(list: ListState): Row | null {
  return list.rows.find(({ id }) => id === list.selected) ?? null;
}

/** What a row shows. */
export function entryOfRow(list: ListState, row: Row): AlertEntry {
  return row.alert === null ? list.groups.get(row.group)!.shown.entry : list.items.get(row.alert)!.entry; // rows are made of both
}
