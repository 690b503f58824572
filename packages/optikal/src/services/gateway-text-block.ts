/**
 * Where the injected block of a recorded text is. Sources write the same block plain, folded by YAML and escaped by JSON or Python, so white
 * space is whatever stands for it in one of these. Only for training and measuring: the detector itself never looks for templates.
 */
import type { Span } from '../content/injection/contract.ts';

/** A blank, a line break, the escape of one, or a fold's backslash. */
const GAP = String.raw`(?:\s|\\+[nrt]|\\)`;
const words = (text: string) => text.split(' ').join(`${GAP}+`);
/** A line without words ends a block. */
const BLANK_LINE = String.raw`(?:\n|\\+n)(?:[ \t]|\\(?!n))*(?:\n|\\+n)`;
const MARK = (name: string) => String.raw`(?:<|&lt;|\\+u003[cC])${name}(?:>|&gt;|\\+u003[eE])`;

/** Between the markers, whatever is there: twins have nothing left. A text that was cut ends before the second one. */
const MARKED = `${MARK('INFORMATION')}[^]*?(?:${MARK('/INFORMATION')}|$)`;
const LETTER = String.raw`${words('This is an important message from me,')}[^]*?(?:Signed,${GAP}+\p{L}+${GAP}+\p{L}+|$)`;

const TEMPLATES: Readonly<Record<string, string>> = {
  important_instructions: `${MARKED}|${LETTER}`,
  direct: `TODO: [^]*?(?=${BLANK_LINE}|$)`,
  ignore_previous: String.raw`${words('Ignore your previous instructions. Do')}[^]*?(?:${GAP}+instead\.|$)`,
  system_message: `${MARK('system')}[^]*?(?:${MARK('/system')}|$)`,
  injecagent: `IMPORTANT!!!${GAP}+${words('Ignore all previous instructions')}[^]*?(?=${BLANK_LINE}|$)`,
};
const COMPILED = new Map(Object.entries(TEMPLATES).map(([name, source]) => [name, new RegExp(source, 'gu')]));
const EMPTY_MARKS = new RegExp(MARKED, 'gu');

/** The blocks of a text with an injection, ascending. A template that is not known: whichever of the known ones is found. */
export function injectedBlocks(text: string, template: string | null): readonly Span[] {
  const own = template === null ? undefined : COMPILED.get(template);
  for (const pattern of own === undefined ? COMPILED.values() : [own]) {
    const spans = spansOf(text, pattern);
    if (spans.length > 0) return spans;
  }
  return [];
}

/** Markers around nothing, or around what is left of a block: in clean texts, where what they held was taken out. */
export function markedRemains(text: string): readonly Span[] {
  return spansOf(text, EMPTY_MARKS);
}

/** BIPIA puts the instruction as a line of its own at the start, in the middle or at the end; lines that may be it. */
export function lineCandidates(text: string, position: string | null): readonly Span[] {
  const first = text.indexOf('\n');
  const last = text.lastIndexOf('\n');
  if (first < 0) return [];
  if (position === 'start') return [{ start: 0, end: first + 1 }];
  if (position === 'end') return [{ start: last, end: text.length }];
  const spans: Span[] = [];
  for (let from = first; from < last; ) {
    const to = text.indexOf('\n', from + 1);
    spans.push({ start: from, end: to });
    from = to;
  }
  return spans;
}

export function without(text: string, spans: readonly Span[]): string {
  let rest = '';
  let from = 0;
  for (const { start, end } of spans) {
    rest += `${text.slice(from, start)} `;
    from = end;
  }
  return rest + text.slice(from);
}

function spansOf(text: string, pattern: RegExp): Span[] {
  return Array.from(text.matchAll(pattern), (match) => ({ start: match.index, end: match.index + match[0].length }));
}
