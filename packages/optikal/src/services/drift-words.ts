/** A drift summary in plain sentences. */
import type { DriftSummary } from '@optikal/ml';
import type { DriftFeature } from '../report/drift/report.ts';

const HOUR_MS = 3_600_000;
/** Fewer agents say little about a fleet. */
const FEW_AGENTS = 5;

const whole = (value: number): string => value.toLocaleString('en-US');
const plural = (count: number, one: string): string => `${whole(count)} ${one}${count === 1 ? '' : 's'}`;

/** `features` worst first. */
export function verdictOf(summary: DriftSummary, features: readonly DriftFeature[]): string {
  const { rows, groups, fromMs, toMs, alarm } = summary;
  const what = `${plural(rows, 'window')} of ${plural(groups, 'agent')} over ${hoursOf(toMs - fromMs)}`;
  const [worst] = features;
  if (worst === undefined) return `Nothing was compared: ${what}.`;
  if (alarm) {
    const drifted = features.filter((feature) => feature.alarm).length;
    return `Drift: ${drifted} of ${plural(features.length, 'feature')} moved more than chance explains in ${what}; furthest ${worst.label} (PSI ${worst.psi.toFixed(2)}, alarm from ${worst.critical.toFixed(2)}).`;
  }
  const large = features.filter(({ band }) => band !== 'stable').length;
  const apart =
    large === 0
      ? ''
      : ` ${plural(large, 'feature')} ${large === 1 ? 'has' : 'have'} a PSI above the first band, as so few independent windows do by chance.`;
  return `No drift: in ${what} no feature moved more than chance explains.${apart}`;
}

export function notesOf(summary: DriftSummary, otherBundles: number, judgedByOthers: boolean, tooMany: number): string[] {
  const notes: string[] = [];
  if (summary.match === 'none')
    notes.push('The reference knows too few of these hours, so all of it was compared: a difference may be that of the hour.');
  if (summary.rowsOfOtherHours > 0)
    notes.push(
      `${plural(summary.rowsOfOtherHours, 'window')} of hours that the reference does not know ${summary.rowsOfOtherHours === 1 ? 'was' : 'were'} left out.`,
    );
  if (judgedByOthers)
    notes.push('Another bundle judged these windows: features that compare with a role or the fleet compare with what that bundle knew.');
  if (otherBundles > 0)
    notes.push(`${plural(otherBundles, 'window')} that another bundle judged ${otherBundles === 1 ? 'was' : 'were'} left out.`);
  if (tooMany > 0)
    notes.push(
      `The newest ${whole(summary.rows + summary.rowsOfOtherHours)} windows were compared, ${whole(tooMany)} older ones of these hours were not.`,
    );
  if (summary.independent === 'groups' && summary.groups < FEW_AGENTS)
    notes.push(
      `${plural(summary.groups, 'agent')} can hardly show that a fleet moved: only what no agent of the reference does would alarm.`,
    );
  return notes;
}

function hoursOf(ms: number): string {
  const hours = ms / HOUR_MS;
  return hours < 1.5 ? `${Math.max(1, Math.round(ms / 60_000))} min` : `${Number(hours.toPrecision(2))} h`;
}
