/** Flags that are settings: one table for every command that takes them, their defaults from the schema. And how a refused configuration is told. */
import { type Command, Option } from 'commander';
import { ConfigError, DEFAULTS, type Settings, valueAt } from '../config/index.ts';
import { type LoadedSettings, loadSettings } from '../services/settings.ts';
import { EXIT } from './exit.ts';
import { colorsFor, type Io, say, tell } from './io.ts';
import { count, operatingOptions, port } from './options.ts';

/** Name of the option as commander has it → path of the setting. */
const SETTING_OF: Readonly<Record<string, string>> = {
  bundle: 'bundle',
  dataDir: 'dataDir',
  host: 'http.host',
  port: 'http.port',
  partitions: 'detector.partitions',
  clock: 'detector.clock',
  keys: 'http.keysFile',
  alertsPerDay: 'operatingPoint.alertsPerDay',
  fpr: 'operatingPoint.fpr',
  logLevel: 'log.level',
  seed: 'training.seed',
  prevalence: 'training.prevalence',
  workers: 'training.workers',
  permutations: 'training.permutations',
  roles: 'roles',
  bus: 'bus.kind',
  brokers: 'kafka.brokers',
  prefix: 'kafka.prefix',
};
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

/** Of commands that train and measure: what a file or variable says holds where no flag was given. */
const TRAINING = ['seed', 'prevalence', 'workers', 'permutations', 'alertsPerDay', 'fpr'];

export const configOption = (): Option =>
  new Option(
    '--config <file>',
    'settings as YAML or JSON; default OPTIKAL_CONFIG, else optikal.yaml or optikal.json in the current folder',
  );

/** The options of `serve` that are settings. */
export function addSettingOptions(command: Command): Command {
  command
    .addOption(configOption())
    .option('--bundle <dir>', 'the bundle to put into force; needed on the first start')
    .option('--data-dir <dir>', 'the data directory', DEFAULTS.dataDir)
    .option('--host <address>', 'another than 127.0.0.1 needs --keys', DEFAULTS.http.host)
    .option('--port <n>', '0 = a free one', port, DEFAULTS.http.port)
    .option('--partitions <n>', 'partitions of the log, fixed with the first start', count, DEFAULTS.detector.partitions)
    .addOption(
      new Option('--clock <clock>', 'wall: a tick each second; events: the events’ own time')
        .choices(['wall', 'events'])
        .default(DEFAULTS.detector.clock),
    )
    .option('--keys <file>', 'API keys: tenants and roles by SHA-256 of the key')
    .addOption(new Option('--log-level <level>', 'least level of what is logged').choices(LEVELS).default(DEFAULTS.log.level));
  for (const option of operatingOptions()) command.addOption(option);
  return addBusOptions(command).option('--roles <list>', 'with --bus kafka: some of api, router, detector', DEFAULTS.roles);
}

/** Where the log is: the data directory, or brokers. For commands that work with either. */
export function addBusOptions(command: Command): Command {
  return command
    .addOption(new Option('--bus <kind>', 'where the log is').choices(['embedded', 'kafka']).default(DEFAULTS.bus.kind))
    .option('--brokers <list>', 'with --bus kafka: HOST:PORT, several with commas')
    .option('--prefix <text>', 'with --bus kafka: what stands before the names of topics');
}

/** The options of a command that reads the log, wherever it is. */
export function addReaderOptions(command: Command): Command {
  command.addOption(configOption()).option('--data-dir <dir>', 'the data directory; detectors may be running', DEFAULTS.dataDir);
  return addBusOptions(command);
}

/** Flags that were given, environment, file, defaults. Throws a ConfigError. */
export function settingsOf(command: Command, io: Io): LoadedSettings {
  const flags = new Map<string, { flag: string; value: unknown }>();
  for (const option of command.options) {
    const name = option.attributeName();
    const path = SETTING_OF[name];
    if (path !== undefined && command.getOptionValueSource(name) === 'cli')
      flags.set(path, { flag: option.long ?? option.flags, value: command.getOptionValue(name) as unknown });
  }
  const file: unknown = command.getOptionValue('config');
  return loadSettings({ file: typeof file === 'string' ? file : null, environment: io.env, flags });
}

/** The flags of `train` or `evaluate`, with what file and environment say where none was given. Throws a ConfigError. */
export function withSettings<Flags extends object>(
  command: Command,
  io: Io,
  flags: Flags,
): { readonly flags: Flags; readonly settings: Settings } {
  const { settings } = settingsOf(command, io);
  const merged: Record<string, unknown> = Object.fromEntries(Object.entries(flags));
  for (const option of command.options) {
    const name = option.attributeName();
    if (!TRAINING.includes(name)) continue;
    const value = valueAt(settings, SETTING_OF[name]!); // each of TRAINING is one
    if (value === null) delete merged[name];
    else merged[name] = value;
  }
  return { flags: merged as Flags, settings }; // the same names, each of the kind that its own option gives
}

/** Every problem on a line of its own; what else is thrown passes. */
export async function orTellProblems(io: Io, json: boolean, work: () => number | Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    tellProblems(io, json, error);
    return error.code === 'config_unreadable' || error.code === 'config_exists' ? EXIT.failed : EXIT.usage;
  }
}

export function tellProblems(io: Io, json: boolean, { code, message, problems }: ConfigError): void {
  if (json) {
    tell(io, JSON.stringify({ error: { code, message, problems } }));
    return;
  }
  const { red } = colorsFor(io, 'stderr');
  for (const problem of problems) say(io, `${red('error')} ${problem.code}: ${problem.message}`, { on: 'stderr', hang: 2 });
}
