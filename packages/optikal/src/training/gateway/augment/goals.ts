/** Draws what an attacker wants, in one of many domains, languages and forms. */
import type { Random } from '@optikal/ml';
import { asCall, asSteps, formed } from './forms.ts';
import { ACTS } from './goals-acts.ts';
import { LANGUAGES } from './goals-languages.ts';
import { TALK } from './goals-talk.ts';
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

const ACT_NAMES = Object.keys(ACTS);
const TALK_NAMES = Object.keys(TALK);
const LANGUAGE_NAMES = Object.keys(LANGUAGES);
/** Attacks that need no tool are the hardest to see (BIPIA): a third of the English ones. */
const TALK_SHARE = 0.34;
const FOREIGN_SHARE = 0.1;
const CALL_SHARE = 0.04;
const STEPS_SHARE = 0.08;

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
  if (!chance(random, STEPS_SHARE)) {
    const plain = chance(random, 0.35);
    return { language: 'en', domain, clause, sentence: plain ? stopped(capital(clause)) : formed(random, clause) };
  }
  const clauses = [clause, ...Array.from({ length: 1 + random.nextInt(2) }, () => drawClause(random).clause)];
  return { language: 'en', domain, clause: clauses.join(', then '), sentence: asSteps(random, clauses) };
}

function drawClause(random: Random): { readonly domain: string; readonly clause: string } {
  const talk = chance(random, TALK_SHARE);
  const name = pick(random, talk ? TALK_NAMES : ACT_NAMES);
  return { domain: `${talk ? 'talk' : 'acts'}/${name}`, clause: say(random, pick(random, (talk ? TALK : ACTS)[name])) };
}
