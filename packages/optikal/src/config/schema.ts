/** The published JSON Schema: what an editor checks a configuration file with. Nothing is required, since everything has a default. */
import type { TSchema } from 'typebox';
import { isSection, SettingsSchema } from './settings.ts';
import { environmentName } from './table.ts';

export function publishedSettings(): Readonly<Record<string, unknown>> {
  return published(SettingsSchema, '');
}

function published(schema: TSchema, path: string): Record<string, unknown> {
  if (!isSection(schema)) return { ...withoutInner(schema), environment: environmentName(path) };
  const { required: _, properties, ...rest } = schema;
  const children = Object.entries(properties).map(([name, child]) => [name, published(child, path === '' ? name : `${path}.${name}`)]);
  return { ...rest, properties: Object.fromEntries(children) };
}

/** The alternatives of a nullable setting without the annotations that stand on the outside. */
function withoutInner(schema: TSchema & { readonly anyOf?: readonly object[] }): Record<string, unknown> {
  if (schema.anyOf === undefined) return listed({ ...schema });
  const anyOf = schema.anyOf.map((one) => listed(Object.fromEntries(Object.entries(one).filter(([name]) => !ANNOTATIONS.has(name)))));
  return { ...schema, anyOf };
}

/** A list may be written as one, too. */
function listed(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { expected: _, format, ...rest } = schema;
  return format === 'list' ? { ...rest, type: ['string', 'array'], items: { type: 'string' } } : { ...schema };
}

const ANNOTATIONS = new Set(['default', 'description', 'unit']);
