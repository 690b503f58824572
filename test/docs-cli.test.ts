/** docs/cli.md and the program say the same: every command, argument and option, and every command line in the pages is one. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../packages/optikal/src/cli/exit.ts';
import { createProgram } from '../packages/optikal/src/cli/run.ts';
import { collected } from './cli/support.ts';

const ROOT = resolve(import.meta.dirname, '..');
type Command = ReturnType<typeof createProgram>;
const program = createProgram(collected().io, () => {});
const page = readFileSync(join(ROOT, 'docs/cli.md'), 'utf8');
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section]),
);

const leaves = (command: Command, path: string): [string, Command][] =>
  command.commands.flatMap((child) =>
    child.commands.length > 0 ? leaves(child, `${path} ${child.name()}`) : [[`${path} ${child.name()}`, child] satisfies [string, Command]],
  );
const COMMANDS = leaves(program, 'optikal');

describe('docs/cli.md', () => {
  test.each(COMMANDS)('has %s with each of its options and an example', (path, command) => {
    const section = sections.get(path);
    expect(section).toBeDefined();
    for (const { flags, long } of command.options) expect(section, flags).toContain(`\`${flags}\``.replace(/^`-., /, '`') || long);
    for (const argument of command.registeredArguments)
      if (!argument.required) expect(section).toContain(`\`[${argument.name()}]\``.replace('`[alert-id]`', 'by alert id'));
    expect(section).toMatch(new RegExp(`^(.* \\| )?npx ${path}\\b`, 'm'));
  });

  test('has no option that the program does not know', () => {
    const known = new Set(COMMANDS.flatMap(([, command]) => command.options.map(({ long }) => long)));
    for (const [, long] of page.matchAll(/`(--[a-z-]+)[ `]/g)) expect(known).toContain(long);
  });

  test('has no command that the program does not know', () => {
    const documented = [...sections.keys()].filter((title) => title.startsWith('optikal '));
    expect(documented.sort()).toEqual(COMMANDS.map(([path]) => path).sort());
  });

  test('has every exit code', () => {
    for (const code of Object.values(EXIT)) expect(sections.get('Exit codes')).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
  });
});

describe('the command lines of the pages', () => {
  const lines = ['README.md', 'docs/cli.md', 'docs/quickstart.md', 'docs/operations.md', 'docs/semantics.md', 'docs/bundle.md'].flatMap(
    (name) =>
      [...readFileSync(join(ROOT, name), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block]) =>
        block!
          .split('\n')
          .flatMap((line) =>
            [...line.matchAll(/npx optikal ([^|<>#&]+)/g)].map(([, args]) => [`${name}: optikal ${args!.trim()}`, args!.trim()] as const),
          ),
      ),
  );

  test.each(lines)('%s', (_, text) => {
    const words = text.split(/\s+/);
    let command = program;
    while (words.length > 0) {
      const next = command.commands.find((child) => child.name() === words[0]);
      if (next === undefined) break;
      command = next;
      words.shift();
    }
    expect(command).not.toBe(program);
    const { operands, unknown } = command.parseOptions(words);
    expect(unknown).toEqual([]);
    expect(operands.length).toBeLessThanOrEqual(command.registeredArguments.length);
    for (const option of command.options) if (option.mandatory) expect(command.getOptionValue(option.attributeName())).toBeDefined();
  });
});
