/**
 * Colours and widths of the screen. Only colours that can be read on light and on dark: red, magenta and green of the terminal's own palette, bold
 * and dim; no yellow, no white, no black. INVARIANT: a colour repeats what a word, a sign or a mark says beside it.
 */
import type { Severity } from '@optikal/contracts';
import picocolors from 'picocolors';
import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';
import { cut, harmless, widthOf, wrapText } from './text.ts';

export type Paint = ReturnType<typeof picocolors.createColors>;
export type Style = (text: string) => string;

const PAINTS = { on: picocolors.createColors(true), off: picocolors.createColors(false) };

export function paintFor(colors: boolean): Paint {
  return colors ? PAINTS.on : PAINTS.off;
}

export function severityStyle(severity: Severity, { bold, red, magenta }: Paint): Style {
  switch (severity) {
    case 'critical':
      return (text) => bold(red(text));
    case 'high':
      return red;
    case 'medium':
      return magenta;
    case 'low':
      return String;
  }
}

/** Pieces side by side; each is made harmless and counted before it is painted. */
export class Line {
  private text = '';
  private used = 0;
  private readonly columns: number;

  constructor(columns: number) {
    this.columns = columns;
  }

  get width(): number {
    return this.used;
  }

  get room(): number {
    return this.columns - this.used;
  }

  add(text: string, style: Style = String): this {
    const shown = cut(harmless(text), this.room);
    if (shown === '') return this;
    this.text += style(shown);
    this.used += widthOf(shown);
    return this;
  }

  /** Blanks up to a column, from 0. */
  to(column: number): this {
    return this.add(' '.repeat(Math.max(0, column - this.used)));
  }

  toString(): string {
    return this.text;
  }
}

export interface Field {
  readonly text: string;
  readonly style?: Style;
}

const GAP = '  ';

/** Fields in the order of their weight, each on the first line that has room; what fits nowhere is left out. */
export function pack(fields: readonly Field[], lines: readonly Line[]): void {
  for (const { text, style } of fields) {
    const shown = harmless(text);
    const width = widthOf(shown);
    const line = lines.find((one) => one.room >= width + (one.width === 0 ? 0 : GAP.length));
    line?.add(line.width === 0 ? '' : GAP).add(shown, style);
  }
}

/** Fields one after the other on as many lines as they need; one that is longer than a line is broken between words. */
export function flow(fields: readonly Field[], columns: number, indent = 0): string[] {
  const lines: Line[] = [];
  for (const { text, style } of fields) {
    const parts = wrapText(harmless(text), columns - indent);
    for (const part of parts) {
      let line = lines.at(-1);
      if (line === undefined || parts.length > 1 || line.room < widthOf(part) + GAP.length) {
        line = new Line(columns).to(indent);
        lines.push(line);
      } else line.add(GAP);
      line.add(part, style);
    }
  }
  return lines.map(String);
}

/** The last guard: exactly so many lines, none wider than the screen. */
export function framed(lines: readonly string[], columns: number, rows: number): string[] {
  return Array.from({ length: rows }, (_, i) => {
    const line = lines[i] ?? '';
    return stringWidth(line) <= columns ? line : sliceAnsi(line, 0, columns);
  });
}
