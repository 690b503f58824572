/** The help: every key, every mark. */
import { SEVERITIES } from '@optikal/contracts';
import { ALERT_KEYS, EVERYWHERE_KEYS, type KeyHelp, LIST_KEYS } from './keys.ts';
import { fit, wrapText } from './text.ts';
import { STANDING_SHORT, STANDING_WORDS } from './words.ts';

const KEYS_WIDTH = 24;
const NARROW = 60;

export function helpLines(columns: number): string[] {
  return [
    ...section('Everywhere', EVERYWHERE_KEYS, columns),
    ...section('In the list', LIST_KEYS, columns),
    ...section('In an alert', ALERT_KEYS, columns),
    ...section('What an alert has become', standings(), columns),
    ...section('Filter', FILTER, columns),
    ...section('Marks', MARKS, columns).slice(0, -1),
  ];
}

const FILTER: readonly KeyHelp[] = [
  { keys: 'words', what: 'all of them in id, agent, threat or sentence' },
  { keys: 'agent: tenant:', what: 'agent: a part of its id; tenant: the whole' },
  { keys: 'threat:', what: 'a part of its name: threat:exfil' },
  { keys: 'severity:', what: `this and graver: ${SEVERITIES.join(', ')}` },
  { keys: 'since:', what: '30m, 6h, 2d behind the log clock, or 2026-01-05T14:02 (UTC)' },
];

const MARKS: readonly KeyHelp[] = [
  { keys: '> + -', what: 'the cursor; a folded group, an unfolded one' },
  { keys: '×3', what: 'alerts of this agent and threat' },
  { keys: 'learning, L', what: 'the agent is still judged mostly as its peers are' },
  { keys: 'starter, S', what: 'judged by the starter bundle' },
  { keys: 'replay, R', what: 'from a replay' },
  { keys: '<U+202E>', what: 'a character that would act on a terminal, spelled out' },
];

function standings(): KeyHelp[] {
  return (Object.keys(STANDING_WORDS) as (keyof typeof STANDING_WORDS)[]).map((standing) => ({
    keys: STANDING_SHORT[standing] === ' ' ? standing : `${standing}, ${STANDING_SHORT[standing]}`,
    what: STANDING_WORDS[standing],
  })); // its own keys
}

/** Narrow, the words stand below their keys. */
function section(title: string, entries: readonly KeyHelp[], columns: number): string[] {
  const lines = entries.flatMap(({ keys, what }) => {
    if (columns < NARROW) return [` ${keys}`, ...wrapText(what, columns - 4).map((line) => `    ${line}`)];
    const [first = '', ...more] = wrapText(what, columns - KEYS_WIDTH - 2);
    return [` ${fit(keys, KEYS_WIDTH)} ${first}`, ...more.map((line) => `${' '.repeat(KEYS_WIDTH + 2)}${line}`)];
  });
  return [title, ...lines, ''];
}
