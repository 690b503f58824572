/** Harmless texts: lines addressed to people, to be spliced, and whole documents that look like attacks and are none. */
import type { Random } from '@optikal/ml';
import { ASKED_KINDS } from './benign-asked.ts';
import { garbage } from './benign-garbage.ts';
import { PROSE_KINDS } from './benign-kinds.ts';
import { WIDE_HARMLESS } from './benign-languages.ts';
import { HUMAN_FRAMES, HUMAN_LINES } from './benign-lines.ts';
import { MODEL_KINDS } from './benign-models.ts';
import { PAGE_KINDS } from './benign-pages.ts';
import { PEOPLE_KINDS } from './benign-people.ts';
import { PROSE_LINES } from './benign-prose.ts';
import { quotingText } from './benign-quoted.ts';
import { TECHNICAL_KINDS } from './benign-technical.ts';
import { REQUEST_FRAMES, TOLD_FRAMES } from './benign-told.ts';
import { workChat, workMail } from './benign-work.ts';
import { drawClause, drawTask, LANGUAGES } from './goals.ts';
import { capital, chance, pick, say } from './phrase.ts';

export interface BenignText {
  readonly kind: string;
  readonly direction: 'input' | 'tool_output' | 'output';
  readonly text: string;
}

export const BENIGN_KINDS = { ...PROSE_KINDS, ...TECHNICAL_KINDS, ...PAGE_KINDS, ...PEOPLE_KINDS, ...MODEL_KINDS, ...ASKED_KINDS };
/** Kinds that have many forms of their own stand there more often. */
const KIND_NAMES = [...Object.keys(BENIGN_KINDS), ...Object.keys(PEOPLE_KINDS), ...Object.keys(PEOPLE_KINDS), ...Object.keys(MODEL_KINDS)];
const LANGUAGE_NAMES = Object.keys(LANGUAGES);
/** Sentences from people to people, by language. */
const FOREIGN_LINES = Object.fromEntries(
  LANGUAGE_NAMES.map((name) => [name, [...LANGUAGES[name].harmless, ...(WIDE_HARMLESS[name] ?? [])]]),
);
const GARBAGE_SHARE = 0.07;
const FOREIGN_SHARE = 0.22;
const REQUEST_SHARE = 0.07;
/** Of the rest. */
const QUOTED_SHARE = 0.03;
/** Of work that people ask for, what is asked in a chat. */
const CHAT_SHARE = 0.5;
const WORK_SHARE = 0.08;
const PROSE_SHARE = 0.12;
/** Of the lines of a kind, so many are ordinary prose: trigger words are as rare in real pages. */
const DILUTION = 0.35;

/** A sentence from a person to a person, perhaps in a form that attacks have too. */
export function humanBlock(random: Random): string {
  if (chance(random, FOREIGN_SHARE)) return say(random, pick(random, FOREIGN_LINES[pick(random, LANGUAGE_NAMES)]));
  let frame = pick(random, HUMAN_FRAMES);
  // Each line of a frame is a draw of its own.
  while (frame.includes('{line}')) frame = frame.replace('{line}', () => anyLine(random));
  return say(random, frame);
}

export function benignText(random: Random): BenignText {
  if (chance(random, GARBAGE_SHARE)) return { ...garbage(random), direction: 'tool_output' };
  if (chance(random, FOREIGN_SHARE)) return foreignText(random);
  if (chance(random, REQUEST_SHARE)) return { kind: 'request', direction: 'input', text: told(random, pick(random, REQUEST_FRAMES)) };
  if (chance(random, QUOTED_SHARE)) return { kind: 'quoted', direction: 'tool_output', text: quotingText(random, anyLine) };
  if (chance(random, WORK_SHARE))
    return {
      kind: 'asked_mail',
      direction: 'tool_output',
      text: chance(random, CHAT_SHARE) ? workChat(random, anyLine) : workMail(random),
    };
  if (chance(random, PROSE_SHARE)) return proseText(random);
  const kind = pick(random, KIND_NAMES);
  const { direction, heads, lines, gap, min, max } = BENIGN_KINDS[kind];
  const own = random.shuffle([...lines]).slice(0, min + random.nextInt(max - min + 1));
  const dilution = direction === 'input' || gap === '\n' ? DILUTION / 3 : DILUTION;
  const parts = own.map((line) => (chance(random, dilution) ? anyLine(random) : filled(random, line)));
  return { kind, direction, text: say(random, pick(random, heads)) + parts.join(gap) };
}

function filled(random: Random, line: string): string {
  const task = drawTask(random);
  return say(random, line, { line: anyLine(random), do: task }).replaceAll('{Do}', () => capital(task));
}

function proseText(random: Random): BenignText {
  const parts = Array.from({ length: 1 + random.nextInt(6) }, () => anyLine(random));
  return {
    kind: 'prose',
    direction: chance(random, 0.1) ? 'output' : 'tool_output',
    text: parts.join(pick(random, [' ', ' ', '\n', '\n\n'])),
  };
}

function foreignText(random: Random): BenignText {
  const language = pick(random, LANGUAGE_NAMES);
  const lines = random.shuffle([...FOREIGN_LINES[language]]).slice(0, 1 + random.nextInt(4));
  return {
    kind: `mail_${language}`,
    direction: 'tool_output',
    text: lines.map((line) => say(random, line)).join(chance(random, 0.5) ? ' ' : '\n'),
  };
}

function anyLine(random: Random): string {
  const kind = random.nextFloat();
  if (kind < 0.4) return say(random, pick(random, PROSE_LINES));
  return kind < 0.65 ? told(random, pick(random, TOLD_FRAMES)) : humanLine(random);
}

function humanLine(random: Random): string {
  return say(random, pick(random, HUMAN_LINES));
}

/** A frame around what an attacker may want. */
function told(random: Random, frame: string): string {
  const clause = drawClause(random).clause;
  return say(random, frame, { do: clause }).replaceAll('{Do}', () => capital(clause));
}
