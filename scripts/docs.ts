/**
 * Writes the pages that come from the code, and checks all pages.
 *
 *   npm run docs                write docs/config.md, docs/errors.md, docs/features.md and the tables of docs/operations.md
 *   npm run docs -- --check     exit 1 where one of them is stale, or a link of any page leads nowhere
 */
import './need-node.mjs';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configPage } from './docs-config.ts';
import { codeLists, errorsPage } from './docs-errors.ts';
import { featuresPage } from './docs-features.ts';
import { operationsPage } from './docs-operations.ts';
import { type Generated, ROOT, stale, write } from './generated.ts';

export async function docFiles(): Promise<Generated> {
  return new Map([
    ['docs/config.md', configPage()],
    ['docs/errors.md', errorsPage(await codeLists())],
    ['docs/features.md', featuresPage()],
    ['docs/operations.md', operationsPage()],
  ]);
}

/** Links to files and headings that do not exist, as `page: target`. Addresses elsewhere are not followed. */
export function deadLinks(): string[] {
  const pages = ['*.md', 'docs/**/*.md', 'packages/*/*.md'].flatMap((pattern) => globSync(pattern, { cwd: ROOT }));
  return pages.flatMap((page) => {
    const text = readFileSync(join(ROOT, page), 'utf8').replace(/```[\s\S]*?```/g, '');
    return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target)
      .filter((target) => !/^[a-z]+:/i.test(target) && !leadsSomewhere(page, target))
      .map((target) => `${page}: ${target}`);
  });
}

function leadsSomewhere(page: string, target: string): boolean {
  const [file, heading] = target.split('#', 2);
  const path = file === '' ? join(ROOT, page) : join(ROOT, dirname(page), decodeURIComponent(file));
  if (!existsSync(path)) return false;
  if (heading === undefined || !path.endsWith('.md')) return true;
  return [...readFileSync(path, 'utf8').matchAll(/^#+\s+(.*)$/gm)].some(([, title]) => slug(title) === heading);
}

/** How GitHub names a heading. */
function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

if (import.meta.main) {
  const files = await docFiles();
  if (process.argv.includes('--check')) {
    const problems = [
      ...stale(files).map((path) => `stale: ${path}; run \`npm run docs\``),
      ...deadLinks().map((link) => `leads nowhere: ${link}`),
    ];
    console.log(problems.length === 0 ? `${files.size} pages are fresh, no link leads nowhere` : problems.join('\n'));
    process.exitCode = problems.length === 0 ? 0 : 1;
  } else write(files);
}
