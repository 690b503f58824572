import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { dataFolder, findData } from './support/data.ts';

const root = mkdtempSync(join(tmpdir(), 'optikal-data-'));
mkdirSync(join(root, 'data/agents'), { recursive: true });
writeFileSync(join(root, 'data/agents/a.json'), '{}');
afterAll(() => rmSync(root, { recursive: true }));

function find(env: Record<string, string>, ...files: string[]): { folder: string | null; warnings: string[] } {
  const warnings: string[] = [];
  return { folder: findData(env, root, files, (message) => warnings.push(message)), warnings };
}

describe('the data folder', () => {
  test('is the one that OPTIKAL_DATA names, relative to the repository', () => {
    expect(find({ OPTIKAL_DATA: 'data' }, 'agents/a.json')).toEqual({ folder: join(root, 'data'), warnings: [] });
  });

  test('absent, or without a file that is needed, is a warning that says what to do', () => {
    const { folder, warnings } = find({ OPTIKAL_DATA: 'data' }, 'agents/a.json', 'agents/b.json');
    expect(folder).toBeNull();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^SKIPPED: agents\/b\.json not found .*set OPTIKAL_DATA/);
    expect(find({ OPTIKAL_DATA: 'nowhere' }).warnings[0]).toMatch(/the folder itself not found/);
  });

  test('absent is a failure where OPTIKAL_REQUIRE_DATA is 1', () => {
    expect(() => find({ OPTIKAL_DATA: 'nowhere', OPTIKAL_REQUIRE_DATA: '1' })).toThrow(/set OPTIKAL_DATA to the data folder/);
  });

  // A test that looks for its files by itself would be skipped in silence; this one holds for all of them.
  test('holds what the tests need', ({ skip }) => {
    const folder = dataFolder('agents/sessions.jsonl.gz', 'agents/traces.jsonl.gz', 'agents/call_outputs.jsonl.gz', 'tabular');
    skip(folder === null, 'the data folder is absent');
    expect(folder).not.toBeNull();
  });
});
