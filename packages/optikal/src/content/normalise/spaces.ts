/**
 * White space evened out: one blank between words, none at the ends of lines, at most one empty line. Indentation says how a text was
 * printed (YAML, code), not what it says. One pass; a text that is even already is returned as it is.
 */
import type { Mapped } from './contract.ts';
import { Sink } from './sink.ts';

const UNEVEN = /[\t]|^\s|\s$| {2}| \n|\n |\n{3}/;

export function evenSpaces(source: Mapped): Mapped {
  const { text, starts } = source;
  if (!UNEVEN.test(text)) return source;
  const out = new Sink(text.length);
  /** Of the white space behind the last word: line ends (−1 = there is none), and where it began. */
  let lines = -1;
  let began = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const at = starts === null ? i : starts[i];
    if (unit === 0x20 || unit === 0x09 || unit === 0x0a) {
      if (lines < 0) [lines, began] = [0, at];
      if (unit === 0x0a) lines++;
      continue;
    }
    if (lines >= 0 && out.length > 0) {
      out.push(lines === 0 ? 0x20 : 0x0a, began);
      if (lines > 1) out.push(0x0a, began);
    }
    lines = -1;
    out.push(unit, at);
  }
  return out.mapped(lines >= 0 ? began : starts === null ? text.length : starts[text.length]);
}
