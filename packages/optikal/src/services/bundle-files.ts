/**
 * Bundles on disk: a folder of files. A write goes to a folder beside it, is flushed, and takes the target's place by renames, so that a
 * crash leaves the old bundle, the new one, or none under this name, but never half of one.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Bundle, type BundleContent, bundleFileNames, decodeBundle, encodeBundle } from '../detection/ensemble/bundle.ts';
import { DetectionError } from '../detection/errors.ts';
import { STARTER_FOLDER, STARTER_NAME } from './starter-folder.ts';

const MANIFEST = 'manifest.json';
/** Files of a bundle, and bytes of one, that are read at most: far above any real bundle, far below what would exhaust memory. */
const MAX_FILES = 64;
const MAX_FILE_BYTES = 1_073_741_824;

/** `folder` may be `starter`: the bundle that ships with the package. Errors: those of `decodeBundle`. */
export function readBundle(folder: string): Bundle {
  return decodeBundle(readBundleFiles(folder));
}

/** A folder of this name comes first. */
function packagedFolder(name: string): string {
  return name === STARTER_NAME && !existsSync(name) ? STARTER_FOLDER : name;
}

/** The files that the manifest lists, unchecked but for their number and size. A listed file that is absent is absent in the result. */
export function readBundleFiles(named: string): Map<string, Uint8Array> {
  const folder = packagedFolder(named);
  if (!existsSync(join(folder, MANIFEST))) throw new DetectionError('bundle_missing_file', `expected \`${MANIFEST}\` in \`${folder}\``);
  const manifest = readBounded(folder, MANIFEST);
  const present = new Set(readdirSync(folder));
  const names = bundleFileNames(manifest);
  if (names.length > MAX_FILES) throw new DetectionError('bundle_format', `expected at most ${MAX_FILES} files in a bundle`);
  return new Map(names.filter((name) => present.has(name)).map((name) => [name, readBounded(folder, name)]));
}

function readBounded(folder: string, name: string): Uint8Array {
  const found = statSync(join(folder, name));
  if (!found.isFile() || found.size > MAX_FILE_BYTES)
    throw new DetectionError('bundle_format', `expected \`${name}\` to be a file of at most ${MAX_FILE_BYTES} bytes`);
  return readFileSync(join(folder, name));
}

/** Writes the files, replacing a bundle (or an empty folder) that is there. Errors: bundle_format where anything else is in the way. */
export function writeBundleFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  const target = resolve(folder);
  const fresh = `${target}.new-${process.pid}`;
  const old = `${target}.old-${process.pid}`;
  const replaces = existsSync(target);
  if (replaces && !existsSync(join(target, MANIFEST)) && !isEmptyFolder(target))
    throw new DetectionError('bundle_format', `expected a bundle, an empty folder or nothing at \`${folder}\``);
  // A crashed process of the same number may have left these.
  for (const leftover of [fresh, old]) rmSync(leftover, { recursive: true, force: true });
  try {
    mkdirSync(fresh, { recursive: true });
    for (const [name, bytes] of files) writeFileSync(join(fresh, name), bytes, { flush: true });
    syncFolder(fresh);
    if (replaces) renameSync(target, old);
    renameSync(fresh, target);
    syncFolder(dirname(target));
  } catch (error) {
    if (replaces && !existsSync(target)) renameSync(old, target);
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

function isEmptyFolder(path: string): boolean {
  return statSync(path).isDirectory() && readdirSync(path).length === 0;
}

/** Makes names durable, where the system can open a folder (Windows cannot). */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export function writeBundle(folder: string, content: BundleContent): string {
  const { files, fingerprint } = encodeBundle(content);
  writeBundleFiles(folder, files);
  return fingerprint;
}
