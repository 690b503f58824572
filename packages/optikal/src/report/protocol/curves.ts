/** Curves that rise in the unit square: ROC by kind, what was found by when. */
import { type Axis, chart, PLOT, steps } from '../page/chart.ts';
import type { Markup } from '../page/html.ts';
import { card, legend, table } from '../page/parts.ts';
import { linear, logarithmic, niceTicks } from '../page/scale.ts';
import { percent, rate } from '../page/words.ts';
import type { CurvesCard } from './report.ts';

const UNIT = [0, 0.25, 0.5, 0.75, 1];
const SHOWN_ROWS = 12;

const classesOf = (i: number) => `l${(i % 6) + 1} d${(i % 6) + 1}${i === 0 ? ' first' : ''}`;

export function curvesCard(id: string, { title, read, x, y, curves }: CurvesCard): Markup {
  // Shares below a tenth need their digits; counts and seconds are as they are.
  const said = x.to <= 1 ? percent : rate;
  const across: Axis = {
    scale:
      x.from === undefined
        ? linear(0, x.to, PLOT.left, PLOT.right, x.to === 1 ? UNIT : niceTicks(0, x.to))
        : logarithmic(x.from, x.to, PLOT.left, PLOT.right),
    label: x.label,
    format: said,
  };
  const up: Axis = { scale: linear(0, 1, PLOT.bottom, PLOT.top, UNIT), label: y.label, format: percent };
  const inside = (points: readonly (readonly [number, number])[]) => {
    const from =
      x.from === undefined
        ? 0
        : Math.max(
            0,
            points.findLastIndex(([at]) => at <= x.from!),
          );
    const shown = points.slice(from).filter(([at]) => at <= x.to);
    return shown.map(([at, value]) => [across.scale(at), up.scale(value)] as const);
  };
  return card(
    { title, read },
    [
      legend(curves.map(({ name, value }, i) => ({ line: classesOf(i), text: name, value }))),
      chart(
        { id, title, desc: curves.map(({ name, value }) => `${name}: ${value}`).join('; ') },
        across,
        up,
        curves.map(({ points }, i) => steps(inside(points), classesOf(i))).toReversed(),
      ),
    ],
    table(
      [x.label, ...curves.map(({ name }) => name)],
      placesOf(x).map((place) => [said(place), ...curves.map(({ points }) => percent(points.findLast(([at]) => at <= place)?.[1] ?? 0))]),
    ),
  );
}

/** Where the table reads the curves. */
function placesOf({ from, to }: CurvesCard['x']): readonly number[] {
  if (from === undefined) return Array.from({ length: SHOWN_ROWS - 1 }, (_, i) => (i * to) / (SHOWN_ROWS - 2));
  const places: number[] = [];
  for (let place = from; place <= to * 1.0001; place *= 10 ** 0.5) places.push(Number(place.toPrecision(2)));
  return places;
}
