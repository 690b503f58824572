/** AUROC of each group that was left out, beside the pooled figure and the number of calls alone. */
import type { ProtocolResult } from '../../training/protocol.ts';
import { dot, picture } from '../page/chart.ts';
import { html, type Markup } from '../page/html.ts';
import { card, legend, table } from '../page/parts.ts';
import { at, linear } from '../page/scale.ts';
import { short, three, whole } from '../page/words.ts';

const ROW = 24;
const LEFT = 128;
const RIGHT = 288;
const MAX_NAME = 19;

export function groupsCard(id: string, { leave, groups, pooled, baselines }: ProtocolResult): Markup {
  const known = groups.flatMap(({ auroc }) => auroc ?? []);
  const from = Math.max(0, Math.min(0.5, Math.floor(Math.min(1, ...known, baselines.callCount) * 10) / 10));
  const x = linear(from, 1, LEFT, RIGHT);
  const bottom = groups.length * ROW + 10;
  const body = [
    ...x.ticks.map(
      (tick) =>
        html`<path class="rule" d="M${at(x(tick))} 8V${bottom}"/><text x="${at(x(tick))}" y="${bottom + 16}" text-anchor="middle">${tick}</text>`,
    ),
    html`<path class="chance" d="M${at(x(0.5))} 8V${bottom}"/>`,
    html`<path class="line l3 d3" d="M${at(x(baselines.callCount))} 8V${bottom}"/>`,
    html`<path class="line l1" d="M${at(x(pooled.auroc.value))} 8V${bottom}"/>`,
    ...groups.map(({ name, auroc, positives }, i) => {
      const y = 20 + i * ROW;
      return html`<text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${short(name, MAX_NAME)}</text>${
        auroc === null
          ? html`<text x="${LEFT + 6}" y="${y + 4}">one class only</text>`
          : html`${dot(x(auroc), y, 'f1', `${name}: AUROC ${three(auroc)}, ${positives} attacked windows`, 5)}<text class="strong" x="${RIGHT + 12}" y="${y + 4}">${auroc.toFixed(2)}</text>`
      }`;
    }),
    html`<text x="${(LEFT + RIGHT) / 2}" y="${bottom + 34}" text-anchor="middle">AUROC</text>`,
  ];
  return card(
    {
      title: `Each ${leave} left out`,
      read: `Everything was fitted without this ${leave}, then it was scored once. Groups with few attacked windows scatter by chance.`,
    },
    [
      legend([
        { line: 'l1', text: 'all pooled', value: three(pooled.auroc.value) },
        { line: 'l3 d3', text: 'number of calls, pooled', value: three(baselines.callCount) },
        { line: 'chance', text: 'chance' },
      ]),
      picture(
        {
          id,
          title: `AUROC by ${leave} left out`,
          desc: groups.map(({ name, auroc }) => `${name} ${auroc === null ? 'one class only' : three(auroc)}`).join(', '),
          height: bottom + 42,
        },
        body,
      ),
    ],
    table(
      [leave, 'AUROC', 'windows', 'attacked'],
      groups.map(({ name, auroc, windows, positives }) => [
        name,
        auroc === null ? 'one class only' : three(auroc),
        whole(windows),
        whole(positives),
      ]),
    ),
  );
}
