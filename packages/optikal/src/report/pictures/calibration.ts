/** Reliability: what probabilities said, and what was seen. */
import type { Calibration } from '../figures/calibration.ts';
import { type Axis, chart, dot, line, PLOT, whisker } from '../page/chart.ts';
import { html, type Markup } from '../page/html.ts';
import { card, legend, table } from '../page/parts.ts';
import { at, limitOf, linear } from '../page/scale.ts';
import { percent, three, whole } from '../page/words.ts';

/** What training chose by cross-validated log loss. */
const METHOD = {
  platt: ' Margins become probabilities by Platt scaling: one straight line of the log-odds.',
  beta: ' Margins become probabilities by beta calibration: a curve that bends, which fitted these margins better than a straight line.',
  none: '',
} as const;

/** Where all probabilities are small, the picture shows the small ones. */
const LIMITS = [0.05, 0.1, 0.25, 0.5, 1];

export function calibrationCard(id: string, { bins, brier, skill, prevalence, method }: Calibration): Markup {
  const most = limitOf(Math.max(...bins.map(({ said, high }) => Math.max(said, high))), LIMITS);
  const x: Axis = { scale: linear(0, most, PLOT.left, PLOT.right), label: 'probability said', format: percent };
  const y: Axis = { scale: linear(0, most, PLOT.bottom, PLOT.top), label: 'attacks seen', format: percent };
  const places = bins.map(({ said, seen }): [number, number] => [x.scale(said), y.scale(seen)]);
  const body = [
    html`<path class="chance" d="M${x.scale(0)} ${y.scale(0)}L${x.scale(most)} ${y.scale(most)}"/>`,
    html`<path class="rule" d="M${PLOT.left} ${at(y.scale(prevalence))}H${PLOT.right}"/>`,
    ...bins.map(({ said, low, high }) => whisker(x.scale(said), y.scale(low), y.scale(high), 'l1')),
    line(places, 'l1'),
    ...bins.map(({ said, seen, count }) =>
      dot(x.scale(said), y.scale(seen), 'f1', `${whole(count)} windows: said ${percent(said)}, seen ${percent(seen)}`),
    ),
  ];
  return card(
    {
      title: 'Do probabilities mean what they say?',
      read: `On the dotted diagonal they do; below it the detector cries louder than it should. Whiskers are 95 % Wilson intervals. Brier skill ${three(skill)}: 1 is perfect, 0 is always saying ${percent(prevalence)}, the share of attacks here, to which the probabilities are shifted.${METHOD[method ?? 'none']}`,
    },
    [
      legend([
        { line: 'l1 first', text: 'ensemble' },
        { line: 'chance', text: 'honest' },
      ]),
      chart(
        {
          id,
          title: 'Reliability diagram',
          desc: `Brier score ${brier.toFixed(4)}, skill ${three(skill)} against the base rate ${percent(prevalence)}.`,
        },
        x,
        y,
        body,
      ),
    ],
    table(
      ['said', 'seen', '95 % interval', 'windows'],
      bins.map(({ said, seen, low, high, count }) => [percent(said), percent(seen), `${percent(low)} to ${percent(high)}`, whole(count)]),
      { caption: `Bins of probability; Brier score ${brier.toFixed(4)}` },
    ),
  );
}
