/** How an alert and an explanation look in a terminal: the sentence first, then the strongest signed reasons with the usual value beside. */
import type { AlertAttribution, ThreatAlert } from '@optikal/contracts';
import type { Colors } from './io.ts';

const REASONS = 3;

export function renderAlert(alert: ThreatAlert, colors: Colors, reasons = REASONS): string {
  const { bold, dim, red, yellow, green } = colors;
  const mark =
    alert.decision === 'withdrawn'
      ? green('withdrawn')
      : alert.severity === 'critical' || alert.severity === 'high'
        ? red(alert.severity)
        : yellow(alert.severity);
  const early = alert.revision === 1 ? dim(' (early)') : '';
  const head = `${dim(clock(alert.windowStartMs))} ${mark}${early} ${bold(alert.sentence)}`;
  const odds = dim(
    `p = ${percent(alert.probability)} at a prevalence of ${percent(alert.prevalence)} · ${alert.phase} · ${alert.id.slice(0, 8)}`,
  );
  return [head, ...renderReasons(alert.attributions, colors, reasons).map((line) => `         ${line}`), `         ${odds}`].join('\n');
}

export function renderReasons(attributions: readonly AlertAttribution[], { dim, red, green }: Colors, limit: number): string[] {
  const shown = attributions.filter((line) => line.feature !== 'other').slice(0, limit);
  if (shown.length === 0) return ['no driver found'];
  return shown.map((line) => {
    const sign = line.contribution >= 0 ? red(`+${line.contribution.toFixed(2)}`) : green(line.contribution.toFixed(2));
    const usual = line.usual === null ? '' : dim(` (usually ${quantity(line.usual, line.unit)})`);
    return `${sign} ${line.label}: ${line.missing ? 'missing' : quantity(line.value ?? Number.NaN, line.unit)}${usual}`;
  });
}

function quantity(value: number, unit: string): string {
  const number = Number.isInteger(value) ? String(value) : Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(2);
  return unit === '1' || unit === 'flag' ? number : `${number} ${unit}`;
}

export function percent(probability: number): string {
  const value = 100 * probability;
  return `${value >= 99.95 || value < 0.1 ? value.toFixed(2) : value >= 10 ? value.toFixed(0) : value.toFixed(1)} %`;
}

export function clock(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 16);
}
