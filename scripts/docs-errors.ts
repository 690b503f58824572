/** `docs/errors.md`: every closed list of codes, found in the code. A list is an exported record `…_ERRORS` or `…_ERROR_CODES` of an `errors.ts`. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './generated.ts';

export interface CodeList {
  readonly name: string;
  /** From the repository root. */
  readonly path: string;
  /** What the file says of itself. */
  readonly about: string;
  /** Code → what it means. */
  readonly codes: Readonly<Record<string, string>>;
}

export async function codeLists(): Promise<CodeList[]> {
  const paths = globSync('packages/*/src/**/errors.ts', { cwd: ROOT })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
  const lists: CodeList[] = [];
  for (const path of paths) {
    const exported = (await import(pathToFileURL(join(ROOT, path)).href)) as Record<string, unknown>; // a module's namespace
    const about = aboutOf(readFileSync(join(ROOT, path), 'utf8'));
    for (const [name, codes] of Object.entries(exported))
      if (/_(ERRORS|ERROR_CODES)$/.test(name) && isCodes(codes)) lists.push({ name, path, about, codes });
  }
  return lists;
}

export function errorsPage(lists: readonly CodeList[]): string {
  const sections = lists.map(
    ({ name, path, about, codes }) =>
      `## ${name}\n\n[\`${path}\`](../${path}). ${about}\n\n| code | means |\n|---|---|\n${Object.entries(codes)
        .map(([code, meaning]) => `| \`${code}\` | ${cell(meaning)} |`)
        .join('\n')}\n`,
  );
  return `# Error codes

Written by \`npm run docs\` from the code; do not edit.

Codes are part of the interface: a code keeps its meaning, messages may change. Bad input never disappears: it is refused with a code, or it
goes to the dead letters with its code as the reason. A message says what was expected and what was found, and never quotes content.

${sections.join('\n')}`;
}

/** A table cell: a bar would end it. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** The first comment of a file, as one line. */
function aboutOf(text: string): string {
  const comment = /\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
  return comment
    .replace(/^\s*\*\s?/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function isCodes(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((meaning) => typeof meaning === 'string');
}
