/** Each base beside the ensemble: two marks on one line, and what the meta-model lets it say. */
import type { BaseLine } from '../figures/base-table.ts';
import { diamond, dot, picture } from '../page/chart.ts';
import { html, type Markup } from '../page/html.ts';
import { card, legend, table } from '../page/parts.ts';
import { at, linear } from '../page/scale.ts';
import { short, three } from '../page/words.ts';

export interface Worth {
  readonly auroc: number;
  readonly averagePrecision: number;
}

const ROW = 34;
const TOP = 20;
const LEFT = 12;
const RIGHT = 328;
const MAX_NAME = 24;

export function partsCard(id: string, lines: readonly BaseLine[], ensemble: Worth, prevalence: number): Markup {
  const x = linear(0, 1, LEFT, RIGHT, [0, 0.25, 0.5, 0.75, 1]);
  const rows = [
    { name: 'ensemble', says: '', auroc: ensemble.auroc, averagePrecision: ensemble.averagePrecision },
    ...lines.map(({ name, weight, auroc, averagePrecision }) => ({ name, says: weightWords(weight), auroc, averagePrecision })),
  ];
  const bottom = TOP + rows.length * ROW;
  const body = [
    ...x.ticks.map(
      (tick, i) =>
        html`<path class="rule" d="M${at(x(tick))} ${TOP - 8}V${bottom}"/><text x="${at(x(tick))}" y="${bottom + 16}" text-anchor="${i === 0 ? 'start' : i === x.ticks.length - 1 ? 'end' : 'middle'}">${tick}</text>`,
    ),
    html`<path class="chance" d="M${at(x(prevalence))} ${TOP - 8}V${bottom}"/>`,
    html`<path class="limit" d="M${at(x(ensemble.auroc))} ${TOP - 8}V${bottom}"/>`,
    ...rows.flatMap(({ name, says, auroc, averagePrecision }, i) => {
      const y = TOP + i * ROW + 8;
      const mark = y + 12;
      return [
        html`<text class="${i === 0 ? 'strong' : 'soft'}" x="${LEFT}" y="${y}">${short(name, MAX_NAME)}</text>`,
        html`<text x="${RIGHT}" y="${y}" text-anchor="end">${says}</text>`,
        html`<path class="axis" d="M${LEFT} ${mark}H${RIGHT}"/>`,
        averagePrecision === null
          ? html``
          : diamond(x(averagePrecision), mark, 'l2', `${name}: average precision ${three(averagePrecision)}`),
        auroc === null ? html`` : dot(x(auroc), mark, 'f1', `${name}: AUROC ${three(auroc)}`),
      ];
    }),
  ];
  return card(
    {
      title: 'The parts beside the whole',
      read: 'What each base scorer ranks alone, and the weight that the meta-model gives it: what one standard deviation of its score is worth in the margin. Weight 0: it adds nothing beyond the interval, is shown in alerts, and has no part in the decision.',
    },
    [
      legend([
        { dot: 'f1', text: 'AUROC' },
        { diamond: 'l2', text: 'average precision' },
        { line: 'limit', text: 'AUROC of the ensemble', value: three(ensemble.auroc) },
        { line: 'chance', text: 'average precision of chance' },
      ]),
      picture(
        {
          id,
          title: 'Each base scorer beside the ensemble',
          desc: rows
            .map(
              ({ name, auroc, averagePrecision, says }) =>
                `${name}: AUROC ${three(auroc)}, average precision ${three(averagePrecision)}${says === '' ? '' : `, ${says}`}`,
            )
            .join('; '),
          height: bottom + 24,
        },
        body,
      ),
    ],
    table(
      ['base scorer', 'weight', 'AUROC', 'average precision'],
      [
        ['ensemble', '', three(ensemble.auroc), three(ensemble.averagePrecision)],
        ...lines.map(({ name, weight, auroc, averagePrecision }) => [
          name,
          weight === null ? 'mean' : weight === 0 ? '0' : weight.toFixed(2),
          three(auroc),
          three(averagePrecision),
        ]),
      ],
      { caption: 'Each base scorer alone, beside the ensemble' },
    ),
  );
}

function weightWords(weight: number | null): string {
  return weight === null ? '' : weight === 0 ? 'weight 0' : `weight ${weight.toFixed(2)}`;
}
