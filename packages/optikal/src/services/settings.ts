/** Where the configuration of a command comes from: finds and reads its file, and puts the paths in it where that file is. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  ConfigError,
  type ConfigFile,
  type Environment,
  MAX_FILE_BYTES,
  type Resolved,
  resolveSettings,
  SETTINGS,
  valueAt,
  withValue,
} from '../config/index.ts';

const NAMES = ['optikal.yaml', 'optikal.yml', 'optikal.json'];

export interface SettingsRequest {
  /** `--config`; null = OPTIKAL_CONFIG, else the first file of NAMES that is there. */
  readonly file: string | null;
  readonly environment: Environment;
  readonly flags: ReadonlyMap<string, { readonly flag: string; readonly value: unknown }>;
  /** Default: the folder of the process. */
  readonly folder?: string;
}

export interface LoadedSettings extends Resolved {
  /** The file that was read. */
  readonly file: string | null;
}

/** Throws a ConfigError with everything that is wrong. */
export function loadSettings({ file, environment, flags, folder = process.cwd() }: SettingsRequest): LoadedSettings {
  const name = configFileName(file, environment, folder);
  const resolved = resolveSettings({ file: name === null ? null : readConfigFile(name, folder), environment, flags });
  if (name === null) return { ...resolved, file: null };
  let { settings } = resolved;
  for (const { path, kind } of SETTINGS) {
    const value = valueAt(settings, path);
    if (kind === 'path' && typeof value === 'string' && resolved.sources.get(path)?.kind === 'file')
      settings = withValue(settings, path, resolve(folder, dirname(name), value));
  }
  return { ...resolved, settings, file: name };
}

export function configFileName(file: string | null, environment: Environment, folder = process.cwd()): string | null {
  if (file !== null) return file;
  const named = environment.OPTIKAL_CONFIG ?? '';
  if (named !== '') return named;
  return NAMES.find((one) => statSync(resolve(folder, one), { throwIfNoEntry: false })?.isFile() === true) ?? null;
}

/** Never more than the limit and one byte, whatever stands behind the name. */
export function readConfigFile(name: string, folder = process.cwd()): ConfigFile {
  const bytes = Buffer.alloc(MAX_FILE_BYTES + 1);
  let length = 0;
  try {
    const file = openSync(resolve(folder, name), 'r');
    try {
      for (let read = 1; read > 0 && length < bytes.length; length += read)
        read = readSync(file, bytes, length, bytes.length - length, null);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw refused('config_unreadable', `expected a readable configuration file at \`${name}\`${why}`, name);
  }
  try {
    return { name, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length)) };
  } catch {
    throw refused('config_syntax', `expected UTF-8 in \`${name}\``, name);
  }
}

function refused(code: 'config_unreadable' | 'config_syntax', message: string, file: string): ConfigError {
  return new ConfigError([{ code, path: '', message, file, line: null }]);
}
