/** Threats named against threats true. */
import type { Naming } from '../figures/naming.ts';
import { html, type Markup } from '../page/html.ts';
import { heatStep } from '../page/palette.ts';
import { card, heatTable, table } from '../page/parts.ts';
import { brief, named, percent, whole } from '../page/words.ts';

export function namingCard({ threats, counts, windows, rightShare, commonest }: Naming): Markup {
  const sums = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const body = heatTable({
    label: 'threat named against threat true',
    corner: 'true ↓ named →',
    columns: threats.map((threat) => ({ name: named(threat), brief: brief(threat) })),
    rows: threats.map((threat, i) => ({
      name: named(threat),
      cells: counts[i]!.map((count, j) => {
        const share = sums[i] === 0 ? 0 : count / sums[i]!;
        return html`<td role="cell" class="h${heatStep(share)}${i === j ? ' all' : ''}"><b>${whole(count)}</b><span>${sums[i] === 0 ? '–' : percent(share)}</span></td>`;
      }),
    })),
  });
  return card(
    {
      title: 'Which threat it names',
      read: `All ${whole(windows)} windows that acted, alerting or not: the row is what it was, the column what the detector calls it, with the share of the row. ${percent(rightShare)} are named right; always saying “${named(commonest.threat)}” would be right in ${percent(commonest.share)}.`,
      wide: threats.length > 3,
    },
    [body],
    table(
      ['true', ...threats.map((threat) => `named ${named(threat)}`)],
      threats.map((threat, i) => [named(threat), ...counts[i]!.map((count) => whole(count))]),
    ),
  );
}
