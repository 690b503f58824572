/** The page of a drift report: the verdict, the worst features in pictures, all of them as a table. */
import { framed } from '../page/frame.ts';
import { html, type Markup } from '../page/html.ts';
import { card, table } from '../page/parts.ts';
import { clock, day, percent, plural, shortHash, three, whole } from '../page/words.ts';
import type { DriftFeature, DriftReport } from './report.ts';
import { sharesCard } from './shares.ts';

/** Pictures: alarms, and what comes next to them. */
const LEAST_PICTURES = 6;
const MOST_PICTURES = 24;

/** `sha256`: base64 of the SHA-256 of a text. */
export function driftPage(report: DriftReport, sha256: (text: string) => string): string {
  const { features, fingerprint, verdict, notes, fromMs, toMs } = report;
  const alarms = features.filter(({ alarm }) => alarm).length;
  const drawn = features.slice(0, Math.min(MOST_PICTURES, Math.max(LEAST_PICTURES, alarms)));
  return framed(
    {
      title: report.alarm
        ? `What has drifted from bundle ${shortHash(fingerprint)}`
        : `Nothing has drifted from bundle ${shortHash(fingerprint)}`,
      kind: `Optikal · Drift · ${report.source}`,
      head: [
        html`<p class="lead">${verdict}</p>`,
        html`<p class="note">Windows of ${day(fromMs)} ${clock(fromMs)} to ${day(toMs)} ${clock(toMs)} UTC. ${notes.join(' ')} Whether a difference is chance depends on how windows hang together: those of one agent resemble each other, ${report.independent === 'groups' ? 'so whole agents were taken as independent' : 'so long stretches of time were taken as independent'}. An alarm is a PSI of at least its critical value, at the level ${report.level} over all features together (Benjamini and Hochberg). A band alone is no alarm.</p>`,
        html`<nav aria-label="sections"><ul class="nav"><li><a href="#worst">The furthest features</a></li><li><a href="#all">All features</a></li></ul></nav>`,
      ],
      main: [
        tiles(report, alarms),
        html`<section id="worst"><h2>The furthest features</h2><div class="cards">${drawn.map((feature, i) => sharesCard(`shares-${i}`, feature))}</div></section>
`,
        html`<section id="all"><h2>All features</h2><div class="cards">${allFeatures(features)}</div></section>
`,
      ],
      made: `Bundle ${shortHash(fingerprint)}….`,
      figures: report,
    },
    sha256,
  );
}

function tiles({ features, rows, groups, referenceRows, referenceGroups, match, fromMs, toMs }: DriftReport, alarms: number): Markup {
  const large = features.filter(({ band }) => band !== 'stable').length;
  const [worst] = features;
  const items = [
    { name: 'features that drifted', value: `${alarms} of ${features.length}`, beside: `${large} with a PSI above the first band` },
    {
      name: 'furthest',
      value: worst === undefined ? '–' : `PSI ${worst.psi.toFixed(2)}`,
      beside: worst === undefined ? '' : `${worst.label}; alarm from ${worst.critical.toFixed(2)}`,
    },
    {
      name: 'live windows',
      value: whole(rows),
      beside: `${plural(groups, 'agent')}, ${Math.max(1, Math.round((toMs - fromMs) / 3_600_000))} h`,
    },
    {
      name: 'reference windows',
      value: whole(referenceRows),
      beside: `${plural(referenceGroups, 'agent')}; ${match === 'none' ? 'hours not matched' : `the same ${match === 'hour of week' ? 'hours of the week' : 'hours of the day'}`}`,
    },
  ];
  return html`<dl class="tiles">${items.map(({ name, value, beside }) => html`<div class="tile"><dt>${name}</dt><dd class="big">${value}</dd><dd class="small">${beside}</dd></div>`)}</dl>`;
}

function allFeatures(features: readonly DriftFeature[]): Markup {
  return card(
    {
      title: 'Every feature that was compared',
      read: 'p: the chance of so large a difference without drift. Worth: how many independent windows the live ones are worth for this feature. Left out are the calendar and what compares an agent with its own history, which move by themselves.',
      wide: true,
    },
    [
      table(
        ['feature', 'PSI', 'alarm from', 'Jensen–Shannon', 'Kolmogorov–Smirnov', 'p', 'worth', 'missing', '|band', '|drifted'],
        features.map((feature) => [
          feature.label,
          three(feature.psi),
          three(feature.critical),
          feature.jensenShannon.toFixed(2),
          feature.ks.toFixed(2),
          chance(feature.pValue),
          whole(feature.effectiveRows),
          percent(feature.actual.at(-1) ?? 0),
          feature.band,
          feature.alarm ? 'yes' : 'no',
        ]),
        { stack: true },
      ),
    ],
  );
}

export function chance(p: number): string {
  return p < 0.0001 ? '< 0.0001' : p < 0.001 ? p.toFixed(4) : p.toFixed(3);
}
