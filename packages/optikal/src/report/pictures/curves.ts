/** ROC over the whole range, ROC where a detector works (log axis), and precision over recall; the baselines drawn in. */
import type { Curves } from '../figures/report-figures.ts';
import { type Axis, chart, diamond, dot, line, PLOT, steps } from '../page/chart.ts';
import { html, type Markup } from '../page/html.ts';
import { card, type LegendItem, legend, table } from '../page/parts.ts';
import { at, linear, logarithmic } from '../page/scale.ts';
import { percent, three } from '../page/words.ts';

const UNIT = [0, 0.25, 0.5, 0.75, 1];
const SHOWN_ROWS = 24;

const recall: Axis = { scale: linear(0, 1, PLOT.bottom, PLOT.top, UNIT), label: 'recall', format: percent };

/** Classes of the curves in their order: ensemble, best feature, number of calls. */
const classesOf = (i: number) => `l${i + 1} d${i + 1}${i === 0 ? ' first' : ''}`;
/** The ensemble is drawn last, on top. */
const onTop = (curves: Curves['curves'], draw: (curve: Curves['curves'][number], i: number) => Markup): Markup[] =>
  curves.map(draw).toReversed();

export function rocCard(id: string, { curves, stump, operating }: Curves): Markup {
  const x: Axis = { scale: linear(0, 1, PLOT.left, PLOT.right, UNIT), label: 'false-positive rate', format: percent };
  const body = [
    html`<path class="chance" d="M${x.scale(0)} ${recall.scale(0)}L${x.scale(1)} ${recall.scale(1)}"/>`,
    ...onTop(curves, ({ roc }, i) =>
      line(
        roc.map((point) => [x.scale(point.fpr), recall.scale(point.recall)]),
        classesOf(i),
      ),
    ),
    diamond(x.scale(stump.fpr), recall.scale(stump.recall), 'l2', `best stump: recall ${percent(stump.recall)} at ${percent(stump.fpr)}`),
    dot(
      x.scale(operating.fpr),
      recall.scale(operating.recall),
      'fk',
      `threshold: recall ${percent(operating.recall)} at ${percent(operating.fpr)}`,
    ),
  ];
  const ensemble = curves[0]!; // the ensemble always has a curve
  return card(
    {
      title: 'ROC: attacks found against false alarms',
      read: 'Each point is a threshold. Up is better, left is quieter; the dotted diagonal is chance, where labels say nothing.',
    },
    [
      legend([
        ...curves.map((curve, i): LegendItem => ({ line: classesOf(i), text: curve.name, value: three(curve.auroc) })),
        ...marks(stump.name),
      ]),
      chart(
        {
          id,
          title: 'ROC curve',
          desc: `Area under the curve: ${curves.map((curve) => `${curve.name} ${three(curve.auroc)}`).join(', ')}.`,
        },
        x,
        recall,
        body,
      ),
    ],
    table(
      ['false-positive rate', 'recall, ensemble'],
      sampled(ensemble.roc).map((point) => [percent(point.fpr), percent(point.recall)]),
      { caption: 'Points of the ensemble’s curve' },
    ),
  );
}

const marks = (stump: string): LegendItem[] => [
  { diamond: 'l2', text: `best stump (${stump})` },
  { dot: 'fk', text: 'the threshold' },
  { line: 'chance', text: 'chance', value: '0.500' },
];

export function rocLogCard(id: string, { curves, operating, stump, smallestFpr }: Curves): Markup {
  const ticks = [1, 0.1, 0.01, 0.001, 0.0001, 0.00001].filter((tick) => tick >= smallestFpr * 0.999);
  const x: Axis = {
    scale: logarithmic(smallestFpr, 1, PLOT.left, PLOT.right, ticks.toReversed()),
    label: 'false-positive rate, log axis',
    format: percent,
  };
  const resolved = (roc: Curves['curves'][number]['roc']) => {
    const from = roc.findLastIndex(({ fpr }) => fpr <= smallestFpr);
    return roc.slice(Math.max(from, 0));
  };
  const chance = Array.from({ length: 41 }, (_, i) => 10 ** (Math.log10(smallestFpr) * (1 - i / 40)));
  const body = [
    line(
      chance.map((rate) => [x.scale(rate), recall.scale(rate)]),
      'chance',
    ),
    ...onTop(curves, ({ roc }, i) =>
      steps(
        resolved(roc).map((point) => [x.scale(point.fpr), recall.scale(point.recall)]),
        classesOf(i),
      ),
    ),
    diamond(x.scale(stump.fpr), recall.scale(stump.recall), 'l2', `best stump: recall ${percent(stump.recall)} at ${percent(stump.fpr)}`),
    dot(
      x.scale(operating.fpr),
      recall.scale(operating.recall),
      'fk',
      `threshold: recall ${percent(operating.recall)} at ${percent(operating.fpr)}`,
    ),
  ];
  const rates = [0.1, 0.01, 0.001, 0.0001].filter((rate) => rate >= smallestFpr);
  const recallAt = (curve: Curves['curves'][number], rate: number) => curve.roc.findLast(({ fpr }) => fpr <= rate)?.recall ?? 0;
  return card(
    {
      title: 'The quiet end of the ROC',
      read: `Where a detector has to work. The picture begins at ${percent(smallestFpr)}, one quiet window in all of them: this data resolves nothing below.`,
    },
    [
      legend([...curves.map(({ name }, i): LegendItem => ({ line: classesOf(i), text: name })), { dot: 'fk', text: 'the threshold' }]),
      chart(
        {
          id,
          title: 'ROC curve on a logarithmic axis',
          desc: rates
            .map(
              (rate) =>
                `At ${percent(rate)} false positives recall is ${curves.map((curve) => `${percent(recallAt(curve, rate))} (${curve.name})`).join(', ')}.`,
            )
            .join(' '),
        },
        x,
        recall,
        body,
      ),
    ],
    table(
      ['false-positive rate', ...curves.map(({ name }) => name)],
      rates.map((rate) => [`at most ${percent(rate)}`, ...curves.map((curve) => percent(recallAt(curve, rate)))]),
      { caption: 'Recall at a false-positive rate' },
    ),
  );
}

export function prCard(id: string, { curves, prevalence, operating, stump }: Curves): Markup {
  const x: Axis = { scale: linear(0, 1, PLOT.left, PLOT.right, UNIT), label: 'recall', format: percent };
  const y: Axis = { scale: linear(0, 1, PLOT.bottom, PLOT.top, UNIT), label: 'precision', format: percent };
  const mark = (point: { recall: number; precision: number | null }, draw: (x: number, y: number) => Markup) =>
    point.precision === null ? [] : [draw(x.scale(point.recall), y.scale(point.precision))];
  const body = [
    html`<path class="chance" d="M${PLOT.left} ${at(y.scale(prevalence))}H${PLOT.right}"/>`,
    ...onTop(curves, ({ pr }, i) =>
      line(
        pr.map((point) => [x.scale(point.recall), y.scale(point.precision)]),
        classesOf(i),
      ),
    ),
    ...mark(stump, (a, b) => diamond(a, b, 'l2', `best stump: precision ${percent(stump.precision)} at recall ${percent(stump.recall)}`)),
    ...mark(operating, (a, b) =>
      dot(a, b, 'fk', `threshold: precision ${percent(operating.precision)} at recall ${percent(operating.recall)}`),
    ),
  ];
  const ensemble = curves[0]!; // the ensemble always has a curve
  return card(
    {
      title: 'Precision and recall',
      read: `Of the windows above a threshold, how many are attacks. The dotted line is chance: ${percent(prevalence)} of these windows are. Where attacks are rarer, precision is lower.`,
    },
    [
      legend([
        ...curves.map((curve, i): LegendItem => ({ line: classesOf(i), text: curve.name, value: three(curve.averagePrecision) })),
        { line: 'chance', text: 'chance', value: three(prevalence) },
      ]),
      chart(
        {
          id,
          title: 'Precision–recall curve',
          desc: `Average precision: ${curves.map((curve) => `${curve.name} ${three(curve.averagePrecision)}`).join(', ')}; chance ${three(prevalence)}.`,
        },
        x,
        y,
        body,
      ),
    ],
    table(
      ['recall', 'precision, ensemble'],
      sampled(ensemble.pr).map((point) => [percent(point.recall), percent(point.precision)]),
      { caption: 'Points of the ensemble’s curve' },
    ),
  );
}

function sampled<T>(points: readonly T[]): readonly T[] {
  const stride = Math.ceil(points.length / SHOWN_ROWS);
  return points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}
