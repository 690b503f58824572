/** Harmless texts: lines addressed to people, to be spliced, and whole documents that look like attacks and are none. */
import type { Random } from '@optikal/ml';
import { PROSE_KINDS } from './benign-kinds.ts';
import { HUMAN_FRAMES, HUMAN_LINES } from './benign-lines.ts';
import { TECHNICAL_KINDS } from './benign-technical.ts';
import { LANGUAGES } from './goals-languages.ts';
import { chance, pick, say } from './phrase.ts';

export interface BenignText {
  readonly kind: string;
  readonly direction: 'input' | 'tool_output' | 'output';
  readonly text: string;
}

export const BENIGN_KINDS = { ...PROSE_KINDS, ...TECHNICAL_KINDS };
const KIND_NAMES = Object.keys(BENIGN_KINDS);
const LANGUAGE_NAMES = Object.keys(LANGUAGES);
const FOREIGN_SHARE = 0.12;

/** A sentence from a person to a person, perhaps in a form that attacks have too. */
export function humanBlock(random: Random): string {
  if (chance(random, FOREIGN_SHARE)) return say(random, pick(random, LANGUAGES[pick(random, LANGUAGE_NAMES)].harmless));
  let frame = pick(random, HUMAN_FRAMES);
  // Each line of a frame is a draw of its own.
  while (frame.includes('{line}')) frame = frame.replace('{line}', () => humanLine(random));
  return say(random, frame);
}

export function benignText(random: Random): BenignText {
  if (chance(random, FOREIGN_SHARE)) return foreignText(random);
  const kind = pick(random, KIND_NAMES);
  const { direction, heads, lines, gap, min, max } = BENIGN_KINDS[kind];
  const count = min + random.nextInt(max - min + 1);
  const parts = Array.from({ length: count }, () => say(random, pick(random, lines), { line: humanLine(random) }));
  return { kind, direction, text: say(random, pick(random, heads)) + parts.join(gap) };
}

function foreignText(random: Random): BenignText {
  const language = pick(random, LANGUAGE_NAMES);
  const lines = LANGUAGES[language].harmless;
  const count = 1 + random.nextInt(4);
  const text = Array.from({ length: count }, () => say(random, pick(random, lines))).join(chance(random, 0.5) ? ' ' : '\n');
  return { kind: `mail_${language}`, direction: 'tool_output', text };
}

function humanLine(random: Random): string {
  return say(random, pick(random, HUMAN_LINES));
}
