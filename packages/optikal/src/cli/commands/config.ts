/** `optikal config`: prints the configuration with its sources, writes one to begin with, checks one. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import {
  ConfigError,
  describeSource,
  OTHER_VARIABLES,
  resolveSettings,
  SETTINGS,
  type SettingValue,
  type Source,
  templateYaml,
  valueAt,
} from '../../config/index.ts';
import { configFileName, type LoadedSettings, readConfigFile } from '../../services/settings.ts';
import { EXIT } from '../exit.ts';
import { colorsFor, type Io, print, say } from '../io.ts';
import type { Register } from '../register.ts';
import { addSettingOptions, orTellProblems, settingsOf, tellProblems } from '../settings.ts';
import { table } from '../tables.ts';

const DEFAULT_FILE = 'optikal.yaml';
/** A value that looks like a key and not like a path or a name: it was meant for a file, and is not shown. */
const KEY_LIKE = /^[\w+=-]{24,}$/;
/** Units that a number says nothing without; what else is counted is in the name of the setting. */
const MEASURES = new Set(['bytes', 'ms', 's', 'days']);
const REDACTED = '[redacted]';

export const configCommand: Register = (program, io, done) => {
  const config = program
    .command('config')
    .description('prints, writes and checks the configuration')
    .addHelpText('after', '\nexamples:\n  optikal config init\n  optikal config print');
  const printCommand = config.command('print').description('each setting of serve, its value and where it came from');
  addSettingOptions(printCommand)
    .option('--json', 'machine-readable')
    .addHelpText('after', '\nexample:\n  optikal config print --config optikal.yaml --port 9000')
    .action(async ({ json = false }: { json?: boolean }) => {
      done(await orTellProblems(io, json, () => printSettings(io, settingsOf(printCommand, io), json)));
    });
  config
    .command('init')
    .description('writes a file with every setting at its default, explained; never over another')
    .argument('[file]', 'the file to write', DEFAULT_FILE)
    .option('--json', 'machine-readable')
    .addHelpText('after', '\nexample:\n  optikal config init')
    .action(async (file: string, { json = false }: { json?: boolean }) => {
      done(await orTellProblems(io, json, () => init(io, file, json)));
    });
  const checkCommand = config
    .command('check')
    .description('says what is wrong with a configuration file')
    .argument('[file]', 'default OPTIKAL_CONFIG, else optikal.yaml or optikal.json in the current folder')
    .option('--json', 'machine-readable')
    .addHelpText('after', '\nexample:\n  optikal config check optikal.yaml');
  checkCommand.action(async (file: string | undefined, { json = false }: { json?: boolean }) => {
    done(await orTellProblems(io, json, () => check(io, checkCommand, file ?? null, json)));
  });
};

function printSettings(io: Io, { settings, sources, file }: LoadedSettings, json: boolean): number {
  const rows = SETTINGS.map(({ path, unit }) => ({
    path,
    unit,
    value: shown(valueAt(settings, path)),
    source: sources.get(path) ?? ({ kind: 'default' } satisfies Source),
  }));
  const variables = Object.keys(OTHER_VARIABLES).filter((name) => (io.env[name] ?? '') !== '');
  const variableValue = (name: string) => (OTHER_VARIABLES[name]?.secret === true ? REDACTED : (io.env[name] ?? ''));
  if (json) {
    const values = Object.fromEntries(rows.map(({ path, value, source }) => [path, { value, source }]));
    print(
      io,
      JSON.stringify({ file, settings: values, variables: Object.fromEntries(variables.map((name) => [name, variableValue(name)])) }),
    );
    return EXIT.ok;
  }
  const { dim } = colorsFor(io, 'stdout');
  const lines = table(
    rows.map(({ path, value, unit, source }) => [
      path,
      `${String(value)}${unit !== null && value !== null && MEASURES.has(unit) ? ` ${unit}` : ''}`,
      describeSource(source),
    ]),
  );
  // What is as it always is steps back.
  for (const [n, line] of lines.split('\n').entries()) print(io, rows[n]?.source.kind === 'default' ? dim(line) : line);
  if (variables.length > 0) print(io, `\n${table(variables.map((name) => [name, variableValue(name)]))}`);
  return EXIT.ok;
}

function shown(value: SettingValue): SettingValue {
  return typeof value === 'string' && KEY_LIKE.test(value) ? REDACTED : value;
}

function init(io: Io, file: string, json: boolean): number {
  try {
    writeFileSync(file, templateYaml(), { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const message = `expected no file at \`${file}\`, found one; it stays as it is`;
    throw new ConfigError([{ code: 'config_exists', path: '', message, file, line: null }]);
  }
  if (json) print(io, JSON.stringify({ file, settings: SETTINGS.length }));
  else say(io, `${file}: ${SETTINGS.length} settings at their defaults; optikal config check ${file} says what is wrong with it`);
  return EXIT.ok;
}

/** The file alone: neither environment nor flags. */
function check(io: Io, command: Command, named: string | null, json: boolean): number {
  const name = configFileName(named, io.env);
  if (name === null) return command.error('error: expected a file: neither OPTIKAL_CONFIG, optikal.yaml nor optikal.json is there');
  const file = readConfigFile(name);
  try {
    const { sources } = resolveSettings({ file, environment: {}, flags: new Map() });
    const given = [...sources.values()].filter(({ kind }) => kind === 'file').length;
    if (json) print(io, JSON.stringify({ file: name, settings: given, problems: [] }));
    else say(io, `${name}: ${given} settings, nothing is wrong`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (json) print(io, JSON.stringify({ file: name, problems: error.problems }));
    else tellProblems(io, false, error);
    return EXIT.differs;
  }
}
