/** What holds for every command: help with an example, a wrong command line, the shape of an error. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import { createProgram, VERSION } from '../../packages/optikal/src/cli/run.ts';
import { cli, collected } from './support.ts';

const ROOT = resolve(import.meta.dirname, '../..');
type Command = ReturnType<typeof createProgram>;
const program = createProgram(collected().io, () => {});
const walk = (command: Command, path: string[] = []): string[][] =>
  command.commands.flatMap((child) => [[...path, child.name()], ...walk(child, [...path, child.name()])]);
const COMMANDS = walk(program);

describe('every command', () => {
  test.each(COMMANDS.map((path) => [path.join(' '), path] as const))('%s has help with an example', async (_, path) => {
    const { code, out, err } = await cli([...path, '--help']);
    expect(code).toBe(EXIT.ok);
    expect(err).toBe('');
    expect(out).toMatch(/\nexamples?:\n {2}.*optikal /);
    expect(out).toContain(`Usage: optikal ${path.join(' ')}`);
  });

  test.each(COMMANDS.map((path) => [path.join(' '), path] as const))('%s refuses an unknown option on stderr', async (_, path) => {
    const { code, out, err } = await cli([...path, '--no-such-option']);
    expect(code).toBe(EXIT.usage);
    expect(out).toBe('');
    expect(err).toMatch(/error: /);
  });

  test('that does work has --json', () => {
    const find = (path: string[]) => path.reduce((at, name) => at.commands.find((child) => child.name() === name)!, program);
    for (const path of COMMANDS) {
      const command = find(path);
      if (command.commands.length > 0) continue;
      expect(
        command.options.map(({ long }) => long),
        path.join(' '),
      ).toContain('--json');
    }
  });
});

describe('the program', () => {
  test('lists every command and says where to start', async () => {
    const { code, out } = await cli(['--help']);
    expect(code).toBe(EXIT.ok);
    for (const [name] of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    expect(out).toContain('start here:');
  });

  test('has the version of its package', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'packages/optikal/package.json'), 'utf8')) as { version: string };
    expect(VERSION).toBe(version);
    expect((await cli(['--version'])).out.trim()).toBe(version);
  });

  test.each([
    [[]],
    [['nosuch']],
    [['models']],
    [['score']],
    [['generate', '--out', 'x', '--agents', '0']],
    [['generate', '--out', 'x', '--agents', '1e3']],
    [['generate', '--out', 'x', '--days', '-1']],
    [['serve', '--port', '65536']],
    [['serve', '--partitions', '0']],
    [['serve', '--fpr', '0.1']],
    [['serve', '--clock', 'sun']],
    [['score', '--bundle', 'x', '--fpr', '2']],
    [['score', '--bundle', 'x', '--fpr', '0.1', '--alerts-per-day', '3']],
    [['score', '--bundle', 'x', '--run', 'two words']],
    [['train', '--data', 'x', '--out', 'y', '--content', 'all']],
    [['train', '--data', 'x', '--out', ROOT]],
    [['evaluate', '--data', 'x']],
    [['evaluate', '--data', 'x', '--bundle', 'y', '--protocol', 'suite']],
    [['evaluate', '--data', 'x', '--protocol', 'weather']],
    [['explain']],
    [['explain', '--agent', 'a']],
    [['explain', '--agent', 'a', '--at', 'noon']],
    [['import', '--format', 'csv']],
    [['demo', '--speed', '-1']],
  ])('refuses the command line %j', async (args) => {
    const { code, out, err } = await cli(args);
    expect(code).toBe(EXIT.usage);
    expect(out).toBe('');
    expect(err).not.toBe('');
  });

  test.each([
    [['score', '--bundle', 'nowhere'], 'bundle_missing_file'],
    [['score', '--bundle', 'nowhere', 'no-file.jsonl'], 'data_not_found'],
    [['events', 'validate', ROOT], 'data_not_found'],
    [['train', '--data', 'nowhere', '--out', 'new-bundle'], 'data_not_found'],
    [['train', '--data', join(ROOT, 'docs'), '--out', 'new-bundle'], 'data_unrecognised'],
    [['explain', '--agent', 'a', '--at', '2026-01-05T10:00:00Z', '--data-dir', 'nowhere'], 'data_dir_missing'],
    [['verify', '--data-dir', 'nowhere'], 'data_dir_missing'],
  ])('%j fails with the code %s', async (args, expected) => {
    const plain = await cli(args);
    expect(plain.code).toBe(EXIT.failed);
    expect(plain.out).toBe('');
    expect(plain.err).toMatch(new RegExp(`^error ${expected}: [^\\n]+[^.\\n]\\n$`));
    const json = await cli([...args, '--json']);
    expect(JSON.parse(json.err)).toEqual({ error: { code: expected, message: expect.any(String) } });
  });

  test('names the places where a test may kill it', async () => {
    expect((await cli(['doctor'])).out).toContain(process.versions.node);
    expect(JSON.parse((await cli(['doctor', '--json'])).out)).toMatchObject({ node: process.versions.node });
    const { out } = await cli(['doctor', '--failpoints']);
    const names = Object.keys(JSON.parse((await cli(['doctor', '--failpoints', '--json'])).out) as object);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(out).toContain(name);
  });
});
