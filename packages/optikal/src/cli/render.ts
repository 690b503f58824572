/** How an alert and an explanation look in a terminal: the sentence first, then the strongest signed reasons with the usual value beside. */
import type { AlertAttribution, ThreatAlert } from '@optikal/contracts';
import type { Colors } from './io.ts';
import { signed } from './margin-words.ts';
import { labelOf, mergeTwins, percent, quantityOf } from './quantity.ts';
import { plainFeature, reasonGroups, withoutRest } from './reason-groups.ts';

const REASONS = 3;
/** The width of a time of day and a blank: what belongs to an alert stands under its sentence. */
export const INDENT = 6;

/** One alert, without the line that a demo adds to it. `confirms`: its early revision was shown before. Who prints the lines wraps them. */
export function renderAlert(alert: ThreatAlert, colors: Colors, confirms = false): string {
  const { bold, dim } = colors;
  const early = alert.revision === 1 ? dim(' (early)') : confirms && alert.decision === 'alert' ? dim(' (confirmed)') : '';
  const lines = [
    `${dim(clock(alert.windowStartMs))} ${markOf(alert, colors)}${early} ${bold(alert.sentence)}`,
    ...renderReasons(alert.attributions, colors, REASONS).map(indented),
    indented(
      dim(
        `${likelihood(alert.probability, alert.prevalence)}${alert.phase === 'learning' ? '; still learning this agent' : ''}; id ${alert.id}`,
      ),
    ),
  ];
  return lines.join('\n');
}

export function indented(line: string): string {
  return `${' '.repeat(INDENT)}${line}`;
}

/** A probability means nothing without the prevalence it assumes. */
export function likelihood(probability: number, prevalence: number): string {
  return `${percent(probability)} likely an attack, if ${percent(prevalence)} of all windows are one`;
}

export function renderReasons(attributions: readonly AlertAttribution[], colors: Colors, limit: number): string[] {
  const shown = mergeTwins(withoutRest(attributions)).slice(0, limit);
  return shown.length === 0 ? [NO_DRIVER] : shown.map((line) => reasonLine(line, colors));
}

const NO_DRIVER = 'no driver found';

/** All reasons: of the window, then of the windows before, then what the attributions miss. */
export function renderAllReasons(attributions: readonly AlertAttribution[], colors: Colors): string[] {
  const { present, before, missed, driven } = reasonGroups(attributions);
  return [
    ...(driven ? [] : [NO_DRIVER]),
    ...present.map((line) => reasonLine(line, colors)),
    ...(before.length === 0 ? [] : ['in the windows before:', ...before.map((line) => reasonLine(line, colors))]),
    ...(missed === null ? [] : [colors.dim(`${signed(missed.contribution)} is missed by the attributions of the sequence`)]),
  ];
}

function reasonLine(line: AlertAttribution, { dim, red, green }: Colors): string {
  const { value, usual, unit, contribution } = line;
  const feature = plainFeature(line.feature);
  const sign = contribution >= 0 ? red(signed(contribution)) : green(signed(contribution));
  const seen = line.missing || value === null ? 'not observed' : quantityOf(feature, value, unit);
  return `${sign} ${labelOf(line)}: ${seen}${usual === null ? '' : dim(` (usually ${quantityOf(feature, usual, unit)})`)}`;
}

function markOf({ decision, severity }: ThreatAlert, { red, yellow, green }: Colors): string {
  if (decision === 'withdrawn') return green('withdrawn');
  return severity === 'critical' || severity === 'high' ? red(severity) : yellow(severity);
}

export function clock(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 16);
}
