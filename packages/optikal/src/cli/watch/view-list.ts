/** The list: counters on top, one line a group or alert, the sentence of the one under the cursor, the keys. */
import { SEVERITIES } from '@optikal/contracts';
import type { ModelInForce, WatchStatus } from '../../services/watch.ts';
import { type Item, standingOf } from './alerts.ts';
import { type Column, columnsOf, heightsOf, MARGIN } from './layout.ts';
import { entryOfRow, selectedRow } from './list.ts';
import { type Field, Line, type Paint, pack, paintFor, severityStyle } from './paint.ts';
import type { Row, State } from './state.ts';
import { fit, harmless, wrapText } from './text.ts';
import { agentWords, dayAndTime, iso, minute, SEVERITY_SHORT, STANDING_SHORT, second, threatWords, whole } from './words.ts';

const TITLES: Readonly<Record<Column['name'], string>> = {
  time: 'TIME UTC',
  severity: 'SEVERITY',
  probability: 'ATTACK',
  agent: 'AGENT',
  threat: 'THREAT',
  count: 'TIMES',
  standing: 'IS',
  what: 'WHAT',
};
const KEYS: readonly string[] = ['j/k move', 'Enter open', '/ filter', '? help', 'q quit', 'f follow', 'n newest', 'Tab unfold', 's sort'];
const SHORT_BELOW = 60;

export function listLines(state: State): string[] {
  const { size, list } = state;
  const paint = paintFor(state.colors);
  const heights = heightsOf(size);
  const columns = columnsOf(size.columns);
  const shown = list.rows.slice(list.top, list.top + heights.list);
  const body = shown.length > 0 ? shown.map((row) => rowLine(state, row, columns, paint)) : emptyLines(state);
  return [
    ...statusLines(state, heights.status, paint),
    ...(heights.titles === 1 ? [paint.dim(titleLine(columns, size.columns))] : []),
    ...Array.from({ length: heights.list }, (_, i) => body[i] ?? ''),
    ...previewLines(state, heights.preview),
    footerLine(state, paint),
  ];
}

function statusLines(state: State, count: number, paint: Paint): string[] {
  const lines = Array.from({ length: count }, () => new Line(state.size.columns));
  const narrow = state.size.columns < SHORT_BELOW;
  lines[0]!.add(narrow ? harmless(state.source) : `optikal watch ${harmless(state.source)}`, paint.bold); // there is one line at least
  const fields = state.status === null ? [] : statusFields(state, state.status, narrow, paint);
  pack(state.problem === null ? fields : [{ text: state.problem, style: paint.red }, ...fields], lines);
  return lines.map(String);
}

/** The weightiest first: what has no room is left out from the end. */
function statusFields({ filter, list }: State, status: WatchStatus, narrow: boolean, paint: Paint): Field[] {
  const { alerts, remote } = status;
  const bySeverity = SEVERITIES.toReversed().map((severity) => ({
    text: `${narrow ? SEVERITY_SHORT[severity] : severity} ${whole(alerts[severity])}`,
    style: alerts[severity] === 0 ? paint.dim : severityStyle(severity, paint),
  }));
  const looking = list.complete ? '' : ' so far';
  return [
    ...bySeverity,
    ...(filter.text === '' ? [] : [{ text: `filter ${filter.text}: ${whole(list.items.size)}${looking}`, style: paint.bold }]),
    ...(alerts.uncounted === 0 ? [] : [{ text: `counting, ${whole(alerts.uncounted)} left` }]),
    ...(remote ? [{ text: `withdrawn ${whole(alerts.withdrawn)}` }, { text: UNKNOWN_OVER_HTTP }] : directoryFields(status, paint)),
  ];
}

const UNKNOWN_OVER_HTTP = 'not known over HTTP: lag, events/s, records, agents, late, dead letters, model, writer';

/** What only the data directory knows. */
function directoryFields(
  { alerts, writer, model, lag, lastCommitMs, eventsPerSecond, clockMs, ...status }: WatchStatus,
  paint: Paint,
): Field[] {
  const says = (name: string, value: number | null) => (value === null ? [] : [{ text: `${name} ${whole(value)}` }]);
  return [
    writer === null ? { text: 'writer not known' } : { text: `writer ${writer.words}`, ...(writer.running ? {} : { style: paint.bold }) },
    ...says('lag', lag).map((field) => (lag === 0 ? field : { ...field, style: paint.bold })),
    ...(lastCommitMs === null ? [] : [{ text: `last commit ${iso(lastCommitMs).slice(0, 10)} ${second(lastCommitMs)}` }]),
    ...(eventsPerSecond === null ? [] : [{ text: `${rate(eventsPerSecond)} events/s` }]),
    ...says('withdrawn', alerts.withdrawn),
    ...says('dead letters', status.deadLetters),
    ...says('late', status.late),
    ...says('open windows', status.openWindows),
    ...says('agents', status.agents),
    ...says('records', status.records),
    ...(model === null ? [{ text: 'no model in force' }] : [modelField(model, paint)]),
    ...(clockMs === null ? [] : [{ text: `log clock ${dayAndTime(clockMs)}${second(clockMs).slice(5)}` }]),
  ];
}

function modelField({ fingerprint, threshold, kept }: ModelInForce, { red }: Paint): Field {
  const text = `model ${fingerprint.slice(0, 12)}${threshold === null ? '' : ` at ${threshold.toFixed(2)}`}`;
  return kept ? { text } : { text: `${text} (its bundle is missing)`, style: red };
}

function rate(perSecond: number): string {
  return perSecond === 0 || perSecond >= 10 ? whole(Math.round(perSecond)) : perSecond.toFixed(1);
}

function titleLine(columns: readonly Column[], width: number): string {
  const line = new Line(width).to(MARGIN);
  for (const { name, width: own } of columns) line.add(fit(TITLES[name], own, alignOf(name))).add(line.room > 0 ? ' ' : '');
  return String(line).trimEnd();
}

function rowLine({ list, size, colors }: State, row: Row, columns: readonly Column[], paint: Paint): string {
  const group = list.groups.get(row.group)!; // rows are of groups
  const selected = row.id === list.selected;
  const fold = row.alert !== null ? ' ' : group.items.length < 2 ? ' ' : list.expanded.has(row.group) ? '-' : '+';
  const line = new Line(size.columns).add(`${selected ? '>' : ' '}${fold} `);
  const entry = entryOfRow(list, row);
  const item = list.items.get(entry.id)!; // what a row shows is held
  const gravest = row.alert === null ? group.gravest : entry;
  const withdrawn = entry.decision === 'withdrawn';
  for (const { name, width } of columns) {
    const text = cellText(
      name,
      width,
      item,
      row.alert === null ? { severity: gravest.severity, probability: gravest.probability, count: group.items.length } : null,
    );
    const style = selected ? String : withdrawn ? paint.dim : name === 'severity' ? severityStyle(gravest.severity, paint) : String;
    line.add(fit(harmless(text), width, alignOf(name)), style).add(line.room > 0 ? ' ' : '');
  }
  const text = String(line).trimEnd();
  return selected && colors ? paint.inverse(String(new Line(size.columns).add(text).to(size.columns))) : text;
}

interface Whole {
  readonly severity: Item['entry']['severity'];
  readonly probability: number;
  readonly count: number;
}

/** `group` null = one alert of a group that is unfolded. */
function cellText(name: Column['name'], width: number, item: Item, group: Whole | null): string {
  const { entry } = item;
  switch (name) {
    case 'time':
      return width < 11 ? minute(entry.windowStartMs) : dayAndTime(entry.windowStartMs);
    case 'severity':
      return width < 8 ? SEVERITY_SHORT[group?.severity ?? entry.severity] : (group?.severity ?? entry.severity);
    case 'probability':
      return percentOf(group?.probability ?? entry.probability);
    case 'agent':
      return group === null ? `  ${agentWords(entry)}` : agentWords(entry);
    case 'threat':
      return threatWords(entry.threat);
    case 'count':
      return group === null || group.count === 1 ? '' : `×${whole(group.count)}`;
    case 'standing': {
      const letters = `${entry.learning ? 'L' : ''}${entry.starter ? 'S' : ''}${entry.replay ? 'R' : ''}`;
      const standing = standingOf(item);
      return width < 9 ? `${STANDING_SHORT[standing]}${letters.slice(0, 1)}` : `${standing}${letters === '' ? '' : ` ${letters}`}`;
    }
    case 'what':
      return entry.sentence;
  }
}

const alignOf = (name: Column['name']) => (name === 'probability' ? 'right' : 'left');

/** Whole percents: a list is read at a glance, the page has the digits. */
function percentOf(share: number): string {
  const percent = Math.round(100 * share);
  return percent === 100 && share < 1 ? '>99 %' : percent === 0 && share > 0 ? '<1 %' : `${percent} %`;
}

function emptyLines({ list, filter, status, problem, size }: State): string[] {
  const going = !list.complete;
  const text =
    status === null
      ? (problem ?? 'reading …')
      : going
        ? `looking for alerts: ${whole(list.looked)} looked at`
        : filter.text === ''
          ? 'no alerts'
          : `no alert matches ${filter.text} (${whole(list.looked)} looked at); Esc clears the filter`;
  return ['', ...wrapText(harmless(text), size.columns - 4).map((line) => `  ${line}`)];
}

function previewLines({ list, size }: State, count: number): string[] {
  if (count === 0) return [];
  const row = selectedRow(list);
  const lines = row === null ? [] : wrapText(harmless(entryOfRow(list, row).sentence), size.columns - 2);
  const shown = lines
    .slice(0, count)
    .map((line, i) => (i === count - 1 && lines.length > count ? `${fit(line, size.columns - 3).trimEnd()}…` : line));
  return Array.from({ length: count }, (_, i) => (shown[i] === undefined ? '' : ` ${shown[i]}`));
}

function footerLine({ prompt, notice, list, size }: State, paint: Paint): string {
  const line = new Line(size.columns);
  if (prompt !== null)
    return String(line.add(`/${prompt.slice(-(size.columns - 3))}_`, paint.bold).add(notice === null ? '' : `  ${notice}`, paint.red));
  const at = list.rows.findIndex(({ id }) => id === list.selected);
  const place = `${at < 0 ? '' : `${whole(at + 1)}/`}${whole(list.rows.length)}${list.complete ? '' : '+'}`;
  const mode = list.unseen > 0 ? `${whole(list.unseen)} new: n` : list.follow ? 'following' : 'holding';
  const right = ` ${mode} ${place}`;
  const left = new Line(size.columns - right.length);
  if (notice === null)
    pack(
      KEYS.map((text) => ({ text, style: paint.dim })),
      [left],
    );
  else left.add(notice, paint.bold);
  return `${String(left.to(size.columns - right.length))}${list.unseen > 0 ? paint.bold(right) : right}`;
}
