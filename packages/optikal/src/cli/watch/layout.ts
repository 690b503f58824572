/**
 * How the screen is divided, from its size alone. What goes first when there is less room: height takes the column titles, then a status line,
 * then the sentence below the list; width takes columns in the order of SHRINK.
 */
import type { Size } from './state.ts';

/** Smaller than this there is no screen, only a word. */
export const LEAST: Size = { columns: 20, rows: 5 };

export interface Heights {
  readonly status: number;
  readonly titles: 0 | 1;
  readonly list: number;
  readonly preview: number;
  readonly footer: 1;
}

export function heightsOf({ rows }: Size): Heights {
  const status = rows >= 20 ? 3 : rows >= 8 ? 2 : 1;
  const titles = rows >= 12 ? 1 : 0;
  const preview = rows >= 16 ? 2 : rows >= 10 ? 1 : 0;
  return { status, titles, preview, footer: 1, list: Math.max(1, rows - status - titles - preview - 1) };
}

export function listHeight(size: Size): number {
  return heightsOf(size).list;
}

/** Lines of a page (an alert, the help) between its title and its footer. */
export function pageHeight({ rows }: Size): number {
  return Math.max(1, rows - 2);
}

export type ColumnName = 'time' | 'severity' | 'probability' | 'agent' | 'threat' | 'count' | 'standing' | 'what';

export interface Column {
  readonly name: ColumnName;
  readonly width: number;
}

/** Cursor and fold mark, and a blank. */
export const MARGIN = 3;
const ORDER: readonly ColumnName[] = ['time', 'severity', 'probability', 'agent', 'threat', 'count', 'standing', 'what'];
const FULL: Readonly<Record<ColumnName, number>> = {
  time: 11,
  severity: 8,
  probability: 6,
  agent: 18,
  threat: 20,
  count: 5,
  standing: 12,
  what: 20,
};
/** One step after the other until the rest fits: a column gets narrower, or goes (0). */
const SHRINK: readonly (readonly [ColumnName, number])[] = [
  ['what', 0],
  ['agent', 14],
  ['standing', 2],
  ['probability', 0],
  ['threat', 14],
  ['time', 5],
  ['severity', 4],
  ['agent', 10],
  ['threat', 9],
  ['standing', 0],
  ['count', 0],
  ['threat', 0],
  ['time', 0],
];
const MOST: Partial<Record<ColumnName, number>> = { agent: 24, threat: 20 };

export function columnsOf(columns: number): readonly Column[] {
  const widths = { ...FULL };
  const total = () => MARGIN + ORDER.reduce((sum, name) => sum + (widths[name] === 0 ? 0 : widths[name] + 1), -1);
  for (const [name, width] of SHRINK) {
    if (total() <= columns) break;
    widths[name] = width;
  }
  let rest = columns - total();
  if (widths.what > 0) widths.what += rest;
  else
    for (const name of ['threat', 'agent'] as const) {
      const more = widths[name] === 0 ? 0 : Math.max(0, Math.min(rest, MOST[name]! - widths[name])); // both have an entry
      widths[name] += more;
      rest -= more;
    }
  return ORDER.filter((name) => widths[name] > 0).map((name) => ({ name, width: widths[name] }));
}
