/** One alert opened, as a page of sections: what was done, why it alerted, what each model says, what the agent did before, what to run next. */

import type { AlertDetail } from '../../services/watch-alert.ts';
import type { AlertEntry } from '../../services/watch-entry.ts';
import { likelihood } from '../render.ts';
import { barsOf, baseLines, evidenceLines, historyLines, OVER_HTTP, reasonLines, windowLines } from './alert-parts.ts';
import { standingOf } from './alerts.ts';
import { flow, Line, type Paint, paintFor, severityStyle } from './paint.ts';
import type { Opened, State } from './state.ts';
import { harmless, wrapText } from './text.ts';
import { agentWords, dayAndTime, iso, minute, threatWords, whole } from './words.ts';

export interface Page {
  readonly title: string;
  readonly lines: readonly string[];
  /** Lines on which a section begins. */
  readonly sections: readonly number[];
}

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

export function alertPage(state: State): Page {
  const { opened } = state;
  if (opened === null) return { title: '', lines: [], sections: [] };
  const paint = paintFor(state.colors);
  const { columns } = state.size;
  const sections = opened.detail === null ? [] : sectionsOf(state, opened.detail, paint);
  const lines: string[] = [...headLines(state, opened, paint)];
  const starts: number[] = [];
  for (const section of sections) {
    lines.push('');
    starts.push(lines.length);
    lines.push(paint.bold(String(new Line(columns).add(section.title))), ...section.lines);
  }
  if (opened.detail === null) lines.push('', ' reading …');
  const { entry } = opened;
  return {
    title: `${dayAndTime(entry.windowStartMs)} ${harmless(agentWords(entry))}: ${threatWords(entry.threat)}`,
    lines,
    sections: starts,
  };
}

/** As the command line takes it; `c` copies it. */
export function explainCommand({ opened, source }: State): string {
  return `optikal explain ${opened?.id ?? ''} --data-dir ${opened?.detail?.remote === true ? 'var/' : quoted(source)}`;
}

function headLines({ size, list }: State, { entry, detail }: Opened, paint: Paint): string[] {
  const item = list.items.get(entry.id) ?? { entry, early: entry.paired };
  const alert = detail?.alert;
  const standing = standingOf(item);
  const likely = alert === undefined ? '' : likelihood(alert.probability, alert.prevalence);
  return [
    ...flow(
      [
        { text: entry.severity, style: severityStyle(entry.severity, paint) },
        { text: standing },
        ...marksOf(entry),
        ...(likely === '' ? [] : [{ text: likely }]),
      ],
      size.columns,
    ),
    ...wrapText(harmless(entry.sentence), size.columns).map((line) => paint.bold(line)),
    ...(alert === undefined
      ? []
      : flow(
          [
            `agent ${agentWords(entry)}`,
            `role ${alert.role ?? 'unknown'}`,
            `window ${iso(entry.windowStartMs).slice(0, 10)} ${minute(entry.windowStartMs)} to ${minute(entry.windowEndMs)} UTC`,
            ...(alert.session === null ? [] : [`session ${alert.session}`]),
            ...(alert.tasks.length === 0
              ? []
              : [
                  `${alert.tasks.length === 1 ? 'task' : 'tasks'} ${alert.tasks.slice(0, 4).join(', ')}${alert.tasks.length > 4 ? ', …' : ''}`,
                ]),
            `margin ${alert.margin.toFixed(2)}, threshold ${alert.threshold.toFixed(2)}`,
            `confidence ${alert.confidence.toFixed(2)}`,
            `planes ${planesOf(alert.planes)}`,
            `detector ${alert.detector}`,
            ...(alert.note === null ? [] : [alert.note]),
          ].map((text) => ({ text, style: paint.dim })),
          size.columns,
        )),
  ];
}

function marksOf({ learning, starter, replay }: AlertEntry) {
  return [
    ...(learning ? [{ text: 'still learning this agent' }] : []),
    ...(starter ? [{ text: 'starter bundle' }] : []),
    ...(replay ? [{ text: 'from a replay' }] : []),
  ];
}

function planesOf(planes: { readonly behaviour: boolean; readonly content: boolean; readonly authority: boolean }): string {
  const seen = Object.entries(planes).flatMap(([name, there]) => (there ? [name] : []));
  return seen.length === 0 ? 'none' : seen.join(', ');
}

function sectionsOf(state: State, detail: AlertDetail, paint: Paint): Section[] {
  const { columns } = state.size;
  const { alert, revisions } = detail;
  const threats = Object.entries(alert.threatProbabilities)
    .map(([name, probability]) => ({
      name: name.replaceAll('_', ' '),
      value: probability,
      text: probability === null ? 'no model' : `${(100 * probability).toFixed(0)} %`,
    }))
    .sort((a, b) => (b.value ?? -1) - (a.value ?? -1));
  return [
    { title: 'The calls that matter', lines: evidenceLines(detail, columns, paint) },
    {
      title: `Why (the margin starts at ${alert.baseValue.toFixed(2)}, and the window moves it)`,
      lines: reasonLines(alert.attributions, columns, paint),
    },
    {
      title: `Base scores (standard deviations from the training mean)${detail.parts === null ? '' : ' × weight = part of the margin'}`,
      lines: baseLines(detail, columns, paint),
    },
    { title: 'Which threat, if it is an attack', lines: barsOf(threats, columns) },
    { title: 'Revisions', lines: revisionLines(revisions, columns, paint) },
    { title: `${harmless(agentWords(alert))} before this window`, lines: historyLines(detail, columns, paint) },
    { title: 'Deploys near this window', lines: deployLines(detail, columns) },
    { title: 'All of this window', lines: windowLines(detail, columns, paint) },
    {
      title: 'Tags',
      lines: flow(
        alert.tags.map(({ framework, id, edition }) => ({ text: `${framework} ${id} (${edition})` })),
        columns,
        1,
      ),
    },
    {
      title: 'Correlation ids',
      lines:
        alert.correlationIds.length === 0
          ? [' none']
          : alert.correlationIds.flatMap((id) => wrapText(harmless(id), columns - 1).map((line) => ` ${line}`)),
    },
    { title: 'Model', lines: modelLines(detail, columns, paint) },
    { title: 'Commands', lines: commandLines(state, detail) },
  ];
}

function revisionLines(revisions: AlertDetail['revisions'], columns: number, paint: Paint): string[] {
  const lines = revisions.map((alert) => {
    const style = alert.decision === 'withdrawn' ? paint.dim : severityStyle(alert.severity, paint);
    return String(
      new Line(columns)
        .add(` ${alert.revision} ${alert.revision === 1 ? 'early' : 'final'}  `)
        .add(`${alert.decision}  ${alert.severity}`, style)
        .add(`  ${(100 * alert.probability).toFixed(0)} %  margin ${alert.margin.toFixed(2)}  ${threatWords(alert.threatType)}`),
    );
  });
  const [first] = revisions;
  if (revisions.length === 1 && first?.revision === 1) lines.push(' 2 final  to come when the window closes');
  if (revisions.length === 1 && first?.revision === 2)
    lines.push(
      ...wrapText('there was no early one: no look at the open window reached the threshold', columns - 1).map((line) => ` ${line}`),
    );
  return lines;
}

function deployLines({ deploys, search, remote }: AlertDetail, columns: number): string[] {
  if (remote) return [` ${OVER_HTTP}`];
  const found = deploys.map(({ timeMs, text }) => ` ${dayAndTime(timeMs)} ${harmless(text)}`);
  const none = `none in the ${whole(search.records)} records of the log around it`;
  return (found.length === 0 ? [` ${none}`] : found).map((line) => String(new Line(columns).add(line)));
}

function modelLines({ alert, bundleKept }: AlertDetail, columns: number, { red }: Paint): string[] {
  return [
    ...flow(
      [
        { text: `bundle ${alert.model.fingerprint.slice(0, 12)}` },
        { text: `features ${alert.model.featureSet}` },
        { text: `backend ${alert.model.backend}` },
      ],
      columns,
      1,
    ),
    ...(bundleKept
      ? []
      : wrapText('its bundle is missing from the data directory: explain and verify need it', columns - 1).map((line) => red(` ${line}`))),
  ];
}

/** Broken at blanks with a backslash where they are longer than the screen, so that what is copied can be run. */
function commandLines({ source, size }: State, { alert, remote }: AlertDetail): string[] {
  // Over HTTP nobody knows where the server keeps its data.
  const dir = remote ? 'var/' : quoted(source);
  const tenant = alert.tenant === 'default' ? [] : ['--tenant', quoted(alert.tenant)];
  const explain = [
    ['optikal', 'explain', alert.id, '--data-dir', dir],
    ['optikal', 'explain', '--agent', quoted(alert.agent), '--at', iso(alert.windowStartMs), ...tenant, '--data-dir', dir],
  ].flatMap((words) => brokenCommand(words, size.columns));
  const watch = ['optikal', 'watch', '--agent', quoted(alert.agent), ...(remote ? ['--url', quoted(source)] : ['--data-dir', dir])];
  return [...(remote ? [' on the machine of the server:'] : []), ...explain, ...brokenCommand(watch, size.columns)];
}

function brokenCommand(words: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  let line = ` ${words[0] ?? ''}`;
  for (const word of words.slice(1)) {
    if (line.length + word.length + 3 <= columns) line += ` ${word}`;
    else {
      lines.push(`${line} \\`);
      line = `   ${word}`;
    }
  }
  return [...lines, line];
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${harmless(word).replaceAll("'", "'\\''")}'`;
}
