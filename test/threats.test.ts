/** Threats of docs/threat-model.md that no other file covers: packed bombs, bundles with links, paths in the place of names, exchanged packages. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { readBundle } from '../packages/optikal/src/services/bundle-files.ts';
import { keptBundle, readServing } from '../packages/optikal/src/services/data-folder.ts';
import { useTempFolder } from './support/temp-folder.ts';

const ROOT = resolve(import.meta.dirname, '..');
const MAIN = join(ROOT, 'packages/optikal/src/cli/main.ts');
const FIXTURE = resolve(import.meta.dirname, 'fixtures/v1');
const [FINGERPRINT = ''] = readFileSync(join(FIXTURE, 'alerts.jsonl'), 'utf8')
  .split('\n')
  .slice(0, 1)
  .map((line) => (JSON.parse((JSON.parse(line) as { body: string }).body) as { model: { fingerprint: string } }).model.fingerprint);
const temp = useTempFolder();

function copyOfBundle(): string {
  const folder = join(temp(), FINGERPRINT);
  cpSync(join(FIXTURE, 'var/bundles', FINGERPRINT), folder, { recursive: true });
  return folder;
}

describe('a packed file that unpacks to far more than the memory it is given', () => {
  let bomb = '';
  beforeAll(() => {
    bomb = join(temp(), 'bomb.jsonl.gz');
    // 160 MB in one line, and an event behind it. Members of gzip may follow each other.
    const line = gzipSync(Buffer.alloc(8_388_608, 'x'));
    const event = readFileSync(join(FIXTURE, 'later.jsonl'), 'utf8').split('\n')[0];
    writeFileSync(bomb, Buffer.concat([...Array.from({ length: 20 }, () => line), gzipSync(`\n${event}\n`)]));
  });

  test.each([
    ['events validate', ['events', 'validate', '--json'], 3, /"code":"too_large"/],
    ['tools', ['tools', '--json', '--events'], 0, /"refused":1\}/],
  ] as const)('is read line by line by %s: the long line is refused, the next one counts', (_, args, code, said) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--max-old-space-size=64', MAIN, ...args, bomb], { encoding: 'utf8' });
    expect(stderr).not.toContain('heap');
    expect(status).toBe(code);
    expect(stdout).toMatch(said);
  });
});

describe('a bundle', () => {
  test.each([
    ['a device', (path: string) => symlinkSync('/dev/zero', path), 'bundle_format'],
    ['a folder', (path: string) => mkdirSync(path), 'bundle_format'],
    ['a link to itself', (path: string) => symlinkSync(path, path), 'ELOOP'],
    ['a link to another file', (path: string) => symlinkSync('/etc/passwd', path), 'bundle_altered'],
    ['a link to nothing', (path: string) => symlinkSync('/nowhere', path), 'ENOENT'],
  ])('with %s in the place of a model is refused, and nothing of it is told', (_, put, code) => {
    const folder = copyOfBundle();
    const model = join(folder, 'boosting.model');
    rmSync(model);
    put(model);
    expect(() => readBundle(folder)).toThrow(expect.objectContaining({ code, message: expect.not.stringContaining('root:') }));
  });

  test('is never fetched from a path that a log names in the place of a fingerprint', () => {
    const dataDir = temp();
    const elsewhere = copyOfBundle();
    mkdirSync(join(dataDir, 'bundles'));
    for (const name of [`../../${elsewhere.split('/').slice(-2).join('/')}`, elsewhere, '..', '', 'x\u0000y'])
      expect(() => keptBundle(dataDir, name), name).toThrow();
    expect(readBundle(elsewhere).fingerprint).toBe(FINGERPRINT);
  });
});

test('a serve.json of strangers is not taken for a server', () => {
  const dataDir = temp();
  for (const text of ['{"pid":"1","port":80}', '{"pid":1}', '[]', '{}']) {
    writeFileSync(join(dataDir, 'serve.json'), text);
    expect(readServing(dataDir), text).toBeNull();
  }
});

describe('what npm brings', () => {
  const packages = Object.entries(
    (JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockEntry> }).packages,
  );

  test('has a SHA-512 each in the lockfile, workspaces aside', () => {
    const fetched = packages.filter(([path, { link }]) => path.includes('node_modules/') && link !== true);
    expect(fetched.length).toBeGreaterThan(100);
    for (const [path, { integrity }] of fetched) expect(integrity, path).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
  });

  test('is named by exact versions, and whoever brings an install script is refused by name', () => {
    const manifests = ['package.json', ...['ml', 'contracts', 'optikal'].map((name) => `packages/${name}/package.json`)];
    for (const path of manifests) {
      const manifest = JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Manifest;
      for (const group of [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies])
        for (const [name, version] of Object.entries(group ?? {})) expect(version, `${path}: ${name}`).toMatch(/^\d+\.\d+\.\d+$/);
    }
    const { allowScripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { allowScripts: Record<string, boolean> };
    const scripted = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));
    for (const name of scripted) expect(allowScripts[name], name).toBe(false);
  });
});

interface LockEntry {
  readonly link?: boolean;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
