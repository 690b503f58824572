/**
 * Where a block can stand in a page without breaking its form: inside a YAML or JSON string, an HTML element, a list, a comment, between
 * sentences. Each finder says how the block is written there; splice.ts picks one.
 */
import type { Random } from '@optikal/ml';
import { chance, pick } from './phrase.ts';

/** page[from … to) gives way to `before` + the block as it is written there + `after`. */
export interface Place {
  readonly from: number;
  readonly to: number;
  readonly before: string;
  readonly body: string;
  readonly after: string;
}

export type Finder = (random: Random, page: string, block: string) => Place | null;

const YAML_LINE = /^\s*(?:- )?[\w-]+: ?/gm;
const YAML_QUOTED = /^( *(?:- )?)([\w-]+): '(?=[^'\n]{6})/gm;
const YAML_DOUBLE = /^( *(?:- )?)([\w-]+): "(?=[^"\n]{6})/gm;
const YAML_PLAIN = /^( *(?:- )?)([\w-]+): ([A-Za-z][^'":#{}[\]\n]{3,})$/gm;
const DICT_STRING = /(['"])((?:(?!\1)[^\\\n]|\\.){8,2000})\1(?=\s*[,}\]])/g;
const HTML_TEXT = />([^<>]{0,400})(?=<\/)/g;
const PARAGRAPH = /\n[ \t]*\n/g;
const SENTENCE = /[.!?] (?=[A-Z])/g;
const ITEM = /^([ \t]*(?:[-*•]|\d+[.)]) )/gm;
const COMMENT = /^([ \t]*(?:#|\/\/|--) )/gm;
const CELL = /^\|[^|\n]*\|/gm;
/** Where an injected block was cut out, a page is left with blank lines. */
const HOLE = /\n[ \t]*\n[ \t]*\n[ \t]*\n(?:[ \t]*\n)?|\\n\\n\\n\\n|\\\\n\\\\n\\\\n\\\\n/g;
const FOLD_WIDTH = 80;

export const FINDERS: Readonly<Record<string, Finder>> = {
  yaml_quoted(random, page, block) {
    const found = one(random, page, YAML_QUOTED);
    if (found === null) return null;
    const indent = ' '.repeat(found[1].length + 2);
    const lines = block.replaceAll("'", "''").split('\n');
    const at = found.index + found[0].length;
    if (chance(random, 0.35)) return put(at, '', lines.join(`\n\n${indent}`), ' ');
    return put(at, `\n\n\n${indent}`, lines.join(`\n\n${indent}`), `\n\n\n${indent}`);
  },
  yaml_double(random, page, block) {
    const found = one(random, page, YAML_DOUBLE);
    if (found === null) return null;
    const at = found.index + found[0].length;
    const written = escaped(block, '"');
    const body = chance(random, 0.7) ? folded(written, ' '.repeat(found[1].length + 2)) : written;
    const gap = pick(random, ['\\n\\n', '\\n', ' ']);
    return put(at, gap === ' ' ? '' : gap, body, gap);
  },
  yaml_plain(random, page, block) {
    if ((page.match(YAML_LINE) ?? []).length < 3) return null;
    const found = one(random, page, YAML_PLAIN);
    if (found === null) return null;
    const from = found.index + found[1].length + found[2].length + 2;
    const indent = ' '.repeat(found[1].length + 2);
    const kept = chance(random, 0.6) ? `${found[3]}${chance(random, 0.5) ? `\n\n${indent}` : ' '}` : '';
    const body = block.replaceAll("'", "''").replaceAll('\n', `\n\n${indent}`);
    return { from, to: found.index + found[0].length, before: `'${kept}`, body, after: "'" };
  },
  dict_string(random, page, block) {
    const found = one(random, page, DICT_STRING);
    if (found === null) return null;
    const slash = chance(random, 0.3) ? '\\\\' : '\\';
    const gap = pick(random, [' ', `${slash}n`, `${slash}n${slash}n`]);
    const body = escaped(block, found[1], slash);
    const atStart = chance(random, 0.4);
    const at = found.index + 1 + (atStart ? 0 : found[2].length);
    return atStart ? put(at, '', body, gap) : put(at, gap, body, '');
  },
  html_text(random, page, block) {
    const found = one(random, page, HTML_TEXT);
    if (found === null) return null;
    const at = found.index + found[0].length;
    const body = block.includes('</') || chance(random, 0.6) ? block : block.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const [before, after] = pick(random, [
      ['', ''],
      [' ', ''],
      ['\n\n', '\n\n'],
      ['<p>', '</p>'],
      ['<br>', ''],
      ['<div>', '</div>'],
      ['\n', '\n'],
      ['<small>', '</small>'],
      ['<li>', '</li>'],
    ] as const);
    return put(at, before, body, after);
  },
  hole(random, page, block) {
    const found = one(random, page, HOLE);
    if (found === null) return null;
    const hole = found[0];
    if (hole.startsWith('\n')) {
      const indent = /[ \t]*$/.exec(hole)![0]; // matches the empty string too
      return {
        from: found.index,
        to: found.index + hole.length,
        before: `\n\n${indent}`,
        body: block.replaceAll('\n', `\n${indent}`),
        after: `\n\n${indent}`,
      };
    }
    const slash = hole.startsWith('\\\\') ? '\\\\' : '\\';
    const gap = `${slash}n${slash}n`;
    return { from: found.index, to: found.index + hole.length, before: gap, body: escaped(block, "'", slash), after: gap };
  },
  paragraph: (random, page, block) => afterMatch(random, page, PARAGRAPH, block, '\n\n'),
  sentence: (random, page, block) => afterMatch(random, page, SENTENCE, block, ' '),
  item(random, page, block) {
    const found = one(random, page, ITEM);
    return found === null ? null : put(found.index, found[1], block.replaceAll('\n', ' '), '\n');
  },
  comment(random, page, block) {
    const found = one(random, page, COMMENT);
    return found === null ? null : put(found.index, found[1], block.replaceAll('\n', `\n${found[1]}`), '\n');
  },
  cell(random, page, block) {
    const found = one(random, page, CELL);
    return found === null ? null : put(found.index, '| ', block.replaceAll('\n', ' '), ' |\n');
  },
  line(random, page, block) {
    const found = one(random, page, /\n/g);
    return found === null ? null : put(found.index + 1, '', block, '\n');
  },
  /** In the middle of a sentence, on lines of its own. */
  broken(random, page, block) {
    const found = one(random, page, / /g);
    return found === null ? null : put(found.index + 1, chance(random, 0.7) ? '\n' : '', block, chance(random, 0.7) ? '\n' : ' ');
  },
  start: (random, _, block) => put(0, '', block, pick(random, ['\n', '\n\n', ' '])),
  end: (random, page, block) => put(page.length, pick(random, ['\n', '\n\n', ' ', '']), block, ''),
};

function put(at: number, before: string, body: string, after: string): Place {
  return { from: at, to: at, before, body, after };
}

function afterMatch(random: Random, page: string, pattern: RegExp, block: string, gap: string): Place | null {
  const found = one(random, page, pattern);
  return found === null ? null : put(found.index + found[0].length, '', block, gap);
}

function one(random: Random, page: string, pattern: RegExp): RegExpExecArray | null {
  const found = [...page.matchAll(pattern)];
  return found.length === 0 ? null : pick(random, found);
}

/** As the inside of a quoted string. */
function escaped(block: string, quote: string, slash = '\\'): string {
  return block
    .replaceAll('\\', `${slash}${slash}`)
    .replaceAll(quote, `${slash}${quote}`)
    .replaceAll('\t', `${slash}t`)
    .replaceAll('\n', `${slash}n`);
}

/** Long lines of a double-quoted YAML string end in a backslash; the next begins with one where its space counts. */
function folded(written: string, indent: string): string {
  let text = '';
  let width = 0;
  for (const word of written.split(' ')) {
    if (text !== '' && width + word.length > FOLD_WIDTH) {
      text += `\\\n${indent}\\ ${word}`;
      width = indent.length + 2 + word.length;
    } else {
      text += text === '' ? word : ` ${word}`;
      width += word.length + 1;
    }
  }
  return text;
}
