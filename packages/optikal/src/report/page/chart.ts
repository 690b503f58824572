/** The frame of a picture: title and description for who cannot see it, axes, grid; and the marks that several pictures share. */
import { html, type Markup } from './html.ts';
import { at, type Scale } from './scale.ts';

/** Pictures are drawn as wide as the narrowest place they stand in, so that their letters keep their size. */
export const WIDTH = 340;
export const HEIGHT = 250;
export const PLOT = { left: 44, right: 330, top: 22, bottom: 208 } as const;

export interface Axis {
  readonly scale: Scale;
  readonly label: string;
  readonly format: (value: number) => string;
}

export interface ChartOptions {
  /** Unique in its page. */
  readonly id: string;
  readonly title: string;
  readonly desc: string;
  readonly height?: number;
}

export function picture({ id, title, desc, height = HEIGHT }: ChartOptions, body: readonly Markup[]): Markup {
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${title}</title><desc id="${id}-d">${desc}</desc>${body}</svg>`;
}

export function chart(options: ChartOptions, x: Axis, y: Axis, body: readonly Markup[]): Markup {
  return picture(options, [...axes(x, y), ...body]);
}

export function axes(x: Axis, y: Axis): Markup[] {
  const { left, right, top, bottom } = PLOT;
  return [
    ...y.scale.ticks.map(
      (tick) =>
        html`<path class="rule" d="M${left} ${at(y.scale(tick))}H${right}"/><text x="${left - 6}" y="${at(y.scale(tick) + 4)}" text-anchor="end">${y.format(tick)}</text>`,
    ),
    ...x.scale.ticks.map(
      (tick, i) =>
        html`<path class="axis" d="M${at(x.scale(tick))} ${bottom}v4"/><text x="${at(x.scale(tick))}" y="${bottom + 17}" text-anchor="${i === x.scale.ticks.length - 1 && x.scale(tick) > right - 12 ? 'end' : 'middle'}">${x.format(tick)}</text>`,
    ),
    html`<path class="axis" d="M${left} ${top}V${bottom}H${right}"/>`,
    html`<text x="${(left + right) / 2}" y="${bottom + 36}" text-anchor="middle">${x.label}</text>`,
    // Read from left to right, above its axis: nobody has to turn his head.
    html`<text x="2" y="10">${y.label}</text>`,
  ];
}

/** A line through places; `classes` colour and dash it. */
export function line(points: readonly (readonly [number, number])[], classes: string): Markup {
  if (points.length === 0) return html``;
  return html`<path class="line ${classes}" d="M${points.map(([x, y]) => `${at(x)} ${at(y)}`).join('L')}"/>`;
}

/** A staircase: goes right first, then up or down. */
export function steps(points: readonly (readonly [number, number])[], classes: string): Markup {
  const [first, ...rest] = points;
  if (first === undefined) return html``;
  return html`<path class="line ${classes}" d="M${at(first[0])} ${at(first[1])}${rest.map(([x, y]) => `H${at(x)}V${at(y)}`).join('')}"/>`;
}

export function diamond(x: number, y: number, classes: string, tip: string): Markup {
  return html`<path class="hollow ${classes}" d="M${at(x)} ${at(y - 6)}l6 6-6 6-6-6z"><title>${tip}</title></path>`;
}

export function dot(x: number, y: number, classes: string, tip: string, radius = 4): Markup {
  return html`<circle class="${classes}" cx="${at(x)}" cy="${at(y)}" r="${radius}"><title>${tip}</title></circle>`;
}

/** An interval with a cap at each end. */
export function whisker(x: number, low: number, high: number, classes: string): Markup {
  return html`<path class="line ${classes}" d="M${at(x - 3)} ${at(low)}h6m-3 0V${at(high)}m-3 0h6"/>`;
}
