/** Puts a goal into one of the wrappings, leaving out the families that resemble templates which a fit must not know. */
import type { Random } from '@optikal/ml';
import { type Goal, LANGUAGES } from './goals.ts';
import { capital, chance, pick, say, stopped } from './phrase.ts';
import { FORM_FAMILIES } from './wrappings-forms.ts';
import { type Family, SPEECH_FAMILIES } from './wrappings-table.ts';

export const FAMILIES: Readonly<Record<string, Family>> = { ...SPEECH_FAMILIES, ...FORM_FAMILIES };

export interface Wrapped {
  readonly family: string;
  readonly text: string;
}

/** Share of goals in other languages that stand in an English wrapping. */
const MIXED_SHARE = 0.3;
/** Frames in other languages: which of them a template's fit goes without. By their words, since they are few. */
const FRAME_FAMILIES: readonly (readonly [pattern: RegExp, family: string])[] = [
  [/ignor|forget|vergiss|oublie|olvida|negeer|забудь|忽略|忘记|無視|zapomnij|unut|تجاهل|भूल|잊으|ξέχασε|glöm/i, 'ignore_previous'],
  [/wichtig|important|重要|bevor|avant de|antes de|prima di|voordat|прежде|在继续之前|続ける前に|danach/i, 'important_message'],
];

/**
 * Whether a text whose `template` this is must stay out of a fit that knows none of `templates`: it holds one of them, or a family of wrappings
 * that resembles one.
 */
export function resembles(template: string | null, templates: readonly string[]): boolean {
  if (template === null) return false;
  return [template, ...(FAMILIES[template]?.resembles ?? [])].some((name) => templates.includes(name));
}

/** Families that a fit without these templates may use. */
export function familiesWithout(unseenTemplates: readonly string[]): readonly string[] {
  return Object.keys(FAMILIES).filter((family) => !resembles(family, unseenTemplates));
}

export function wrap(random: Random, goal: Goal, families: readonly string[]): Wrapped {
  if (goal.language !== 'en' && !chance(random, MIXED_SHARE)) return wrapForeign(random, goal, families);
  const family = drawFamily(random, families);
  const pattern = pick(random, FAMILIES[family].patterns);
  const text = say(random, pattern, {
    say: goal.language === 'en' ? goal.sentence : stopped(goal.clause),
    do: goal.clause,
  }).replaceAll('{Do}', () => stopped(capital(goal.clause)));
  return { family, text };
}

function wrapForeign(random: Random, goal: Goal, families: readonly string[]): Wrapped {
  const frames = LANGUAGES[goal.language].frames.filter((frame) => families.includes(familyOfFrame(frame)));
  const frame = pick(random, frames);
  return { family: familyOfFrame(frame), text: say(random, frame, { goal: goal.clause }) };
}

function familyOfFrame(frame: string): string {
  return FRAME_FAMILIES.find(([pattern]) => pattern.test(frame))?.[1] ?? 'bare';
}

function drawFamily(random: Random, families: readonly string[]): string {
  let total = 0;
  for (const name of families) total += FAMILIES[name].weight ?? 1;
  let rest = random.nextFloat() * total;
  for (const name of families) {
    rest -= FAMILIES[name].weight ?? 1;
    if (rest < 0) return name;
  }
  return families[families.length - 1];
}
