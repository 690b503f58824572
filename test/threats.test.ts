/** Threats of docs/threat-model.md that no other file covers: packed bombs, bundles with links, paths in the place of names. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { readBundle } from '../packages/optikal/src/services/bundle-files.ts';
import { keptBundle, readServing } from '../packages/optikal/src/services/data-folder.ts';
import { useTempFolder } from './support/temp-folder.ts';

const MAIN = resolve(import.meta.dirname, '../packages/optikal/src/cli/main.ts');
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
