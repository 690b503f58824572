/** What each base scorer is worth alone, and what it adds to the others. */
import type { BaseLine } from '../figures/base-table.ts';
import type { Markup } from '../page/html.ts';
import { card, table } from '../page/parts.ts';
import { three } from '../page/words.ts';

export function basesCard(lines: readonly BaseLine[]): Markup {
  return card(
    {
      title: 'What each base scorer adds',
      read: 'Gain: average precision of the ensemble, less that of the ensemble without this base, with its 95 % interval over groups; of a base that failed its trial, what the trial found. An interval that holds zero means: no proof that it helps here.',
      wide: true,
    },
    [
      table(
        ['base scorer', 'weight', 'AUROC alone', 'average precision alone', 'gain', '95 % interval', '|so it is'],
        lines.map(({ name, kept, weight, auroc, averagePrecision, gain, interval }) => [
          name,
          weight === null ? 'mean' : weight === 0 ? '0' : weight.toFixed(2),
          three(auroc),
          three(averagePrecision),
          gain === null ? 'the only one' : signed(gain),
          interval === null ? '–' : `${signed(interval.low)} to ${signed(interval.high)}`,
          kept ? (weight === 0 ? 'weight 0: no part in the decision' : 'in the ensemble') : 'adds nothing beyond the interval: weight 0',
        ]),
        { stack: true },
      ),
    ],
  );
}

function signed(value: number): string {
  const digits = Math.abs(value).toFixed(3);
  return Number(digits) === 0 ? digits : `${value > 0 ? '+' : '−'}${digits}`;
}
