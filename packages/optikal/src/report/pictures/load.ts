/** Alerts per agent-day, and how false alarms spread over agents. */
import type { AlertLoad } from '../figures/load.ts';
import { PLOT, picture } from '../page/chart.ts';
import { html, type Markup } from '../page/html.ts';
import { card, table } from '../page/parts.ts';
import { at } from '../page/scale.ts';
import { percent, rate, whole } from '../page/words.ts';

const ROW = 30;
const LEFT = 62;

export function loadCard(id: string, { kinds, agents, agentDays }: AlertLoad, surrogateClock: boolean): Markup {
  const most = Math.max(1, ...agents.map((group) => group.agents));
  const total = agents.reduce((sum, group) => sum + group.agents, 0);
  const height = agents.length * ROW + 26;
  const bars = agents.map(({ falseAlarms, agents: count }, i) => {
    const width = (count / most) * (PLOT.right - LEFT - 92);
    const y = 22 + i * ROW;
    return html`<text x="${LEFT - 8}" y="${y + 15}" text-anchor="end">${falseAlarms}</text><rect class="f1" x="${LEFT}" y="${y + 2}" width="${at(count === 0 ? 0 : Math.max(width, 2))}" height="18" rx="3"/><text class="strong" x="${at(LEFT + width + 7)}" y="${y + 15}">${`${whole(count)} (${percent(total === 0 ? null : count / total)})`}</text>`;
  });
  return card(
    {
      title: 'What an analyst gets to see',
      read: `Agents by the number of their false alarms${surrogateClock ? '. Rates a day are not shown: recorded agents were not recorded with their times' : `, over ${rate(agentDays)} agent-days`}. Many on few agents call for a suppression, one on each for another threshold.`,
    },
    [
      picture(
        {
          id,
          title: 'Agents by number of false alarms',
          desc: agents.map((group) => `${group.falseAlarms}: ${whole(group.agents)} agents`).join('; '),
          height,
        },
        [html`<text x="${LEFT - 8}" y="12" text-anchor="end">alarms</text><text x="${LEFT}" y="12">agents</text>`, ...bars],
      ),
      table(
        ['alerts on', 'alerts', surrogateClock ? 'of windows' : 'per agent-day'],
        kinds
          .filter(({ windows }) => windows > 0)
          .map(({ name, windows, alerts, perAgentDay }) => [
            name,
            whole(alerts),
            surrogateClock ? percent(alerts / windows) : rate(perAgentDay),
          ]),
      ),
    ],
    table(
      ['false alarms of one agent', 'agents'],
      agents.map((group) => [group.falseAlarms, whole(group.agents)]),
    ),
  );
}
