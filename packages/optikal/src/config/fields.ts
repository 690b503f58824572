/** The kinds of settings: a schema each, with default, range, unit and a description that begins in lower case. */
import Type, { type TProperties } from 'typebox';

/** From, to; one number = everything above it. */
export type Range = readonly [number, number] | number;

const rangeOf = (range: Range) => (typeof range === 'number' ? { exclusiveMinimum: range } : { minimum: range[0], maximum: range[1] });
const unitOf = (unit: string | null) => (unit === null ? {} : { unit });

export function section<T extends TProperties>(description: string, properties: T) {
  return Type.Object(properties, { additionalProperties: false, description });
}

export function whole(preset: number | null, range: readonly [number, number], unit: string | null, description: string) {
  return Type.Integer({ default: preset, ...rangeOf(range), ...unitOf(unit), description });
}

export function amount(preset: number | null, range: Range, unit: string, description: string) {
  return Type.Number({ default: preset, ...rangeOf(range), ...unitOf(unit), description });
}

/** Above 0 and below 1. */
export function share(preset: number | null, description: string) {
  return Type.Number({ default: preset, exclusiveMinimum: 0, exclusiveMaximum: 1, description });
}

export function toggle(preset: boolean, description: string) {
  return Type.Boolean({ default: preset, description });
}

/** No control characters: they would drive a terminal and never belong into a name or path. */
const PLAIN = '^[^\\u0000-\\u001f\\u007f]+$';

export function text(preset: string | null, maxLength: number, description: string) {
  return Type.String({ default: preset, minLength: 1, maxLength, pattern: PLAIN, description });
}

/** Several texts with commas between them; a file may write them as a list. `expected` says what one is. */
export function list(preset: string | null, item: string, description: string, expected: string) {
  return Type.String({
    default: preset,
    minLength: 1,
    maxLength: 4096,
    pattern: `^(${item})(,(${item}))*$`,
    format: 'list',
    expected,
    description,
  });
}

/** A path of a file is taken from the folder of the configuration file that names it, any other from the current folder. */
export function path(preset: string | null, description: string) {
  return Type.String({ default: preset, minLength: 1, maxLength: 4096, pattern: PLAIN, format: 'path', description });
}

export function choice<const T extends string>(preset: T, choices: readonly T[], description: string) {
  return Type.Enum([...choices], { default: preset, description });
}

/** The setting, or null. Its annotations stand on the outside too, so that each setting has them in the same place. */
export function nullable<T extends Type.TSchema>(schema: T) {
  const annotations = Object.entries(schema).filter(([name]) => ['default', 'description', 'unit'].includes(name));
  return Type.Union([schema, Type.Null()], Object.fromEntries(annotations));
}
