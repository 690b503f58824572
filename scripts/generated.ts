/** Files that are written from the code, and the check that they are fresh: shared by the scripts that write them and the tests. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..');

/** Path from the repository root → what must stand there. */
export type Generated = ReadonlyMap<string, string>;

export function write(files: Generated): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
  console.log(`wrote ${[...files.keys()].join(', ')}`);
}

/** The paths whose file is absent or says something else. */
export function stale(files: Generated): string[] {
  return [...files]
    .filter(([path, text]) => !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), 'utf8') !== text)
    .map(([path]) => path);
}
