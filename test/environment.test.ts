/** Every OPTIKAL_ variable that the program or its tests read is a setting or stands in the one list of the others. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { OTHER_VARIABLES, SETTINGS } from '../packages/optikal/src/config/index.ts';

const ROOT = resolve(import.meta.dirname, '..');
const PATTERNS = ['packages/*/src/**/*.ts', 'test/**/*.ts', 'scripts/*.ts', 'bench/**/*.ts', 'docs/*.md', 'README.md', 'CONTRIBUTING.md'];
/** Names that tests of refusals make up, and the prefix alone. */
const MADE_UP = /^OPTIKAL_(HTTP_PROT|TRAINING_SEDE)?$/;

test('every OPTIKAL_ variable is known, and every known one is read somewhere', () => {
  const known = new Set([...Object.keys(OTHER_VARIABLES), ...SETTINGS.map(({ environment }) => environment)]);
  const used = new Map<string, string>();
  for (const path of PATTERNS.flatMap((pattern) => globSync(pattern, { cwd: ROOT }))) {
    if (path.includes('src/config/') || path.includes('fixtures')) continue;
    for (const [name] of readFileSync(join(ROOT, path), 'utf8').matchAll(/(?<![A-Z_])OPTIKAL_[A-Z_]*/g))
      if (!MADE_UP.test(name)) used.set(name, path);
  }
  expect([...used].filter(([name]) => !known.has(name))).toEqual([]);
  for (const name of Object.keys(OTHER_VARIABLES)) expect([...used.keys()]).toContain(name);
});
