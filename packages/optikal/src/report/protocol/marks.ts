/** One line a name, a mark for each series: shares and areas beside each other, with intervals and floors. */
import { diamond, dot, picture } from '../page/chart.ts';
import { html, type Markup } from '../page/html.ts';
import { card, table } from '../page/parts.ts';
import { at, linear, niceTicks } from '../page/scale.ts';
import { percent, short } from '../page/words.ts';
import type { MarksCard } from './report.ts';

const ROW = 26;
const LEFT = 128;
const RIGHT = 276;
const TOP = 8;
const MAX_NAME = 19;
const MAX_TICKS = 4;

type Line = MarksCard['lines'][number];

/** Each series has its mark as well as its colour: the detector a disc, the others hollow or small. */
const MARKS: readonly ((x: number, y: number, tip: string) => Markup)[] = [
  (x, y, tip) => dot(x, y, 'f1', tip, 5),
  (x, y, tip) => diamond(x, y, 'l2', tip),
  (x, y, tip) => html`<path class="line l3" d="M${at(x - 4)} ${y - 4}l8 8m0-8l-8 8"><title>${tip}</title></path>`,
  (x, y, tip) => dot(x, y, 'f4', tip, 3),
  (x, y, tip) => html`<rect class="hollow l5" x="${at(x - 4)}" y="${y - 4}" width="8" height="8"><title>${tip}</title></rect>`,
  (x, y, tip) => html`<path class="hollow l6" d="M${at(x)} ${y - 5}l5 9h-10z"><title>${tip}</title></path>`,
];
/** Where a mark stands in the legend. */
const SAMPLE: readonly [number, number] = [13, 5];

function legendOf(series: readonly string[], floors: boolean): Markup {
  const items = series.map((text, s) => ({ text, mark: MARKS[s % MARKS.length]!(...SAMPLE, text) }));
  const floor = { text: 'floor', mark: html`<path class="limit" d="M13 -2v14"/>` };
  return html`<ul class="legend">${[...items, ...(floors ? [floor] : [])].map(
    ({ text, mark }) => html`<li><svg viewBox="0 -2 26 14" aria-hidden="true">${mark}</svg><span>${text}</span></li>`,
  )}</ul>`;
}

export function marksCard(id: string, given: MarksCard): Markup {
  const { title, read, unit, range, series, lines } = given;
  const x = linear(range[0], range[1], LEFT, RIGHT, fewTicks(range));
  const said = wordsOf(given);
  const inside = (value: number) => x(Math.min(range[1], Math.max(range[0], value)));
  const bottom = lines.length * ROW + 10;
  const line = ({ name, values, interval, floor }: Line, i: number): Markup => {
    const y = TOP + 14 + i * ROW;
    const first = values[0] ?? null;
    const marks = values.flatMap((value, s) =>
      value === null ? [] : [MARKS[s % MARKS.length]!(inside(value), y, `${name}, ${series[s] ?? ''}: ${said(value)}`)],
    );
    return html`<text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${short(name, MAX_NAME)}</text>${
      interval == null ? null : html`<path class="line l1" d="M${at(inside(interval[0]))} ${y}H${at(inside(interval[1]))}"/>`
    }${
      floor === undefined
        ? null
        : html`<path class="limit" d="M${at(inside(floor.value))} ${y - 10}v20"><title>${name}: ${bound(floor, said)}</title></path>`
    }${marks.toReversed()}<text class="strong" x="${RIGHT + 10}" y="${y + 4}">${first === null ? '–' : said(first)}</text>`;
  };
  const floors = lines.some(({ floor }) => floor !== undefined);
  return card(
    { title, read },
    [
      legendOf(series, floors),
      picture(
        {
          id,
          title: `${title}: ${unit}`,
          desc: lines
            .map(({ name, values }) => `${name} ${values.map((value) => (value === null ? 'none' : said(value))).join(', ')}`)
            .join('; '),
          height: bottom + 42,
        },
        [
          ...x.ticks.map(
            (tick) =>
              html`<path class="rule" d="M${at(x(tick))} ${TOP}V${bottom}"/><text x="${at(x(tick))}" y="${bottom + 16}" text-anchor="middle">${said(tick)}</text>`,
          ),
          ...lines.map(line),
          html`<text x="${(LEFT + RIGHT) / 2}" y="${bottom + 34}" text-anchor="middle">${unit}</text>`,
        ],
      ),
    ],
    figuresOf(given),
  );
}

function figuresOf(given: MarksCard): Markup {
  const { series, lines } = given;
  const said = wordsOf(given);
  const intervals = lines.some(({ interval }) => interval != null);
  const floors = lines.some(({ floor }) => floor !== undefined);
  return table(
    ['', ...series, ...(intervals ? ['95 %'] : []), ...(floors ? ['floor'] : []), 'of'],
    lines.map(({ name, values, interval, floor, count }) => [
      name,
      ...series.map((_, s) => (values[s] == null ? '–' : said(values[s]))),
      ...(intervals ? [interval == null ? '–' : `${said(interval[0])} to ${said(interval[1])}`] : []),
      ...(floors ? [floor === undefined ? '–' : bound(floor, said)] : []),
      count,
    ]),
    { stack: true },
  );
}

const bound = ({ value, side }: NonNullable<Line['floor']>, said: (value: number) => string) =>
  `${side === 'least' ? 'at least' : 'at most'} ${said(value)}`;

const wordsOf =
  ({ percent: share }: MarksCard) =>
  (value: number): string =>
    share ? percent(value) : value.toFixed(2);

function fewTicks([from, to]: readonly [number, number]): readonly number[] {
  const ticks = niceTicks(from, to);
  return ticks.length <= MAX_TICKS ? ticks : ticks.filter((_, i) => i % 2 === 0);
}
