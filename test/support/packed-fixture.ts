/** A fixture of files that are packed one by one (scripts/fixtures.ts), and where its data directory is unpacked for a test. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');

/** The text of a file of the fixture. */
export function fixtureText(fixture: string, name: string): string {
  return gunzipSync(readFileSync(join(FIXTURES, fixture, `${name}.gz`))).toString('utf8');
}

/** Its data directory, at `to`. */
export function unpackDataDir(fixture: string, to: string): string {
  const from = join(FIXTURES, fixture, 'var');
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const packed = join(entry.parentPath, entry.name);
    const path = join(to, relative(from, packed).replace(/\.gz$/, ''));
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, gunzipSync(readFileSync(packed)));
  }
  return to;
}
