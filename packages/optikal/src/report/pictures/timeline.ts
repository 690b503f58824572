/** One attacked agent, window by window: bars of margin against the threshold, and the calls that serve the attack. */
import { WINDOW_MS } from '../../stream/limits.ts';
import { alertMs as closedMs } from '../figures/campaigns.ts';
import { isMissing } from '../figures/part.ts';
import type { Timeline } from '../figures/timelines.ts';
import { PLOT, picture } from '../page/chart.ts';
import { html, type Markup } from '../page/html.ts';
import { legend, pair, table } from '../page/parts.ts';
import { at, linear } from '../page/scale.ts';
import { clock, day, duration, named, percent, plural, short } from '../page/words.ts';

const TOP = 24;
const BOTTOM = 150;
const CALLS_Y = 166;
const HEIGHT = 216;
/** Where a sequence model looked: a strip of its own below the bars. */
const STRIP = 20;
const LEFT = 34;
const MAX_NAME = 40;

export function timelineCard(id: string, timeline: Timeline, surrogateClock: boolean): Markup {
  const { story, agent, role, threat, intensity, threshold, windows } = timeline;
  const who = `${short(agent, MAX_NAME)}${role === null ? '' : ` (${short(role, MAX_NAME)})`}`;
  const strip = windows.some(({ attention }) => attention !== null) ? STRIP : 0;
  const calls = windows.reduce((sum, own) => sum + own.calls.length, 0);
  return html`<figure class="card"><figcaption><h3>${story[0]!.toUpperCase() + story.slice(1)}: ${who}</h3><p class="read">${named(threat)}${
    intensity === null ? null : `, ${named(intensity)}`
  }. ${summary(timeline, surrogateClock)}</p></figcaption>${legend([
    { fill: 'f0', text: 'quiet' },
    { fill: 'hollow l5', text: 'exposed' },
    { fill: 'f2', text: 'acted' },
    { line: 'limit', text: `threshold ${threshold.toFixed(2)}` },
    ...(strip === 0 ? [] : [{ fill: 'f4', text: 'where the sequence model looked' }]),
  ])}${picture(
    {
      id,
      title: `${story}: ${named(threat)} by ${short(agent, MAX_NAME)}`,
      desc: `${windows.length} windows of one minute with activity, ${plural(windows.filter((own) => own.alert).length, 'alert')}, ${plural(calls, 'call')} that serve the attack.`,
      height: HEIGHT + strip,
    },
    bars(timeline, strip),
  )}${reasonsOf(timeline)}<details><summary>Figures as a table</summary>${table(
    ['minute', 'margin', '|label', '|alert', '|malicious calls', 'attention'],
    windows.map((own, i) => [
      i > 0 && day(own.startMs) === day(windows[i - 1]!.startMs) ? clock(own.startMs) : pair(day(own.startMs), clock(own.startMs)),
      own.margin === null ? 'nothing to score' : own.margin.toFixed(2),
      LABEL[own.label],
      own.alert ? 'alert' : '',
      own.calls.map((call) => short(call.tool, MAX_NAME)).join(', '),
      own.attention === null ? '' : percent(own.attention),
    ]),
    { caption: 'Windows with activity, in order; minutes without are left out' },
  )}</details></figure>
`;
}

function summary({ delaySeconds, alertMs, campaign, windows, firstMs }: Timeline, surrogateClock: boolean): string {
  if (delaySeconds === null || alertMs === null) return 'No window of this attack reached the threshold.';
  const before = windows.filter(({ label, startMs }) => label === 2 && startMs + WINDOW_MS > firstMs && closedMs(startMs) < alertMs);
  const when = surrogateClock
    ? `First alert in window ${before.length + 1} of those that acted.`
    : `First alert ${duration(delaySeconds)} after the first malicious call.`;
  return campaign === '' ? `${when} The truth names no campaigns: shown is all that this agent did.` : when;
}

const LABEL = ['quiet', 'exposed', 'acted'] as const;
/** Exposed windows are hollow: told apart without colour too. */
const FILL = ['f0', 'hollow l5', 'f2'] as const;

function bars({ windows, threshold, firstMs, alertMs }: Timeline, strip: number): Markup[] {
  const callsY = CALLS_Y + strip;
  const most = Math.max(0, ...windows.map(({ attention }) => attention ?? 0));
  const margins = windows.flatMap(({ margin }) => margin ?? []);
  const low = Math.min(0, ...margins, threshold);
  const high = Math.max(0.5, ...margins, threshold) * 1.05;
  const y = linear(low, high, BOTTOM, TOP);
  const width = (PLOT.right - LEFT) / Math.max(windows.length, 12);
  const place = (i: number) => LEFT + i * width;
  const zero = y(0);
  // Of a long attack only the end is shown: then its first call lies to the left of the picture.
  const before = windows.length > 0 && firstMs < windows[0]!.startMs;
  const first = before ? 0 : windows.findIndex(({ startMs }) => startMs + WINDOW_MS > firstMs);
  const alerted = windows.findIndex(({ startMs }) => closedMs(startMs) === alertMs);
  const middle = (i: number) => at(place(i) + width / 2);
  // Two labels must not lie on each other; the alert's stands above, the first call's below.
  const anchorOf = (i: number) => (middle(i) > PLOT.right - 60 ? 'end' : middle(i) < LEFT + 40 ? 'start' : 'middle');
  return [
    ...y.ticks.map(
      (tick) =>
        html`<path class="rule" d="M${LEFT} ${at(y(tick))}H${PLOT.right}"/><text x="${LEFT - 5}" y="${at(y(tick) + 4)}" text-anchor="end">${tick}</text>`,
    ),
    ...windows.map(({ margin, label, startMs, alert }, i) =>
      margin === null
        ? html``
        : html`<rect class="${FILL[label]}" x="${at(place(i) + width * 0.12)}" y="${at(Math.min(y(margin), zero))}" width="${at(width * 0.76)}" height="${at(Math.max(1, Math.abs(y(margin) - zero)))}"><title>${clock(startMs)}: margin ${margin.toFixed(2)}, ${LABEL[label]}${alert ? ', alert' : ''}</title></rect>`,
    ),
    ...windows.map(({ attention, startMs }, i) => {
      if (attention === null || most === 0) return html``;
      const height = Math.max(1, ((STRIP - 6) * attention) / most);
      return html`<rect class="f4" x="${at(place(i) + width * 0.12)}" y="${at(BOTTOM + STRIP - height)}" width="${at(width * 0.76)}" height="${at(height)}"><title>${clock(startMs)}: ${percent(attention)} of the sequence model’s attention</title></rect>`;
    }),
    html`<path class="axis" d="M${LEFT} ${at(zero)}H${PLOT.right}"/>`,
    html`<path class="limit" d="M${LEFT} ${at(y(threshold))}H${PLOT.right}"/>`,
    ...windows.flatMap((own, i) =>
      own.calls.length === 0
        ? []
        : [
            html`<path class="f2" d="M${middle(i)} ${callsY - 6}l4 8h-8z"><title>${`${clock(own.startMs)}: ${own.calls.map((call) => short(call.tool, MAX_NAME)).join(', ')}`}</title></path>`,
          ],
    ),
    ...(first < 0
      ? []
      : [
          html`<text x="${before ? LEFT : middle(first)}" y="${callsY + 16}" text-anchor="${before ? 'start' : anchorOf(first)}">${before ? '← ' : ''}first malicious call ${before ? `${day(firstMs)} ` : ''}${clock(firstMs)}</text>`,
        ]),
    ...(alerted < 0 || alertMs === null
      ? []
      : [
          html`<path class="axis" d="M${middle(alerted)} ${TOP - 8}V${at(y(windows[alerted]!.margin ?? 0) - 2)}"/>`, // found by findIndex
          html`<text class="strong" x="${middle(alerted)}" y="${TOP - 12}" text-anchor="${anchorOf(alerted)}">alert ${clock(alertMs)}</text>`,
        ]),
    html`<text x="${LEFT}" y="${HEIGHT + strip - 6}">${windows.length === 0 ? '' : `${day(windows[0]!.startMs)} ${clock(windows[0]!.startMs)}`}</text>`,
    html`<text x="${PLOT.right}" y="${HEIGHT + strip - 6}" text-anchor="end">${windows.length === 0 ? '' : `${day(windows.at(-1)!.startMs)} ${clock(windows.at(-1)!.startMs)} UTC`}</text>`,
  ];
}

function reasonsOf({ reasons, story }: Timeline): Markup {
  if (isMissing(reasons)) return html`<p class="note">Without reasons: ${reasons.missing}</p>`;
  if (reasons.length === 0) return html`<p class="note">No driver found.</p>`;
  return html`<p class="note story">${story === 'missed' ? 'What spoke for an attack in its most suspicious window:' : 'What the detector saw at the alert:'}</p><ol class="reasons">${reasons.map((reason) => html`<li>${reason}</li>`)}</ol>`;
}
