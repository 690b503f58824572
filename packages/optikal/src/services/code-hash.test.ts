import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { hashCode } from './code-hash.ts';

const root = mkdtempSync(join(tmpdir(), 'optikal-code-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const [a, b] = [join(root, 'a'), join(root, 'b')];
for (const folder of [a, b]) {
  mkdirSync(join(folder, 'deep'), { recursive: true });
  writeFileSync(join(folder, 'one.ts'), 'export const one = 1;\n');
  writeFileSync(join(folder, 'deep', 'two.js'), 'export const two = 2;\n');
}
const before = hashCode([a], 's');

it('depends on names and content, not on place and time', () => {
  expect(hashCode([b], 's')).toBe(before);
  utimesSync(join(b, 'one.ts'), new Date(0), new Date(0));
  expect(hashCode([b], 's')).toBe(before);
  expect(hashCode([b], 't')).not.toBe(before);
  writeFileSync(join(b, 'deep', 'two.js'), 'export const two = 3;\n');
  expect(hashCode([b], 's')).not.toBe(before);
  writeFileSync(join(b, 'deep', 'two.js'), 'export const two = 2;\n');
  renameSync(join(b, 'one.ts'), join(b, 'uno.ts'));
  expect(hashCode([b], 's')).not.toBe(before);
});

it('leaves tests and other files out', () => {
  mkdirSync(join(a, 'test-support'));
  for (const name of ['one.test.ts', 'notes.md', 'test-support/three.ts']) writeFileSync(join(a, name), 'x');
  expect(hashCode([a], 's')).toBe(before);
});

it('keeps a text that moves from one file to the next apart', () => {
  const c = join(root, 'c');
  mkdirSync(c);
  writeFileSync(join(c, 'a.ts'), 'x');
  writeFileSync(join(c, 'b.ts'), '');
  const first = hashCode([c], 's');
  writeFileSync(join(c, 'a.ts'), '');
  writeFileSync(join(c, 'b.ts'), 'x');
  expect(hashCode([c], 's')).not.toBe(first);
});
