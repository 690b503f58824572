/**
 * A small language for texts in many variants: `[this|that|]` is one of its parts, `{name}` an entry of the lexicon (itself a pattern), `{d4}`
 * four digits, `{h8}` eight hexadecimal ones, `{u6}` six capitals and digits. Braces and brackets of other shapes stay as they are.
 */
import type { Random } from '@optikal/ml';
import { LEXICON } from './lexicon.ts';

const CHOICE = /\[([^[\]]*\|[^[\]]*)\]/g;
const SLOT = /\{([a-z]+)(\d*)\}/g;
/** Patterns nest a few levels; one that calls itself ends here. */
const MAX_DEPTH = 12;
const SYMBOLS: Readonly<Record<string, string>> = { d: '0123456789', h: '0123456789abcdef', u: 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789' };

/** One text of the pattern; `slots` come before the lexicon and are taken as they are. */
export function say(random: Random, pattern: string, slots: Readonly<Record<string, string>> = {}): string {
  return expand(random, pattern, slots, 0);
}

function expand(random: Random, pattern: string, slots: Readonly<Record<string, string>>, depth: number): string {
  let text = pattern;
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(CHOICE, (_, parts: string) => pick(random, parts.split('|')));
  }
  return text.replace(SLOT, (whole, name: string, count: string) => {
    if (count !== '' && SYMBOLS[name] !== undefined) return symbols(random, SYMBOLS[name], Number(count));
    if (slots[name] !== undefined) return slots[name];
    const entries = LEXICON[name];
    return entries === undefined || depth === MAX_DEPTH ? whole : expand(random, pick(random, entries), slots, depth + 1);
  });
}

function symbols(random: Random, alphabet: string, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += alphabet[random.nextInt(alphabet.length)];
  return text;
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.nextInt(items.length)];
}

export function chance(random: Random, probability: number): boolean {
  return random.nextFloat() < probability;
}

/** First letter large; the rest as it is. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Ends as a sentence. */
export function stopped(text: string): string {
  return /[.!?。！？:]["')]?$/.test(text) ? text : `${text}.`;
}
