/**
 * The data folder (recorded agents, tabular sets, texts) is not part of the repository: OPTIKAL_DATA names it, else ../shared/data beside
 * the repository is used. Where it is absent a test that needs it is skipped, said aloud and counted; with OPTIKAL_REQUIRE_DATA=1, as in
 * CI, it fails.
 *
 * @example
 * const folder = dataFolder('agents/sessions.jsonl.gz');
 * describe.skipIf(folder === null)('recorded agents', () => { … });
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** The folder, if it holds all of `files` (paths inside it); null = skip. */
export function dataFolder(...files: readonly string[]): string | null {
  return findData(process.env, ROOT, files, (message) => console.warn(message));
}

/** `dataFolder` with what it depends on as arguments. */
export function findData(
  env: Readonly<Record<string, string | undefined>>,
  root: string,
  files: readonly string[],
  warn: (message: string) => void,
): string | null {
  const folder = resolve(root, env.OPTIKAL_DATA ?? '../shared/data');
  const missing = existsSync(folder) ? files.filter((file) => !existsSync(join(folder, file))) : ['the folder itself'];
  if (missing.length === 0) return folder;
  const message = `${missing.join(', ')} not found in \`${folder}\`: set OPTIKAL_DATA to the data folder`;
  if (env.OPTIKAL_REQUIRE_DATA === '1') throw new Error(`${message}, or unset OPTIKAL_REQUIRE_DATA to skip what needs it`);
  warn(`SKIPPED: ${message} to run these tests`);
  return null;
}
