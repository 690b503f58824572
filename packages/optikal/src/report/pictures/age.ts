/** Recall and false alarms by how long an agent has been watched. */
import type { AgeGroup } from '../figures/age.ts';
import type { Share } from '../figures/numbers.ts';
import { type Axis, chart, diamond, dot, line, PLOT, whisker } from '../page/chart.ts';
import { html, type Markup } from '../page/html.ts';
import { card, legend, table } from '../page/parts.ts';
import { limitOf, linear } from '../page/scale.ts';
import { percent } from '../page/words.ts';

/** Where little is caught, the picture shows the little. */
const LIMITS = [0.1, 0.25, 0.5, 1];

export function ageCard(id: string, groups: readonly AgeGroup[]): Markup {
  const x: Axis = {
    scale: linear(-0.5, groups.length - 0.5, PLOT.left, PLOT.right, [...groups.keys()]),
    label: 'earlier windows of the same agent',
    format: (i) => rangeOf(groups[i]!), // ticks are the groups' own places
  };
  const most = limitOf(Math.max(...groups.flatMap(({ caught, rivals }) => [caught.high ?? 0, rivals[0]?.caught.share ?? 0])), LIMITS);
  const y: Axis = { scale: linear(0, most, PLOT.bottom, PLOT.top), label: 'attacks caught', format: percent };
  const places = (of: (group: AgeGroup) => Share | undefined, shift: number) =>
    groups.flatMap((group, i): { x: number; share: Share & { share: number; low: number; high: number } }[] => {
      const found = of(group);
      return found === undefined || found.share === null || found.low === null || found.high === null
        ? []
        : [{ x: x.scale(i) + shift, share: { ...found, share: found.share, low: found.low, high: found.high } }];
    });
  const own = places(({ caught }) => caught, -4);
  const rival = places(({ rivals }) => rivals[0]?.caught, 6);
  const rivalName = groups[0]?.rivals[0]?.name;
  const body = [
    ...rival.map(({ x: place, share }) => diamond(place, y.scale(share.share), 'l2', `${rivalName}: ${share.hits} of ${share.count}`)),
    ...own.map(({ x: place, share }) => whisker(place, y.scale(share.low), y.scale(share.high), 'l1')),
    line(
      own.map(({ x: place, share }) => [place, y.scale(share.share)]),
      'l1',
    ),
    ...own.map(({ x: place, share }) => dot(place, y.scale(share.share), 'f1', `${share.hits} of ${share.count} attacked windows`)),
    ...(own.length === 0
      ? [html`<text x="${(PLOT.left + PLOT.right) / 2}" y="110" text-anchor="middle">no attacked windows to count</text>`]
      : []),
  ];
  return card(
    {
      title: 'Young agents and old ones',
      read: 'Share of attacked windows that alert, by how many windows of the same agent came before: what is usual for an agent takes time to learn. Whiskers are 95 % Wilson intervals.',
    },
    [
      legend([
        { line: 'l1 first', text: 'ensemble' },
        ...(rivalName === undefined ? [] : [{ diamond: 'l2', text: `${rivalName}, same false alarms` }]),
      ]),
      chart(
        {
          id,
          title: 'Attacks caught by age of the agent',
          desc: groups
            .map(
              (group) =>
                `${rangeOf(group)} earlier windows: ${group.caught.hits} of ${group.caught.count} caught, ${group.falseAlarms.hits} false alarms`,
            )
            .join('; '),
        },
        x,
        y,
        body,
      ),
    ],
    table(
      ['earlier windows', 'caught', 'of attacked', 'false alarms', 'of quiet', 'rate'],
      groups.map((group) => [
        rangeOf(group),
        group.caught.hits,
        group.caught.count,
        group.falseAlarms.hits,
        group.falseAlarms.count,
        percent(group.falseAlarms.share),
      ]),
    ),
  );
}

function rangeOf({ from, to }: AgeGroup): string {
  return to === null ? `${from}+` : `${from}–${to}`;
}
