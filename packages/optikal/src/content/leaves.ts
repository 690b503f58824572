/**
 * The texts and numbers inside a call's arguments. Arguments are JSON; where they were cut short or are free text they are a string, and
 * the string literals and numbers of a cut JSON text are read as far as they go.
 */
import { destinationsOf } from './destinations.ts';

export interface Leaves {
  /** Values: strings of at most 60 characters and 5 spaces, numbers of two or more digits, and what longer strings hold of that kind. */
  readonly values: readonly string[];
  /** Every string, whole. */
  readonly texts: readonly string[];
  /** Strings that are too long to be a value. */
  readonly long: readonly string[];
}

const MAX_VALUE_CHARS = 60;
const MAX_VALUE_SPACES = 5;
const MAX_FROM_LONG = 20;
const MAX_LEAVES = 1024;
const MAX_DEPTH = 64;
/** One letter or digit alone is in every text. */
const TWO_LETTERS = /[\p{L}\p{N}][\s\S]*[\p{L}\p{N}]/u;
const TOKEN = /[^\s"'`<>()[\]{},;|]{2,200}/g;
const SCHEME = /^https?:\/\//i;

export function leavesOf(args: unknown): Leaves {
  const texts: string[] = [];
  const numbers: string[] = [];
  collect(args, texts, numbers, 0);
  const values = new Set<string>(numbers);
  const long: string[] = [];
  for (const text of texts) {
    if (isShort(text)) {
      if (TWO_LETTERS.test(text)) values.add(text.trim().replace(SCHEME, ''));
    } else {
      long.push(text);
      for (const token of tokensOf(text)) values.add(token);
    }
  }
  return { values: [...values], texts, long };
}

function collect(value: unknown, texts: string[], numbers: string[], depth: number): void {
  if (texts.length + numbers.length >= MAX_LEAVES || depth > MAX_DEPTH) return;
  if (typeof value === 'string') {
    const start = depth === 0 ? value.trimStart()[0] : undefined;
    if (start === '{' || start === '[') collectCut(value, texts, numbers);
    else if (value !== '') texts.push(value);
  } else if (typeof value === 'number') {
    const text = String(value);
    if (text.replace(/\D/g, '').length >= 2) numbers.push(text);
  } else if (Array.isArray(value)) {
    for (const item of value) collect(item, texts, numbers, depth + 1);
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) collect(item, texts, numbers, depth + 1);
  }
}

/** JSON that stops in the middle: string literals that are no keys, and numbers outside strings. One pass. */
function collectCut(json: string, texts: string[], numbers: string[]): void {
  let i = 0;
  while (i < json.length && texts.length + numbers.length < MAX_LEAVES) {
    const char = json[i]!;
    if (char === '"') {
      const end = stringEnd(json, i + 1);
      const closed = end < json.length;
      const text = unescapeJson(json.slice(i + 1, end));
      i = end + 1;
      if (closed && /^\s{0,8}:/.test(json.slice(i, i + 9))) continue; // a key
      // The last word of a cut text is cut too.
      const whole = closed ? text : withoutLastWord(text);
      if (whole !== '') texts.push(whole);
    } else if (char >= '0' && char <= '9') {
      let end = i;
      while (end < json.length && /[\d.]/.test(json[end]!)) end++;
      if (end - i >= 2 && end < json.length) numbers.push(json.slice(i, end));
      i = end;
    } else i++;
  }
}

function withoutLastWord(text: string): string {
  let end = text.length;
  while (end > 0 && /\S/.test(text[end - 1]!)) end--;
  return text.slice(0, end).trimEnd();
}

function stringEnd(json: string, from: number): number {
  let i = from;
  while (i < json.length && json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return Math.min(i, json.length);
}

function unescapeJson(body: string): string {
  for (const text of [body, body.replace(/\\u?[0-9a-fA-F]{0,3}$/, '')]) {
    try {
      return JSON.parse(`"${text}"`) as string; // a JSON string is a string
    } catch {
      // An escape was cut in the middle: once more without it.
    }
  }
  return body;
}

function isShort(text: string): boolean {
  if (text.length > MAX_VALUE_CHARS) return false;
  let spaces = 0;
  for (const char of text) if (char === ' ') spaces++;
  return spaces <= MAX_VALUE_SPACES;
}

/** E-mails, URLs, paths and tokens with digits of a longer string, at most 20. */
function tokensOf(text: string): string[] {
  const tokens = new Set<string>(destinationsOf(text).slice(0, MAX_FROM_LONG));
  for (const match of text.matchAll(TOKEN)) {
    if (tokens.size >= MAX_FROM_LONG) break;
    const token = match[0].replace(/^[.,:!?*_~-]+|[.,:!?*_~-]+$/g, '');
    const destination = token.includes('@') || token.includes('://') || token.startsWith('www.');
    if (!destination && /[/\\\d]/.test(token) && TWO_LETTERS.test(token)) tokens.add(token);
  }
  return [...tokens];
}
