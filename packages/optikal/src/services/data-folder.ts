/** The layout of a data directory (`var/`): bus.db, bundles/SHA/, serve.pid, serve.json. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundle, decodeBundle } from '../detection/ensemble/bundle.ts';
import { readBundle, readBundleFiles, writeBundleFiles } from './bundle-files.ts';

/** Who serves a data directory. */
export interface Serving {
  readonly pid: number;
  readonly port: number;
}

const bundleFolder = (dataDir: string, fingerprint: string) => join(dataDir, 'bundles', fingerprint);

/** Copies a bundle into the data directory, so that the log's epochs stay loadable whatever happens to the original. */
export function keepBundle(dataDir: string, folder: string): Bundle {
  const bundle = readBundle(folder);
  const target = bundleFolder(dataDir, bundle.fingerprint);
  if (existsSync(join(target, 'manifest.json'))) return bundle;
  mkdirSync(join(dataDir, 'bundles'), { recursive: true, mode: 0o700 });
  writeBundleFiles(target, readBundleFiles(folder));
  return bundle;
}

/** The bundle that an epoch names, and no other: its folder may hold a whole bundle that is not the one. */
export function keptBundle(dataDir: string, fingerprint: string): Bundle {
  return decodeBundle(readBundleFiles(bundleFolder(dataDir, fingerprint)), fingerprint);
}

export function hasKeptBundle(dataDir: string, fingerprint: string): boolean {
  return existsSync(join(bundleFolder(dataDir, fingerprint), 'manifest.json'));
}

export function writeServing(dataDir: string, serving: Serving): void {
  writeFileSync(join(dataDir, 'serve.pid'), `${serving.pid}\n`);
  writeFileSync(join(dataDir, 'serve.json'), `${JSON.stringify(serving)}\n`);
}

export function removeServing(dataDir: string): void {
  for (const name of ['serve.pid', 'serve.json']) rmSync(join(dataDir, name), { force: true });
}

/** null = nobody says that he serves it; a server that was killed leaves its word behind. */
export function readServing(dataDir: string): Serving | null {
  const path = join(dataDir, 'serve.json');
  if (!existsSync(path)) return null;
  const { pid, port } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Serving>; // written by writeServing; checked below
  return typeof pid === 'number' && typeof port === 'number' ? { pid, port } : null;
}
