import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deadLinks, docFiles } from '../scripts/docs.ts';
import { codeLists } from '../scripts/docs-errors.ts';
import { ROOT, stale } from '../scripts/generated.ts';
import { kernelFiles } from '../scripts/kernels.ts';
import { schemaFiles } from '../scripts/schemas.ts';

const lists = await codeLists();

describe('what is written from the code', () => {
  test('schemas/ is fresh (else: npm run schemas)', () => {
    expect(stale(schemaFiles())).toEqual([]);
  });

  test('the kernels are those of their sources (else: npm run kernels)', async () => {
    expect(stale(await kernelFiles())).toEqual([]);
  });

  test('docs/errors.md and docs/features.md are fresh (else: npm run docs)', async () => {
    expect(stale(await docFiles())).toEqual([]);
  });

  test('no link of a page leads nowhere', () => {
    expect(deadLinks()).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
  const documented = new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf('\n')), [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, code]) => code)]),
  );

  test('knows the lists of contracts, numbers, bus and detection', () => {
    expect(lists.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['EVENT_ERRORS', 'ML_ERROR_CODES', 'BUS_ERRORS', 'DETECTION_ERRORS']),
    );
  });

  test.each(lists.map((list) => [list.name, list] as const))('names each code of %s, and no other', (name, list) => {
    expect(documented.get(name)).toEqual(Object.keys(list.codes));
  });

  test('has no section without a list', () => {
    expect([...documented.keys()].sort()).toEqual(lists.map(({ name }) => name).sort());
  });

  test.each(lists.map((list) => [list.name, list] as const))(
    '%s says what each code means, lower case and without a full stop',
    (_, list) => {
      for (const [code, meaning] of Object.entries(list.codes)) {
        expect(code).toMatch(/^[a-z][a-z0-9_]*$|^[A-Z][A-Z0-9_]*$/);
        expect(meaning, code).toMatch(/^[^\n]{5,160}[^.\s]$/);
      }
    },
  );
});
