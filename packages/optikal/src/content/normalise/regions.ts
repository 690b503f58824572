/**
 * Parts of a page that its reader does not see, or hardly sees: comments of HTML and Markdown, scripts and styles, elements that are hidden,
 * texts in attributes, titles of links. They stay where they are and are named. What is not closed goes on to the end. One pass.
 */
import type { Region, RegionKind } from './contract.ts';

const MAX_TAG = 4000;
const MIN_ATTRIBUTE = 8;
const RAW_TAGS: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript', 'textarea', 'head']);
const VOID_TAGS: ReadonlySet<string> = new Set([
  'img',
  'input',
  'meta',
  'br',
  'hr',
  'link',
  'area',
  'source',
  'col',
  'base',
  'wbr',
  'embed',
]);
const HIDDEN =
  /(?:\s(?:hidden|aria-hidden\s*=\s*["']?true|type\s*=\s*["']?hidden)(?=[\s"'=>/]|$))|display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?!\.?[1-9])|opacity\s*:\s*0(?!\.?[1-9])|color\s*:\s*(?:white|transparent|#fff(?:fff)?)\b/i;
const ATTRIBUTE =
  /\s(?:alt|title|content|placeholder|value|summary|label|aria-[a-z]{1,20}|data-[a-z-]{1,30})\s*=\s*(?:"([^"]*)"|'([^']*)')/gi;

export function regionsOf(text: string): Region[] {
  const regions: Region[] = [];
  const add = (kind: RegionKind, start: number, end: number) => {
    if (end > start) regions.push({ kind, start, end });
  };
  let i = 0;
  while (i < text.length) {
    const at = nextMark(text, i);
    if (at < 0) break;
    i = text.charCodeAt(at) === 0x3c ? readTag(text, at, add) : readMarkdown(text, at, add);
  }
  return regions;
}

type Add = (kind: RegionKind, start: number, end: number) => void;

/** The next `<`, or `](`, or `]:`; −1 = there is none. */
function nextMark(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x3c) return i;
    if (unit === 0x5d) {
      const next = text.charCodeAt(i + 1);
      if (next === 0x28 || next === 0x3a) return i;
    }
  }
  return -1;
}

/** Where to go on. */
function readTag(text: string, at: number, add: Add): number {
  if (text.startsWith('<!--', at)) {
    const close = text.indexOf('-->', at + 4);
    add('comment', at + 4, close < 0 ? text.length : close);
    return close < 0 ? text.length : close + 3;
  }
  const end = tagEnd(text, at + 1);
  if (end < 0) return at + 1;
  const tag = text.slice(at + 1, end);
  const name = /^[a-z][a-z0-9-]*/i.exec(tag)?.[0].toLowerCase();
  if (name === undefined) return end;
  const raw = RAW_TAGS.has(name);
  if ((raw || HIDDEN.test(tag)) && !tag.endsWith('/') && !VOID_TAGS.has(name)) {
    const close = indexOfClosing(text, name, end + 1);
    add(raw ? 'script' : 'hidden', end + 1, close);
    return close;
  }
  for (const match of tag.matchAll(ATTRIBUTE)) {
    const value = match[1] ?? match[2]!;
    const valueEnd = at + 1 + match.index + match[0].length - 1;
    if (value.length >= MIN_ATTRIBUTE && value.includes(' ')) add('attribute', valueEnd - value.length, valueEnd);
  }
  return end + 1;
}

/** The `>` that ends a tag: not one in quotes, and not behind another `<`. −1 = this is no tag. */
function tagEnd(text: string, from: number): number {
  const first = text.charCodeAt(from) | 0x20;
  if (first < 0x61 || first > 0x7a) return -1;
  let quote = 0;
  for (let i = from; i < text.length && i < from + MAX_TAG; i++) {
    const unit = text.charCodeAt(i);
    if (quote !== 0) {
      if (unit === quote) quote = 0;
      else if (unit === 0x3c) return -1;
    } else if (unit === 0x3e) return i;
    else if (unit === 0x3c) return -1;
    else if ((unit === 0x22 || unit === 0x27) && text.charCodeAt(i - 1) === 0x3d) quote = unit;
  }
  return -1;
}

function indexOfClosing(text: string, name: string, from: number): number {
  for (let i = text.indexOf('</', from); i >= 0; i = text.indexOf('</', i + 2))
    if (text.slice(i + 2, i + 2 + name.length).toLowerCase() === name) return i;
  return text.length;
}

/** `[//]: # (text)`, `[comment]: <> (text)`; `![text](url)`, `[words](url "title")`. `at` is the closing bracket. */
function readMarkdown(text: string, at: number, add: Add): number {
  const line = text.slice(at, at + MAX_TAG);
  const definition = /^\]:\s{0,4}(?:#|<>|<#>)\s{0,4}(?:\(([^\n]*)\)|"([^"\n]*)"|'([^'\n]*)')/.exec(line);
  if (definition !== null) {
    const length = (definition[1] ?? definition[2] ?? definition[3]!).length;
    const end = at + definition[0].length - 1;
    add('comment', end - length, end);
    return end;
  }
  const link = /^\]\([^\s()<>"]{0,2000}\s{1,4}(?:"([^"\n]*)"|'([^'\n]*)')\)/.exec(line);
  if (link === null) return at + 2;
  const end = at + link[0].length - 2;
  add('attribute', end - (link[1] ?? link[2]!).length, end);
  return end;
}
