/** `optikal tools`: on a data directory, beside its server's files, and on a file of events. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseToolsYaml } from '../../packages/optikal/src/detection/tools/index.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli, jsonLines } from './support.ts';

const FIXTURE = resolve(import.meta.dirname, '../fixtures/v1');
const temp = useTempFolder();
let folder = '';
let dataDir = '';
beforeAll(() => {
  folder = temp();
  dataDir = join(folder, 'var');
  cpSync(join(FIXTURE, 'var'), dataDir, { recursive: true });
});

interface Line {
  readonly tool?: string;
  readonly source?: string;
  readonly calls: number;
}

describe('tools of a data directory', () => {
  test('are taken as the bundle in force takes them, the unknown ones first', async () => {
    const { code, out } = await cli(['tools', '--data-dir', dataDir, '--json']);
    expect(code).toBe(0);
    const lines = jsonLines<Line>(out);
    expect(lines.map(({ tool, source }) => [tool, source])).toEqual([
      ['frobnicate', 'unknown'],
      ['search_docs', 'user'],
      ['read_inbox', 'user'],
      ['send_email', 'user'],
      [undefined, undefined],
    ]);
    expect(lines.at(-1)).toMatchObject({ tools: 4, unknownTools: 1, unknownCalls: lines[0]!.calls });
  });

  test('are a table for people, with the share of unknown calls below', async () => {
    const { out, err } = await cli(['tools', '--data-dir', dataDir]);
    expect(out.split('\n')[0]).toMatch(/^tool +effect +kind +on whose word +calls +failed +agents +first seen +last seen +of all changes$/);
    expect(out.split('\n')[1]).toMatch(/^frobnicate +unknown +- +unknown +\d+ +0 +3 +2026-01-05 09:01 +2026-01-05 09:08 +-$/);
    expect(err).toMatch(/^\d+ calls of 4 tools; [\d.]+ % of the calls are of 1 unknown tools\n$/);
  });

  test('that nobody knows go into a tools.yaml, which is never overwritten', async () => {
    const path = join(folder, 'tools.yaml');
    const first = await cli(['tools', '--data-dir', dataDir, '--unknown', '--out', path]);
    expect(first.code).toBe(0);
    expect(first.out.trimEnd().split('\n')).toHaveLength(2);
    const text = readFileSync(path, 'utf8');
    expect(parseToolsYaml(text)).toEqual({ tools: { frobnicate: { effect: 'unknown' } } });
    const second = await cli(['tools', '--data-dir', dataDir, '--out', path]);
    expect(second.code).toBe(2);
    expect(second.err).toContain('never overwrites');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

test('a log with a record that is no JSON is refused with a code, not taken for a defect of ours', async () => {
  const spoiled = join(temp(), 'var');
  cpSync(join(FIXTURE, 'var'), spoiled, { recursive: true });
  const log = new DatabaseSync(join(spoiled, 'bus.db'));
  log.exec("UPDATE log SET payload = '{' WHERE place = (SELECT max(place) FROM log WHERE kind = 0)");
  log.close();
  const { code, err } = await cli(['tools', '--data-dir', spoiled]);
  expect(code).toBe(1);
  expect(err).toMatch(/^error bus_corrupt: .*a record of the log is not JSON\n$/);
});

describe('tools of a file of events', () => {
  test('are judged by their names alone, or by a bundle; packed or not, the same', async () => {
    const plain = join(FIXTURE, 'later.jsonl');
    const packed = join(folder, 'later.jsonl.gz');
    writeFileSync(packed, gzipSync(readFileSync(plain)));
    const { out } = await cli(['tools', '--events', plain, '--json']);
    expect(jsonLines<Line>(out).map(({ source }) => source)).toEqual(['unknown', 'classifier', 'classifier', 'classifier', undefined]);
    expect((await cli(['tools', '--events', packed, '--json'])).out).toBe(out);
    const [bundle] = jsonLines<{ body: string }>(readFileSync(join(FIXTURE, 'alerts.jsonl'), 'utf8')).map(
      ({ body }) => (JSON.parse(body) as { model: { fingerprint: string } }).model.fingerprint,
    );
    const judged = await cli(['tools', '--events', plain, '--bundle', join(dataDir, 'bundles', bundle!), '--json']);
    expect(jsonLines<Line>(judged.out).map(({ source }) => source)).toEqual(['unknown', 'user', 'user', 'user', undefined]);
  });

  test('that turn text around in a terminal are spelled out', async () => {
    const line = readFileSync(join(FIXTURE, 'later.jsonl'), 'utf8').replaceAll('search_docs', 'search\u202e_docs');
    const { out } = await cli(['tools', '--events', '-'], { stdin: line });
    expect(out).toContain('search<U+202E>_docs');
    expect(out).not.toContain('\u202e');
  });

  test('need one of the two, and a file that is there', async () => {
    expect((await cli(['tools'])).code).toBe(2);
    expect((await cli(['tools', '--events', 'x', '--data-dir', 'y'])).code).toBe(2);
    expect((await cli(['tools', '--events', join(folder, 'nowhere')])).err).toMatch(/^error data_not_found/);
    expect(await cli(['tools', '--data-dir', join(folder, 'nowhere')])).toMatchObject({ code: 1 });
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });
});
