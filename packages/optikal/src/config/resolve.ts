/** Defaults, file, environment and flags become one configuration, each value with where it came from. The later source wins. */
import { checkValue } from './check.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { ConfigError, type Problem, placeOf } from './errors.ts';
import { type ConfigFile, readConfigText } from './file.ts';
import { EXCLUSIVE, type Settings } from './settings.ts';
import { SETTINGS, type SettingValue, settingAt } from './table.ts';

export type Source =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'flag'; readonly flag: string };

export interface Sources {
  readonly file: ConfigFile | null;
  readonly environment: Environment;
  /** Path of a setting → the flag that gave it. */
  readonly flags: ReadonlyMap<string, { readonly flag: string; readonly value: unknown }>;
}

export interface Resolved {
  readonly settings: Settings;
  readonly sources: ReadonlyMap<string, Source>;
}

interface Given {
  readonly value: SettingValue;
  readonly source: Source;
}

/** Throws a ConfigError with every problem of every source. */
export function resolveSettings({ file, environment, flags }: Sources): Resolved {
  const read = file === null ? { values: [], problems: [] } : readConfigText(file);
  const variables = readEnvironment(environment);
  const problems: Problem[] = [...read.problems, ...variables.problems];
  const layers: Map<string, Given>[] = [
    new Map(read.values.map(({ path, value, line }) => [path, { value, source: { kind: 'file', file: file?.name ?? '', line } }])),
    new Map(variables.values.map(({ path, name, value }) => [path, { value, source: { kind: 'environment', name } }])),
    flagLayer(flags, problems),
  ];
  const given = new Map<string, Given>();
  for (const layer of layers) {
    for (const group of EXCLUSIVE) dropOthers(group, layer, given, problems);
    for (const [path, one] of layer) given.set(path, one);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const sources = new Map<string, Source>(SETTINGS.map(({ path }) => [path, given.get(path)?.source ?? { kind: 'default' }]));
  return { settings: treeOf((path) => given.get(path)?.value), sources };
}

export const DEFAULTS: Settings = treeOf(() => undefined);

/** The value of a setting by its path. */
export function valueAt(settings: Settings, path: string): SettingValue {
  let at: unknown = settings;
  for (const name of path.split('.')) at = (at as Readonly<Record<string, unknown>>)[name]; // every path of SETTINGS is one of Settings
  return at as SettingValue; // a leaf of the schema
}

/** A copy with another value. */
export function withValue(settings: Settings, path: string, value: SettingValue): Settings {
  return treeOf((at) => (at === path ? value : valueAt(settings, at)));
}

export function describeSource(source: Source): string {
  if (source.kind === 'default') return 'default';
  if (source.kind === 'file') return `${source.file}:${source.line}`;
  return source.kind === 'environment' ? source.name : source.flag;
}

function flagLayer(flags: Sources['flags'], problems: Problem[]): Map<string, Given> {
  const layer = new Map<string, Given>();
  for (const [path, { flag, value }] of flags) {
    const checked = checkValue(settingAt(path)!, value); // flags are bound to settings by the program
    if (checked.ok) layer.set(path, { value: checked.value, source: { kind: 'flag', flag } });
    else problems.push({ code: checked.code, path, message: `${checked.message} (${flag})`, file: null, line: null });
  }
  return layer;
}

function dropOthers(group: readonly string[], layer: ReadonlyMap<string, Given>, given: Map<string, Given>, problems: Problem[]): void {
  const here = group.filter((path) => (layer.get(path)?.value ?? null) !== null);
  if (here.length === 0) return;
  for (const path of group) given.delete(path);
  if (here.length === 1) return;
  const { source } = layer.get(here[1]!)!; // here holds paths of the layer
  const [file, line] = source.kind === 'file' ? [source.file, source.line] : [null, null];
  const message = `expected one of ${here.map((path) => `\`${path}\``).join(' and ')}, found both${file === null ? ` (${describeSource(source)})` : placeOf(file, line)}`;
  problems.push({ code: 'settings_conflict', path: here[1]!, message, file, line });
}

/** Defaults where nothing is given. */
function treeOf(given: (path: string) => SettingValue | undefined): Settings {
  const build = (section: string): Record<string, unknown> => {
    const tree: Record<string, unknown> = {};
    for (const { path, default: preset } of SETTINGS) {
      const rest = section === '' ? path : path.startsWith(`${section}.`) ? path.slice(section.length + 1) : '';
      const [name = '', ...inner] = rest.split('.');
      if (name === '' || Object.hasOwn(tree, name)) continue;
      const at = section === '' ? name : `${section}.${name}`;
      const value = given(at);
      tree[name] = inner.length > 0 ? build(at) : value === undefined ? preset : value;
    }
    return tree;
  };
  return build('') as Settings; // every path of the schema was set, each to a value that was checked
}
