/**
 * Training texts for the gateway's detector that nobody has to collect: attackers' goals in many forms and wrappings, spliced into real clean
 * pages, and harmless texts spliced the same way or standing alone. A detector that learns from them lives on no single template.
 */
import { createHash } from 'node:crypto';
import { createRandom, type Random } from '@optikal/ml';
import type { LabelledText } from '../texts.ts';
import { benignText, humanBlock } from './benign.ts';
import { drawGoal, drawInputAttack } from './goals.ts';
import { chance, pick } from './phrase.ts';
import { splice } from './splice.ts';
import { familiesWithout, wrap } from './wrappings.ts';

export interface AugmentOptions {
  readonly seed: string;
  /** Attacks to make, 0 to 1,000,000. */
  readonly count: number;
  /** Harmless texts to make, 0 to 1,000,000: half of them spliced into pages, half on their own. */
  readonly benignCount: number;
  /** Templates that the result must not resemble: AgentDojo's names or families of wrappings-table.ts; others change nothing. Default none. */
  readonly unseenTemplates?: readonly string[];
}

/** Share of attacks that stand alone, without a page. */
const LONE_SHARE = 0.15;
/** Share of attacks that a user types. */
const INPUT_SHARE = 0.08;
const SPLICED_BENIGN_SHARE = 0.5;
/** Of these, a whole harmless text instead of a line to a person. */
const SPLICED_TEXT_SHARE = 0.4;
/** Of the page around a harmless block: the rest of it is learnt from as it was recorded. */
const BENIGN_CONTEXT = 350;
const MAX_COUNT = 1_000_000;
const KNOWN = new Set(['seed', 'count', 'benignCount', 'unseenTemplates']);

/**
 * `count` attacks (label 1) and `benignCount` harmless texts (label 0). A text spliced into a page has the page, suite and context of its
 * carrier; one that stands alone has a page of its own and no suite. Carriers are the pages with label 0 that are not what a user typed; without any, all texts stand alone.
 * An attack's `template` is its family of wrappings: `resembles` says which texts of one augmentation a fit without a template goes without.
 * Pure: the same pages and options give the same texts.
 *
 * @throws RangeError for an option that is unknown or out of range
 * @example
 * augmentTexts(trainingPages, { seed: '7', count: 4000, benignCount: 4000, unseenTemplates: ['direct'] });
 */
export function augmentTexts(pages: readonly LabelledText[], options: AugmentOptions): LabelledText[] {
  const { seed, count, benignCount, unseenTemplates } = resolve(options);
  const carriers = pages.filter(({ label, context }) => label === 0 && context.direction !== 'input');
  const families = familiesWithout(unseenTemplates);
  const root = createRandom(seed).fork('augment');
  const texts: LabelledText[] = [];
  for (let i = 0; i < count; i++) texts.push(attack(root.fork(`attack ${i}`), i, carriers, families));
  for (let i = 0; i < benignCount; i++) texts.push(harmless(root.fork(`benign ${i}`), i, carriers));
  return texts;
}

function attack(random: Random, index: number, carriers: readonly LabelledText[], families: readonly string[]): LabelledText {
  if (chance(random, INPUT_SHARE)) return inputAttack(random, index, families);
  const goal = drawGoal(random);
  const { family, text: block } = wrap(random, goal, families);
  const about = { id: `augment-attack-${index}`, label: 1, kind: 'augmented_attack', template: family, category: goal.domain } as const;
  if (carriers.length > 0 && !chance(random, LONE_SHARE)) return splicedText(random, pick(random, carriers), block, about);
  return loneText(block, 'tool_output', { ...about, injected: [{ start: 0, end: block.length }] });
}

/** What a user types; a command to a tool is no attack there, so the goals are others. */
function inputAttack(random: Random, index: number, families: readonly string[]): LabelledText {
  const usable = (template: string) => families.includes(template);
  let drawn = drawInputAttack(random);
  while (drawn.overrides && !usable('ignore_previous')) drawn = drawInputAttack(random);
  const template = drawn.overrides ? 'ignore_previous' : 'bare';
  const injected = [{ start: 0, end: drawn.text.length }];
  return loneText(drawn.text, 'input', {
    id: `augment-attack-${index}`,
    label: 1,
    kind: 'augmented_attack',
    template,
    category: 'input',
    injected,
  });
}

function harmless(random: Random, index: number, carriers: readonly LabelledText[]): LabelledText {
  const about = { id: `augment-benign-${index}`, label: 0, template: null } as const;
  if (carriers.length > 0 && chance(random, SPLICED_BENIGN_SHARE)) {
    const from = { ...about, kind: 'augmented_benign_splice', category: null } as const;
    return { ...splicedText(random, pick(random, carriers), harmlessBlock(random), from, BENIGN_CONTEXT), injected: [] };
  }
  const { kind, direction, text } = benignText(random);
  return loneText(text, direction, { ...about, kind: 'augmented_benign', category: kind, injected: [] });
}

/** What users type is theirs to ask for; in a page the same words would be an attack. */
function harmlessBlock(random: Random): string {
  if (!chance(random, SPLICED_TEXT_SHARE)) return humanBlock(random);
  let drawn = benignText(random);
  while (drawn.direction === 'input') drawn = benignText(random);
  return drawn.text;
}

type About = Pick<LabelledText, 'id' | 'label' | 'kind' | 'template' | 'category'>;

function splicedText(random: Random, carrier: LabelledText, block: string, about: About, context?: number): LabelledText {
  const { text, span } = splice(random, carrier.text, block, context);
  return { ...about, text, context: carrier.context, suite: carrier.suite, page: carrier.page, sha256: sha256(text), injected: [span] };
}

function loneText(
  text: string,
  direction: LabelledText['context']['direction'],
  about: About & Pick<LabelledText, 'injected'>,
): LabelledText {
  const page = sha256(text.replace(/\s+/g, ' ').trim());
  return { ...about, text, context: { direction, request: null, tool: null }, suite: null, page, sha256: sha256(text) };
}

function resolve(options: AugmentOptions): Required<AugmentOptions> {
  for (const name of Object.keys(options))
    if (!KNOWN.has(name)) throw new RangeError(`expected an option of augmentTexts, found \`${name}\``);
  for (const name of ['count', 'benignCount'] as const) {
    const value = options[name];
    if (!Number.isInteger(value) || value < 0 || value > MAX_COUNT)
      throw new RangeError(`expected \`${name}\` from 0 to ${MAX_COUNT}, found ${value}`);
  }
  return { ...options, unseenTemplates: options.unseenTemplates ?? [] };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
