/** The head of a report in plain words: what was measured on what, the headline with its interval and its baselines, what it does not show. */
import type { Figure } from '../../training/measure.ts';
import { isMissing } from '../figures/part.ts';
import type { Curves, ReportFigures } from '../figures/report-figures.ts';
import type { Report } from '../report.ts';
import { html, type Markup, NOTHING } from './html.ts';
import { duration, percent, plural, rate, shortHash, three, whole } from './words.ts';

export function titleOf(report: Report): string {
  switch (report.kind) {
    case 'evaluation':
      return `What bundle ${shortHash(report.fingerprint)} finds in data it has not seen`;
    case 'training':
      return `What bundle ${shortHash(report.fingerprint)} learnt from its training data`;
    case 'protocol':
      return `What training is worth on ${report.runs.map(({ leave }) => `${leave}s`).join(' and ')} left out`;
  }
}

export const KIND: Readonly<Record<Report['kind'], string>> = {
  evaluation: 'Evaluation',
  training: 'Training',
  protocol: 'Learning protocol',
};

/** One paragraph a set of figures, and one for what it does not show. */
export function leadOf(report: Report): Markup[] {
  if (report.kind !== 'protocol')
    return [html`<p class="lead">${measuredOn(report)} ${headline(report)}</p>`, html`<p class="note">${limits(report, report)}</p>`];
  const [first] = report.runs;
  if (first === undefined) return [];
  return [
    html`<p class="lead">Recorded agents, one group after the other left out: everything was fitted on the rest, and what was left out was scored once. ${measured(first.figures)}</p>`,
    ...report.runs.map(
      (run) =>
        html`<p class="lead"><strong>One ${run.leave} left out.</strong> ${headline(run.figures)} On both sides of a split: ${plural(run.sharedRuns, 'recorded run')}, ${plural(run.sharedInjectedOutputs, 'injected output')}.</p>`,
    ),
    html`<p class="note">${limits(report, first.figures)}</p>`,
  ];
}

function measuredOn(report: Exclude<Report, { kind: 'protocol' }>): string {
  if (report.kind === 'evaluation')
    return `The bundle was held against data that it was not fitted on (${report.source}). ${measured(report)}`;
  const how = isMissing(report.measured)
    ? 'The data has no labelled attacks: isolation forest, baselines and threshold were fitted on it, and nothing can be said of attacks.'
    : 'Every margin is out-of-fold: it comes from models that never saw this agent.';
  return `The bundle was fitted on this data (${report.source}). ${how} ${measured(report)}`;
}

function measured({ windows, agents, days, surrogateClock }: ReportFigures): string {
  const all = windows.benign + windows.exposed + windows.acted;
  return `There are ${plural(all, 'window')} (a minute of one agent with activity) of ${plural(agents, 'agent')}${surrogateClock ? '' : ` over ${duration(days * 86_400)}`}; in ${whole(windows.acted)} of them an agent acted for an attacker.`;
}

function headline({ measured: found, curves, operating, surrogateClock }: ReportFigures): string {
  if (isMissing(found) || isMissing(curves))
    return `At its threshold ${percent(operating.falseAlarms.share)} of the windows alert, ${rate(operating.falseAlarmsPerDay)} a day.`;
  const attacks = operating.campaignsCaught;
  const price = surrogateClock
    ? `${percent(operating.falseAlarms.share)} of quiet windows that alert too`
    : `${rate(operating.falseAlarmsPerAgentWeek)} false alarms per agent and week`;
  const caught =
    attacks.count > 0
      ? `it alerts in ${whole(attacks.hits)} of ${plural(attacks.count, 'attack')}`
      : `it alerts on ${percent(operating.caught.share)} of the attacked windows`;
  return `An attacked window ranks above a quiet one in ${percent(found.auroc.value)} of all pairs (AUROC ${withInterval(found.auroc)}); by the number of calls alone it would in ${percent(rivalOf(curves, CALLS))}, by the best single feature in ${percent(rivalOf(curves, FEATURE))}. At its threshold ${caught}, at the price of ${price}.`;
}

/** Where a rival stands in the curves, behind the ensemble. */
const FEATURE = 1;
const CALLS = 2;

/** The AUROC that its curve is labelled with: the page says one number once. */
function rivalOf({ curves }: Curves, at: number): number | null {
  return curves[at]?.auroc ?? null;
}

function limits(report: Report, { windows, measured: found, curves, surrogateClock }: ReportFigures): string {
  const left = [
    windows.exposed > 0 ? `${whole(windows.exposed)} in which an agent read a hostile text and ignored it` : null,
    windows.excluded > 0 ? `${whole(windows.excluded)} with a doubtful label` : null,
  ].filter((text) => text !== null);
  return [
    'What this does not show: how the detector does on agents, tools or attacks that are not in this data.',
    isMissing(curves)
      ? null
      : `Rates below ${percent(curves.smallestFpr)}, one quiet window in all of them, are not resolved and not printed.`,
    isMissing(found) || found.auroc.interval !== null ? null : 'There is one group only, so figures have no interval.',
    left.length === 0 ? null : `Windows left out of the headline: ${left.join(', and ')}.`,
    report.kind === 'training'
      ? 'Reasons of single attacks are those of the finished bundle, which has seen these windows. Agents of the same fleet resemble each other; an evaluation on other data is the harder test.'
      : null,
    surrogateClock ? 'Recorded agents were not recorded with their times: no rate a day, no delay.' : null,
    report.kind === 'protocol' ? 'No bundle was kept: figures that need one are not in this report, and say so.' : null,
  ]
    .filter((text) => text !== null)
    .join(' ');
}

export function withInterval({ value, interval }: Figure): string {
  return interval === null ? three(value) : `${three(value)}, 95 % interval ${three(interval.low)} to ${three(interval.high)}`;
}

/** The four numbers to remember, each with its baseline. */
export function tilesOf({ measured: found, operating, timeToDetect, curves, surrogateClock }: ReportFigures): Markup {
  if (isMissing(found) || isMissing(curves)) return NOTHING;
  const rival = operating.rivals[0];
  const attacks = operating.campaignsCaught.count > 0;
  const caught = attacks ? operating.campaignsCaught : operating.caught;
  const rivalCaught = attacks ? rival?.campaignsCaught : rival?.caught;
  const tiles = [
    {
      name: 'AUROC',
      value: three(found.auroc.value),
      beside: `${found.auroc.interval === null ? '' : `${three(found.auroc.interval.low)} to ${three(found.auroc.interval.high)}; `}best feature ${three(rivalOf(curves, FEATURE))}, calls ${three(rivalOf(curves, CALLS))}, chance 0.500`,
    },
    {
      name: attacks ? 'attacks caught at the threshold' : 'attacked windows caught at the threshold',
      value: `${whole(caught.hits)} of ${whole(caught.count)}`,
      beside:
        rivalCaught === undefined ? '' : `best feature, as many false alarms: ${whole(rivalCaught.hits)} of ${whole(rivalCaught.count)}`,
    },
    {
      name: surrogateClock ? 'quiet windows that alert' : 'false alarms per agent and week',
      value: surrogateClock ? percent(operating.falseAlarms.share) : rate(operating.falseAlarmsPerAgentWeek),
      beside: `${whole(operating.falseAlarms.hits)} of ${whole(operating.falseAlarms.count)} quiet windows${surrogateClock ? '' : ` (${percent(operating.falseAlarms.share)})`}`,
    },
    isMissing(timeToDetect)
      ? { name: 'average precision', value: three(found.averagePrecision), beside: `chance ${three(curves.prevalence)}` }
      : {
          name: 'median time to detect',
          value: timeToDetect.all.medianSeconds === null ? 'over half never' : duration(timeToDetect.all.medianSeconds),
          beside: `${percent(timeToDetect.all.neverShare)} of attacks never found (best feature ${percent(timeToDetect.rivals[0]?.neverShare ?? 1)})${ofFound(timeToDetect.all)}`,
        },
  ];
  return html`<dl class="tiles">${tiles.map(({ name, value, beside: small }) => html`<div class="tile"><dt>${name}</dt><dd class="big">${value}</dd><dd class="small">${small}</dd></div>`)}</dl>`;
}

/** The middle one of the attacks that were found. */
function ofFound({ delaysSeconds }: { readonly delaysSeconds: readonly number[] }): string {
  const middle = delaysSeconds[(delaysSeconds.length - 1) >> 1];
  return middle === undefined ? '' : `, the others after ${duration(middle)} (median)`;
}
