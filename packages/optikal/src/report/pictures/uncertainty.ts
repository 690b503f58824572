/** The spread of the sequence model against its errors, by decile. */
import type { Uncertainty } from '../figures/uncertainty.ts';
import { type Axis, chart, dot, line, PLOT, whisker } from '../page/chart.ts';
import { html, type Markup } from '../page/html.ts';
import { card, legend, table } from '../page/parts.ts';
import { at, limitOf, linear } from '../page/scale.ts';
import { percent, three, whole } from '../page/words.ts';

const LIMITS = [0.05, 0.1, 0.25, 0.5, 1];

export function uncertaintyCard(id: string, { deciles, windows, errors, auroc }: Uncertainty): Markup {
  const ranks = deciles.map((_, i) => i + 1);
  const x: Axis = {
    scale: linear(0.5, deciles.length + 0.5, PLOT.left, PLOT.right, ranks),
    label: 'decile of the spread: sure to unsure',
    format: String,
  };
  const y: Axis = {
    scale: linear(0, limitOf(Math.max(...deciles.map(({ high }) => high)), LIMITS), PLOT.bottom, PLOT.top),
    label: 'its verdict was wrong',
    format: percent,
  };
  const rate = errors / windows;
  const body = [
    html`<path class="chance" d="M${PLOT.left} ${at(y.scale(rate))}H${PLOT.right}"/>`,
    ...deciles.map(({ low, high }, i) => whisker(x.scale(i + 1), y.scale(low), y.scale(high), 'l4')),
    line(
      deciles.map((decile, i) => [x.scale(i + 1), y.scale(decile.rate)]),
      'l4',
    ),
    ...deciles.map((decile, i) =>
      dot(x.scale(i + 1), y.scale(decile.rate), 'f4', `±${decile.spread.toFixed(3)}: ${decile.errors} of ${whole(decile.count)} wrong`),
    ),
  ];
  const says =
    auroc >= 0.6
      ? 'it is less sure where it is wrong'
      : auroc <= 0.4
        ? 'it is surer where it is wrong'
        : 'its spread hardly tells right from wrong';
  return card(
    {
      title: 'Does the sequence model know when it may be wrong?',
      read: `Windows in ten groups by the spread of its probability over 50 dropout passes. AUROC of the spread for its own errors ${three(auroc)}: ${says}. An error is a verdict on the wrong side of one half, of this model alone. Whiskers are 95 % Wilson intervals.`,
    },
    [
      legend([
        { line: 'l4', text: 'sequence model' },
        { line: 'chance', text: 'all its windows', value: percent(rate) },
      ]),
      chart(
        {
          id,
          title: 'Uncertainty against error',
          desc: `${whole(errors)} of ${whole(windows)} verdicts wrong; AUROC of the spread ${three(auroc)}.`,
        },
        x,
        y,
        body,
      ),
    ],
    table(
      ['decile', 'mean spread', 'wrong', 'windows', 'share', '95 % interval'],
      deciles.map(({ spread, errors: bad, count, rate: share, low, high }, i) => [
        i + 1,
        `±${spread.toFixed(3)}`,
        whole(bad),
        whole(count),
        percent(share),
        `${percent(low)} to ${percent(high)}`,
      ]),
      { caption: 'Deciles of the spread' },
    ),
  );
}
