/** Text for a terminal: broken between words, escape sequences counted as nothing. */
import { stripVTControlCharacters } from 'node:util';

const LEAST_COLUMNS = 20;

/** Each line keeps its own indentation; what is continued stands `hang` columns further in. */
export function wrap(text: string, columns: number, hang = 0): string {
  const width = Math.max(columns, LEAST_COLUMNS);
  return text
    .split('\n')
    .map((line) => wrapLine(line, width, hang))
    .join('\n');
}

function wrapLine(line: string, width: number, hang: number): string {
  if (stripVTControlCharacters(line).length <= width) return line;
  const indent = /^ */.exec(line)![0]; // matches always, if only nothing
  const next = `${indent}${' '.repeat(hang)}`;
  const lines: string[] = [];
  let current = indent;
  let length = indent.length;
  let empty = true;
  for (const word of line.slice(indent.length).split(' ')) {
    const size = stripVTControlCharacters(word).length;
    if (!empty && length + 1 + size > width) {
      lines.push(current);
      current = `${next}${word}`;
      length = next.length + size;
      continue;
    }
    current += empty ? word : ` ${word}`;
    length += empty ? size : size + 1;
    empty = false;
  }
  return [...lines, current].join('\n');
}
