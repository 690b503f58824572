import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const PACKAGE = join(import.meta.dirname, '..');
// Beside the page, so that the package's own name leads to it.
const FILE = join(PACKAGE, `readme-${process.pid}.tmp.mjs`);
const folder = mkdtempSync(join(tmpdir(), 'optikal-readme-'));
afterAll(() => {
  for (const path of [FILE, folder]) rmSync(path, { recursive: true, force: true });
});

test('the example of the page runs and prints what it says', () => {
  const page = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
  const code = /^```ts\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
  const expected = /console\.log\(.*\); \/\/ (.*)/.exec(code)?.[1];
  writeFileSync(FILE, code);
  const { stdout, stderr, status } = spawnSync(process.execPath, [FILE], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, TMPDIR: folder },
  });
  expect([stdout.trim(), stderr, status]).toEqual([expected, '', 0]);
});
