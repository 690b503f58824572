/** The shares of one feature: the reference in the live hours, and live, bin by bin. */
import { chart, PLOT } from '../page/chart.ts';
import { html, type Markup } from '../page/html.ts';
import { card, legend, table } from '../page/parts.ts';
import { at, linear } from '../page/scale.ts';
import { percent, rate } from '../page/words.ts';
import type { DriftFeature } from './report.ts';

/** Between two bins, of the width of one. */
const GAP = 0.22;
/** More ends than these do not fit under a picture. */
const MOST_TICKS = 4;

interface Bin {
  readonly name: string;
  /** Its upper end; NaN = open, or missing values. */
  readonly end: number;
  readonly expected: number;
  readonly actual: number;
}

export function sharesCard(id: string, feature: DriftFeature): Markup {
  const bins = binsOf(feature);
  const top = Math.max(0.01, ...bins.map(({ expected, actual }) => Math.max(expected, actual)));
  const y = linear(0, top, PLOT.bottom, PLOT.top + 8);
  const width = (PLOT.right - PLOT.left) / Math.max(1, bins.length);
  const left = (i: number): number => PLOT.left + i * width;
  const named = bins
    .map((bin, i) => ({ ...bin, i }))
    .filter(({ end, name }, i) => !Number.isNaN(end) && name !== '' && i < bins.length - 1);
  const every = Math.max(1, Math.ceil(named.length / MOST_TICKS));
  const ticks = named.filter((_, i) => i % every === 0).map(({ i }) => i + 1);
  const x = Object.assign((value: number) => left(value), { ticks });
  const bar = (i: number, share: number, second: boolean, fill: string, tip: string): Markup => {
    const wide = (width * (1 - GAP)) / 2;
    const from = left(i) + (width * GAP) / 2 + (second ? wide : 0);
    return html`<rect class="${fill}" x="${at(from)}" y="${at(y(share))}" width="${at(Math.max(0.5, wide - 0.5))}" height="${at(PLOT.bottom - y(share))}"><title>${tip}</title></rect>`;
  };
  const { label, psi, critical, alarm, unit } = feature;
  return card(
    {
      title: label,
      read: `${alarm ? 'Drifted' : 'Not drifted'}: PSI ${psi.toFixed(2)}, alarm from ${critical.toFixed(2)}. Each bin held about the same share of all reference windows; a frequent value has a bin of its own.`,
    },
    [
      legend([
        { fill: 'f0', text: 'reference, same hours' },
        { fill: 'f1', text: 'live' },
      ]),
      chart(
        {
          id,
          title: `Shares of ${label}`,
          desc: bins.map(({ name, expected, actual }) => `${name}: ${percent(expected)}, live ${percent(actual)}`).join('; '),
        },
        { scale: x, label: unit === '' ? 'value' : `value, ${unit}`, format: (tick) => rateOf(bins[tick - 1]?.end ?? Number.NaN) },
        { scale: y, label: 'share of windows', format: (tick) => percent(tick) },
        bins.flatMap(({ name, expected, actual }, i) => [
          bar(i, expected, false, 'f0', `${name}: ${percent(expected)} of the reference`),
          bar(i, actual, true, 'f1', `${name}: ${percent(actual)} live`),
        ]),
      ),
    ],
    table(
      ['bin', 'reference', 'live'],
      bins.map(({ name, expected, actual }) => [name, percent(expected), percent(actual)]),
    ),
  );
}

/** Bins that anybody has, in order, missing values last. */
function binsOf({ edges, expected, actual }: DriftFeature): Bin[] {
  return expected.flatMap((share, b): Bin[] => {
    const now = actual[b] ?? 0;
    if (share === 0 && now === 0) return [];
    if (b === expected.length - 1) return [{ name: 'missing', end: Number.NaN, expected: share, actual: now }];
    const end = edges[b] ?? Number.NaN;
    const from = edges[b - 1];
    const name = Number.isNaN(end)
      ? from === undefined
        ? 'any value'
        : `above ${rateOf(from)}`
      : from === undefined || rateOf(from) === rateOf(end)
        ? `${from === undefined ? 'up to ' : ''}${rateOf(end)}`
        : `${rateOf(from)} to ${rateOf(end)}`;
    return [{ name, end, expected: share, actual: now }];
  });
}

function rateOf(value: number): string {
  if (Math.abs(value) < 1e-300) return '0';
  return value < 0 ? `−${rate(-value)}` : rate(value);
}
