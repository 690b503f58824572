/** The parts of an alert's page that are drawn: its calls, its reasons as signed bars, its history as a line of blocks. */
import type { AlertAttribution, EvidenceCall } from '@optikal/contracts';
import type { MarginPart } from '../../services/margin-parts.ts';
import type { AlertDetail } from '../../services/watch-alert.ts';
import type { WindowLine } from '../../services/watch-lines.ts';
import { attentionWords, partWords, signed, uncertaintyWords } from '../margin-words.ts';
import { labelOf, number, quantityOf } from '../quantity.ts';
import { plainFeature, reasonGroups } from '../reason-groups.ts';
import { flow, Line, type Paint, severityStyle } from './paint.ts';
import { fit, harmless, widthOf, wrapText } from './text.ts';
import { dayAndTime, SEVERITY_SHORT, second, threatWords, whole } from './words.ts';

type CallLine = Extract<WindowLine, { kind: 'call' }>;

const INDENT = 4;
const BAR = '█';
/** Of all that only a data directory has. */
export const OVER_HTTP = 'not known over HTTP';
const LEVELS = '▁▂▃▄▅▆▇█';

/** The calls that the alert names, as the log has them; what the alert says of them where the log does not. */
export function evidenceLines({ alert, lines }: AlertDetail, columns: number, paint: Paint): string[] {
  if (alert.evidence.length === 0) return [' none: the alert rests on the metrics of the window'];
  const logged = new Map(lines.flatMap((line) => (line.kind === 'call' ? [[line.call.callId, line] as const] : [])));
  return alert.evidence.flatMap((named) => {
    const line = logged.get(named.callId);
    if (line !== undefined) return loggedCall(line, named, columns, paint);
    return [
      callLine({ ...named, errorKind: null }, named.score, true, columns, paint),
      ...below(named.reasons.join('; '), columns, paint.dim),
    ];
  });
}

/** All of the window in event time; `*` = a call that the alert names. */
export function windowLines({ alert, lines, search, remote }: AlertDetail, columns: number, paint: Paint): string[] {
  if (remote) return [` the log is ${OVER_HTTP}`];
  const evidence = new Map(alert.evidence.map((call) => [call.callId, call]));
  const shown = lines.flatMap((line) =>
    line.kind === 'call'
      ? loggedCall(line, evidence.get(line.call.callId), columns, paint)
      : [String(new Line(columns).add(`   ${second(line.timeMs)} `).add(`${line.kind}: ${line.text}`, paint.dim))],
  );
  return [...shown, ...searchLines(search, shown.length > 0, columns, paint)];
}

/** A call, and below it what was read before, where its values came from, what was said of it. */
function loggedCall(line: CallLine, named: EvidenceCall | undefined, columns: number, paint: Paint): string[] {
  const { call, timeMs, effect } = line;
  const { turn, tool, ok, errorKind } = call;
  return [
    callLine({ timeMs, turn, tool, effect, ok, errorKind }, named?.score ?? null, named !== undefined, columns, paint),
    ...below((named?.reasons ?? []).join('; '), columns, String),
    ...below([...readBefore(line), ...argumentsOf(line)].join('; '), columns, paint.dim),
    ...line.gateway.flatMap((text) =>
      below(`gateway: ${text}`, columns, /^(block|redact|high|critical)/.test(text) ? paint.magenta : paint.dim),
    ),
    ...line.policy.flatMap((text) => below(`policy: ${text}`, columns, text.startsWith('permit') ? paint.dim : paint.magenta)),
  ];
}

function searchLines({ done, whole: all, records }: AlertDetail['search'], found: boolean, columns: number, paint: Paint): string[] {
  const say = (text: string) => wrapText(text, columns - 1).map((line) => paint.dim(` ${line}`));
  if (!done) return say(`reading the log near this window: ${whole(records)} records so far`);
  if (all) return found ? [] : say('nothing of this window is in the log near its time');
  return say(
    found
      ? `some calls that the alert names are not among the ${whole(records)} records of the log near its time`
      : `nothing of this window is among the ${whole(records)} records of the log near its time`,
  );
}

interface ShownCall {
  readonly timeMs: number;
  readonly turn: number | null;
  readonly tool: string;
  readonly effect: string;
  readonly ok: boolean;
  readonly errorKind: string | null;
}

function callLine(call: ShownCall, score: number | null, named: boolean, columns: number, paint: Paint): string {
  const tail = `${call.effect}${call.ok ? ', ok' : `, failed${call.errorKind === null ? '' : ` (${call.errorKind})`}`}${score === null ? '' : `, score ${score.toFixed(1)}`}`;
  const turn = call.turn === null ? '' : `turn ${call.turn}`;
  const head = new Line(columns).add(` ${named ? '*' : ' '} ${second(call.timeMs)} `);
  if (columns >= 60) head.add(fit(turn, 8)).add(' ');
  const toolWidth = Math.max(8, Math.min(32, columns - head.width - widthOf(harmless(tail)) - 1));
  return String(
    head
      .add(fit(harmless(call.tool), toolWidth), named ? paint.bold : String)
      .add(' ')
      .add(tail, call.ok ? String : paint.magenta),
  );
}

function below(text: string, columns: number, style: (text: string) => string): string[] {
  if (text === '') return [];
  return wrapText(harmless(text), columns - INDENT).map((line) => `${' '.repeat(INDENT)}${style(line)}`);
}

function readBefore({ readsBefore, bytesBefore }: CallLine): string[] {
  if (readsBefore === 0) return [];
  return [
    `read before: ${readsBefore} ${readsBefore === 1 ? 'output' : 'outputs'}${bytesBefore === 0 ? '' : `, ${number(bytesBefore)} bytes`}`,
  ];
}

/** Where the values of its arguments came from: counts, nothing of the content. null = not computed. */
function argumentsOf({ provenance }: CallLine): string[] {
  if (provenance === null) return [];
  const { valuesOut, valuesFlagged, destCount, destOut, destNew, wordsOutShare, requested } = provenance;
  const some = (count: number | null, words: string) => (count === null || count === 0 ? [] : [`${count} ${words}`]);
  const share = (value: number | null, words: string) => (value === null ? [] : [`${Math.round(100 * value)} % ${words}`]);
  const said = [
    ...some(valuesOut, 'from outputs'),
    ...some(valuesFlagged, 'from flagged outputs'),
    ...some(destCount, destCount === 1 ? 'destination' : 'destinations'),
    ...some(destOut, 'of them from outputs'),
    ...some(destNew, 'of them new to the agent'),
    ...share(wordsOutShare === 0 ? null : wordsOutShare, 'of the words from outputs'),
    ...share(requested, 'asked for'),
  ];
  return said.length === 0 ? [] : [`arguments: ${said.join(', ')}`];
}

/** Strongest first, those of the windows before apart; `+` speaks for an attack. Bars share one scale. */
export function reasonLines(attributions: readonly AlertAttribution[], columns: number, paint: Paint): string[] {
  const { present, before, missed, driven } = reasonGroups(attributions);
  const most = Math.max(0, ...[...present, ...before].map(({ contribution }) => Math.abs(contribution)));
  const say = (text: string) => wrapText(text, columns - 1).map((line) => ` ${line}`);
  const lines = (list: readonly AlertAttribution[]) => list.flatMap((line) => reasonLine(line, most, columns, paint));
  return [
    ...(driven ? [] : say('no driver found')),
    ...lines(present),
    ...(before.length === 0 ? [] : [...say('in the windows before:'), ...lines(before)]),
    ...(missed === null ? [] : say(`${signed(missed.contribution)} is missed by the attributions of the sequence`).map(paint.dim)),
  ];
}

function reasonLine(line: AlertAttribution, most: number, columns: number, paint: Paint): string[] {
  const { value, usual, unit, contribution, missing } = line;
  const feature = plainFeature(line.feature);
  const barWidth = columns >= 80 ? 16 : columns >= 60 ? 8 : 0;
  const style = contribution >= 0 ? paint.red : paint.green;
  const seen = missing || value === null ? 'not observed' : quantityOf(feature, value, unit);
  const text = `${labelOf(line)}: ${seen}${usual === null ? '' : ` (usually ${quantityOf(feature, usual, unit)})`}`;
  const head = new Line(columns)
    .add(` ${signed(contribution).padStart(6)} `, style)
    .add(fit(BAR.repeat(most === 0 ? 0 : Math.round((barWidth * Math.abs(contribution)) / most)), barWidth), style)
    .add(barWidth === 0 ? '' : ' ');
  const [first = '', ...more] = wrapText(harmless(text), columns - head.width);
  const indent = ' '.repeat(head.width);
  return [String(head.add(first)), ...more.map((rest) => `${indent}${rest}`)];
}

/** Each base's score, weight and part of the margin; its score alone where the bundle is not known. What the sequence model says beside it. */
export function baseLines({ alert, parts, sequenceTimes, remote }: AlertDetail, columns: number, paint: Paint): string[] {
  const bars = Object.entries(alert.baseScores).map(([name, value]) => ({ name, value, text: value === null ? 'n/a' : value.toFixed(2) }));
  const says = parts === null ? barsOf(bars, columns) : partLines(parts, columns, paint);
  const unknown =
    parts === null ? wrapText(`their weights are ${remote ? OVER_HTTP : 'in its bundle, which is missing'}`, columns - 1) : [];
  return [...says, ...unknown.map((line) => paint.dim(` ${line}`)), ...sequenceLines(alert, sequenceTimes, columns)];
}

function partLines(parts: readonly MarginPart[], columns: number, paint: Paint): string[] {
  const words = partWords(parts);
  const names = Math.min(24, Math.max(0, ...words.map(({ name }) => widthOf(harmless(name)))));
  return words.flatMap(({ name, score, says, counts }) => {
    const style = counts ? String : paint.dim;
    const head = new Line(columns).add(` ${fit(harmless(name), names)} ${score.padStart(6)} `, style);
    // What has no room beside the name stands below it.
    if (head.room >= widthOf(says)) return [String(head.add(says, style))];
    return [String(head).trimEnd(), ...wrapText(says, columns - INDENT).map((line) => `${' '.repeat(INDENT)}${style(line)}`)];
  });
}

function sequenceLines(
  { lstm_uncertainty: spread, attention }: AlertDetail['alert'],
  times: readonly number[] | null,
  columns: number,
): string[] {
  if (spread === null || attention === null || attention.length === 0) return [];
  return [
    ...wrapText(`${uncertaintyWords(spread)}; of the agent's last windows it looked at`, columns - 1).map((line) => ` ${line}`),
    ...flow(
      attentionWords(attention, times).map((text) => ({ text })),
      columns,
      INDENT,
    ),
  ];
}

export interface Bar {
  readonly name: string;
  /** null = there is none. */
  readonly value: number | null;
  readonly text: string;
}

/** Names, values and bars from zero; what is below zero has its sign and no bar. */
export function barsOf(bars: readonly Bar[], columns: number): string[] {
  const names = Math.min(24, Math.max(0, ...bars.map(({ name }) => widthOf(harmless(name)))));
  const most = Math.max(0, ...bars.map(({ value }) => value ?? 0));
  return bars.map(({ name, value, text }) => {
    const line = new Line(columns).add(` ${fit(harmless(name), names)} ${text.padStart(8)} `);
    const room = Math.min(30, line.room);
    return String(line.add(value === null || most === 0 ? '' : BAR.repeat(Math.max(0, Math.round((room * value) / most))))).trimEnd();
  });
}

/** Margins of the scored windows, newest at the right: the upper half of the blocks is at or above the threshold of its time. */
export function historyLines({ windows, earlier, alert, remote }: AlertDetail, columns: number, paint: Paint): string[] {
  const shown = windows.slice(-Math.max(1, columns - 2));
  const distances = shown.map(({ margin, threshold }) => margin - threshold);
  const span = Math.max(1e-9, ...distances.map(Math.abs));
  const blocks = distances.map(
    (distance) =>
      LEVELS[distance >= 0 ? 4 + Math.min(3, Math.floor((4 * distance) / span)) : Math.max(0, 3 - Math.floor((-4 * distance) / span))],
  );
  const marks = shown.map(({ alerted }) => (alerted ? '^' : ' ')).join('');
  const first = shown[0];
  if (remote) return [` its scored windows are ${OVER_HTTP}`, ...earlierLines(earlier, columns, paint)];
  if (first === undefined) return [' no scored window is kept: its archive has expired'];
  const margins = shown.map(({ margin }) => margin);
  const range =
    shown.length === 1
      ? 'this is its first scored window'
      : `${whole(shown.length)} scored windows from ${dayAndTime(first.startMs)} on, this one at the right; margins ${Math.min(...margins).toFixed(2)} to ${Math.max(...margins).toFixed(2)}`;
  const legend = `${range}; ▅ and higher: at or above the threshold ${shown.at(-1)!.threshold.toFixed(2)}; ^ alerted`; // there is a first one
  return [
    ` ${blocks.join('')}`,
    ` ${marks}`.trimEnd(),
    ...wrapText(legend, columns - 1).map((line) => paint.dim(` ${line}`)),
    ...(earlier.length === 0 ? [' no earlier alert in its scored windows'] : earlierLines(earlier, columns, paint)),
    ...(alert.phase === 'learning' ? wrapText('it is still judged mostly as its peers are', columns - 1).map((line) => ` ${line}`) : []),
  ];
}

function earlierLines(earlier: AlertDetail['earlier'], columns: number, paint: Paint): string[] {
  return earlier.map((entry) =>
    String(
      new Line(columns)
        .add(` ${dayAndTime(entry.windowStartMs)} `)
        .add(fit(SEVERITY_SHORT[entry.severity], 5), severityStyle(entry.severity, paint))
        .add(`${Math.round(100 * entry.probability)} % ${threatWords(entry.threat)}${entry.decision === 'withdrawn' ? ', withdrawn' : ''}`),
    ),
  );
}
