/** The hash of source files: what a cache of anything computed by them is named after. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const CODE = /\.[cm]?[jt]s$/;
const TEST_CODE = /\.test\.|(?:^|[/\\])test-support[/\\]/;

/** Names and content of all code in these folders, test code left out; 64 hex digits. Where the folders lie, and file times, do not count. */
export function hashCode(folders: readonly string[], salt: string): string {
  const hash = createHash('sha256').update(`${salt}\n`);
  folders.forEach((folder, i) => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => CODE.test(file) && !TEST_CODE.test(file));
    for (const file of files.sort()) {
      const bytes = readFileSync(join(folder, file));
      hash.update(`${i}/${file.replaceAll('\\', '/')}:${bytes.length}\n`).update(bytes);
    }
  });
  return hash.digest('hex');
}
