/** Puts a goal into one of the wrappings, leaving out the families that resemble templates which a fit must not know. */
import type { Random } from '@optikal/ml';
import { type Goal, LANGUAGES } from './goals.ts';
import { capital, chance, pick, say, stopped } from './phrase.ts';
import { FORM_FAMILIES } from './wrappings-forms.ts';
import { type Family, SPEECH_FAMILIES } from './wrappings-table.ts';
import { VOICE_FAMILIES } from './wrappings-wide.ts';

export const FAMILIES: Readonly<Record<string, Family>> = { ...SPEECH_FAMILIES, ...FORM_FAMILIES, ...VOICE_FAMILIES };

export interface Wrapped {
  readonly family: string;
  readonly text: string;
}

/** Share of goals in other languages that stand in an English wrapping. */
const MIXED_SHARE = 0.3;
/** Share of attacks whose words are spread over lines. */
const SPREAD_SHARE = 0.04;
/** Frames in other languages: which of them a template's fit goes without. By their words, since they are few. */
const FRAME_FAMILIES: readonly (readonly [pattern: RegExp, family: string])[] = [
  [
    /ignor|forget|vergiss|oublie|olvida|negeer|забудь|忽略|忘记|無視|dimentica|esqueça|zapomnij|unut|تجاهل|भूल|잊으|ξέχασε|glöm/i,
    'ignore_previous',
  ],
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
  const wrapped = whole(random, goal, families);
  return chance(random, SPREAD_SHARE) ? { ...wrapped, text: spread(random, wrapped.text) } : wrapped;
}

/** Each line a few words, some with a mark before them. */
function spread(random: Random, text: string): string {
  const mark = pick(random, ['', '', '- ', '> ', '* ', '# ']);
  const most = 2 + random.nextInt(4);
  let left = 1;
  return text.replace(/\s+/g, (blank) => {
    if (--left > 0) return blank;
    left = 1 + random.nextInt(most);
    return `\n${mark}`;
  });
}

function whole(random: Random, goal: Goal, families: readonly string[]): Wrapped {
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
