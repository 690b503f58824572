/**
 * A schema compiled once into two walks over data: `clean` keeps the declared fields of data that the schema already accepted and counts
 * the rest; `problem` finds the first place where data departs from the schema. Both are linear and stop early: the library's own walks
 * take hundreds of microseconds a message (interpreted), more than everything else at the border together. The library's compiled check
 * stays the judge of what is accepted; the tests hold both walks against it.
 */
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

export interface Tally {
  /** Fields that the schema does not declare. What stands inside of one is not counted again. */
  dropped: number;
}

export interface Problem {
  /** JSON pointer from the data. */
  readonly field: string;
  /** What was expected and found; never the found text itself, which may be content. */
  readonly message: string;
}

export interface Shape {
  /** A copy, or the value itself where a copy could not be told from it. */
  clean(value: unknown, tally: Tally): unknown;
  /** Whether the value holds declared fields only, in the schema's order, all the way down: most messages do. */
  isClean(value: unknown): boolean;
  problem(value: unknown, field: string): Problem | null;
}

/** The parts of JSON Schema that the messages use. */
interface JsonSchema {
  readonly type?: string;
  readonly const?: string | number | boolean;
  readonly enum?: readonly (string | number)[];
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
  readonly items?: TSchema;
  readonly maxItems?: number;
  readonly anyOf?: readonly TSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** Throws on a kind of schema that no message uses yet: the walks must learn it first. */
export function compileShape(schema: TSchema): Shape {
  const parts: JsonSchema = schema;
  if (parts.properties !== undefined) return objectShape(parts.properties, new Set(parts.required));
  if (parts.items !== undefined) return arrayShape(compileShape(parts.items), parts.maxItems ?? Number.POSITIVE_INFINITY);
  if (parts.anyOf !== undefined) {
    const others = parts.anyOf.filter((variant: JsonSchema) => variant.type !== 'null');
    return others.length === 1 && others.length < parts.anyOf.length ? nullableShape(compileShape(others[0])) : variantsShape(parts.anyOf);
  }
  if (parts.const !== undefined || parts.enum !== undefined || /^(string|number|integer|boolean)$/.test(parts.type ?? ''))
    return scalarShape(schema);
  throw new Error(`a schema of an unknown kind: ${JSON.stringify(schema)}`);
}

function scalarShape(schema: TSchema): Shape {
  const validator = Compile(schema);
  const expected = describe(schema);
  return {
    clean: (value) => value,
    isClean: () => true,
    problem: (value, field) => (validator.Check(value) ? null : { field, message: `expected ${expected}, found ${found(value)}` }),
  };
}

function nullableShape(inner: Shape): Shape {
  return {
    clean: (value, tally) => (value === null ? null : inner.clean(value, tally)),
    isClean: (value) => value === null || inner.isClean(value),
    problem: (value, field) => (value === null ? null : inner.problem(value, field)),
  };
}

function arrayShape(item: Shape, maxItems: number): Shape {
  return {
    clean(value, tally) {
      const items = value as readonly unknown[]; // accepted by the schema before
      const cleaned: unknown[] = [];
      for (let i = 0; i < items.length; i++) cleaned.push(item.clean(items[i], tally));
      return cleaned;
    },
    isClean(value) {
      const items = value as readonly unknown[]; // accepted by the schema before
      for (let i = 0; i < items.length; i++) if (!item.isClean(items[i])) return false;
      return true;
    },
    problem(value, field) {
      if (!Array.isArray(value)) return { field, message: `expected an array, found ${found(value)}` };
      if (value.length > maxItems) return { field, message: `expected at most ${maxItems} items, found ${value.length}` };
      for (let i = 0; i < value.length; i++) {
        const problem = item.problem(value[i], `${field}/${i}`);
        if (problem !== null) return problem;
      }
      return null;
    },
  };
}

function objectShape(properties: Readonly<Record<string, TSchema>>, required: ReadonlySet<string>): Shape {
  const names = Object.keys(properties);
  const shapes = names.map((name) => compileShape(properties[name]));
  const isClean = (value: unknown): boolean => {
    const source = value as Readonly<Record<string, unknown>>; // accepted by the schema before
    let at = 0;
    for (const name in source) {
      while (at < names.length && names[at] !== name) at++;
      if (at === names.length || source[name] === undefined || !shapes[at].isClean(source[name])) return false;
      at++;
    }
    return true;
  };
  return {
    isClean,
    // The copy has the schema's order of fields, so equal messages have equal bytes.
    clean(value, tally) {
      if (isClean(value)) return value;
      const source = value as Readonly<Record<string, unknown>>; // accepted by the schema before
      const cleaned: Record<string, unknown> = {};
      let kept = 0;
      for (let i = 0; i < names.length; i++) {
        const field = source[names[i]];
        if (field === undefined) continue;
        cleaned[names[i]] = shapes[i].clean(field, tally);
        kept++;
      }
      tally.dropped += Object.keys(source).length - kept;
      return cleaned;
    },
    problem(value, field) {
      if (!isObject(value)) return { field, message: `expected an object, found ${found(value)}` };
      for (let i = 0; i < names.length; i++) {
        const inside = value[names[i]];
        if (inside === undefined) {
          if (required.has(names[i])) return { field: `${field}/${names[i]}`, message: 'expected the field, found nothing' };
          continue;
        }
        const problem = shapes[i].problem(inside, `${field}/${names[i]}`);
        if (problem !== null) return problem;
      }
      return null;
    },
  };
}

/** Objects told apart by the constant of one field, as the kinds of a lifecycle message. */
function variantsShape(variants: readonly TSchema[]): Shape {
  const tag = Object.keys(propertiesOf(variants[0])).find((name) => variants.every((variant) => constOf(variant, name) !== undefined));
  if (tag === undefined) throw new Error(`a union without a constant field to tell its variants apart: ${JSON.stringify(variants)}`);
  const shapes = new Map<unknown, Shape>(variants.map((variant) => [constOf(variant, tag), compileShape(variant)]));
  const tags = [...shapes.keys()].join(', ');
  return {
    clean: (value, tally) => shapes.get((value as Record<string, unknown>)[tag])!.clean(value, tally), // accepted by the schema before
    isClean: (value) => shapes.get((value as Record<string, unknown>)[tag])!.isClean(value), // the same
    problem(value, field) {
      if (!isObject(value)) return { field, message: `expected an object, found ${found(value)}` };
      const shape = shapes.get(value[tag]);
      return shape === undefined
        ? { field: `${field}/${tag}`, message: `expected one of ${tags}, found ${found(value[tag])}` }
        : shape.problem(value, field);
    },
  };
}

function propertiesOf(schema: JsonSchema): Readonly<Record<string, TSchema>> {
  return schema.properties ?? {};
}

function constOf(schema: JsonSchema, name: string): string | number | boolean | undefined {
  const property: JsonSchema | undefined = propertiesOf(schema)[name];
  return property?.const;
}

function describe(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  const range = schema.minimum === undefined ? '' : ` from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'integer') return `an integer${range}`;
  if (schema.type === 'number') return `a number${range}`;
  if (schema.type === 'boolean') return 'true or false';
  const length = schema.maxLength === undefined ? '' : ` of ${schema.minLength ?? 0} to ${schema.maxLength} characters`;
  return `a string${length} of the published form`;
}

function found(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  if (value === null || value === undefined || typeof value === 'boolean') return String(value ?? 'nothing');
  return Array.isArray(value) ? 'an array' : 'an object';
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
