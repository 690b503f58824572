/** Time from the first malicious call to the first alert: what share of attacks was found by when. */
import type { Detection, TimeToDetect } from '../figures/time-to-detect.ts';
import { type Axis, chart, PLOT, steps } from '../page/chart.ts';
import { html, type Markup } from '../page/html.ts';
import { card, legend, table } from '../page/parts.ts';
import { at, linear, logarithmic } from '../page/scale.ts';
import { duration, named, percent } from '../page/words.ts';

const TICKS = [10, 60, 600, 3600, 6 * 3600, 86_400, 7 * 86_400];

export function timeCard(id: string, { threats, all, rivals }: TimeToDetect): Markup {
  const delays = [...all.delaysSeconds, ...rivals.flatMap((rival) => rival.delaysSeconds)];
  const least = Math.max(1, Math.min(60, ...delays));
  const most = Math.max(600, ...delays) * 1.05;
  const ticks = TICKS.filter((tick) => tick >= least * 0.999 && tick <= most);
  const x: Axis = {
    scale: logarithmic(least, most, PLOT.left, PLOT.right, ticks),
    label: 'since the first malicious call, log axis',
    format: tickOf,
  };
  const y: Axis = { scale: linear(0, 1, PLOT.bottom, PLOT.top, [0, 0.25, 0.5, 0.75, 1]), label: 'attacks found', format: percent };
  const curve = ({ delaysSeconds, campaigns }: Detection, classes: string) => {
    const points = delaysSeconds.map((delay, i): [number, number] => [x.scale(delay), y.scale((i + 1) / campaigns)]);
    return steps([[x.scale(least), y.scale(0)], ...points, [PLOT.right, y.scale(delaysSeconds.length / campaigns)]], classes);
  };
  const several = threats.length > 1;
  const body = [
    html`<path class="rule" d="M${PLOT.left} ${at(y.scale(0.5))}H${PLOT.right}"/>`,
    ...rivals.slice(0, 1).map((rival) => curve(rival, 'l0 d3')),
    ...threats.map((threat, i) => curve(threat, `l${i + 1} d${i + 1}`)),
    ...(several ? [curve(all, 'lk first')] : []),
  ];
  const lineOf = (name: string, detection: Detection) => [
    name,
    `${detection.delaysSeconds.length} of ${detection.campaigns}`,
    detection.medianSeconds === null ? 'more than half never' : duration(detection.medianSeconds),
    percent(detection.neverShare),
  ];
  return card(
    {
      title: 'Time to detect',
      read: 'Event time from the first call that serves an attack to the first alert on one of its windows. A curve that ends below the top never found the rest. Alerts count when their window closes, 10 s after its minute; early looks at hot windows come sooner, so these times are upper bounds.',
    },
    [
      legend([
        ...(several ? [{ line: 'lk first', text: 'all threats', value: found(all) }] : []),
        ...threats.map((threat, i) => ({ line: `l${i + 1} d${i + 1}`, text: named(threat.threat), value: found(threat) })),
        ...rivals.slice(0, 1).map((rival) => ({ line: 'l0 d3', text: rival.name, value: found(rival) })),
      ]),
      chart(
        {
          id,
          title: 'Time to detect',
          desc: `${all.delaysSeconds.length} of ${all.campaigns} attacks were found; ${percent(all.neverShare)} never.`,
        },
        x,
        y,
        body,
      ),
    ],
    table(
      ['', 'found', 'median over all', 'never'],
      [
        ...threats.map((threat) => lineOf(named(threat.threat), threat)),
        lineOf('all threats', all),
        ...rivals.map((rival) => lineOf(`${rival.name}, same number of false alarms`, rival)),
      ],
      { caption: 'Attacks found, and how soon' },
    ),
  );
}

/** Round times, said shortly. */
function tickOf(seconds: number): string {
  return seconds === 60 ? '1 min' : seconds === 86_400 ? '1 day' : duration(seconds);
}

const found = ({ delaysSeconds, campaigns }: Detection) => `${delaysSeconds.length}/${campaigns}`;
