/** A drift report in a terminal: the verdict, the worst features as a table, and how their shares moved, drawn in blocks. */
import type { DriftFeature, DriftReport } from '../report/drift/report.ts';
import type { Colors } from './io.ts';
import { percent, quantityOf } from './quantity.ts';
import { table } from './tables.ts';

/** Rows beyond the alarms: how far the quietest of the worst are says how sure the rest is. */
const ROWS = 8;
const MOST_ROWS = 24;
const PICTURES = 3;
/** A smaller share of missing values is not worth a word beside a picture. */
const LEAST_MISSING = 0.005;
const BLOCKS = ' ▁▂▃▄▅▆▇█';

export function renderDrift(report: DriftReport, colors: Colors, all: boolean): string {
  const { bold, dim, red, green } = colors;
  const { features, verdict, notes, alarm } = report;
  const alarms = features.filter((feature) => feature.alarm).length;
  const shown = all ? features : features.slice(0, Math.min(MOST_ROWS, Math.max(ROWS, alarms + 2)));
  const rest = features.length - shown.length;
  return [
    bold(alarm ? red(verdict) : green(verdict)),
    ...notes.map((note) => `note: ${note}`),
    '',
    ...tableOf(shown, colors),
    ...(rest > 0 ? [dim(`and ${rest} more; --all shows them`)] : []),
    '',
    ...pictures(features.slice(0, Math.min(PICTURES, Math.max(1, alarms))), colors),
    dim(
      `PSI alarms from its critical value on, which depends on how the windows hang together; bands say how large it is, not whether it is chance. ${matchWords(report)} Bundle ${report.fingerprint.slice(0, 12)}, ${report.referenceRows} reference windows of ${report.referenceGroups} agents.`,
    ),
  ].join('\n');
}

function tableOf(features: readonly DriftFeature[], { red, yellow, dim }: Colors): string[] {
  const cells = features.map(({ label, psi, critical, jensenShannon, ks, pValue, band, alarm }) => [
    label,
    psi.toFixed(3),
    critical.toFixed(3),
    jensenShannon.toFixed(2),
    ks.toFixed(2),
    chance(pValue),
    band,
    alarm ? 'ALARM' : '',
  ]);
  const [head, ...lines] = table([['feature', 'PSI', 'alarm from', 'JS', 'KS', 'p', 'band', ''], ...cells]).split('\n');
  return [
    dim(head ?? ''),
    ...lines.map((line, i) => (features[i]?.alarm === true ? red(line) : features[i]?.band === 'stable' ? line : yellow(line))),
  ];
}

/** Two columns a bin: reference above, live below, on one scale. */
function pictures(features: readonly DriftFeature[], { bold, dim }: Colors): string[] {
  return features.flatMap((feature) => {
    const { label, name, unit, edges, expected, actual } = feature;
    const bins = shownBins(feature);
    const top = Math.max(...bins.map((b) => Math.max(expected[b] ?? 0, actual[b] ?? 0)));
    const bars = (shares: readonly number[]): string => bins.map((b) => block((shares[b] ?? 0) / top).repeat(2)).join('');
    const missing = [expected.at(-1) ?? 0, actual.at(-1) ?? 0];
    const low = edges[bins[0] ?? 0];
    const high = edges[(bins.at(-1) ?? 0) - 1];
    const range =
      low === undefined || high === undefined
        ? ''
        : `up to ${quantityOf(name, settled(low), unit)} … ${quantityOf(name, settled(high), unit)} and more`;
    const absent = Math.max(...missing) < LEAST_MISSING ? '' : dim(`missing ${percent(missing[0] ?? 0)} → ${percent(missing[1] ?? 0)}`);
    return [bold(label), `  reference ${bars(expected)}  ${dim(range)}`, `  live      ${bars(actual)}  ${absent}`.trimEnd(), ''];
  });
}

/** The end just below a frequent value is that value to people. */
function settled(edge: number): number {
  return Math.abs(edge) < 1e-300 ? 0 : Number(edge.toPrecision(12));
}

/** Bins of values that anybody has; missing values are said in words. */
export function shownBins({ expected, actual }: Pick<DriftFeature, 'expected' | 'actual'>): number[] {
  return expected.slice(0, -1).flatMap((share, b) => (share > 0 || (actual[b] ?? 0) > 0 ? [b] : []));
}

function block(height: number): string {
  return BLOCKS[height > 0 ? Math.max(1, Math.round(height * (BLOCKS.length - 1))) : 0] ?? ' ';
}

function chance(p: number): string {
  return p < 0.0001 ? '< 0.0001' : p < 0.001 ? p.toFixed(4) : p.toFixed(3);
}

function matchWords({ match }: DriftReport): string {
  return match === 'none' ? '' : `Compared with the same ${match === 'hour of week' ? 'hours of the week' : 'hours of the day'}.`;
}
