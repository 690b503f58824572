/** The places of a text that findings name, as lines for a terminal: enough around each to see it, nothing that a terminal obeys. */
import { harmless } from './watch/text.ts';

export interface Mark {
  /** UTF-16 positions in the text. */
  readonly start: number;
  readonly end: number;
}

export interface MarkedLine {
  /** From 1. */
  readonly line: number;
  /** Pieces in order; what is left out is an ellipsis. */
  readonly pieces: readonly { readonly text: string; readonly marked: boolean }[];
}

/** Characters of a line shown before and after what is marked, and of what is marked. */
const AROUND = 48;
const MAX_MARKED = 480;
/** Lines of one mark: a segment may be a whole paragraph. */
const MAX_LINES = 4;
const ELLIPSIS = '…';

/** The lines that `mark` touches, at most four; `more` = how many further ones it touches. Linear in the text. */
export function markedLines(text: string, { start, end }: Mark): { readonly lines: readonly MarkedLine[]; readonly more: number } {
  let line = 1;
  let from = 0;
  for (let next = text.indexOf('\n'); next >= 0 && next < start; next = text.indexOf('\n', from)) {
    line++;
    from = next + 1;
  }
  const lines: MarkedLine[] = [];
  let more = 0;
  for (let number = line; from < end; number++) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    if (lines.length === MAX_LINES) more++;
    else if (Math.max(from, start) < Math.min(to, end))
      lines.push({ line: number, pieces: pieces(text, from, to, Math.max(from, start), Math.min(to, end)) });
    from = to + 1;
  }
  return { lines, more };
}

function pieces(text: string, from: number, to: number, start: number, end: number): MarkedLine['pieces'] {
  const before = text.slice(Math.max(from, start - AROUND), start);
  const marked = text.slice(start, Math.min(end, start + MAX_MARKED));
  const after = end - start > MAX_MARKED ? '' : text.slice(end, Math.min(to, end + AROUND));
  return [
    { text: `${start - AROUND > from ? ELLIPSIS : ''}${harmless(before)}`, marked: false },
    { text: `${harmless(marked)}${end - start > MAX_MARKED ? ELLIPSIS : ''}`, marked: true },
    { text: `${harmless(after)}${end + AROUND < to ? ELLIPSIS : ''}`, marked: false },
  ].filter((piece) => piece.text !== '');
}
