import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { smallBundle } from '../../../../test/support/small-bundles.ts';
import { readBundle, readBundleFiles, writeBundle, writeBundleFiles } from './bundle-files.ts';

const root = mkdtempSync(join(tmpdir(), 'optikal-bundle-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let made = 0;
const fresh = () => {
  const folder = join(root, String(made++));
  mkdirSync(folder);
  return folder;
};
const [x, y] = [smallBundle('x').bundle, smallBundle('y').bundle];

describe('a bundle on disk', () => {
  it('is what was written', () => {
    const folder = join(fresh(), 'bundle');
    expect(writeBundle(folder, x)).toBe(x.fingerprint);
    expect(readBundle(folder).fingerprint).toBe(x.fingerprint);
  });

  it('takes the place of another as a whole, and leaves nothing beside it', () => {
    const parent = fresh();
    const folder = join(parent, 'bundle');
    writeBundle(folder, x);
    writeFileSync(join(folder, 'stale.model'), 'of the old one');
    writeBundle(folder, y);
    expect(readBundle(folder).fingerprint).toBe(y.fingerprint);
    expect(existsSync(join(folder, 'stale.model'))).toBe(false);
    expect(readdirSync(parent)).toEqual(['bundle']);
  });

  it('may go into an empty folder, and into one whose parents are not there yet', () => {
    writeBundle(fresh(), x);
    const deep = join(fresh(), 'a', 'b');
    writeBundle(deep, x);
    expect(readBundle(deep).fingerprint).toBe(x.fingerprint);
  });

  it.each([
    ['a folder of other things', (path: string) => mkdirSync(join(path, 'mine'), { recursive: true })],
    ['a file', (path: string) => writeFileSync(path, 'mine')],
  ])('never replaces %s', (_, put) => {
    const parent = fresh();
    const folder = join(parent, 'bundle');
    put(folder);
    expect(() => writeBundle(folder, x)).toThrow(expect.objectContaining({ code: 'bundle_format' }));
    expect(readdirSync(parent)).toEqual(['bundle']);
  });

  it('brings nothing along that a crashed writer left', () => {
    const parent = fresh();
    const left = join(parent, `bundle.new-${process.pid}`);
    mkdirSync(left);
    writeFileSync(join(left, 'half.model'), 'half');
    writeBundle(join(parent, 'bundle'), x);
    expect(existsSync(join(parent, 'bundle', 'half.model'))).toBe(false);
    expect(readdirSync(parent)).toEqual(['bundle']);
  });

  it('keeps the old one where a write fails', () => {
    const parent = fresh();
    const folder = join(parent, 'bundle');
    writeBundle(folder, x);
    const impossible = new Map([...readBundleFiles(folder), ['no/such/folder', new Uint8Array(1)]]);
    expect(() => writeBundleFiles(folder, impossible)).toThrow('ENOENT');
    expect(readBundle(folder).fingerprint).toBe(x.fingerprint);
    expect(readdirSync(parent)).toEqual(['bundle']);
  });
});

/** Kills its own process at the n-th rename, as a power cut would. */
const WRITER = `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const [from, to, count] = process.argv.slice(1);
  const rename = fs.renameSync;
  let left = Number(count);
  fs.renameSync = (a, b) => {
    if (--left === 0) process.kill(process.pid, 'SIGKILL');
    rename(a, b);
  };
  syncBuiltinESMExports();
  const { readBundleFiles, writeBundleFiles } = await import('./bundle-files.ts');
  writeBundleFiles(to, readBundleFiles(from));`;

function writeAndDie(from: string, to: string, rename: number): string | null {
  return spawnSync(process.execPath, ['--input-type=module', '-e', WRITER, from, to, String(rename)], { cwd: import.meta.dirname }).signal;
}

describe('a crash', () => {
  const source = smallBundle('y').folder;

  it('before the rename leaves no bundle where there was none', () => {
    const folder = join(fresh(), 'bundle');
    expect(writeAndDie(source, folder, 1)).toBe('SIGKILL');
    expect(existsSync(folder)).toBe(false);
  });

  it('before the first rename leaves the old one; between the two, none, and the next write makes it whole', () => {
    const folder = join(fresh(), 'bundle');
    writeBundle(folder, x);
    expect(writeAndDie(source, folder, 1)).toBe('SIGKILL');
    expect(readBundle(folder).fingerprint).toBe(x.fingerprint);
    expect(writeAndDie(source, folder, 2)).toBe('SIGKILL');
    expect(existsSync(folder)).toBe(false);
    execFileSync(process.execPath, ['--input-type=module', '-e', WRITER, source, folder, '0'], { cwd: import.meta.dirname });
    expect(readBundle(folder).fingerprint).toBe(y.fingerprint);
  });
});

describe('reading', () => {
  it('refuses a folder without a manifest, and names it', () => {
    expect(() => readBundle(join(root, 'absent'))).toThrow(expect.objectContaining({ code: 'bundle_missing_file' }));
  });

  it('refuses a folder in the place of a file', () => {
    const folder = join(fresh(), 'bundle');
    writeBundle(folder, x);
    rmSync(join(folder, 'boosting.model'));
    mkdirSync(join(folder, 'boosting.model'));
    expect(() => readBundle(folder)).toThrow(expect.objectContaining({ code: 'bundle_format' }));
  });

  it('finds a changed byte in any file', () => {
    for (const name of readBundleFiles(smallBundle('x').folder).keys()) {
      const folder = join(fresh(), 'bundle');
      writeBundle(folder, x);
      const bytes = readFileSync(join(folder, name));
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(join(folder, name), bytes);
      expect(() => readBundle(folder), name).toThrow(expect.objectContaining({ code: expect.stringMatching(/^bundle_(altered|format)$/) }));
    }
  });
});
