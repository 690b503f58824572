/**
 * Just enough of a TypeScript scanner to read imports and names without mistaking comments, strings or regular expressions for code.
 * (TypeScript 7 has no JavaScript API yet.) What it can't read it refuses aloud, so that a wrong guess never hides an import.
 */

export interface Scanned {
  /** The text without comments; each string literal became `"N"`, N its index in `strings`; the fixed parts of templates are left out. */
  readonly code: string;
  readonly strings: readonly string[];
}

export interface Import {
  readonly specifier: string;
  readonly kind: 'static' | 'dynamic' | 'url';
  /** `import type …` or `export type … from`: erased before the program runs. */
  readonly typeOnly: boolean;
  /** Names as the imported module spells them; `*` for all of it, `default` for its default. */
  readonly names: readonly string[];
}

/** A slash after one of these begins a regular expression; after anything else (a name, a closing bracket, `x!`) it divides. */
const BEFORE_REGEX = /(?:^|[(,=:[&|?{;+\-*%~^<>]|(?<![\w$)\]])!|\b(?:return|typeof|case|in|of|await|void|delete|do|else|throw|yield))$/;

export function scan(text: string): Scanned {
  const strings: string[] = [];
  /** Depth of braces at which each open `${` closes. */
  const templates: number[] = [];
  let code = '';
  let braces = 0;
  let i = 0;

  const fail = (what: string): never => {
    throw new Error(`${what} in line ${text.slice(0, i).split('\n').length}`);
  };
  const readString = (quote: string): void => {
    const start = ++i;
    for (; text[i] !== quote; i++) {
      if (i >= text.length || text[i] === '\n') fail('a string does not end');
      if (text[i] === '\\') i++;
    }
    code += `"${strings.push(text.slice(start, i++)) - 1}"`;
  };
  const readTemplate = (): void => {
    for (; text[i] !== '`'; i++) {
      if (i >= text.length) fail('a template does not end');
      if (text[i] === '\\') i++;
      else if (text[i] === '$' && text[i + 1] === '{') {
        templates.push(braces++);
        code += '${';
        i += 2;
        return;
      }
    }
    code += '`';
    i++;
  };
  const readRegex = (): void => {
    let inClass = false;
    for (i++; inClass || text[i] !== '/'; i++) {
      if (i >= text.length || text[i] === '\n') fail('a regular expression does not end');
      if (text[i] === '\\') i++;
      else if (text[i] === '[') inClass = true;
      else if (text[i] === ']') inClass = false;
    }
    for (i++; /[a-z]/.test(text[i] ?? ''); ) i++;
    code += ' null ';
  };

  if (text.startsWith('#!')) i = text.indexOf('\n');
  while (i < text.length) {
    const char = text[i];
    if (char === '/' && text[i + 1] === '/') i = endOf(text, '\n', i);
    else if (char === '/' && text[i + 1] === '*') {
      i = endOf(text, '*/', i + 2) + 2;
      code += ' ';
    } else if (char === "'" || char === '"') readString(char);
    else if (char === '`') {
      code += '`';
      i++;
      readTemplate();
    } else if (char === '/' && BEFORE_REGEX.test(code.trimEnd().slice(-12))) readRegex();
    else {
      if (char === '{') braces++;
      else if (char === '}') braces--;
      code += char;
      i++;
      if (char === '}' && templates.at(-1) === braces) {
        templates.pop();
        readTemplate();
      }
    }
  }
  if (braces !== 0) fail('braces do not match');
  return { code, strings };
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at;
}

const STATIC = /\b(?:import|export)\s+(type\s+)?((?:[\w$*{},]|\s)+?)\s*from\s*"(\d+)"/g;
const BARE = /\bimport\s*"(\d+)"/g;
const DYNAMIC = /\b(?:import|require|createRequire\([^)]*\))\s*\(\s*"(\d+)"/g;
const URLS = /\bnew\s+URL\s*\(\s*"(\d+)"\s*,\s*import\.meta\.url/g;
/** An import whose target is computed: nobody can say who imports whom. */
const COMPUTED = /\bimport\s*\(\s*(?!["\s])/;

export function importsOf({ code, strings }: Scanned): { imports: Import[]; computed: boolean } {
  const imports: Import[] = [];
  for (const [, type, clause, index] of code.matchAll(STATIC))
    imports.push({ specifier: strings[Number(index)], kind: 'static', typeOnly: type !== undefined, names: namesOf(clause) });
  for (const [, index] of code.matchAll(BARE))
    imports.push({ specifier: strings[Number(index)], kind: 'static', typeOnly: false, names: [] });
  for (const [, index] of code.matchAll(DYNAMIC))
    imports.push({ specifier: strings[Number(index)], kind: 'dynamic', typeOnly: false, names: ['*'] });
  for (const [, index] of code.matchAll(URLS)) {
    const specifier = strings[Number(index)];
    // Other URLs name data beside the code.
    if (/\.[cm]?[jt]s$/.test(specifier)) imports.push({ specifier, kind: 'url', typeOnly: false, names: ['*'] });
  }
  return { imports, computed: COMPUTED.test(code) };
}

/** `a, { type b, c as d }` → default, b, c. */
function namesOf(clause: string): string[] {
  const braced = /\{([^}]*)\}/.exec(clause)?.[1] ?? '';
  const outside = clause.replace(/\{[^}]*\}/, '');
  const named = braced.split(',').map((part) =>
    part
      .trim()
      .replace(/^type\s+/, '')
      .replace(/\s+as\s+.*$/, ''),
  );
  const whole = outside.split(',').map((part) => (part.includes('*') ? '*' : part.trim() === '' ? '' : 'default'));
  return [...named, ...whole].filter((name) => name !== '');
}
