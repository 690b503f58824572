/** The list without a screen: for pipes, files and machines. */
import type { WatchStatus } from '../../services/watch.ts';
import { type Group, type Item, standingOf } from './alerts.ts';
import { HELD_ALERTS } from './state.ts';
import { harmless } from './text.ts';
import { agentWords, iso, threatWords, whole } from './words.ts';

/** A group as one line; newest first, as on the screen. */
export function plainLine({ items, shown, gravest }: Group): string {
  const { entry } = shown;
  const marks = [
    standingOf(shown),
    ...(entry.learning ? ['learning'] : []),
    ...(entry.starter ? ['starter'] : []),
    ...(entry.replay ? ['replay'] : []),
  ];
  return [
    iso(entry.windowStartMs).replace('.000', ''),
    gravest.severity,
    `${Math.round(100 * gravest.probability)} %`,
    agentWords(entry),
    threatWords(entry.threat),
    `×${items.length}`,
    marks.join(', '),
    entry.sentence,
    entry.id,
  ]
    .map(harmless)
    .join('  ');
}

/** One alert for machines: exact values, texts as they are (JSON spells what would act on a terminal below U+0020 only). */
export function jsonLine(item: Item): string {
  const { paired: _paired, ...entry } = item.entry;
  return spelled(JSON.stringify({ ...entry, standing: standingOf(item) }));
}

/** JSON may spell any character, so what would act on a terminal is spelled here too: the same value to whoever parses it. */
function spelled(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function statusLine(status: WatchStatus, held: number): string {
  const { alerts, writer, lag, lastCommitMs, model } = status;
  const known = (value: number | null) => whole(value ?? 0); // in a data directory all are known
  const counted = `${whole(held)}${held >= HELD_ALERTS ? ' newest' : ''} alerts (of all: critical ${alerts.critical}, high ${alerts.high}, medium ${alerts.medium}, low ${alerts.low}; withdrawn ${alerts.withdrawn})`;
  if (status.remote) return `${counted}; all else is not known over HTTP`;
  return [
    counted,
    `writer ${writer?.words ?? 'not known'}`,
    ...(lastCommitMs === null ? [] : [`last commit ${iso(lastCommitMs)}`]),
    `lag ${known(lag)}`,
    `${known(status.records)} records`,
    `${known(status.agents)} agents`,
    `dead letters ${known(status.deadLetters)}`,
    `late ${known(status.late)}`,
    model === null ? 'no model in force' : `model ${model.fingerprint.slice(0, 12)}${model.kept ? '' : ' (its bundle is missing)'}`,
  ].join('; ');
}
