/** What each base scorer is worth alone, and what it adds to the others. */
import type { BaseLine } from '../figures/base-table.ts';
import type { Markup } from '../page/html.ts';
import { card, table } from '../page/parts.ts';
import { three } from '../page/words.ts';

export function basesCard(lines: readonly BaseLine[]): Markup {
  return card(
    {
      title: 'What each base scorer adds',
      read: 'Gain: average precision of all bases together, less that of the others without this one, with its 95 % interval over groups. An interval that holds zero means: no proof that it helps here.',
      wide: true,
    },
    [
      table(
        ['base scorer', 'AUROC alone', 'average precision alone', 'gain', '95 % interval', '|so it is'],
        lines.map(({ name, kept, auroc, averagePrecision, gain, interval }) => [
          name,
          three(auroc),
          three(averagePrecision),
          gain === null ? 'the only one' : signed(gain),
          interval === null ? '–' : `${signed(interval.low)} to ${signed(interval.high)}`,
          kept ? 'in the ensemble' : 'left out after its trial',
        ]),
        { stack: true },
      ),
    ],
  );
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(3)}`;
}
