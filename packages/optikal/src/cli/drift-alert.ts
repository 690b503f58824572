/** An alert of the detector of drift in a terminal: what was compared with what, what each direction and each number says, and the margin. */
import type { AlertAttribution, AlertDrift } from '@optikal/contracts';
import { shown } from '../detection/agent-drift/alert.ts';
import type { DriftExplanation } from '../services/explain.ts';
import type { Colors } from './io.ts';
import { signed } from './margin-words.ts';
import { number } from './quantity.ts';
import { likelihood } from './render.ts';
import { table } from './tables.ts';

/** A direction whose term is smaller says nothing either way. */
const LEAST_TERM = 0.1;
/** ln of a million: nobody reads more digits of a ratio. */
const MANY = Math.log(1e6);

export function renderDriftAlert(found: DriftExplanation, { bold, dim }: Colors): string {
  const { agent, role, windowStartMs, windowEndMs, margin, threshold, drift, attributions } = found;
  const between = `${new Date(windowStartMs).toISOString()} to ${new Date(windowEndMs).toISOString().slice(11, 19)}`;
  return [
    bold(`${agent}${role === null ? '' : ` (${role})`}, ${between}: alert (${found.threatType.replaceAll('_', ' ')})`),
    found.sentence,
    `margin ${margin.toFixed(2)} is ${(margin - threshold).toFixed(2)} above the threshold ${threshold.toFixed(2)}; ${likelihood(found.probability, found.prevalence)}`,
    ...(drift === null
      ? ['what was compared is not in this alert: a version before wrote it']
      : comparedLines(drift, new Map(attributions.map((line) => [line.feature, line])))),
    `the margin starts at ${found.baseValue.toFixed(2)}, and the numbers of the tasks move it:`,
    ...tableLines([
      ['', 'before', 'after', 'shift', 't', 'ranks'],
      ...attributions.map((line) => [signed(line.contribution), ...movedCells(line, drift), line.label]),
    ]),
    ...(found.tasks.length === 0 ? [] : [`published when ${found.tasks.join(', ')} ended`]),
    dim(`bundle ${found.fingerprint.slice(0, 12)}`),
  ].join('\n');
}

function comparedLines(drift: AlertDrift, lines: ReadonlyMap<string, AlertAttribution>): string[] {
  const { tasksBefore, tasksAfter, logRatio, meanLogRatio, scatter, directions } = drift;
  const speaking = directions.filter((direction) => Math.abs(direction.logRatio) >= LEAST_TERM);
  const silent = directions.length - speaking.length;
  return [
    `compared: ${tasksBefore} tasks from its beginning with the ${tasksAfter} since the likeliest change`,
    `two models are ${times(logRatio)} there than one, and ${times(meanLogRatio)} on average over all points; the tasks on each side differ ${scatter < 0 ? 'less' : 'more'} than one model's usually do (variance × ${number(Math.exp(scatter))})`,
    `directions in which models differ, in standard deviations of one model's tasks${silent === 0 ? '' : `; ${silent} of ${directions.length} add next to nothing`}:`,
    ...tableLines([
      ['', 'before', 'after', 'mostly'],
      ...speaking.map(({ features, before, after, logRatio: term }) => [
        signed(term),
        signed(before),
        signed(after),
        features.map((feature) => lines.get(feature)?.label ?? feature).join(', '),
      ]),
    ]),
  ];
}

/** What has no sides of its own has empty cells. */
function movedCells({ feature, value, usual, unit }: AlertAttribution, drift: AlertDrift | null): string[] {
  const said = (side: number | null) => (side === null ? 'n/a' : shown(side, unit));
  const moved = drift?.features.find((one) => one.feature === feature);
  if (moved !== undefined) return [said(usual), said(value), moved.shift.toFixed(1), moved.t.toFixed(1), moved.ranks.toFixed(2)];
  return usual === null && value === null ? ['', '', '', '', ''] : [said(usual), said(value), '', '', ''];
}

function times(logRatio: number): string {
  const size = Math.abs(logRatio) > MANY ? 'more than a million' : number(Math.exp(Math.abs(logRatio)));
  return `${size} times ${logRatio < 0 ? 'less likely' : 'likelier'}`;
}

function tableLines(rows: readonly (readonly string[])[]): string[] {
  return table(rows)
    .split('\n')
    .map((line) => `  ${line}`);
}
