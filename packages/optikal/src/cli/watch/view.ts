/** A state as the lines of a screen: exactly as many as there are rows, none wider than the screen. */
import { LEAST, pageHeight } from './layout.ts';
import { framed, Line, type Paint, pack, paintFor } from './paint.ts';
import type { State } from './state.ts';
import { alertPage } from './view-alert.ts';
import { helpLines } from './view-help.ts';
import { listLines } from './view-list.ts';

export function view(state: State): string[] {
  const { columns, rows } = state.size;
  if (columns < LEAST.columns || rows < LEAST.rows) return framed(['too small'], columns, rows);
  return framed(linesOf(state), columns, rows);
}

function linesOf(state: State): string[] {
  const paint = paintFor(state.colors);
  const height = pageHeight(state.size);
  if (state.help !== null) {
    const lines = helpLines(state.size.columns).map((line) => (line.startsWith(' ') ? line : paint.bold(line)));
    return page(state, 'optikal watch: help', lines, state.help, ['j/k scroll', 'any other key: back'], paint, height);
  }
  if (state.opened !== null) {
    const { lines, title } = alertPage(state);
    const keys = ['j/k scroll', 'Esc back', 'n/p next', 'Tab section', 'c copy', '? help', 'q quit'];
    return page(state, title, lines, state.opened.top, keys, paint, height);
  }
  return listLines(state);
}

function page(
  state: State,
  title: string,
  lines: readonly string[],
  top: number,
  keys: readonly string[],
  paint: Paint,
  height: number,
): string[] {
  const { columns } = state.size;
  const shown = lines.slice(top, top + height);
  const below = lines.length - top - shown.length;
  const right = ` ${below > 0 ? `${below} more below` : top > 0 ? 'end' : 'all'}`;
  const footer = new Line(columns - right.length);
  if (state.notice === null)
    pack(
      keys.map((text) => ({ text, style: paint.dim })),
      [footer],
    );
  else footer.add(state.notice, paint.bold);
  return [
    String(new Line(columns).add(title, paint.bold)),
    ...Array.from({ length: height }, (_, i) => shown[i] ?? ''),
    `${String(footer.to(columns - right.length))}${right}`,
  ];
}
