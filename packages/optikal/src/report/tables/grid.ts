/** Recall by threat and intensity as a heat map of numbers: campaigns first, then windows; and the one-feature rules beside. */
import type { Grid, GridCell } from '../figures/grid.ts';
import { html, type Markup } from '../page/html.ts';
import { heatStep } from '../page/palette.ts';
import { card, heatTable, table } from '../page/parts.ts';
import { named, percent, three, whole } from '../page/words.ts';

export function gridCard({ threats, intensities, cells }: Grid): Markup {
  const columns = [...intensities, null];
  const rows = [...threats, null];
  const cellAt = (threat: string | null, intensity: string | null) =>
    cells.find((cell) => cell.threat === threat && cell.intensity === intensity);
  const body = heatTable({
    label: 'recall by threat and intensity',
    corner: '',
    columns: columns.map((intensity) => ({ name: named(intensity), brief: named(intensity) })),
    rows: rows.map((threat) => ({
      name: threat === null ? 'all threats' : named(threat),
      cells: columns.map((intensity) => heatCell(cellAt(threat, intensity), threat === null || intensity === null)),
    })),
  });
  return card(
    {
      title: 'Recall by threat and intensity',
      read: 'Attacks (campaigns) with at least one alert, of all; below them, the share of their windows that alert. The stronger the colour, the more are caught. The figures as a table hold each cell beside the best rule of one feature.',
      wide: true,
    },
    [body],
    table(
      [
        'threat, intensity',
        'campaigns',
        'windows',
        'best feature: windows',
        'AUROC',
        'AUROC, calls',
        'balanced accuracy',
        'best stump',
        '|its feature',
      ],
      cells.map((cell) => [
        `${named(cell.threat)}, ${named(cell.intensity)}`,
        `${whole(cell.campaigns.hits)} of ${whole(cell.campaigns.count)}`,
        `${whole(cell.windows.hits)} of ${whole(cell.windows.count)}`,
        percent(cell.rivalWindows.share),
        three(cell.auroc),
        three(cell.callCountAuroc),
        three(cell.balancedAccuracy),
        three(cell.stump.balancedAccuracy),
        cell.stump.feature,
      ]),
      {
        caption:
          'Each cell against all quiet windows. Balanced accuracy and stump: threshold and feature chosen on other agents; – = attacks of one agent only',
      },
    ),
  );
}

function heatCell(cell: GridCell | undefined, all: boolean): Markup {
  if (cell === undefined) return html`<td class="none" role="cell">none</td>`;
  const { campaigns, windows } = cell;
  const share = campaigns.share ?? windows.share ?? 0;
  return html`<td role="cell" class="h${heatStep(share)}${all ? ' all' : ''}">${
    campaigns.count === 0 ? null : html`<b>${whole(campaigns.hits)}/${whole(campaigns.count)}</b>`
  }<span>${percent(windows.share)} of ${whole(windows.count)}</span></td>`;
}
