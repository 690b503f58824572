/** Draws what an attacker wants, in one of many domains, languages and forms. */
import type { Random } from '@optikal/ml';
import { asCall, asSteps, formed } from './forms.ts';
import { ACTS as FIRST_ACTS } from './goals-acts.ts';
import { MORE_ACTS, MORE_TALK } from './goals-acts-more.ts';
import { WIDE_ACTS } from './goals-acts-wide.ts';
import { DECLARED } from './goals-declared.ts';
import { AFTER, BEFORE } from './goals-details.ts';
import { INPUT_FOREIGN, INPUT_FRAMES, INPUT_GOALS } from './goals-input.ts';
import { LANGUAGES as COMMON_LANGUAGES, type LanguageText } from './goals-languages.ts';
import { MORE_LANGUAGES } from './goals-languages-more.ts';
import { OTHER_LANGUAGES } from './goals-languages-other.ts';
import { WIDE_LANGUAGES } from './goals-languages-wide.ts';
import { TALK as FIRST_TALK } from './goals-talk.ts';
import { capital, chance, pick, say, stopped } from './phrase.ts';

export interface Goal {
  /** `en` or a key of LANGUAGES. */
  readonly language: string;
  /** `acts/money`, `talk/form`, `call`, `de`, …: the draw's category. */
  readonly domain: string;
  /** In the imperative, without a stop; in other languages a sentence without its stop. */
  readonly clause: string;
  /** In one of many syntactic forms; may have several lines. */
  readonly sentence: string;
}

export const ACTS = { ...FIRST_ACTS, ...WIDE_ACTS, ...MORE_ACTS };
export const TALK = { ...FIRST_TALK, ...MORE_TALK };
export const LANGUAGES: Readonly<Record<string, LanguageText>> = Object.fromEntries(
  Object.entries({ ...COMMON_LANGUAGES, ...MORE_LANGUAGES, ...OTHER_LANGUAGES }).map(([name, { goals, frames, harmless }]) => {
    const more = WIDE_LANGUAGES[name];
    return [name, { goals: [...goals, ...(more?.goals ?? [])], frames: [...frames, ...(more?.frames ?? [])], harmless }];
  }),
);
const ACT_NAMES = Object.keys(ACTS);
const TALK_NAMES = Object.keys(TALK);
const LANGUAGE_NAMES = Object.keys(LANGUAGES);
/** Attacks that need no tool are the hardest to see (BIPIA): a third of the English ones. */
const TALK_SHARE = 0.34;
const FOREIGN_SHARE = 0.18;
const CALL_SHARE = 0.04;
const STEPS_SHARE = 0.07;
const DECLARED_SHARE = 0.12;
/** Of the sentences in English, with one more behind or before. */
const AFTER_SHARE = 0.12;
const BEFORE_SHARE = 0.05;
const FOREIGN_INPUT_SHARE = 0.15;
const OVERRIDE = /ignore|forget|disregard|vergiss|oublie|olvida|esqueça|忘记|забудь/i;

export function drawGoal(random: Random): Goal {
  if (chance(random, FOREIGN_SHARE)) {
    const language = pick(random, LANGUAGE_NAMES);
    const clause = say(random, pick(random, LANGUAGES[language].goals));
    return { language, domain: language, clause, sentence: clause };
  }
  if (chance(random, CALL_SHARE)) {
    const call = asCall(random);
    return { language: 'en', domain: 'call', clause: `execute ${call}`, sentence: call };
  }
  const { domain, clause } = drawClause(random);
  if (chance(random, DECLARED_SHARE)) {
    const declared = say(random, pick(random, DECLARED), { do: clause });
    return { language: 'en', domain: 'declared', clause: `note that ${declared}`, sentence: stopped(capital(declared)) };
  }
  if (!chance(random, STEPS_SHARE)) {
    const plain = chance(random, 0.35);
    return { language: 'en', domain, clause, sentence: detailed(random, plain ? stopped(capital(clause)) : formed(random, clause)) };
  }
  const clauses = [clause, ...Array.from({ length: 1 + random.nextInt(2) }, () => drawClause(random).clause)];
  return { language: 'en', domain, clause: clauses.join(', then '), sentence: asSteps(random, clauses) };
}

function detailed(random: Random, sentence: string): string {
  let text = sentence;
  if (chance(random, AFTER_SHARE)) text = `${stopped(text)} ${say(random, pick(random, AFTER), { do: drawClause(random).clause })}`;
  if (chance(random, BEFORE_SHARE)) text = `${say(random, pick(random, BEFORE))} ${text}`;
  return text;
}

/** What a user types to get at an assistant's instructions or at others' data, with whether it wants what was said before to be ignored. */
export function drawInputAttack(random: Random): { readonly text: string; readonly overrides: boolean } {
  if (chance(random, FOREIGN_INPUT_SHARE)) {
    const text = say(random, pick(random, INPUT_FOREIGN));
    return { text, overrides: OVERRIDE.test(text) };
  }
  const frame = pick(random, INPUT_FRAMES);
  let text = frame;
  while (text.includes('{ask}')) text = text.replace('{ask}', () => asked(random, say(random, pick(random, INPUT_GOALS))));
  text = say(random, text);
  return { text, overrides: OVERRIDE.test(frame) };
}

function asked(random: Random, clause: string): string {
  if (/^(what|which|is|does|did)\b/.test(clause)) return `${capital(clause)}?`;
  const polite = pick(random, ['', '', '', 'please ', 'could you ', 'I need you to ', 'can you ']);
  return capital(`${polite}${clause}${/^c|ould/.test(polite) ? '?' : '.'}`);
}

/** A task that needs no tool, as exercises and prompts have them. */
export function drawTask(random: Random): string {
  return say(random, pick(random, TALK[pick(random, TALK_NAMES)]));
}

export function drawClause(random: Random): { readonly domain: string; readonly clause: string } {
  const talk = chance(random, TALK_SHARE);
  const name = pick(random, talk ? TALK_NAMES : ACT_NAMES);
  return { domain: `${talk ? 'talk' : 'acts'}/${name}`, clause: say(random, pick(random, (talk ? TALK : ACTS)[name])) };
}
