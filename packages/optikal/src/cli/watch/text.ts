/**
 * Text that strangers wrote, on a screen that it must not drive: what a terminal would obey, hide or reorder is spelled out; and widths in
 * columns, so that nothing wraps. INVARIANT: whatever is shown of ids, tools and sentences has passed `harmless`.
 */
import stringWidth from 'string-width';

/**
 * Control characters and escape sequences (Cc), bidi marks, joiners and other format characters (Cf), line and paragraph separators, lone
 * surrogates, private and unassigned code points, what fonts ignore (variation selectors, fillers), and blanks that only look like one.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u;
const ALL_UNSAFE = new RegExp(UNSAFE, 'gu');
/** Marks stacked on one letter draw over the lines around it; three are enough for any language that stacks. */
const STACKED = /(\p{M}{3})(\p{M}+)/gu;
const PLAIN = /^[\x20-\x7e]*$/;
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

export const ELLIPSIS = '…';

/** The text with everything visible: `<U+202E>` for what would act, not show. */
export function harmless(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replace(STACKED, (_, kept: string, more: string) => `${kept}${more.replace(/\p{M}/gu, spelled)}`)
    .replace(ALL_UNSAFE, spelled);
}

function spelled(character: string): string {
  return `<U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}>`; // one character, as the pattern matched it
}

/** Columns that a text takes. */
export function widthOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** At most `width` columns; what is cut ends in an ellipsis. */
export function cut(text: string, width: number): string {
  if (width <= 0) return '';
  if (widthOf(text) <= width) return text;
  return `${head(text, width - 1)}${ELLIPSIS}`;
}

/** Exactly `width` columns. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const shown = cut(text, width);
  const rest = ' '.repeat(Math.max(0, width - widthOf(shown)));
  return align === 'left' ? `${shown}${rest}` : `${rest}${shown}`;
}

/** Without its last character, as a reader counts them. */
export function withoutLast(text: string): string {
  return text.slice(0, [...GRAPHEMES.segment(text)].at(-1)?.index ?? 0);
}

/** Lines of at most `width` columns, broken between words, inside them where one is longer. */
export function wrapText(text: string, columns: number): string[] {
  // In less than no room a line would never be short enough.
  const width = Math.max(1, columns);
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (widthOf(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    while (widthOf(word) > width) {
      // One character at least, or a wide one in a narrow place would be tried for ever.
      const part = head(word, width) || firstOf(word);
      lines.push(part);
      word = word.slice(part.length);
    }
    line = word;
  }
  lines.push(line);
  return lines;
}

function firstOf(text: string): string {
  for (const { segment } of GRAPHEMES.segment(text)) return segment;
  return text;
}

/** As many whole characters from the start as fit. */
function head(text: string, width: number): string {
  if (PLAIN.test(text)) return text.slice(0, width);
  let taken = '';
  let columns = 0;
  for (const { segment } of GRAPHEMES.segment(text)) {
    columns += widthOf(segment);
    if (columns > width) break;
    taken += segment;
  }
  return taken;
}
