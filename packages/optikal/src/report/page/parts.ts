/** Pieces of a page that are no pictures: cards, legends, tables. */
import { isMissing, type Part } from '../figures/part.ts';
import { html, type Markup } from './html.ts';

export interface CardOptions {
  readonly title: string;
  /** What is seen, and how to read it. */
  readonly read: string;
  readonly wide?: boolean;
}

export function card({ title, read, wide = false }: CardOptions, body: readonly Markup[], table?: Markup): Markup {
  return html`<figure class="card${wide ? ' wide' : ''}"><figcaption><h3>${title}</h3><p class="read">${read}</p></figcaption>${body}${
    table === undefined ? null : html`<details><summary>Figures as a table</summary>${table}</details>`
  }</figure>
`;
}

/** The card of a figure, or the reason why there is none. */
export function cardOf<T extends object>(part: Part<T>, title: string, draw: (figure: T) => Markup): Markup {
  if (!isMissing(part)) return draw(part);
  return html`<figure class="card missing"><figcaption><h3>${title}</h3><p class="read">Not in this report: ${part.missing}</p></figcaption></figure>
`;
}

export interface LegendItem {
  /** Classes of a line, or of a filled mark. */
  readonly line?: string;
  readonly fill?: string;
  readonly diamond?: string;
  readonly dot?: string;
  readonly text: string;
  readonly value?: string;
}

export function legend(items: readonly LegendItem[]): Markup {
  return html`<ul class="legend">${items.map(
    ({ text, value, ...mark }) =>
      html`<li><svg viewBox="0 0 26 10" aria-hidden="true">${sample(mark)}</svg><span>${text}${value === undefined ? null : html` <b>${value}</b>`}</span></li>`,
  )}</ul>`;
}

function sample({ line, fill, diamond, dot }: Omit<LegendItem, 'text' | 'value'>): Markup {
  if (line !== undefined) return html`<path class="line ${line}" d="M1 5H25"/>`;
  if (dot !== undefined) return html`<circle class="${dot}" cx="13" cy="5" r="4"/>`;
  if (fill !== undefined) return html`<rect class="${fill}" x="8" width="10" height="10" rx="2"/>`;
  return html`<path class="hollow ${diamond ?? 'lk'}" d="M13 0l5 5-5 5-5-5z"/>`;
}

export type Cell = string | number | Markup;

export interface TableOptions {
  readonly caption?: string;
  /** On a narrow screen each row becomes a block of its own, so that nobody has to scroll sideways. */
  readonly stack?: boolean;
}

/** A column whose heading begins with `|` is text, aligned left. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  { caption, stack = false }: TableOptions = {},
): Markup {
  const text = headings.map((heading, i) => i > 0 && heading.startsWith('|'));
  const words = headings.map((heading) => heading.replace(/^\|/, ''));
  const cell = (value: Cell, i: number) =>
    i === 0
      ? html`<th scope="row" role="rowheader">${value}</th>`
      : html`<td role="cell" data-label="${words[i]!}"${text[i] ? html` class="text"` : null}>${value}</td>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption ?? words.join(', ')}"><table role="table"${stack ? html` class="stack"` : null}>${
    caption === undefined ? null : html`<caption>${caption}</caption>`
  }<thead role="rowgroup"><tr role="row">${words.map(
    (word, i) => html`<th scope="col" role="columnheader"${text[i] ? html` class="text"` : null}>${word}</th>`,
  )}</tr></thead><tbody role="rowgroup">${rows.map((row) => html`<tr role="row">${row.map(cell)}</tr>`)}</tbody></table></div>`;
}

export interface HeatTable {
  readonly label: string;
  readonly corner: string;
  /** What a column is called where there is room, and where there is not. */
  readonly columns: readonly { readonly name: string; readonly brief: string }[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly Markup[] }[];
}

/** Cells with a colour of their own. On a narrow screen the name of a row stands above it. Roles are said, as CSS takes a flexible row its own. */
export function heatTable({ label, corner, columns, rows }: HeatTable): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="heat" role="table"><thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">${corner}</th>${columns.map(
    ({ name, brief }) =>
      html`<th scope="col" role="columnheader"><span class="long">${name}</span><abbr class="brief" title="${name}">${brief}</abbr></th>`,
  )}</tr></thead><tbody role="rowgroup">${rows.map(({ name, cells }) => html`<tr role="row"><th scope="row" role="rowheader">${name}</th>${cells}</tr>`)}</tbody></table></div>`;
}

/** Two facts of one cell, the second one softer; neither is broken in its middle. */
export function pair(first: string, second: string): Markup {
  return html`<span class="fact">${first}</span> <span class="fact soft">${second}</span>`;
}
