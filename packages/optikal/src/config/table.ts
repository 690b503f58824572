/** The settings as a flat list, by path: what the sources, the pages and the messages go by. Derived from the schema, nothing is said twice. */
import type { TSchema } from 'typebox';
import { isSection, SettingsSchema } from './settings.ts';

export type SettingValue = string | number | boolean | null;
export type SettingKind = 'whole' | 'number' | 'switch' | 'text' | 'list' | 'path' | 'choice';

export interface Setting {
  /** Names from the outside in, with dots: `http.limits.bodyBytes`. */
  readonly path: string;
  /** `OPTIKAL_` and the path in capitals: `OPTIKAL_HTTP_LIMITS_BODY_BYTES`. */
  readonly environment: string;
  readonly kind: SettingKind;
  readonly nullable: boolean;
  readonly default: SettingValue;
  readonly unit: string | null;
  readonly description: string;
  /** What a value must be, in words. */
  readonly expected: string;
  readonly schema: JsonLeaf;
}

/** The parts of JSON Schema that settings use. */
export interface JsonLeaf {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** Of a list: what it is made of. */
  readonly expected?: string;
}

interface Annotated extends JsonLeaf {
  readonly anyOf?: readonly JsonLeaf[];
  readonly default?: SettingValue;
  readonly unit?: string;
  readonly description?: string;
}

export interface Section {
  /** '' = the whole. */
  readonly path: string;
  readonly description: string;
}

export const SECTIONS: readonly Section[] = sectionsOf(SettingsSchema, '');
export const SETTINGS: readonly Setting[] = settingsOf(SettingsSchema, '');

const BY_PATH = new Map(SETTINGS.map((setting) => [setting.path, setting]));
const BY_ENVIRONMENT = new Map(SETTINGS.map((setting) => [setting.environment, setting]));
const SECTION_PATHS = new Set(SECTIONS.map(({ path }) => path));

export const settingAt = (path: string): Setting | null => BY_PATH.get(path) ?? null;
export const settingOf = (environment: string): Setting | null => BY_ENVIRONMENT.get(environment) ?? null;
export const isSectionPath = (path: string): boolean => SECTION_PATHS.has(path);

/** `http.keysFile` → `OPTIKAL_HTTP_KEYS_FILE`. */
export function environmentName(path: string): string {
  return `OPTIKAL_${path.replace(/[A-Z]/g, '_$&').replaceAll('.', '_').toUpperCase()}`;
}

function sectionsOf(schema: TSchema, path: string): Section[] {
  if (!isSection(schema)) return [];
  const { description = '' }: Annotated = schema;
  return [{ path, description }, ...childrenOf(schema, path).flatMap(([at, child]) => sectionsOf(child, at))];
}

function settingsOf(schema: TSchema, path: string): Setting[] {
  if (isSection(schema)) return childrenOf(schema, path).flatMap(([at, child]) => settingsOf(child, at));
  const annotated: Annotated = schema;
  const leaf = annotated.anyOf?.find(({ type }) => type !== 'null') ?? annotated;
  const nullable = annotated.anyOf !== undefined;
  return [
    {
      path,
      environment: environmentName(path),
      kind: kindOf(leaf),
      nullable,
      default: annotated.default ?? null,
      unit: annotated.unit ?? null,
      description: annotated.description ?? '',
      expected: `${expectedOf(leaf)}${nullable ? ' or null' : ''}`,
      schema: leaf,
    },
  ];
}

function childrenOf(schema: TSchema, path: string): [string, TSchema][] {
  return isSection(schema) ? Object.entries(schema.properties).map(([name, child]) => [path === '' ? name : `${path}.${name}`, child]) : [];
}

function kindOf({ type, enum: choices, format }: JsonLeaf): SettingKind {
  if (choices !== undefined) return 'choice';
  if (type === 'integer') return 'whole';
  if (type === 'number') return 'number';
  if (type === 'boolean') return 'switch';
  return format === 'path' || format === 'list' ? format : 'text';
}

function expectedOf(leaf: JsonLeaf): string {
  const kind = kindOf(leaf);
  if (kind === 'choice') return `one of ${leaf.enum!.map((one) => `\`${one}\``).join(', ')}`; // kindOf saw them
  if (kind === 'switch') return '`true` or `false`';
  if (kind === 'path') return 'a path';
  if (kind === 'list') return `a list of ${leaf.expected}, with commas between them`;
  if (kind === 'text') return `a text of ${leaf.minLength} to ${leaf.maxLength} characters`;
  const noun = kind === 'whole' ? 'a whole number' : 'a number';
  if (leaf.exclusiveMinimum !== undefined)
    return leaf.exclusiveMaximum === undefined
      ? `${noun} above ${leaf.exclusiveMinimum}`
      : `${noun} above ${leaf.exclusiveMinimum} and below ${leaf.exclusiveMaximum}`;
  if (leaf.maximum === Number.MAX_SAFE_INTEGER) return `${noun} from ${leaf.minimum} on`;
  return `${noun} from ${figure(leaf.minimum)} to ${figure(leaf.maximum)}`;
}

/** A bound in words; a fraction needs no more than four digits. */
function figure(value = 0): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
}
