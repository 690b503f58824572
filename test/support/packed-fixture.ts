/** A fixture of files that are packed one by one (gzip): how scripts/fixtures.ts packs it, and where a test unpacks its data directory. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

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

/** The packed bundles of a fixture; the one without a meta-model is the first. */
export function bundlesIn(from: string): { fingerprint: string; files: Map<string, Uint8Array> }[] {
  const found = readdirSync(from).map((fingerprint) => ({
    fingerprint,
    files: new Map<string, Uint8Array>(
      readdirSync(join(from, fingerprint)).map((name) => [
        name.replace(/\.gz$/, ''),
        gunzipSync(readFileSync(join(from, fingerprint, name))),
      ]),
    ),
  }));
  return found.sort((a, b) => Number(a.files.has('meta.model')) - Number(b.files.has('meta.model')));
}

/** Every file of a folder becomes a packed one. */
export function packFolder(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
    rmSync(path);
  }
}
