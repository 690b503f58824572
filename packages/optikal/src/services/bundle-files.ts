/** Bundles on disk: a folder of files. A write goes to a folder beside it first and is renamed, so that a crash leaves no half bundle. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Bundle, type BundleContent, bundleFileNames, decodeBundle, encodeBundle } from '../detection/ensemble/bundle.ts';
import { DetectionError } from '../detection/errors.ts';

/** Largest file of a bundle that is read: far above any real one, far below what would exhaust memory. */
const MAX_FILES = 64;

export function readBundle(folder: string): Bundle {
  return decodeBundle(readBundleFiles(folder));
}

export function readBundleFiles(folder: string): Map<string, Uint8Array> {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path)) throw new DetectionError('bundle_missing_file', `expected \`manifest.json\` in \`${folder}\``);
  const manifest = readFileSync(path);
  const present = new Set(readdirSync(folder));
  const names = bundleFileNames(manifest);
  if (names.length > MAX_FILES) throw new DetectionError('bundle_format', `expected at most ${MAX_FILES} files in a bundle`);
  return new Map(names.filter((name) => present.has(name)).map((name) => [name, readFileSync(join(folder, name))]));
}

/** Writes the files, replacing a bundle that is there; anything else in the way is refused by the rename. */
export function writeBundleFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  const target = resolve(folder);
  const fresh = `${target}.new-${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(fresh, name), bytes);
  if (existsSync(join(target, 'manifest.json')) || (existsSync(target) && readdirSync(target).length === 0))
    rmSync(target, { recursive: true });
  renameSync(fresh, target);
}

export function writeBundle(folder: string, content: BundleContent): string {
  const { files, fingerprint } = encodeBundle(content);
  writeBundleFiles(folder, files);
  return fingerprint;
}
