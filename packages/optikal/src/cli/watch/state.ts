/** All that the screen shows, as one immutable value; `update` makes the next one, `view` the lines of it. */

import type { WatchStatus } from '../../services/watch.ts';
import type { AlertDetail } from '../../services/watch-alert.ts';
import type { AlertEntry } from '../../services/watch-entry.ts';
import type { Group, Item, Sort } from './alerts.ts';
import type { Filter } from './filter.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A line of the list: a group, or one alert of an expanded one. */
export interface Row {
  /** Stays with what it shows: the cursor sticks to it. */
  readonly id: string;
  readonly group: string;
  /** null = the group itself. */
  readonly alert: string | null;
}

export interface ListState {
  readonly items: ReadonlyMap<string, Item>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly order: readonly string[];
  readonly rows: readonly Row[];
  readonly expanded: ReadonlySet<string>;
  readonly sort: Sort;
  /** Row id; null = the cursor has left the screen while new alerts came. */
  readonly selected: string | null;
  /** Index of the first row on the screen. */
  readonly top: number;
  readonly follow: boolean;
  /** Alerts that came while the reader did not follow. */
  readonly unseen: number;
  /** Where the next older page begins. */
  readonly before: number;
  /** There is nothing older, or no more is held. */
  readonly complete: boolean;
  /** Revisions looked at. */
  readonly looked: number;
}

/** One alert opened. `detail` null = it is being read. */
export interface Opened {
  readonly id: string;
  readonly entry: AlertEntry;
  readonly detail: AlertDetail | null;
  readonly top: number;
}

/** What the pure side asks of the outside. */
export type Wish =
  | { readonly kind: 'quit' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'repaint' }
  | { readonly kind: 'copy'; readonly text: string };

export interface State {
  readonly size: Size;
  /** Where the alerts come from, as a person named it. */
  readonly source: string;
  readonly colors: boolean;
  readonly status: WatchStatus | null;
  /** Why there is nothing to see; null = all is well. */
  readonly problem: string | null;
  readonly list: ListState;
  readonly filter: Filter;
  /** The text being typed behind `/`; null = none. */
  readonly prompt: string | null;
  readonly opened: Opened | null;
  /** First line of the help on the screen; null = closed. */
  readonly help: number | null;
  readonly notice: string | null;
  readonly wish: Wish | null;
}

export type Message =
  | { readonly kind: 'resize'; readonly size: Size }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'status'; readonly status: WatchStatus }
  | { readonly kind: 'problem'; readonly text: string }
  /** Another database than before: what was read is void; alerts are read from `before` back. */
  | { readonly kind: 'reset'; readonly status: WatchStatus; readonly before: number }
  | { readonly kind: 'newer'; readonly entries: readonly AlertEntry[] }
  | { readonly kind: 'older'; readonly entries: readonly AlertEntry[]; readonly before: number; readonly complete: boolean }
  | { readonly kind: 'detail'; readonly detail: AlertDetail | null; readonly id: string };

/** Alerts held at most: more than anybody scrolls through; a filter reaches the rest. */
export const HELD_ALERTS = 20_000;
/** Read ahead of the screen, so that a page down never waits. */
const AHEAD_SCREENS = 3;

const EMPTY: Omit<ListState, 'sort' | 'follow' | 'expanded' | 'before'> = {
  items: new Map(),
  groups: new Map(),
  order: [],
  rows: [],
  selected: null,
  top: 0,
  unseen: 0,
  complete: false,
  looked: 0,
};

export function emptyList(before: number, kept: Pick<ListState, 'sort' | 'follow'>): ListState {
  return { ...EMPTY, expanded: new Set(), before, sort: kept.sort, follow: kept.follow };
}

export interface StartOptions {
  readonly size: Size;
  readonly source: string;
  readonly colors: boolean;
  readonly filter: Filter;
}

export function initialState({ size, source, colors, filter }: StartOptions): State {
  return {
    size,
    source,
    colors,
    filter,
    status: null,
    problem: null,
    list: { ...emptyList(0, { sort: 'time', follow: true }), complete: true },
    prompt: null,
    opened: null,
    help: null,
    notice: null,
    wish: null,
  };
}

/** Whether the list should hold more of what is older. */
export function wantsOlder({ list, size }: State): boolean {
  return !list.complete && list.rows.length < list.top + AHEAD_SCREENS * size.rows;
}
