/** The operating point: what was asked for, what came of it, and what baselines catch at the same number of false alarms. */
import type { Share } from '../figures/numbers.ts';
import type { Operating } from '../figures/operating.ts';
import type { Markup } from '../page/html.ts';
import { type Cell, card, pair, table } from '../page/parts.ts';
import { percent, rate, whole } from '../page/words.ts';

export function operatingCard(found: Operating, surrogateClock: boolean): Markup {
  const line = (name: string, of: { falseAlarms: Share; caught: Share; campaignsCaught: Share }): Cell[] => [
    name,
    counted(of.falseAlarms),
    counted(of.caught),
    counted(of.campaignsCaught),
  ];
  return card(
    {
      title: 'The operating point',
      read: `Asked for: ${found.asked}. ${found.threshold === null ? 'Each window has the threshold of its planes, or of its group.' : `Threshold: margin ${found.threshold.toFixed(2)}.`} Realised: ${realised(found, surrogateClock)}. Baselines get the best threshold that makes at most as many false alarms on these very windows, a favour that the ensemble does not have.`,
      wide: true,
    },
    [
      table(
        ['', 'false alarms', 'attacked windows caught', 'attacks caught'],
        [line('ensemble', found), ...found.rivals.map((rival) => line(rival.name, rival))],
        { caption: '95 % Wilson intervals in brackets; windows of one agent resemble each other, so the true ones are wider', stack: true },
      ),
    ],
  );
}

function realised({ falseAlarms, falseAlarmsPerDay, falseAlarmsPerAgentWeek }: Operating, surrogateClock: boolean): string {
  const share = `${whole(falseAlarms.hits)} of ${whole(falseAlarms.count)} quiet windows alert (${percent(falseAlarms.share)})`;
  return surrogateClock ? share : `${share}, that is ${rate(falseAlarmsPerDay)} a day and ${rate(falseAlarmsPerAgentWeek)} an agent-week`;
}

function counted({ hits, count, share, low, high }: Share): Cell {
  return count === 0
    ? 'none to count'
    : pair(`${whole(hits)} of ${whole(count)}`, `${percent(share)} [${percent(low)} to ${percent(high)}]`);
}
